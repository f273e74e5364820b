/// Why the bytes of a peer are no messages.
enum FramingError: Error, Equatable {
    case notAHeader
    case tooLong(UInt64, limit: Int)
    case outOfMemory(Int)
}

/// Puts a byte stream together to messages. Small ones are read many at a time into a buffer; the rest of a large one
/// is read to where it stays. A message's memory is allocated when its length has been checked.
struct MessageAssembler: ~Copyable {
    /// A whole message and the number in its header.
    struct Received {
        var number: UInt32
        var buffer: MessageBuffer
    }

    /// Header and rows of a usual frame in one read.
    static let bufferSize = 64 << 10

    private let limit: Int
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: bufferSize, alignment: 16)
    /// Bytes in `buffer` that are not yet a header.
    private var pending = 0
    /// The message whose body has not fully arrived, and how much of it has.
    private var current: Received?
    private var filled = 0

    /// Takes no message of more than `limit` bytes.
    init(limit: Int) {
        self.limit = limit
    }

    deinit { buffer.deallocate() }

    /// Where the next bytes belong: fill the first, then the second.
    func targets() -> (UnsafeMutableRawBufferPointer, UnsafeMutableRawBufferPointer?) {
        guard let current else { return (UnsafeMutableRawBufferPointer(rebasing: buffer[pending...]), nil) }
        return (UnsafeMutableRawBufferPointer(rebasing: current.buffer.body[filled...]), buffer)
    }

    /// Notes that `count` bytes were written to the targets; appends what is whole now to `messages`.
    mutating func took(_ count: Int, into messages: inout [Received]) throws(FramingError) {
        var count = count
        if let part = current {
            let rest = min(count, part.buffer.count - filled)
            filled += rest
            count -= rest
            if filled == part.buffer.count {
                messages.append(part)
                current = nil
            }
        }
        pending += count
        var start = 0
        while current == nil, pending - start >= MessageHeader.byteCount {
            let bytes = UnsafeRawBufferPointer(rebasing: buffer[start..<pending])
            guard let header = MessageHeader(bytes) else { throw .notAHeader }
            guard header.length <= UInt64(limit) else { throw .tooLong(header.length, limit: limit) }
            let length = Int(header.length)
            let message: MessageBuffer
            do { message = try MessageBuffer(count: length) } catch { throw .outOfMemory(length) }
            start += MessageHeader.byteCount
            let here = min(length, pending - start)
            message.body.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[start..<start + here]))
            start += here
            let received = Received(number: header.number, buffer: message)
            if here == length { messages.append(received) } else { (current, filled) = (received, here) }
        }
        // What is left is less than a header.
        if start > 0 && start < pending {
            buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[start..<pending]))
        }
        pending -= start
    }
}

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#endif

/// A message that was received, read where it lies: no copy is made until the reader makes one.
public struct Message: ~Copyable {
    let buffer: MessageBuffer

    /// Takes over `buffer`, which nobody writes any more.
    init(_ buffer: MessageBuffer) {
        self.buffer = buffer
    }

    /// Length in bytes.
    public var byteCount: Int { buffer.count }

    /// Calls `body` with the message's bytes; they are gone when the message is.
    public borrowing func withBytes<Result: ~Copyable, Failure: Error>(
        _ body: (RawSpan) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(UnsafeRawBufferPointer(buffer.body).bytes)
    }

    /// Copies the message into `buffer`, which becomes exactly as long and keeps its storage when that is large enough.
    public borrowing func copy(into buffer: inout [UInt8]) {
        buffer.removeAll(keepingCapacity: true)
        // Exactly what is needed: doubling is a waste for messages of tens of megabytes.
        buffer.reserveCapacity(byteCount)
        buffer.append(contentsOf: UnsafeRawBufferPointer(self.buffer.body))
    }

    /// The message as an array.
    borrowing func bytes() -> [UInt8] {
        [UInt8](UnsafeRawBufferPointer(buffer.body))
    }
}

/// The memory of one message: room for a header, and the body behind it, so that both leave in one piece.
///
/// Sendable, unchecked: one owner fills it, and nobody writes once it was handed on.
final class MessageBuffer: @unchecked Sendable {
    private let memory: UnsafeMutableRawPointer
    private let room: Int
    /// Length of the body in bytes.
    let count: Int

    /// Memory for a body of `count` bytes behind `room` bytes for a header. Throws `outOfResources`.
    init(count: Int, room: Int = 0) throws(MessagingError) {
        guard let memory = malloc(max(1, room + count)) else {
            throw MessagingError(
                code: .outOfResources, operation: "hold a message", detail: "there is no memory for \(count) bytes")
        }
        (self.memory, self.room, self.count) = (memory, room, count)
    }

    /// A message to be sent: a copy of `bytes` behind room for a header.
    convenience init(sending bytes: Span<UInt8>) throws(MessagingError) {
        try self.init(count: bytes.count, room: MessageHeader.byteCount)
        bytes.withUnsafeBytes { body.copyMemory(from: $0) }
    }

    deinit { free(memory) }

    /// The body.
    var body: UnsafeMutableRawBufferPointer { UnsafeMutableRawBufferPointer(start: memory + room, count: count) }

    /// Header and body in one piece.
    var whole: UnsafeMutableRawBufferPointer { UnsafeMutableRawBufferPointer(start: memory, count: room + count) }
}

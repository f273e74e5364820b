import CNNG

/// A message that NNG received, read where NNG put it: no copy is made until the reader makes one.
public struct Message: ~Copyable {
    let raw: OpaquePointer

    /// Takes over `raw`.
    init(owning raw: OpaquePointer) {
        self.raw = raw
    }

    deinit {
        nng_msg_free(raw)
    }

    /// Length in bytes.
    public var byteCount: Int { nng_msg_len(raw) }

    /// Calls `body` with the message's bytes; they are gone when the message is.
    public borrowing func withBytes<Result: ~Copyable, Failure: Error>(
        _ body: (RawSpan) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(UnsafeRawBufferPointer(start: nng_msg_body(raw), count: nng_msg_len(raw)).bytes)
    }

    /// Copies the message into `buffer`, which becomes exactly as long and keeps its storage when that is large enough.
    public borrowing func copy(into buffer: inout [UInt8]) {
        let count = nng_msg_len(raw)
        buffer.removeAll(keepingCapacity: true)
        // Exactly what is needed: doubling is a waste for messages of tens of megabytes.
        buffer.reserveCapacity(count)
        buffer.append(contentsOf: UnsafeRawBufferPointer(start: nng_msg_body(raw), count: count))
    }

    /// A message of NNG's with these bytes. The caller owns it.
    static func allocate(_ bytes: Span<UInt8>, operation: String) throws(MessagingError) -> OpaquePointer {
        var raw: OpaquePointer?
        let result = nng_msg_alloc(&raw, bytes.count)
        guard result == 0, let raw else { throw MessagingError(nng: result, operation: operation) }
        if let body = nng_msg_body(raw) {
            bytes.withUnsafeBytes { source in
                UnsafeMutableRawBufferPointer(start: body, count: source.count).copyMemory(from: source)
            }
        }
        return raw
    }
}

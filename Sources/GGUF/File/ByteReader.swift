/// Reads little-endian values from bytes, one after the other, and never beyond the end.
struct ByteReader {
    let bytes: UnsafeRawBufferPointer
    private(set) var offset: Int

    /// Starts at `offset`, which must not be beyond the end.
    init(_ bytes: UnsafeRawBufferPointer, at offset: Int = 0) {
        precondition(offset >= 0 && offset <= bytes.count)
        self.bytes = bytes
        self.offset = offset
    }

    var remaining: Int { bytes.count - offset }

    /// Moves past `count` bytes and returns where they begin.
    @inline(__always)
    mutating func take(_ count: UInt64, _ field: () -> String) throws(GGUFError.Problem) -> Int {
        guard count <= UInt64(remaining) else {
            throw .truncated(field: field(), needed: count, remaining: remaining)
        }
        let start = offset
        offset += Int(count)
        return start
    }

    /// An integer of any width.
    @inline(__always)
    mutating func integer<T: FixedWidthInteger>(_ field: () -> String) throws(GGUFError.Problem) -> T {
        let start = try take(UInt64(MemoryLayout<T>.size), field)
        return T(littleEndian: bytes.loadUnaligned(fromByteOffset: start, as: T.self))
    }

    /// The bytes of a string, which its length as 64 bits precedes.
    @inline(__always)
    mutating func stringBytes(_ field: () -> String) throws(GGUFError.Problem) -> UnsafeBufferPointer<UInt8> {
        let length: UInt64 = try integer(field)
        let start = try take(length, field)
        return UnsafeRawBufferPointer(rebasing: bytes[start..<offset]).assumingMemoryBound(to: UInt8.self)
    }

    /// A string that must be UTF-8.
    @inline(__always)
    mutating func string(_ field: () -> String) throws(GGUFError.Problem) -> String {
        guard let string = String(validating: try stringBytes(field), as: UTF8.self) else {
            throw .malformed(field: field(), found: "not UTF-8", expected: "UTF-8 text")
        }
        return string
    }

    /// A string of at least one and at most `limit` bytes.
    mutating func name(limit: Int, _ field: () -> String) throws(GGUFError.Problem) -> String {
        var ahead = self
        let length: UInt64 = try ahead.integer { field() + "'s length" }
        guard length > 0 else { throw .malformed(field: field(), found: "empty", expected: "1 to \(limit) bytes") }
        guard length <= UInt64(limit) else {
            throw .limitExceeded(field: field() + "'s length", found: length, limit: UInt64(limit))
        }
        return try string(field)
    }

    /// A count of elements of at least `size` bytes each; refused when the bytes left cannot hold that many.
    mutating func count(ofAtLeast size: Int, _ field: () -> String) throws(GGUFError.Problem) -> Int {
        let count: UInt64 = try integer(field)
        guard count <= UInt64(remaining / size) else {
            throw .limitExceeded(field: field(), found: count, limit: UInt64(remaining / size))
        }
        return Int(count)
    }
}

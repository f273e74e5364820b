// Little-endian reading and writing over spans. The standard library's spans have no block copy, so rows are copied in
// vectors of 64 bytes: one bounds check per vector, and wide moves at memory speed.

/// The unit of a block copy. Every bit pattern is a valid value.
private typealias Chunk = SIMD64<UInt8>

extension MutableRawSpan {
    /// Writes an integer little-endian at `offset` and moves `offset` past it. Traps beyond the end, which cannot
    /// happen because the encoder computes the buffer's size from the counts that it writes.
    @inline(__always)
    mutating func store<Value: FixedWidthInteger & BitwiseCopyable>(_ value: Value, at offset: inout Int) {
        storeBytes(of: value.littleEndian, toByteOffset: offset, as: Value.self)
        offset += MemoryLayout<Value>.size
    }

    /// Writes a float's bit pattern little-endian at `offset` and moves `offset` past it.
    @inline(__always)
    mutating func store(_ value: Float, at offset: inout Int) {
        store(value.bitPattern, at: &offset)
    }

    /// Copies all of `source` to `offset` and moves `offset` past it.
    mutating func copy(_ source: RawSpan, at offset: inout Int) {
        precondition(offset >= 0 && source.byteCount <= byteCount - offset, "the copy does not fit the buffer")
        var from = 0
        while source.byteCount - from >= MemoryLayout<Chunk>.size {
            let chunk = source.unsafeLoadUnaligned(fromByteOffset: from, as: Chunk.self)
            storeBytes(of: chunk, toByteOffset: offset + from, as: Chunk.self)
            from += MemoryLayout<Chunk>.size
        }
        while from < source.byteCount {
            let byte = source.unsafeLoadUnaligned(fromByteOffset: from, as: UInt8.self)
            storeBytes(of: byte, toByteOffset: offset + from, as: UInt8.self)
            from += 1
        }
        offset += source.byteCount
    }

    /// Writes four-byte elements little-endian as one block and moves `offset` past them.
    mutating func store(_ values: [Float], at offset: inout Int) {
        #if _endian(little)
            copy(values.span.bytes, at: &offset)
        #else
            for value in values { store(value, at: &offset) }
        #endif
    }

    /// Writes four-byte elements little-endian as one block and moves `offset` past them.
    mutating func store(_ values: [Int32], at offset: inout Int) {
        #if _endian(little)
            copy(values.span.bytes, at: &offset)
        #else
            for value in values { store(value, at: &offset) }
        #endif
    }
}

extension RawSpan {
    /// A copy of the bytes.
    var array: [UInt8] {
        var bytes = [UInt8](repeating: 0, count: byteCount)
        var span = bytes.mutableSpan, mutable = span.mutableBytes, offset = 0
        mutable.copy(self, at: &offset)
        return bytes
    }

    /// Reads a little-endian integer at `offset` and moves `offset` past it. Traps beyond the end, which cannot happen
    /// because every decoder compares the exact length with the counts before it reads past the fixed header.
    @inline(__always)
    func load<Value: FixedWidthInteger & BitwiseCopyable>(_ type: Value.Type, at offset: inout Int) -> Value {
        let value = unsafeLoadUnaligned(fromByteOffset: offset, as: Value.self)
        offset += MemoryLayout<Value>.size
        return Value(littleEndian: value)
    }

    /// Reads an unsigned 32-bit count as `Int`.
    @inline(__always)
    func loadCount(at offset: inout Int) -> Int {
        Int(load(UInt32.self, at: &offset))
    }

    /// Reads `count` floats at `offset` into `values`, whose storage is reused if it is large enough.
    func load(_ count: Int, into values: inout [Float], at offset: inout Int) {
        resize(&values, to: count, filler: 0)
        #if _endian(little)
            let source = extracting(offset..<offset + 4 * count)
            var destination = values.mutableSpan
            var bytes = destination.mutableBytes
            var start = 0
            bytes.copy(source, at: &start)
            offset += 4 * count
        #else
            for index in 0..<count { values[index] = Float(bitPattern: load(UInt32.self, at: &offset)) }
        #endif
    }

    /// Reads `count` 32-bit integers at `offset`.
    func loadIntegers(_ count: Int, at offset: inout Int) -> [Int32] {
        var values = [Int32]()
        values.reserveCapacity(count)
        for _ in 0..<count { values.append(load(Int32.self, at: &offset)) }
        return values
    }

    /// Reads `count` floats at `offset` into a new array.
    func loadFloats(_ count: Int, at offset: inout Int) -> [Float] {
        var values = [Float]()
        load(count, into: &values, at: &offset)
        return values
    }
}

/// Makes `array` exactly `count` long and keeps its storage. Old elements stay; new ones are `filler`.
func resize<Element>(_ array: inout [Element], to count: Int, filler: Element) {
    if array.count > count {
        array.removeLast(array.count - count)
    } else if array.count < count {
        // Without this an append doubles the capacity, which wastes memory for buffers of tens of megabytes.
        array.reserveCapacity(count)
        array.append(contentsOf: repeatElement(filler, count: count - array.count))
    }
}

/// The length of a message: the header and `count * size` for each part; nil if it overflows.
func messageLength(_ header: Int, _ parts: [(count: Int, size: Int)]) -> Int? {
    var total = header
    for part in parts {
        let (product, overflowed) = part.count.multipliedReportingOverflow(by: part.size)
        let (sum, overflowedSum) = total.addingReportingOverflow(product)
        if overflowed || overflowedSum { return nil }
        total = sum
    }
    return total
}

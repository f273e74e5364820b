/// Where the value of one key is. Reading an entry checks every length and count but does not decode the value. So a
/// vocabulary of 150 000 strings costs one pass over their lengths until it is asked for.
struct MetadataEntry: Sendable {
    let key: String
    let type: GGUFValueType
    /// The type and number of an array's elements; for any other value, its type and 1.
    let elementType: GGUFValueType
    let count: Int
    /// The first byte of the value, or of an array's first element.
    let offset: Int

    /// Reads the key and the type, and passes over the value.
    init(_ reader: inout ByteReader, number: Int, of total: Int) throws(GGUFError.Problem) {
        let key = try reader.name(limit: GGUFLimits.keyLength) { "metadata key \(number) of \(total)" }
        let field = { "the value of key \(quoted(key))" }
        self.key = key
        type = try Self.valueType(&reader, field)
        guard type == .array else {
            elementType = type
            count = 1
            offset = reader.offset
            try Self.walk(&reader, type, 1, depth: 0, field)
            return
        }
        elementType = try Self.valueType(&reader, field)
        count = try reader.count(ofAtLeast: elementType.minimumSize) { "the number of elements of key \(quoted(key))" }
        offset = reader.offset
        try Self.walk(&reader, elementType, count, depth: 1, field)
    }

    private static func valueType(
        _ reader: inout ByteReader, _ field: () -> String
    ) throws(GGUFError.Problem) -> GGUFValueType {
        let number: UInt32 = try reader.integer(field)
        guard let type = GGUFValueType(rawValue: number) else {
            throw .malformed(field: "the type of " + field(), found: "\(number)", expected: "a type from 0 to 12")
        }
        return type
    }

    /// Passes over `count` values of `type` that are inside `depth` arrays.
    private static func walk(
        _ reader: inout ByteReader, _ type: GGUFValueType, _ count: Int, depth: Int, _ field: () -> String
    ) throws(GGUFError.Problem) {
        switch type {
        case .bool:
            let start = try reader.take(UInt64(count), field)
            if let wrong = reader.bytes[start..<start + count].first(where: { $0 > 1 }) {
                throw .malformed(field: field(), found: "a bool of \(wrong)", expected: "0 or 1")
            }
        case .string:
            for _ in 0..<count { _ = try reader.stringBytes(field) }
        case .array:
            guard depth < GGUFLimits.arrayDepth else {
                throw .limitExceeded(
                    field: "the depth of arrays in " + field(), found: UInt64(depth) + 1,
                    limit: UInt64(GGUFLimits.arrayDepth))
            }
            for _ in 0..<count {
                let elementType = try valueType(&reader, field)
                let elements = try reader.count(ofAtLeast: elementType.minimumSize) {
                    "a number of elements in " + field()
                }
                try walk(&reader, elementType, elements, depth: depth + 1, field)
            }
        default:
            // The file is long enough for `count` values, so the product cannot overflow.
            _ = try reader.take(UInt64(count * type.minimumSize), field)
        }
    }
}

extension MetadataEntry {
    /// The type as messages show it: `uint32`, `array of string`.
    var typeName: String { type == .array ? "array of \(elementType)" : "\(type)" }

    /// Decodes the value. Lengths are checked again, because a mapped file may have changed since it was opened.
    func value(in bytes: UnsafeRawBufferPointer) throws(GGUFError.Problem) -> GGUFValue {
        var reader = ByteReader(bytes, at: offset)
        let field = { "the value of key \(quoted(key))" }
        switch type {
        case .uint8: return .uint8(try reader.integer(field))
        case .int8: return .int8(try reader.integer(field))
        case .uint16: return .uint16(try reader.integer(field))
        case .int16: return .int16(try reader.integer(field))
        case .uint32: return .uint32(try reader.integer(field))
        case .int32: return .int32(try reader.integer(field))
        case .float32: return .float32(Float(bitPattern: try reader.integer(field)))
        case .bool: return .bool((try reader.integer(field) as UInt8) != 0)
        case .string: return .string(String(decoding: try reader.stringBytes(field), as: UTF8.self))
        case .array: return .array(try Self.array(&reader, elementType, count, depth: 1, field))
        case .uint64: return .uint64(try reader.integer(field))
        case .int64: return .int64(try reader.integer(field))
        case .float64: return .float64(Double(bitPattern: try reader.integer(field)))
        }
    }

    /// The elements of an array of integers; each must fit into an `Int`.
    func integers<T: FixedWidthInteger>(_ type: T.Type, in bytes: UnsafeRawBufferPointer) throws(GGUFError.Problem)
        -> [Int]
    {
        var reader = ByteReader(bytes, at: offset)
        var out: [Int] = []
        out.reserveCapacity(count)
        for index in 0..<count {
            let element: T = try reader.integer { "the value of key \(quoted(key))" }
            guard let integer = Int(exactly: element) else {
                throw .wrongValue(
                    key: key, found: "\(element) at index \(index)", expected: "integers of at most 63 bits")
            }
            out.append(integer)
        }
        return out
    }

    /// The elements of an array of strings; each must be UTF-8.
    func strings(in bytes: UnsafeRawBufferPointer) throws(GGUFError.Problem) -> [String] {
        var reader = ByteReader(bytes, at: offset)
        var out: [String] = []
        out.reserveCapacity(count)
        for index in 0..<count { out.append(try reader.string { "string \(index) of key \(quoted(key))" }) }
        return out
    }

    private static func array(
        _ reader: inout ByteReader, _ type: GGUFValueType, _ count: Int, depth: Int, _ field: () -> String
    ) throws(GGUFError.Problem) -> GGUFArray {
        switch type {
        case .uint8: return .uint8(try elements(&reader, count, field) { $0 })
        case .int8: return .int8(try elements(&reader, count, field) { $0 })
        case .uint16: return .uint16(try elements(&reader, count, field) { $0 })
        case .int16: return .int16(try elements(&reader, count, field) { $0 })
        case .uint32: return .uint32(try elements(&reader, count, field) { $0 })
        case .int32: return .int32(try elements(&reader, count, field) { $0 })
        case .float32: return .float32(try elements(&reader, count, field) { Float(bitPattern: $0) })
        case .bool: return .bool(try elements(&reader, count, field) { (byte: UInt8) in byte != 0 })
        case .uint64: return .uint64(try elements(&reader, count, field) { $0 })
        case .int64: return .int64(try elements(&reader, count, field) { $0 })
        case .float64: return .float64(try elements(&reader, count, field) { Double(bitPattern: $0) })
        case .string:
            var out: [String] = []
            out.reserveCapacity(count)
            for _ in 0..<count { out.append(String(decoding: try reader.stringBytes(field), as: UTF8.self)) }
            return .string(out)
        case .array:
            guard depth < GGUFLimits.arrayDepth else {
                throw .limitExceeded(
                    field: "the depth of arrays in " + field(), found: UInt64(depth) + 1,
                    limit: UInt64(GGUFLimits.arrayDepth))
            }
            var out: [GGUFArray] = []
            out.reserveCapacity(count)
            for _ in 0..<count {
                let elementType = try valueType(&reader, field)
                let elements = try reader.count(ofAtLeast: elementType.minimumSize) {
                    "a number of elements in " + field()
                }
                out.append(try array(&reader, elementType, elements, depth: depth + 1, field))
            }
            return .array(out)
        }
    }

    private static func elements<T: FixedWidthInteger, R>(
        _ reader: inout ByteReader, _ count: Int, _ field: () -> String, _ transform: (T) -> R
    ) throws(GGUFError.Problem) -> [R] {
        var out: [R] = []
        out.reserveCapacity(count)
        for _ in 0..<count { out.append(transform(try reader.integer(field))) }
        return out
    }
}

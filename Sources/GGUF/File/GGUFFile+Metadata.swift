/// Access to the metadata. In a split file, the first part has all of it.
extension GGUFFile {
    private var first: GGUFPart { allParts[0] }

    /// The metadata keys in file order.
    public var keys: [String] { first.entries.map(\.key) }

    /// Whether the metadata has the key.
    public func contains(_ key: String) -> Bool { first.entryIndex[key] != nil }

    /// The type of the key's value, or nil without the key. The value is not decoded.
    public func type(of key: String) -> GGUFValueType? { first.entryIndex[key].map { first.entries[$0].type } }

    /// The key's value, decoded on each call, or nil without the key. Bytes that are not UTF-8 become U+FFFD here;
    /// `string` and `strings` refuse them.
    public func value(_ key: String) -> GGUFValue? {
        first.entryIndex[key].flatMap { try? first.entries[$0].value(in: first.file.bytes) }
    }

    /// The key's value: an integer of any type, if it fits into an `Int`.
    ///
    /// - Throws: `missingKey`, `wrongType`, `wrongValue`.
    public func int(_ key: String) throws(GGUFError) -> Int { try first.int(key) }

    /// The key's value: a float32, or a float64 rounded to float32.
    ///
    /// - Throws: `missingKey`, `wrongType`.
    public func float(_ key: String) throws(GGUFError) -> Float { try first.float(key) }

    /// The key's value: a bool.
    ///
    /// - Throws: `missingKey`, `wrongType`.
    public func bool(_ key: String) throws(GGUFError) -> Bool { try first.bool(key) }

    /// The key's value: a string.
    ///
    /// - Throws: `missingKey`, `wrongType`, `malformed` when it is not UTF-8.
    public func string(_ key: String) throws(GGUFError) -> String { try first.string(key) }

    /// The key's value: an array of integers of any one type, if they fit into an `Int`.
    ///
    /// - Throws: `missingKey`, `wrongType`, `wrongValue`.
    public func ints(_ key: String) throws(GGUFError) -> [Int] { try first.ints(key) }

    /// The key's value: an array of float32, or of float64 rounded to float32.
    ///
    /// - Throws: `missingKey`, `wrongType`.
    public func floats(_ key: String) throws(GGUFError) -> [Float] { try first.floats(key) }

    /// The key's value: an array of strings.
    ///
    /// - Throws: `missingKey`, `wrongType`, `malformed` when one is not UTF-8.
    public func strings(_ key: String) throws(GGUFError) -> [String] { try first.strings(key) }

    /// Checks that `general.architecture` is one of `known`, and returns it.
    ///
    /// - Throws: `missingKey`, `wrongType`, or `wrongValue` for another architecture.
    public func architecture(oneOf known: [String]) throws(GGUFError) -> String {
        let found = try string("general.architecture")
        guard known.contains(found) else {
            throw GGUFError(
                file: first.path,
                problem: .wrongValue(
                    key: "general.architecture", found: quoted(found),
                    expected: known.map(quoted).joined(separator: " or ")))
        }
        return found
    }
}

/// Typed access to the metadata of one part, so that errors name the part.
extension GGUFPart {
    func int(_ key: String) throws(GGUFError) -> Int {
        try ask(key, "an integer", \.type.isInteger) { (entry) throws(GGUFError.Problem) in
            try Self.integers(entry, file.bytes)[0]
        }
    }

    func ints(_ key: String) throws(GGUFError) -> [Int] {
        try ask(key, "an array of integers", { $0.type == .array && $0.elementType.isInteger }) {
            (entry) throws(GGUFError.Problem) in try Self.integers(entry, file.bytes)
        }
    }

    func float(_ key: String) throws(GGUFError) -> Float {
        try ask(key, "float32 or float64", { $0.type == .float32 || $0.type == .float64 }) {
            (entry) throws(GGUFError.Problem) in
            switch try entry.value(in: file.bytes) {
            case .float32(let float): float
            case .float64(let double): Float(double)
            default: throw .wrongType(key: key, found: entry.typeName, expected: "float32 or float64")
            }
        }
    }

    func floats(_ key: String) throws(GGUFError) -> [Float] {
        let expected = "an array of float32 or float64"
        return try ask(
            key, expected, { $0.type == .array && ($0.elementType == .float32 || $0.elementType == .float64) }
        ) {
            (entry) throws(GGUFError.Problem) in
            switch try entry.value(in: file.bytes) {
            case .array(.float32(let floats)): floats
            case .array(.float64(let doubles)): doubles.map { Float($0) }
            default: throw .wrongType(key: key, found: entry.typeName, expected: expected)
            }
        }
    }

    func bool(_ key: String) throws(GGUFError) -> Bool {
        try ask(key, "bool", { $0.type == .bool }) { (entry) throws(GGUFError.Problem) in
            try entry.value(in: file.bytes) == .bool(true)
        }
    }

    func string(_ key: String) throws(GGUFError) -> String {
        // Read as an array of one string.
        try ask(key, "string", { $0.type == .string }) { (entry) throws(GGUFError.Problem) in
            try entry.strings(in: file.bytes)[0]
        }
    }

    func strings(_ key: String) throws(GGUFError) -> [String] {
        try ask(key, "array of string", { $0.type == .array && $0.elementType == .string }) {
            (entry) throws(GGUFError.Problem) in try entry.strings(in: file.bytes)
        }
    }

    /// Finds the key, checks its type and calls `decode`.
    private func ask<R>(
        _ key: String, _ expected: String, _ fits: (MetadataEntry) -> Bool,
        _ decode: (MetadataEntry) throws(GGUFError.Problem) -> R
    ) throws(GGUFError) -> R {
        do throws(GGUFError.Problem) {
            guard let index = entryIndex[key] else { throw .missingKey(key, expected: expected) }
            let entry = entries[index]
            guard fits(entry) else { throw .wrongType(key: key, found: entry.typeName, expected: expected) }
            return try decode(entry)
        } catch {
            throw GGUFError(file: path, problem: error)
        }
    }

    private static func integers(
        _ entry: MetadataEntry, _ bytes: UnsafeRawBufferPointer
    ) throws(GGUFError.Problem) -> [Int] {
        switch entry.elementType {
        case .uint8: try entry.integers(UInt8.self, in: bytes)
        case .int8: try entry.integers(Int8.self, in: bytes)
        case .uint16: try entry.integers(UInt16.self, in: bytes)
        case .int16: try entry.integers(Int16.self, in: bytes)
        case .uint32: try entry.integers(UInt32.self, in: bytes)
        case .int32: try entry.integers(Int32.self, in: bytes)
        case .uint64: try entry.integers(UInt64.self, in: bytes)
        case .int64: try entry.integers(Int64.self, in: bytes)
        case .float32, .bool, .string, .array, .float64:
            throw .wrongType(key: entry.key, found: entry.typeName, expected: "integers")
        }
    }
}

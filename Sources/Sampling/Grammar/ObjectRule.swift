import JSON

/// Properties in the order in which they are written; optional ones may be left out.
final class ObjectRule: Sendable {
    struct Property: Sendable {
        /// The name as it stands in JSON, with the closing quote but not the opening one.
        var key: [UInt8]
        var value: Int32, isRequired: Bool
        /// Whether the schema itself requires it; else only this grammar does.
        var isDemanded: Bool

        init(name: String, value: Int32, isRequired: Bool, isDemanded: Bool) {
            var key: [UInt8] = []
            JSONValue.write(name, to: &key)
            self.key = Array(key.dropFirst())
            self.value = value
            self.isRequired = isRequired
            self.isDemanded = isDemanded
        }
    }

    /// Properties that are not named, behind all that are.
    struct Others: Sendable {
        /// The names they may have.
        var names = DistinctLanguage.any
        /// The rules of their values, by the names' labels.
        var values: [Int32]
    }

    let properties: [Property]
    /// Of the properties from each on, how many are required.
    let required: [Int32]
    /// From each property on, the first that is required; the number of properties when there is none.
    let nextRequired: [Int32]
    /// The properties in the order of their names' bytes; empty where they are few.
    let byName: [Int32]
    let others: Others?
    /// How many properties there must and may be.
    let least: Int32, most: Int32
    /// Hashes of the names that others cannot have: those above, and those that are forbidden.
    let excluded: Set<UInt64>

    init(
        _ properties: [Property], others: Others? = nil, least: Int32 = 0, most: Int32 = JSONGrammar.unlimited,
        excluded: Set<UInt64> = []
    ) {
        self.properties = properties
        self.others = others
        self.least = least
        self.most = most
        self.excluded = excluded
        var required = [Int32](repeating: 0, count: properties.count + 1)
        var next = [Int32](repeating: Int32(properties.count), count: properties.count + 1)
        for i in properties.indices.reversed() {
            required[i] = required[i + 1] + (properties[i].isRequired ? 1 : 0)
            next[i] = properties[i].isRequired ? Int32(i) : next[i + 1]
        }
        self.required = required
        nextRequired = next
        byName =
            properties.count <= Self.few
            ? []
            : properties.indices.map { Int32($0) }.sorted {
                properties[Int($0)].key.lexicographicallyPrecedes(properties[Int($1)].key)
            }
    }

    /// So many properties are looked through one by one.
    private static let few = 16

    /// Whether properties have to be counted.
    var isCounted: Bool { least > 0 || most != JSONGrammar.unlimited }

    /// How many properties can come from `next` on, when so many others are there already.
    func available(from next: Int, used: Int) -> Int {
        let open = properties.count - next
        guard let others else { return open }
        let left = others.names.capacity == Int.max ? Int.max : others.names.capacity - used
        return left > Int.max - open ? Int.max : open + left
    }
}

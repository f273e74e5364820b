import JSON

/// What plain schemas that must all be satisfied say together, type by type.
struct SchemaShape {
    /// A bound of numbers, with where it stands.
    struct Bound {
        var value: DecimalNumber, isExclusive: Bool
        var keyword: String, path: String
    }

    /// A pattern or a format, with where it stands.
    struct Form {
        var text: String, path: String
    }

    /// A count's limits.
    struct Limits {
        var least: Int32 = 0, most = JSONGrammar.unlimited
        var leastPath = "", mostPath = ""
    }

    /// What one schema says of an array's items.
    struct ArrayPart {
        var prefix: [SchemaDemand] = [], rest: SchemaDemand?
    }

    /// What one schema says of an object's properties.
    struct ObjectPart {
        var path = ""
        var properties: [(name: String, demand: SchemaDemand)] = [], places: [String: Int] = [:]
        var patterns: [(pattern: String, demand: SchemaDemand)] = []
        var additional: SchemaDemand?
    }

    var types = ValueTypes.all
    /// Whether a schema names types; where none does and no values are listed, they follow from the keywords: those of
    /// `mentioned`.
    var isTyped = false, mentioned: ValueTypes = []
    /// The values that are listed, and what tells them apart.
    var values: [JSONValue]?, identities: Set<String>?

    var least: Bound?, most: Bound?, multiples: [Bound] = []
    var length = Limits(), patterns: [Form] = [], formats: [Form] = []
    var items = Limits(), arrays: [ArrayPart] = [], distinctPath: String?
    var properties = Limits(), objects: [ObjectPart] = [], unevaluated: [SchemaDemand] = []
    var required: [String] = [], demanded: Set<String> = [], forbidden: Set<String> = [], names: [SchemaDemand] = []
}

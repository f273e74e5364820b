/// Why a JSON schema cannot be enforced.
public struct JSONSchemaError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Where in the schema, as in `#/properties/name`, and which keyword, if one is to blame.
    public var path: String, keyword: String?
    /// What is wrong with it.
    public var problem: String

    public var description: String {
        "the JSON schema cannot be enforced: " + (keyword.map { "\"\($0)\" " } ?? "") + "at \(path) \(problem)"
    }
}

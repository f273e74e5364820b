import Yams

/// A mapping of a YAML file that is read key by key. A key that is left at the end is an error.
struct YAMLSection {
    /// The section's name in messages, such as `node "desk"`.
    var name: String
    private let path: String
    private let line: Int?
    private var entries: [(key: String, line: Int?, value: Node)] = []
    private var known: [String] = []

    /// A section of `node`.
    ///
    /// - Throws: when `node` is not a mapping, or a key is not a word.
    init(_ node: Node, name: String, path: String) throws(ClusterFileError) {
        self.name = name
        self.path = path
        line = node.mark?.line
        guard case .mapping(let mapping) = node else {
            throw ClusterFileError(
                path: path, line: node.mark?.line,
                problem: "\(name) is \(Self.kind(node)), expected keys and values such as \"name: desk\"")
        }
        for (key, value) in mapping {
            guard case .scalar(let scalar) = key else {
                throw ClusterFileError(
                    path: path, line: key.mark?.line, problem: "\(name) has \(Self.kind(key)) as a key, expected a word"
                )
            }
            entries.append((scalar.string, key.mark?.line, value))
        }
    }

    /// An error about the section itself, or about one of its keys.
    func error(_ problem: String, at line: Int? = nil) -> ClusterFileError {
        ClusterFileError(path: path, line: line ?? self.line, problem: problem)
    }

    /// Removes and returns a key's value; nil when it is absent or empty.
    mutating func take(_ key: String) -> (value: Node, line: Int?)? {
        known.append(key)
        guard let index = entries.firstIndex(where: { $0.key == key }) else { return nil }
        let entry = entries.remove(at: index)
        if case .scalar(let scalar) = entry.value, scalar.style == .plain, ["", "~", "null"].contains(scalar.string) {
            return nil
        }
        return (entry.value, entry.value.mark?.line ?? entry.line)
    }

    /// Throws when an unknown key is left.
    func end() throws(ClusterFileError) {
        guard let entry = entries.first else { return }
        throw error(
            """
            \(name) has the unknown key \(Self.quoted(entry.key)); the keys are \
            \(known.sorted().joined(separator: ", "))
            """,
            at: entry.line)
    }

    /// The value of a key that must be a word or quoted text.
    mutating func string(_ key: String, _ expected: String) throws(ClusterFileError) -> (text: String, line: Int?)? {
        guard let (value, line) = take(key) else { return nil }
        guard case .scalar(let scalar) = value else { throw wrong(key, Self.kind(value), expected, line) }
        return (scalar.string, line)
    }

    /// The value of a key as `parse` returns it; nil from `parse` is an error.
    mutating func value<T>(_ key: String, _ expected: String, _ parse: (String) -> T?) throws(ClusterFileError) -> T? {
        guard let (text, line) = try string(key, expected) else { return nil }
        guard let value = parse(text) else { throw wrong(key, Self.quoted(text), expected, line) }
        return value
    }

    mutating func int(_ key: String, _ range: ClosedRange<Int>) throws(ClusterFileError) -> Int? {
        let expected = "a whole number from \(range.lowerBound) to \(range.upperBound)"
        guard let (value, line) = take(key) else { return nil }
        guard case .scalar(let scalar) = value, scalar.style == .plain, let number = Int(scalar.string),
            range.contains(number)
        else {
            throw wrong(key, Self.kind(value), expected, line)
        }
        return number
    }

    /// A number above 0 and below a billion.
    mutating func positive(_ key: String, _ unit: String) throws(ClusterFileError) -> Double? {
        guard let (value, line) = take(key) else { return nil }
        guard case .scalar(let scalar) = value, scalar.style == .plain, let number = Double(scalar.string), number > 0,
            number < 1e9
        else {
            throw wrong(key, Self.kind(value), "a number of \(unit) above 0", line)
        }
        return number
    }

    mutating func bool(_ key: String) throws(ClusterFileError) -> Bool? {
        try value(key, "true or false") { ["true": true, "false": false][$0] }
    }

    /// The elements of a key that must be a list.
    mutating func list(_ key: String, _ expected: String) throws(ClusterFileError) -> [Node]? {
        guard let (value, line) = take(key) else { return nil }
        guard case .sequence(let sequence) = value else { throw wrong(key, Self.kind(value), expected, line) }
        return Array(sequence)
    }

    /// The mapping under a key.
    mutating func section(_ key: String) throws(ClusterFileError) -> YAMLSection? {
        guard let (value, _) = take(key) else { return nil }
        return try YAMLSection(value, name: "\"\(key)\"", path: path)
    }

    func wrong(_ key: String, _ found: String, _ expected: String, _ line: Int?) -> ClusterFileError {
        error("\(name) has \(found) as \"\(key)\", expected \(expected)", at: line)
    }

    /// A short description of a node for messages.
    static func kind(_ node: Node) -> String {
        switch node {
        case .scalar(let scalar): quoted(scalar.string)
        case .sequence: "a list"
        case .mapping: "keys and values"
        case .alias: "an alias"
        }
    }

    /// Text from the file for messages: quoted and shortened.
    static func quoted(_ text: String) -> String {
        "\"" + (text.count <= 60 ? text : String(text.prefix(50)) + "…").replacing("\n", with: "\\n") + "\""
    }
}

import JSON
import Sampling

/// The fields of an object in a request, read with their types. A field that is null counts as absent, and numbers and
/// truth values may arrive as text, as forms and settings files of clients have them.
struct RequestFields: Sendable {
    let object: JSONValue
    /// The object's path in the request, for messages: empty, or such as `options.`.
    let prefix: String

    init(_ object: JSONValue, prefix: String = "") {
        self.object = object
        self.prefix = prefix
    }

    subscript(name: String) -> JSONValue? {
        guard let value = object[name], !value.isNull else { return nil }
        return value
    }

    private func wrong(_ name: String, _ value: JSONValue, _ expected: String) -> ServingError {
        let found = value.text()
        return .invalid(
            prefix + name,
            "'\(prefix + name)' is \(found.count > 60 ? "a value of type \(value.kind)" : found), expected \(expected)",
            code: "invalid_type")
    }

    func string(_ name: String) throws(ServingError) -> String? {
        guard let value = self[name] else { return nil }
        guard let text = value.string else { throw wrong(name, value, "a string") }
        return text
    }

    func bool(_ name: String) throws(ServingError) -> Bool? {
        guard let value = self[name] else { return nil }
        if let flag = value.bool { return flag }
        switch value.string?.lowercased() {
        case "true": return true
        case "false": return false
        default: throw wrong(name, value, "true or false")
        }
    }

    func int(_ name: String, in range: ClosedRange<Int>) throws(ServingError) -> Int? {
        guard let value = self[name] else { return nil }
        guard let number = value.asNumber.int, range.contains(number) else {
            let expected =
                range.upperBound == .max ? "\(range.lowerBound) or more" : "\(range.lowerBound) to \(range.upperBound)"
            throw wrong(name, value, "a whole number, \(expected)")
        }
        return number
    }

    func float(_ name: String, in range: ClosedRange<Double>) throws(ServingError) -> Float? {
        guard let value = self[name] else { return nil }
        guard let number = value.asNumber.double, range.contains(number) else {
            throw wrong(name, value, "a number, \(range.lowerBound) to \(range.upperBound)")
        }
        return Float(number)
    }

    func array(_ name: String) throws(ServingError) -> [JSONValue]? {
        guard let value = self[name] else { return nil }
        guard let list = value.array else { throw wrong(name, value, "a list") }
        return list
    }

    func fields(_ name: String) throws(ServingError) -> RequestFields? {
        guard let value = self[name] else { return nil }
        guard value.members != nil else { throw wrong(name, value, "an object") }
        return RequestFields(value, prefix: prefix + name + ".")
    }

    /// A string or a list of strings.
    func strings(_ name: String) throws(ServingError) -> [String]? {
        guard let value = self[name] else { return nil }
        if let text = value.string { return [text] }
        guard let list = value.array?.compactMap(\.string), list.count == value.array?.count else {
            throw wrong(name, value, "a string or a list of strings")
        }
        return list
    }

    /// Stop strings. Empty ones stop nothing and are left out.
    func stops(_ name: String) throws(ServingError) -> [String] {
        let stops = try strings(name)?.filter { !$0.isEmpty } ?? []
        guard stops.count <= 1000, stops.allSatisfy({ $0.utf8.count <= 10_000 }) else {
            throw .invalid(
                prefix + name,
                "'\(prefix + name)' has \(stops.count) texts, expected at most 1000, none longer than 10000 bytes")
        }
        return stops
    }

    /// A limit on tokens; any negative number is none.
    func limit(_ name: String) throws(ServingError) -> TokenLimit? {
        try int(name, in: Int(Int32.min)...Int(Int32.max)).map { $0 < 0 ? .unlimited : .tokens($0) }
    }

    /// Token ids of a vocabulary.
    func tokens(_ name: String, vocabulary: Int) throws(ServingError) -> [Int32] {
        var result: [Int32] = []
        for value in try array(name) ?? [] {
            guard let id = value.int, id >= 0, id < vocabulary else {
                throw .invalid(
                    prefix + name,
                    "'\(prefix + name)' has \(value.text().prefix(40)), expected token ids from 0 to \(vocabulary - 1)")
            }
            result.append(Int32(id))
        }
        return result
    }

    /// The value of a required field.
    func required<T>(_ name: String, _ value: T?) throws(ServingError) -> T {
        guard let value else {
            throw .invalid(
                prefix + name, "'\(prefix + name)' is missing. It is required", code: "missing_required_parameter")
        }
        return value
    }

    /// Refuses unknown fields, so that a misspelled one is not silently ignored.
    func allow(only known: Set<String>) throws(ServingError) {
        guard let stranger = object.members?.first(where: { !known.contains($0.name) }) else { return }
        let name = String(stranger.name.prefix(80))
        throw .invalid(
            prefix + name, "Unrecognized request argument supplied: \(prefix + name)", code: "unknown_parameter")
    }
}

/// A limit on an answer's tokens.
enum TokenLimit: Equatable {
    case unlimited, tokens(Int)

    /// The number; nil for no limit.
    var count: Int? { if case .tokens(let count) = self { count } else { nil } }
}

extension JSONValue {
    /// This value, or the number that its text is.
    var asNumber: JSONValue {
        guard let words = string?.split(whereSeparator: \.isWhitespace), words.count == 1,
            words[0].allSatisfy({ "0123456789+-.eE".contains($0) }), Double(words[0])?.isFinite == true
        else { return self }
        return .number(String(words[0]))
    }
}

import JSON
import Tokenizer

/// Whether what an answer begins with may be a call of Llama 3's that stands without marks.
enum BareCall {
    private static let keys = ["\"name\"", "\"type\"", "\"function\"", "\"parameters\"", "\"arguments\""].map {
        Array($0.utf8)
    }

    /// An object whose first key, as far as it has come, is one of a call.
    static func mayBegin(_ text: ArraySlice<UInt8>) -> Bool {
        guard text.first == UInt8(ascii: "{") else { return false }
        let key = text.dropFirst().drop(while: \.isJSONSpace)
        return keys.contains { known in
            key.count < known.count ? known.starts(with: key) : key.starts(with: known)
        }
    }
}

/// A call as Llama 3.1 writes those of its own tools behind `<|python_tag|>`: `NAME.call(KEY="VALUE", …)`.
enum PythonCall {
    static func call(in text: String, isOffered: (String) -> Bool) -> ToolCall? {
        let text = text.trimmingSpace
        guard text.last == ")", let open = text.firstIndex(of: "(") else { return nil }
        var name = String(text[..<open])
        if name.hasSuffix(".call") { name.removeLast(5) }
        let isName = name.allSatisfy { $0.isLetter || $0.isNumber || "._-".contains($0) }
        guard !name.isEmpty, isName, isOffered(name) else { return nil }
        var members: [JSONValue.Member] = []
        var rest = text[text.index(after: open)...].dropLast().drop(while: \.isWhitespace)
        while !rest.isEmpty {
            guard let equals = rest.firstIndex(of: "=") else { return nil }
            let key = String(rest[..<equals]).trimmingSpace
            rest = rest[rest.index(after: equals)...].drop(while: \.isWhitespace)
            guard let value = literal(&rest) else { return nil }
            members.append(.init(key, value))
            rest = rest.drop(while: \.isWhitespace)
            if rest.first == "," {
                rest = rest.dropFirst().drop(while: \.isWhitespace)
            } else if !rest.isEmpty {
                return nil
            }
        }
        return ToolCall(name: name, arguments: JSONValue.object(members).text())
    }

    /// Takes a string, a number or a word from the beginning.
    private static func literal(_ text: inout Substring) -> JSONValue? {
        guard let quote = text.first else { return nil }
        guard quote == "\"" || quote == "'" else {
            let word = text.prefix { $0 != "," }
            text = text[word.endIndex...]
            let known: [String: JSONValue] = ["True": true, "False": false, "None": .null]
            let plain = String(word).trimmingSpace
            return known[plain] ?? (try? JSONValue(parsing: plain))
        }
        var value = "", isEscaped = false
        text.removeFirst()
        while let next = text.popFirst() {
            if isEscaped {
                value.append(next == "n" ? "\n" : next == "t" ? "\t" : next)
                isEscaped = false
            } else if next == "\\" {
                isEscaped = true
            } else if next == quote {
                return .string(value)
            } else {
                value.append(next)
            }
        }
        return nil
    }
}

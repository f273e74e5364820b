import JSON

extension SchemaCompiler {
    /// The rule of a shape's strings; nil when there are none.
    mutating func string(_ shape: SchemaShape, at path: String) throws(JSONSchemaError) -> StringRule? {
        let limits = shape.length
        if shape.patterns.isEmpty && shape.formats.isEmpty {
            guard limits.least <= limits.most else { return nil }
            return StringRule(least: limits.least, most: limits.most)
        }
        var patterns = shape.patterns.map(\.text), most = limits.most
        var found = try language(
            of: shape, patterns + shape.formats.map { Formats.pattern($0.text)!.pattern }, at: path)
        var isExact = true
        let paths = Set(shape.patterns.map(\.path) + shape.formats.map(\.path))
        if found == nil && !patterns.isEmpty && !shape.formats.isEmpty && paths.count == 1 {
            // A format is an annotation, says JSON Schema; where it contradicts the pattern beside it, that counts.
            found = try language(of: shape, patterns, at: path)
        } else {
            for format in shape.formats {
                if let longest = Formats.pattern(format.text)?.most { most = min(most, Int32(longest)) }
                if !Formats.isExact(format.text) { isExact = false }
            }
            patterns += shape.formats.map(\.text)
        }
        let blamed = shape.patterns.first.map { ("pattern", $0) } ?? ("format", shape.formats[0])
        do {
            if let found,
                let rule = try StringRule(found, least: limits.least, most: most, isExact: isExact, effort: &effort)
            {
                return rule
            }
        } catch {
            throw JSONSchemaError(
                path: limits.leastPath, keyword: "minLength",
                problem: "of \(limits.least) is more than can be followed beside \"\(blamed.0)\". Use a smaller one")
        }
        let all = paths.union(limits.leastPath.isEmpty ? [] : [limits.leastPath])
            .union(limits.mostPath.isEmpty ? [] : [limits.mostPath])
        let error = JSONSchemaError(
            path: blamed.1.path, keyword: blamed.0,
            problem: "is \(blamed.1.text.prefix(80)), which no string satisfies together with what else is said of it")
        if all.count == 1 { throw error }
        contradiction = contradiction ?? error
        return nil
    }

    /// The texts in which all patterns are found; nil when there are none.
    mutating func language(of shape: SchemaShape, _ patterns: [String], at path: String) throws(JSONSchemaError)
        -> TextLanguage?
    {
        let key = patterns.joined(separator: "\u{0}")
        if let known = languages[key] { return known }
        var parsed: [Pattern] = []
        for text in patterns {
            parsed.append(try pattern(text, at: shape.patterns.first { $0.text == text }?.path ?? path))
        }
        do {
            let found = try TextLanguage.matching(parsed, effort: &effort)
            languages[key] = .some(found)
            return found
        } catch {
            let blamed = shape.patterns.first
            throw JSONSchemaError(
                path: blamed?.path ?? path, keyword: blamed == nil ? "format" : "pattern",
                problem: "is \((blamed?.text ?? patterns[0]).prefix(80)), which \(error.problem)")
        }
    }

    func pattern(_ text: String, at path: String, keyword: String = "pattern") throws(JSONSchemaError) -> Pattern {
        do { return try Pattern(parsing: text) } catch {
            throw JSONSchemaError(
                path: path, keyword: keyword, problem: "is \(text.prefix(80)), which \(error.problem)")
        }
    }

    /// The rule of a shape's numbers; nil when there are none.
    mutating func number(_ shape: SchemaShape, at path: String) throws(JSONSchemaError) -> JSONGrammar.Rule? {
        let isWhole = !shape.types.contains(.fraction)
        if shape.least == nil && shape.most == nil && shape.multiples.isEmpty { return .number(whole: isWhole) }
        let range = try NumberRange(shape, isWhole: isWhole)
        guard range.isEmpty else { return .bounded(range) }
        let bounds = [shape.least, shape.most].compactMap(\.self) + shape.multiples
        let said = bounds.map { "\"\($0.keyword)\"" }.joined(separator: ", ")
        let error = JSONSchemaError(
            path: bounds[0].path, keyword: bounds[0].keyword,
            problem: "leaves no \(isWhole ? "whole number" : "number") that satisfies \(said): no value is possible")
        if Set(bounds.map(\.path)).count == 1 { throw error }
        contradiction = contradiction ?? error
        return nil
    }
}

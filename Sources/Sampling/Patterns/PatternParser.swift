extension Pattern {
    /// The tree of a regular expression as JSON Schema has them: ECMA-262's, searched for anywhere in the text.
    ///
    /// Where ECMA-262, Python's `re` and Rust's `regex` (which Pydantic checks with) read one differently, either the
    /// reading that satisfies all of them is taken (see ``CodePointSet``) or it is refused.
    init(parsing text: String) throws(PatternError) {
        var parser = PatternParser(text)
        self = try parser.whole()
    }
}

struct PatternParser {
    /// Numbers in `{ }`, and levels of groups, are at most these.
    private static let mostRepetitions = 10_000, deepest = 100

    let scalars: [Unicode.Scalar]
    var place = 0
    /// Within a negated look-ahead the wide readings are the careful ones.
    var isWide = false
    private var depth = 0

    init(_ text: String) { scalars = Array(text.unicodeScalars) }

    mutating func whole() throws(PatternError) -> Pattern {
        let result = try choice()
        guard place == scalars.count else { throw error("has a ) too many") }
        return result
    }

    func error(_ problem: String) -> PatternError { PatternError(problem: "\(problem), at character \(place)") }

    var next: Unicode.Scalar? { place < scalars.count ? scalars[place] : nil }

    mutating func take(_ text: String) -> Bool {
        guard scalars[place...].starts(with: text.unicodeScalars) else { return false }
        place += text.unicodeScalars.count
        return true
    }

    private mutating func choice() throws(PatternError) -> Pattern {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.deepest else { throw error("has more than \(Self.deepest) levels of groups") }
        var parts = [try sequence()]
        while take("|") { parts.append(try sequence()) }
        return parts.count == 1 ? parts[0] : .choice(parts)
    }

    private mutating func sequence() throws(PatternError) -> Pattern {
        var parts: [Pattern] = []
        while let next, next != "|", next != ")" { parts.append(try term()) }
        return parts.count == 1 ? parts[0] : .sequence(parts)
    }

    private mutating func term() throws(PatternError) -> Pattern {
        if let assertion = try assertion() {
            if try quantifier() != nil { throw error("repeats what has no length") }
            return assertion
        }
        let atom = try atom()
        guard let (least, most) = try quantifier() else { return atom }
        return .repetition(atom, least: least, most: most)
    }

    private mutating func assertion() throws(PatternError) -> Pattern? {
        if take("^") || take("\\A") { return .start }
        if take("$") { return end }
        if take("\\Z") || take("\\z") { return .end }
        if take("\\b") { return .boundary(isNegated: false, isWide: isWide) }
        if take("\\B") { return .boundary(isNegated: true, isWide: isWide) }
        if take("(?=") { return .ahead(try group(), isNegated: false) }
        if take("(?!") {
            isWide.toggle()
            defer { isWide.toggle() }
            return .ahead(try group(), isNegated: true)
        }
        if take("(?<=") || take("(?<!") { throw error("looks behind, which is not supported") }
        return nil
    }

    /// In Python `$` also stands before a line feed that ends the text.
    private var end: Pattern {
        isWide ? .choice([.end, .ahead(.sequence([.set(CodePointSet("\n")), .end]), isNegated: false)]) : .end
    }

    /// The rest of a group whose opening has been read.
    private mutating func group() throws(PatternError) -> Pattern {
        let inner = try choice()
        guard take(")") else { throw error("lacks a )") }
        return inner
    }

    private mutating func atom() throws(PatternError) -> Pattern {
        if take("(?:") { return try group() }
        if take("(?<") || take("(?P<") {
            while let next, next != ">" {
                guard next == "_" || next.properties.isAlphabetic || next.properties.numericType != nil else { break }
                place += 1
            }
            guard take(">") else { throw error("has a group's name that is none") }
            return try group()
        }
        if take("(?P=") { throw error("refers back to a group, which is not supported") }
        if take("(?") { throw error("has a group of an unknown kind, such as flags, which is not supported") }
        if take("(") { return try group() }
        if take("[") { return .set(try members()) }
        if take(".") { return .set(isWide ? .wideDot : .dot) }
        if take("\\") { return .set(try escape(inClass: false, isWide: isWide)) }
        guard let character = next else { throw error("ends early") }
        if character == "*" || character == "+" || character == "?" {
            throw error("has a \(character) with nothing to repeat")
        }
        if character == "{", try quantifier() != nil { throw error("has a { } with nothing to repeat") }
        place += 1
        return .set(CodePointSet([character.value...character.value]))
    }

    /// How often what stands before may come; nil: no quantifier stands here.
    private mutating func quantifier() throws(PatternError) -> (Int, Int?)? {
        var result: (Int, Int?)
        if take("*") {
            result = (0, nil)
        } else if take("+") {
            result = (1, nil)
        } else if take("?") {
            result = (0, 1)
        } else if let counts = try counts() {
            result = counts
        } else {
            return nil
        }
        // A lazy one finds another match, but no other texts.
        if take("?") { return result }
        if next == "*" || next == "+" { throw error("repeats a repetition") }
        if let most = result.1, most < result.0 { throw error("has a { } whose limits are the wrong way round") }
        return result
    }

    /// `{n}`, `{n,}` or `{n,m}`; any other brace is a character.
    private mutating func counts() throws(PatternError) -> (Int, Int?)? {
        let start = place
        guard take("{") else { return nil }
        let least = try number()
        let comma = take(",")
        let most = comma ? try number() : least
        guard take("}"), least != nil || most != nil else {
            place = start
            return nil
        }
        guard let least else { throw error("has {,m}, which dialects read differently. Write {0,m}") }
        return (least, most)
    }

    private mutating func number() throws(PatternError) -> Int? {
        var value: Int?
        while let next, ("0"..."9").contains(next) {
            value = (value ?? 0) * 10 + Int(next.value - 0x30)
            guard value! <= Self.mostRepetitions else {
                throw error("has a number above \(Self.mostRepetitions) in { }")
            }
            place += 1
        }
        return value
    }
}

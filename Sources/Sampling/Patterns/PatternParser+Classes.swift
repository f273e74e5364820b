extension PatternParser {
    /// The members of a class whose `[` has been read.
    mutating func members() throws(PatternError) -> CodePointSet {
        let isNegated = take("^")
        let reading = isWide != isNegated
        var result: [ClosedRange<UInt32>] = []
        guard next != "]" else { throw error("has an empty class, which dialects read differently") }
        while !take("]") {
            let low = try member(isWide: reading)
            guard next == "-", place + 1 < scalars.count, scalars[place + 1] != "]" else {
                result += low.ranges
                continue
            }
            place += 1
            let high = try member(isWide: reading)
            guard low.count == 1, high.count == 1, low.ranges[0].lowerBound <= high.ranges[0].lowerBound else {
                throw error("has a range in a class that is none")
            }
            result.append(low.ranges[0].lowerBound...high.ranges[0].lowerBound)
        }
        let set = CodePointSet(result)
        return isNegated ? set.complement : set
    }

    private mutating func member(isWide: Bool) throws(PatternError) -> CodePointSet {
        guard let character = next else { throw error("lacks a ]") }
        place += 1
        if character == "\\" { return try escape(inClass: true, isWide: isWide) }
        return CodePointSet([character.value...character.value])
    }

    /// What a backslash, which has been read, and the next characters stand for.
    mutating func escape(inClass: Bool, isWide: Bool) throws(PatternError) -> CodePointSet {
        guard let character = next else { throw error("ends with a backslash") }
        place += 1
        func one(_ code: UInt32) -> CodePointSet { CodePointSet([code...code]) }
        switch character {
        case "d": return isWide ? .wideDigit : .digit
        case "D": return (isWide ? CodePointSet.digit : .wideDigit).complement
        case "w": return isWide ? .wideWord : .word
        case "W": return (isWide ? CodePointSet.word : .wideWord).complement
        case "s": return isWide ? .wideSpace : .space
        case "S": return (isWide ? CodePointSet.space : .wideSpace).complement
        case "t": return one(0x09)
        case "n": return one(0x0A)
        case "v": return one(0x0B)
        case "f": return one(0x0C)
        case "r": return one(0x0D)
        case "b" where inClass: return one(0x08)
        case "0":
            if let next, ("0"..."9").contains(next) { throw error("has an octal escape, which is not supported") }
            return one(0)
        case "1"..."9", "k": throw error("refers back to a group, which is not supported")
        case "c":
            guard let letter = next, letter.isASCII, letter.properties.isAlphabetic else {
                throw error("has a \\c without a letter")
            }
            place += 1
            return one(letter.value & 31)
        case "x": return one(try hexadecimal(2))
        case "u": return one(try unicode())
        case "U": return one(try scalar(hexadecimal(8)))
        case "p", "P": return try property(isNegated: character == "P")
        default:
            guard !character.properties.isAlphabetic || !character.isASCII else {
                throw error("has an unknown escape, \\\(character)")
            }
            return one(character.value)
        }
    }

    private mutating func hexadecimal(_ digits: Int) throws(PatternError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<digits {
            guard let next, let digit = Character(next).hexDigitValue, next.isASCII else {
                throw error("has an escape with too few hexadecimal digits")
            }
            value = value << 4 | UInt32(digit)
            place += 1
        }
        return value
    }

    private func scalar(_ code: UInt32) throws(PatternError) -> UInt32 {
        guard Unicode.Scalar(code) != nil else { throw error("has an escape that is no character") }
        return code
    }

    /// `\uXXXX`, two of them that make one character, or `\u{X…}`.
    private mutating func unicode() throws(PatternError) -> UInt32 {
        if take("{") {
            var value: UInt32 = 0
            while let next, next.isASCII, let digit = Character(next).hexDigitValue, value < 0x110000 {
                value = value << 4 | UInt32(digit)
                place += 1
            }
            guard take("}") else { throw error("has a \\u{ } that is no character") }
            return try scalar(value)
        }
        let code = try hexadecimal(4)
        guard (0xD800..<0xDC00).contains(code), take("\\u") else { return try scalar(code) }
        let low = try hexadecimal(4)
        guard (0xDC00..<0xE000).contains(low) else { throw error("has an escape of half a character") }
        return 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
    }

    /// `\p{Lu}`, `\p{L}` and their long names.
    private mutating func property(isNegated: Bool) throws(PatternError) -> CodePointSet {
        var name = ""
        if take("{") {
            while let next, next != "}", name.count < 40 {
                name.unicodeScalars.append(next)
                place += 1
            }
            guard take("}") else { throw error("has a \\p{ } without an end") }
        } else if let next {
            name.unicodeScalars.append(next)
            place += 1
        }
        for prefix in ["General_Category=", "gc="] where name.hasPrefix(prefix) { name.removeFirst(prefix.count) }
        guard let set = CodePointSet.category(Self.longNames[name] ?? name) else {
            throw error("has the Unicode property \(name), which is not supported")
        }
        return isNegated ? set.complement : set
    }

    private static let longNames = [
        "Letter": "L", "Uppercase_Letter": "Lu", "Lowercase_Letter": "Ll", "Mark": "M", "Number": "N",
        "Decimal_Number": "Nd", "Punctuation": "P", "Symbol": "S", "Separator": "Z", "Space_Separator": "Zs",
        "Currency_Symbol": "Sc", "Math_Symbol": "Sm", "Dash_Punctuation": "Pd", "Connector_Punctuation": "Pc",
    ]
}

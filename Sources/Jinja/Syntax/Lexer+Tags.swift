extension Lexer {
    /// The tokens of a tag, up to and with its end.
    mutating func readTag(isVariable: Bool, from start: Int) throws(Failure) {
        while place < source.count {
            if open.isEmpty, let end = tagEnd(isVariable: isVariable) {
                tokens.append(Token(kind: isVariable ? .variableEnd : .blockEnd, offset: end))
                endTag(end, trims: !isVariable)
                return
            }
            if let width = spaceWidth(at: place) {
                place += width
                continue
            }
            try readToken()
        }
        if let sign = open.last {
            throw Failure(.syntax, "'\(sign.rawValue)' is missing", at: start)
        }
        throw Failure(.syntax, "a tag has no end '\(isVariable ? "}}" : "%}")'", at: start)
    }

    private func tagEnd(isVariable: Bool) -> Int? {
        if isVariable { return matches("}}", at: place) || matches("-}}", at: place) ? place : nil }
        return matches("%}", at: place) || matches("-%}", at: place) || matches("+%}", at: place) ? place : nil
    }

    private mutating func readToken() throws(Failure) {
        let first = source[place]
        switch first {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): try readNumber()
        case UInt8(ascii: "'"), UInt8(ascii: "\""): try readString(quote: first)
        default: if isNamePart(at: place) { try readName() } else { try readSign() }
        }
    }

    private func isNamePart(at offset: Int) -> Bool {
        let byte = source[offset]
        if byte < 0x80 { return byte.isLetter || byte.isDigit || byte == UInt8(ascii: "_") }
        let properties = scalar(at: offset).properties
        return properties.isXIDContinue || properties.isAlphabetic || properties.numericType != nil
    }

    private mutating func readName() throws(Failure) {
        let start = place
        var string = String.UnicodeScalarView()
        while place < source.count, isNamePart(at: place) {
            string.append(scalar(at: place))
            place += Text.width(ofLead: source[place])
        }
        let isName = string.enumerated().allSatisfy {
            $1 == "_" || ($0 == 0 ? $1.properties.isXIDStart : $1.properties.isXIDContinue)
        }
        guard isName else { throw Failure(.syntax, "'\(String(string))' is no name", at: start) }
        tokens.append(Token(kind: .name, offset: start, text: Text(String(string), isTrusted: true)))
    }

    private mutating func readSign() throws(Failure) {
        let start = place
        let two = place + 1 < source.count ? String(decoding: source[place..<place + 2], as: UTF8.self) : ""
        let one = String(scalar(at: place))
        guard let sign = Token.Sign(rawValue: two) ?? Token.Sign(rawValue: one) else {
            throw Failure(.syntax, "the character '\(one)' means nothing here", at: start)
        }
        place += sign.rawValue.utf8.count
        switch sign {
        case .leftParenthesis: open.append(.rightParenthesis)
        case .leftBracket: open.append(.rightBracket)
        case .leftBrace: open.append(.rightBrace)
        case .rightParenthesis, .rightBracket, .rightBrace:
            guard let expected = open.popLast() else {
                throw Failure(.syntax, "'\(sign.rawValue)' closes nothing", at: start)
            }
            guard expected == sign else {
                throw Failure(.syntax, "'\(expected.rawValue)' is expected, not '\(sign.rawValue)'", at: start)
            }
        default: break
        }
        tokens.append(Token(kind: .sign(sign), offset: start))
    }
}

extension UInt8 {
    var isDigit: Bool { UInt8(ascii: "0") <= self && self <= UInt8(ascii: "9") }
    var isLetter: Bool { UInt8(ascii: "a") <= self | 0x20 && self | 0x20 <= UInt8(ascii: "z") }

    /// What it counts for as a digit of any radix up to 36.
    var digitValue: UInt8? {
        if isDigit { return self - UInt8(ascii: "0") }
        return isLetter ? (self | 0x20) - UInt8(ascii: "a") + 10 : nil
    }
}

extension Lexer {
    /// A whole number (decimal, `0x`, `0o`, `0b`) or one with a fraction or an exponent; `_` may part digits.
    mutating func readNumber() throws(Failure) {
        let start = place
        let isBehindDot = start > 0 && source[start - 1] == UInt8(ascii: ".")
        if !isBehindDot, let end = endOfFloat(start) {
            let digits = source[start..<end].filter { $0 != UInt8(ascii: "_") }
            let value = Double(String(decoding: digits, as: UTF8.self)) ?? 0
            tokens.append(Token(kind: .float, offset: start, number: .double(value)))
            place = end
            return
        }
        var radix: UInt32 = 10, digits = start
        if source[start] == UInt8(ascii: "0"), let mark = byte(start + 1) {
            let named: UInt32 = mark | 0x20 == 0x78 ? 16 : mark | 0x20 == 0x6F ? 8 : mark | 0x20 == 0x62 ? 2 : 10
            if named != 10, endOfDigits(start + 2, radix: named, mayBeginWithBar: true) != nil {
                radix = named
                digits = start + 2
            }
        }
        // A decimal number that begins with 0 is a row of zeros.
        let end =
            radix == 10 && source[start] == UInt8(ascii: "0")
            ? endOfDigits(start, radix: 1, mayBeginWithBar: false)
            : endOfDigits(digits, radix: radix, mayBeginWithBar: radix != 10)
        place = end ?? start + 1
        let values = source[digits..<place].lazy.filter { $0 != UInt8(ascii: "_") }.map { $0.digitValue ?? 0 }
        guard let value = BigInteger(digits: values, radix: radix, isNegative: false) else {
            throw Failure(.syntax, "a number has more than 4300 digits", at: start)
        }
        tokens.append(Token(kind: .integer, offset: start, number: value.int.map { .int($0) } ?? .big(value)))
    }

    /// Behind digits, which single bars may part.
    private func endOfDigits(_ start: Int, radix: UInt32, mayBeginWithBar: Bool) -> Int? {
        var end = start
        while true {
            var next = end
            if byte(next) == UInt8(ascii: "_"), end > start || mayBeginWithBar { next += 1 }
            guard let value = byte(next)?.digitValue, UInt32(value) < radix else { return end > start ? end : nil }
            end = next + 1
        }
    }

    private func endOfFloat(_ start: Int) -> Int? {
        guard var end = endOfDigits(start, radix: 10, mayBeginWithBar: false) else { return nil }
        var isFloat = false
        if byte(end) == UInt8(ascii: "."),
            let fraction = endOfDigits(end + 1, radix: 10, mayBeginWithBar: false)
        {
            end = fraction
            isFloat = true
        }
        if let mark = byte(end), mark | 0x20 == UInt8(ascii: "e") {
            let sign = byte(end + 1)
            let digits = sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") ? end + 2 : end + 1
            if let exponent = endOfDigits(digits, radix: 10, mayBeginWithBar: false) {
                end = exponent
                isFloat = true
            }
        }
        return isFloat ? end : nil
    }

    /// A string between quotes, with Python's escapes.
    mutating func readString(quote: UInt8) throws(Failure) {
        let start = place
        var builder = TextBuilder()
        place += 1
        while let byte = byte(place) {
            if byte == quote {
                place += 1
                tokens.append(Token(kind: .string, offset: start, text: builder.text()))
                return
            }
            if byte == UInt8(ascii: "\\") {
                place += 1
                guard place < source.count else { break }
                try readEscape(to: &builder)
            } else {
                builder.append(scalar(at: place), isTrusted: true)
                place += Text.width(ofLead: byte)
            }
        }
        throw Failure(.syntax, "a string has no end", at: start)
    }

    private mutating func readEscape(to builder: inout TextBuilder) throws(Failure) {
        let start = place - 1, scalar = scalar(at: place)
        place += Text.width(ofLead: source[place])
        switch scalar {
        case "\n": break
        case "\\", "'", "\"": builder.append(scalar, isTrusted: true)
        case "a": builder.append("\u{07}", isTrusted: true)
        case "b": builder.append("\u{08}", isTrusted: true)
        case "f": builder.append("\u{0C}", isTrusted: true)
        case "n": builder.append("\n", isTrusted: true)
        case "r": builder.append("\r", isTrusted: true)
        case "t": builder.append("\t", isTrusted: true)
        case "v": builder.append("\u{0B}", isTrusted: true)
        case "x": try readCode(digits: 2, from: start, to: &builder)
        case "u": try readCode(digits: 4, from: start, to: &builder)
        case "U": try readCode(digits: 8, from: start, to: &builder)
        case "0"..."7":
            var code = scalar.value - 0x30
            for _ in 0..<2 {
                guard let digit = byte(place)?.digitValue, digit < 8 else { break }
                code = code * 8 + UInt32(digit)
                place += 1
            }
            builder.append(Unicode.Scalar(code) ?? "\u{FFFD}", isTrusted: true)
        case "N": throw Failure(.syntax, "characters by name (\\N{…}) are not known; write \\u and the code", at: start)
        default:
            // Python leaves what is no escape as it is, and writes a character beyond ASCII as its code there.
            builder.append("\\", isTrusted: true)
            if scalar.isASCII {
                builder.append(scalar, isTrusted: true)
            } else {
                let digits = String(scalar.value, radix: 16),
                    width = scalar.value < 0x100 ? 2 : scalar.value < 0x10000 ? 4 : 8
                let zeros = String(repeating: "0", count: width - digits.count)
                builder.append((width == 2 ? "x" : width == 4 ? "u" : "U") + zeros + digits, isTrusted: true)
            }
        }
    }

    private mutating func readCode(
        digits count: Int, from start: Int, to builder: inout TextBuilder
    ) throws(Failure) {
        var code: UInt32 = 0
        for _ in 0..<count {
            guard let digit = byte(place)?.digitValue, digit < 16, code < 1 << 28 else {
                throw Failure(.syntax, "an escape needs \(count) hexadecimal digits", at: start)
            }
            code = code << 4 | UInt32(digit)
            place += 1
        }
        guard let scalar = Unicode.Scalar(code) else {
            throw Failure(.syntax, "an escape names no character", at: start)
        }
        builder.append(scalar, isTrusted: true)
    }
}

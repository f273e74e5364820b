extension Unicode.Scalar {
    /// Whether it has a case, as Python's `isupper` and `title` see it.
    var isPythonCased: Bool {
        properties.isLowercase || properties.isUppercase || properties.generalCategory == .titlecaseLetter
    }

    var isPythonLetter: Bool {
        if isASCII { return UInt8(value).isLetter }
        return switch properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: true
        default: false
        }
    }

    /// Whether Python's `str.isalnum` holds for it.
    var isPythonAlphanumeric: Bool {
        if isASCII { return UInt8(value).isLetter || UInt8(value).isDigit }
        return isPythonLetter || properties.numericType != nil
    }
}

extension Text {
    enum Casing {
        case lower, upper, title, swapped, folded, capitalized
    }

    /// In another case, by Unicode's full mappings, as Python does it.
    func cased(_ casing: Casing) -> Text {
        if isASCII, let text = casedASCII(casing) { return text }
        var builder = TextBuilder(capacity: bytes.count), isInWord = false
        for (offset, scalar) in scalars {
            let properties = scalar.properties
            let mapped: String
            switch casing {
            case .lower: mapped = lowercased(scalar, at: offset)
            case .upper: mapped = properties.uppercaseMapping
            case .title: mapped = isInWord ? lowercased(scalar, at: offset) : properties.titlecaseMapping
            case .capitalized: mapped = offset > 0 ? lowercased(scalar, at: offset) : properties.titlecaseMapping
            case .swapped:
                mapped =
                    properties.isUppercase
                    ? lowercased(scalar, at: offset)
                    : properties.isLowercase ? properties.uppercaseMapping : String(scalar)
            case .folded: mapped = scalar == "ı" ? "ı" : properties.lowercaseMapping.uppercased().lowercased()
            }
            isInWord = scalar.isPythonCased
            builder.append(mapped, isTrusted: isTrusted(at: offset))
        }
        return builder.text(isMarkup: isMarkup)
    }

    private func casedASCII(_ casing: Casing) -> Text? {
        guard runs.isEmpty else { return nil }
        var result = bytes, isInWord = false
        for (i, byte) in bytes.enumerated() where byte.isLetter {
            let isUpper =
                switch casing {
                case .upper: true
                case .lower, .folded: false
                case .swapped: byte & 0x20 != 0
                case .capitalized: i == 0
                case .title:
                    !(i > 0 && bytes[i - 1].isLetter)
                }
            result[i] = isUpper ? byte & 0xDF : byte | 0x20
            isInWord = true
        }
        return isInWord
            ? Text(bytes: result, count: count, isTrusted: isTrusted, isMarkup: isMarkup) : self
    }

    /// Lower case of a character; a sigma at a word's end has a form of its own.
    private func lowercased(_ scalar: Unicode.Scalar, at offset: Int) -> String {
        guard scalar == "\u{3A3}" else { return scalar.properties.lowercaseMapping }
        var place = offset, isBehindLetter = false
        while place > 0 {
            place = self.offset(before: place)
            let before = self.scalar(at: place)
            if before.properties.isCaseIgnorable { continue }
            isBehindLetter = before.isPythonCased
            break
        }
        guard isBehindLetter else { return "σ" }
        place = offset + Self.width(ofLead: bytes[offset])
        while place < bytes.count {
            let after = self.scalar(at: place)
            if !after.properties.isCaseIgnorable { return after.isPythonCased ? "σ" : "ς" }
            place += Self.width(ofLead: bytes[place])
        }
        return "ς"
    }

    /// Whether it has a character and a condition holds for each.
    func all(_ condition: (Unicode.Scalar) -> Bool) -> Bool {
        !isEmpty && scalars.allSatisfy { condition($0.scalar) }
    }

    /// Whether it has cased characters, all of them lower (or upper) case.
    func isAll(upper: Bool) -> Bool {
        var isAny = false
        if isASCII {
            for byte in bytes where byte.isLetter {
                if (byte & 0x20 == 0) != upper { return false }
                isAny = true
            }
            return isAny
        }
        for (_, scalar) in scalars {
            let properties = scalar.properties
            if upper ? properties.isLowercase : properties.isUppercase { return false }
            if properties.generalCategory == .titlecaseLetter { return false }
            if upper ? properties.isUppercase : properties.isLowercase { isAny = true }
        }
        return isAny
    }

    var isTitle: Bool {
        var isInWord = false, isAny = false
        for (_, scalar) in scalars {
            if scalar.properties.isUppercase || scalar.properties.generalCategory == .titlecaseLetter {
                if isInWord { return false }
                isInWord = true
                isAny = true
            } else if scalar.properties.isLowercase {
                if !isInWord { return false }
                isAny = true
            } else {
                isInWord = false
            }
        }
        return isAny
    }
}

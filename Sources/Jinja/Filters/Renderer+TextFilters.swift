extension Renderer {
    func applyToText(_ filter: Filter, _ value: Object, _ given: [Object?]) throws(Failure) -> Object {
        switch filter {
        case .indent: return try indent(value, given)
        case .truncate: return try truncate(value, given)
        case .wordwrap: return try wrap(try argumentText(value, "wordwrap"), given)
        default: break
        }
        let text = try string(of: value)
        try budget.scan(text.bytes.count)
        switch filter {
        case .string: return .string(text)
        case .lower: return try call(.lower, of: text, Arguments())
        case .upper: return try call(.upper, of: text, Arguments())
        case .capitalize: return try call(.capitalize, of: text, Arguments())
        case .trim: return try strip(text, .strip, Arguments(given[0].map { [$0] } ?? []))
        case .center: return try fill(text, .center, Arguments([given[0] ?? .int(80)]))
        case .title: return try title(text)
        case .replace:
            let old = try string(of: given[0] ?? .none), new = try string(of: given[1] ?? .none)
            let count = if let count = given[2], !count.isNone { try count.argument("'count'") } else { -1 }
            return try string(try replaced(text.asMarkup(false), old, new, count))
        default:
            try budget.examine(text)
            var words = 0, isInWord = false
            for (_, scalar) in text.scalars {
                let isWord = scalar.isPythonAlphanumeric || scalar == "_"
                if isWord, !isInWord { words += 1 }
                isInWord = isWord
            }
            return .int(words)
        }
    }

    /// Each word's first character in upper case and the rest in lower case; words begin behind white space and
    /// opening brackets.
    private func title(_ text: Text) throws(Failure) -> Object {
        try budget.allocate(text.size * 3)
        try budget.examine(text)
        var builder = TextBuilder(), start = 0, place = 0
        func isBetween(_ scalar: Unicode.Scalar) -> Bool {
            scalar.isPythonSpace || "-({[<".unicodeScalars.contains(scalar)
        }
        while place < text.bytes.count {
            let kind = isBetween(text.scalar(at: place))
            start = place
            while place < text.bytes.count, isBetween(text.scalar(at: place)) == kind {
                place += Text.width(ofLead: text.bytes[place])
            }
            let first = start + Text.width(ofLead: text.bytes[start])
            builder.append(text.slice(start..<first).cased(.upper))
            builder.append(text.slice(first..<place).cased(.lower))
        }
        return try string(builder.text())
    }

    private func indent(_ value: Object, _ given: [Object?]) throws(Failure) -> Object {
        if case .undefined(let undefined) = value { throw undefined.failure }
        let text = try argumentText(value, "indent"), isMarkup = text.isMarkup
        var indentation = Text("    ", isTrusted: text.isTrusted)
        if let width = given[0] {
            if case .string(let string) = width {
                indentation = string
            } else {
                let count = max(0, try width.argument("'width'"))
                try budget.allocate(count)
                var spaces = TextBuilder()
                spaces.append(Text(" ", isTrusted: text.isTrusted), times: count)
                indentation = spaces.text()
            }
        }
        let isFirst = if let first = given[1] { try isTrue(first) } else { false }
        let isBlank = if let blank = given[2] { try isTrue(blank) } else { false }
        var ended = TextBuilder()
        ended.append(text)
        ended.append("\n", isTrusted: text.isTrusted)
        try budget.allocate(text.bytes.count)
        let lines = try ended.text().lines(&budget)
        try budget.allocate((indentation.size + 16).multiplyingSaturating(lines.count))
        var builder = TextBuilder()
        for (i, line) in lines.enumerated() {
            if i > 0 { builder.append("\n", isTrusted: text.isTrusted) }
            if i == 0 ? isFirst : isBlank || !line.isEmpty { builder.append(indentation) }
            builder.append(line)
        }
        return try string(builder.text(isMarkup: isMarkup))
    }

    private func truncate(_ value: Object, _ given: [Object?]) throws(Failure) -> Object {
        let length = try given[0]?.argument("'length'") ?? 255
        let isCutInWords = if let kill = given[1] { try isTrue(kill) } else { false }
        let end = try given[2].map { (end) throws(Failure) in try argumentText(end, "truncate") } ?? "..."
        let leeway = if let leeway = given[3], !leeway.isNone { try leeway.argument("'leeway'") } else { 5 }
        guard length >= end.count, leeway >= 0 else {
            throw Failure(.other, "'truncate' needs at least the length of its end")
        }
        if try count(of: value) <= length.addingSaturating(leeway) { return value }
        let text = try argumentText(value, "truncate")
        var kept = text.slice(scalars: 0..<length - end.count)
        if !isCutInWords, let space = kept.lastOffset(of: " ", from: 0, to: kept.bytes.count) {
            kept = kept.slice(0..<space)
        }
        return try binary(.add, .string(kept), .string(end))
    }

    private func wrap(_ text: Text, _ given: [Object?]) throws(Failure) -> Object {
        let width = try given[0]?.argument("'width'") ?? 79
        guard width > 0 else { throw Failure(.value, "'width' must be above 0") }
        let breaks = if let breaks = given[1] { try isTrue(breaks) } else { true }
        let separator =
            if let end = given[2], !end.isNone { try argumentText(end, "wordwrap") } else {
                Text("\n", isTrusted: text.isTrusted)
            }
        let onHyphens = if let hyphens = given[3] { try isTrue(hyphens) } else { true }
        try budget.examine(text.bytes.count * 16)
        let wrapping = WordWrap(width: width, breaksLongWords: breaks, breaksOnHyphens: onHyphens)
        var builder = TextBuilder(), isFirst = true
        for paragraph in try text.lines(&budget) {
            let lines = try wrapping.lines(of: paragraph, &budget)
            for line in lines.isEmpty ? [Text.empty] : lines {
                try budget.allocate(line.size + separator.size)
                if !isFirst { builder.append(separator) }
                builder.append(line)
                isFirst = false
            }
        }
        return try string(builder.text())
    }
}

extension Renderer {
    /// Python's `str`, paid for.
    func string(of object: Object) throws(Failure) -> Text {
        switch object {
        case .string(let text): return text
        case .missing, .undefined: return .empty
        default:
            try budget.allocate(object.weight)
            try budget.examine(object.weight)
            var builder = TextBuilder()
            try print(object, to: &builder)
            return builder.text()
        }
    }

    /// Python's `repr`, paid for.
    func representation(of object: Object) throws(Failure) -> Text {
        try budget.allocate(object.weight.multiplyingSaturating(2))
        try budget.examine(object.weight)
        var builder = TextBuilder()
        try print(object, to: &builder)
        return builder.text()
    }

    /// Appends Python's `repr`. Numbers keep their trust and texts that of their characters; the words and signs that
    /// printing adds stand in no template and are not trusted.
    func print(_ object: Object, to builder: inout TextBuilder) throws(Failure) {
        switch object {
        case .missing, .undefined: builder.append("Undefined", isTrusted: false)
        case .none: builder.append("None", isTrusted: false)
        case .bool(let value): builder.append(value ? "True" : "False", isTrusted: false)
        case .int(let value, let isTrusted): builder.append(String(value), isTrusted: isTrusted)
        case .big(let value, let isTrusted):
            try budget.step(value.limbs.count * value.limbs.count / 8)
            if value.isNegative { builder.append("-", isTrusted: isTrusted) }
            builder.append(ascii: value.decimalDigits, isTrusted: isTrusted)
        case .double(let value, let isTrusted): builder.append(value.pythonText, isTrusted: isTrusted)
        case .string(let text):
            if text.isMarkup { builder.append("Markup(", isTrusted: false) }
            text.appendQuoted(to: &builder)
            if text.isMarkup { builder.append(")", isTrusted: false) }
        case .list(let items): try print(items.objects, "[", "]", to: &builder)
        case .tuple(let items):
            try print(items.objects, "(", items.objects.count == 1 ? ",)" : ")", to: &builder)
        case .dict(let mapping): try print(mapping, to: &builder)
        case .view(let mapping, let view):
            builder.append(view.typeName + "(", isTrusted: false)
            try print(try objects(of: mapping, view), "[", "])", to: &builder)
        case .range(let range):
            let step = range.step == 1 ? "" : ", \(range.step)"
            builder.append("range(\(range.start), \(range.stop)\(step))", isTrusted: false)
        case .namespace(let namespace):
            guard !namespace.isPrinting else {
                builder.append("<Namespace {...}>", isTrusted: false)
                return
            }
            namespace.isPrinting = true
            defer { namespace.isPrinting = false }
            builder.append("<Namespace ", isTrusted: false)
            let entries = namespace.attributes.map { (key: Object.string($0.name), value: $0.value) }
            for entry in entries {
                try budget.allocate(entry.value.weight)
                try budget.examine(entry.value.weight)
            }
            try print(Mapping(distinct: entries), to: &builder)
            builder.append(">", isTrusted: false)
        case .loop(let loop):
            builder.append("<LoopContext \(loop.index0 + 1)/\(try loop.length(self))>", isTrusted: false)
        case .macro(let macro):
            builder.append("<Macro ", isTrusted: false)
            if let name = macro.definition.name {
                name.name.appendQuoted(to: &builder)
            } else {
                builder.append("anonymous", isTrusted: false)
            }
            builder.append(">", isTrusted: false)
        case .generator, .function, .method, .cycler, .joiner, .template, .block:
            builder.append("<\(object.typeName)>", isTrusted: false)
        }
    }

    private func print(
        _ objects: [Object], _ start: String, _ end: String, to builder: inout TextBuilder
    ) throws(Failure) {
        try budget.enter()
        defer { budget.leave() }
        builder.append(start, isTrusted: false)
        for (i, object) in objects.enumerated() {
            if i > 0 { builder.append(", ", isTrusted: false) }
            try print(object, to: &builder)
        }
        builder.append(end, isTrusted: false)
    }

    private func print(_ mapping: Mapping, to builder: inout TextBuilder) throws(Failure) {
        try budget.enter()
        defer { budget.leave() }
        builder.append("{", isTrusted: false)
        for (i, entry) in mapping.entries.enumerated() {
            if i > 0 { builder.append(", ", isTrusted: false) }
            try print(entry.key, to: &builder)
            builder.append(": ", isTrusted: false)
            try print(entry.value, to: &builder)
        }
        builder.append("}", isTrusted: false)
    }
}

extension Text {
    /// Appends it between quotes as Python's `repr` writes it.
    func appendQuoted(to builder: inout TextBuilder) {
        let hasSingle = bytes.contains(UInt8(ascii: "'")), hasDouble = bytes.contains(UInt8(ascii: "\""))
        let quote: Unicode.Scalar = hasSingle && !hasDouble ? "\"" : "'"
        builder.append(quote, isTrusted: false)
        for (offset, scalar) in scalars {
            let isTrusted = isTrusted(at: offset)
            switch scalar {
            case "\\": builder.append("\\\\", isTrusted: isTrusted)
            case "\n": builder.append("\\n", isTrusted: isTrusted)
            case "\r": builder.append("\\r", isTrusted: isTrusted)
            case "\t": builder.append("\\t", isTrusted: isTrusted)
            case quote:
                builder.append("\\", isTrusted: isTrusted)
                builder.append(scalar, isTrusted: isTrusted)
            default:
                if scalar.isPythonPrintable {
                    builder.append(scalar, isTrusted: isTrusted)
                } else {
                    builder.append(scalar.pythonEscape, isTrusted: isTrusted)
                }
            }
        }
        builder.append(quote, isTrusted: false)
    }
}

extension Unicode.Scalar {
    /// Whether Python's `repr` shows it as it is.
    var isPythonPrintable: Bool {
        if isASCII { return (0x20..<0x7F).contains(value) }
        switch properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator,
            .spaceSeparator:
            return false
        default: return true
        }
    }

    /// `\xNN`, `\uNNNN` or `\UNNNNNNNN`.
    var pythonEscape: String {
        let (mark, width) = value < 0x100 ? ("\\x", 2) : value < 0x10000 ? ("\\u", 4) : ("\\U", 8)
        let digits = String(value, radix: 16)
        return mark + String(repeating: "0", count: width - digits.utf8.count) + digits
    }
}

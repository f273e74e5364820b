/// The methods of Python's types that a template may call. Those that would change a list or dict are not among them,
/// as in Jinja's immutable sandbox.
enum Method: String, Sendable {
    // Strings
    case capitalize, casefold, center, encode, endswith, expandtabs, find, format
    case formatMap = "format_map"
    case isalnum, isalpha, isascii, isdecimal, isdigit, isidentifier, islower, isnumeric, isprintable, isspace, istitle
    case isupper, join, ljust, lower, lstrip, maketrans, partition, removeprefix, removesuffix, replace, rfind, rindex
    case rjust, rpartition, rsplit, rstrip, split, splitlines, startswith, strip, swapcase, title, translate, upper
    case zfill, striptags, unescape
    // Lists and dicts; strings have some of them, too
    case count, index, copy, get, items, keys, values, fromkeys
    // Numbers
    case bitLength = "bit_length"
    case bitCount = "bit_count"
    case isInteger = "is_integer"
    case conjugate
    // What only Jinja has
    case cycle, changed, next, reset

    /// Whether a value has the method.
    func isOf(_ object: Object) -> Bool {
        switch object {
        case .string(let text):
            switch self {
            case .count, .index: true
            case .striptags, .unescape: text.isMarkup
            default: isOfStrings
            }
        case .dict: [.get, .items, .keys, .values, .copy, .fromkeys].contains(self)
        case .list: [.count, .index, .copy].contains(self)
        case .tuple, .range: [.count, .index].contains(self)
        case .bool, .int, .big: [.bitLength, .bitCount, .conjugate].contains(self)
        case .double: [.isInteger, .conjugate].contains(self)
        case .loop: [.cycle, .changed].contains(self)
        case .cycler: [.next, .reset].contains(self)
        default: false
        }
    }

    private var isOfStrings: Bool {
        switch self {
        case .count, .index, .copy, .get, .items, .keys, .values, .fromkeys, .bitLength, .bitCount, .isInteger,
            .conjugate, .cycle, .changed, .next, .reset, .striptags, .unescape:
            false
        default: true
        }
    }

    /// The names that exist in Python and that the sandbox keeps from templates.
    static func isForbidden(_ name: Text, of object: Object) -> Bool {
        if case .namespace = object { return name.bytes.first == UInt8(ascii: "_") }
        if name.bytes.count > AttributeName.longest { return name.hasPrefix("__") }
        return switch object {
        case .list:
            ["append", "clear", "extend", "insert", "pop", "remove", "reverse", "sort"].contains(name.string)
        case .dict: ["clear", "pop", "popitem", "setdefault", "update"].contains(name.string)
        default: name.hasPrefix("__")
        }
    }
}

/// A dict: its entries in the order they came. Templates cannot change one.
final class Mapping {
    typealias Entry = (key: Object, value: Object)

    /// What `keys()`, `values()` and `items()` look at.
    enum View {
        case keys, values, items

        var typeName: String {
            switch self {
            case .keys: "dict_keys"
            case .values: "dict_values"
            case .items: "dict_items"
            }
        }
    }

    /// Up to here a walk through the entries is faster than a table.
    private static let walked = 8

    let entries: [Entry]
    let depth: Int
    let weight: Int
    private let table: [HashKey: Int]

    /// Of entries whose keys differ.
    init(distinct entries: [Entry]) {
        self.entries = entries
        var deepest = 0, weight = 32
        for entry in entries {
            deepest = max(deepest, entry.key.depth, entry.value.depth)
            weight = weight.addingSaturating(entry.key.weight).addingSaturating(entry.value.weight)
        }
        depth = deepest + 1
        self.weight = min(weight, Object.heaviest)
        var table: [HashKey: Int] = [:]
        if entries.count > Self.walked {
            table.reserveCapacity(entries.count)
            for (i, entry) in entries.enumerated() { if let key = HashKey(entry.key) { table[key] = i } }
        }
        self.table = table
    }

    /// Of entries in order: a key that comes again keeps its place and takes the new value.
    convenience init(_ entries: [Entry]) throws(Failure) {
        var distinct: [Entry] = [], places: [HashKey: Int] = [:]
        distinct.reserveCapacity(entries.count)
        for entry in entries {
            guard let key = HashKey(entry.key) else {
                throw Failure(.type, "a \(entry.key.typeName) cannot be the key of a dict")
            }
            if let place = places[key] {
                distinct[place].value = entry.value
            } else {
                places[key] = distinct.count
                distinct.append(entry)
            }
        }
        self.init(distinct: distinct)
    }

    /// The value under a name.
    func value(_ name: Text) -> Object? {
        if entries.count > Self.walked { return table[.text(name)].map { entries[$0].value } }
        for entry in entries { if case .string(let key) = entry.key, key == name { return entry.value } }
        return nil
    }

    /// The value under any key that can be one.
    func value(_ key: HashKey) -> Object? {
        if entries.count > Self.walked { return table[key].map { entries[$0].value } }
        for entry in entries where HashKey(entry.key) == key { return entry.value }
        return nil
    }
}

/// What a dict tells keys apart by: Python's equality, so 1, 1.0 and true are the same key.
enum HashKey: Hashable {
    case none
    case undefined
    case int(Int)
    case big(BigInteger)
    case double(Double)
    case text(Text)
    case tuple([HashKey])
    case range(start: Int, step: Int, count: Int)
    case function(BuiltinFunction)
    /// An object that is equal to itself only.
    case identity(ObjectIdentifier)

    /// Nil for what cannot be a key: lists, dicts and what holds them.
    init?(_ object: Object) {
        switch object {
        case .missing, .undefined: self = .undefined
        case .none: self = .none
        case .bool(let value): self = .int(value ? 1 : 0)
        case .int(let value, _): self = .int(value)
        case .big(let value, _): self = .big(value)
        case .double(let value, _):
            if let whole = Int(exactly: value) {
                self = .int(whole)
            } else if value.isFinite, value == value.rounded() {
                self = .big(BigInteger(value))
            } else {
                self = .double(value)
            }
        case .string(let text): self = .text(text)
        case .tuple(let items):
            var keys: [HashKey] = []
            for item in items.objects {
                guard let key = HashKey(item) else { return nil }
                keys.append(key)
            }
            self = .tuple(keys)
        case .range(let range):
            self = .range(
                start: range.count == 0 ? 0 : range.start, step: range.count < 2 ? 0 : range.step, count: range.count)
        case .function(let function): self = .function(function)
        case .generator(let generator): self = .identity(ObjectIdentifier(generator))
        case .namespace(let namespace): self = .identity(ObjectIdentifier(namespace))
        case .macro(let macro): self = .identity(ObjectIdentifier(macro))
        case .cycler(let cycler): self = .identity(ObjectIdentifier(cycler))
        case .joiner(let joiner): self = .identity(ObjectIdentifier(joiner))
        case .method(let method): self = .identity(ObjectIdentifier(method))
        case .list, .dict, .view, .loop, .template, .block: return nil
        }
    }
}

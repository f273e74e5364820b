/// A value while a template is rendered: what Python would have there.
///
/// Numbers remember, like texts, whether somebody outside wrote them: `<|image_{{ n }}|>` may become a control token
/// for a count that the template keeps, and may not for a number out of a message.
enum Object {
    /// No value at all: a variable that nothing was assigned to. Never seen by an operation.
    case missing
    case undefined(Undefined)
    case none
    case bool(Bool)
    case int(Int, isTrusted: Bool)
    /// A whole number beyond `Int`.
    case big(BigInteger, isTrusted: Bool)
    case double(Double, isTrusted: Bool)
    case string(Text)
    case list(Items)
    case tuple(Items)
    case dict(Mapping)
    /// `keys()`, `values()` or `items()` of a dict.
    case view(Mapping, Mapping.View)
    case range(RangeObject)
    case generator(Generator)
    case namespace(Namespace)
    case loop(LoopState)
    case macro(Macro)
    case function(BuiltinFunction)
    case method(BoundMethod)
    case cycler(Cycler)
    case joiner(Joiner)
    /// `self`, the template's blocks.
    case template
    case block(name: String)

    static func int(_ value: Int) -> Object { .int(value, isTrusted: true) }
    static func text(_ string: String) -> Object { .string(Text(string, isTrusted: true)) }
    static func list(_ items: [Object]) -> Object { .list(Items(items)) }
    static func tuple(_ items: [Object]) -> Object { .tuple(Items(items)) }

    /// How many containers stand around the deepest value in it. Bounded where containers are made, so that what walks
    /// through one (printing, comparing, freeing) needs no more stack than that.
    var depth: Int {
        switch self {
        case .list(let items), .tuple(let items): items.depth
        case .dict(let mapping): mapping.depth
        case .view(let mapping, _): mapping.depth + 1
        case .generator(let generator): generator.depth
        case .method(let method): method.receiver.depth + 1
        case .cycler(let cycler): cycler.items.depth
        case .joiner(let joiner): joiner.separator.depth + 1
        default: 0
        }
    }

    /// Roughly the bytes that writing it out takes. A template can make a list hold another one twice, and that one
    /// a third one twice: whoever walks through a value first pays for this, which bounds the walk.
    var weight: Int {
        switch self {
        case .string(let text): text.size + 16
        case .big(let value, _): value.limbs.count * 10 + 32
        case .list(let items), .tuple(let items): items.weight
        case .dict(let mapping), .view(let mapping, _): mapping.weight
        case .method(let method): method.receiver.weight
        case .cycler(let cycler): cycler.items.weight
        default: 32
        }
    }

    /// As heavy as a value gets: beyond what any limit allows, and far from what arithmetic cannot hold.
    static let heaviest = 1 << 60

    /// The name of its Python type.
    var typeName: String {
        switch self {
        case .missing, .undefined: "Undefined"
        case .none: "NoneType"
        case .bool: "bool"
        case .int, .big: "int"
        case .double: "float"
        case .string(let text): text.isMarkup ? "Markup" : "str"
        case .list: "list"
        case .tuple: "tuple"
        case .dict: "dict"
        case .view(_, let view): view.typeName
        case .range: "range"
        case .generator: "generator"
        case .namespace: "Namespace"
        case .loop: "LoopContext"
        case .macro: "Macro"
        case .function: "function"
        case .method: "builtin_function_or_method"
        case .cycler: "Cycler"
        case .joiner: "Joiner"
        case .template: "TemplateReference"
        case .block: "BlockReference"
        }
    }

    var isUndefined: Bool { if case .undefined = self { true } else { false } }
    var isNone: Bool { if case .none = self { true } else { false } }
    var isMissing: Bool { if case .missing = self { true } else { false } }

    /// The text, if it is a string.
    var text: Text? { if case .string(let text) = self { text } else { nil } }

    /// Whether what it prints was decided by nobody but the template and trusted variables.
    var isTrusted: Bool {
        switch self {
        case .int(_, let isTrusted), .big(_, let isTrusted), .double(_, let isTrusted): isTrusted
        case .string(let text): text.isTrusted
        default: true
        }
    }
}

/// The items of a list or tuple. Templates cannot change one.
final class Items {
    let objects: [Object]
    let depth: Int
    let weight: Int
    /// The names under which a named tuple's items are found.
    let fieldNames: [Text]

    init(_ objects: [Object], fieldNames: [Text] = []) {
        self.objects = objects
        self.fieldNames = fieldNames
        var deepest = 0, weight = 32
        for object in objects {
            deepest = max(deepest, object.depth)
            weight = weight.addingSaturating(object.weight)
        }
        depth = deepest + 1
        self.weight = min(weight, Object.heaviest)
    }
}

/// A value that is not there. It prints as nothing, is false, empty and equal to its kind; all else fails with the
/// reason why it is not there.
final class Undefined {
    enum Origin {
        case hint(String)
        case name(Text)
        case attribute(of: String, Text)
        case element(of: String, String)
        case unsafe(of: String, Text)
    }

    let origin: Origin

    init(_ origin: Origin) { self.origin = origin }

    var failure: Failure {
        switch origin {
        case .hint(let hint): Failure(.undefined, hint)
        case .name(let name): Failure(.undefined, "'\(name.string)' is undefined")
        case .attribute(let owner, let name): Failure(.undefined, "'\(owner)' has no attribute '\(name.string)'")
        case .element(let owner, let name): Failure(.undefined, "\(owner) has no element \(name)")
        case .unsafe(let owner, let name):
            Failure(
                .forbidden,
                "'\(name.string)' of a \(owner) cannot be used: a template changes no list or dict and sees no internals"
            )
        }
    }
}

/// `namespace()`: the one object whose attributes a template can set.
final class Namespace {
    var attributes: [(name: Text, value: Object)] = []
    /// Whether it is being printed: it may hold itself.
    var isPrinting = false

    func value(_ name: Text) -> Object? {
        for attribute in attributes where attribute.name == name { return attribute.value }
        return nil
    }

    func set(_ name: Text, _ value: Object) {
        for i in attributes.indices where attributes[i].name == name {
            attributes[i].value = value
            return
        }
        attributes.append((name, value))
    }
}

/// `range()`; its length is at most ``largest``, as in Jinja's sandbox.
struct RangeObject {
    static let largest = 100_000

    var start: Int, stop: Int, step: Int, count: Int

    subscript(index: Int) -> Int { start + index * step }
}

/// `cycler()`.
final class Cycler {
    let items: Items
    var position = 0

    init(_ items: Items) { self.items = items }
}

/// `joiner()`.
final class Joiner {
    let separator: Object
    var isUsed = false

    init(_ separator: Object) { self.separator = separator }
}

/// A method of a value, not yet called.
final class BoundMethod {
    let receiver: Object
    let method: Method

    init(_ receiver: Object, _ method: Method) {
        self.receiver = receiver
        self.method = method
    }
}

/// The functions a template finds among its variables.
enum BuiltinFunction: String, CaseIterable {
    case range, namespace, dict, cycler, joiner, lipsum
    case raiseException = "raise_exception"
    case strftimeNow = "strftime_now"
}

extension Int {
    /// The sum, or the largest number there is.
    func addingSaturating(_ other: Int) -> Int {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? (other < 0 ? .min : .max) : sum
    }

    /// The product, or the number furthest from zero on its side.
    func multiplyingSaturating(_ other: Int) -> Int {
        let (product, overflow) = multipliedReportingOverflow(by: other)
        return overflow ? ((self < 0) == (other < 0) ? .max : .min) : product
    }
}

/// A part of a template that does something.
indirect enum Statement: Sendable {
    case output([Piece])
    case condition([Branch], otherwise: [Statement])
    case loop(Loop)
    case assign(Target, Expression)
    case assignBlock(AssignBlock)
    case macro(MacroDefinition)
    case call(CallBlock)
    case filter(FilterBlock)
    case with(With)
    case block(Block)
    case evaluate(Expression)
    case escape(EscapeScope)
    case interrupt(Interruption, offset: Int)
    /// `include`, `import` and `extends`: there is no other template, so doing one fails. `names` are those it would
    /// have assigned.
    case otherTemplate(tag: String, template: Expression, names: [VariableMention], offset: Int)

    enum Piece: Sendable {
        case text(Text)
        case value(Expression)
    }

    struct Branch: Sendable {
        var test: Expression, body: [Statement]
    }

    enum Interruption: Sendable {
        case leave, next
    }
}

/// A variable that a statement assigns.
struct VariableMention: Sendable {
    var name: Text
    /// Which of the template's mentions of variables this is.
    var mention: Int
    var offset: Int
}

/// What is assigned to.
indirect enum Target: Sendable {
    case name(VariableMention)
    case tuple([Target], offset: Int)
    case attribute(VariableMention, Text)

    var names: [VariableMention] {
        switch self {
        case .name(let variable): [variable]
        case .tuple(let targets, _): targets.flatMap(\.names)
        case .attribute: []
        }
    }
}

final class Loop: Sendable {
    let target: Target
    let iterable: Expression
    let body: [Statement]
    let otherwise: [Statement]
    let test: Expression?
    /// The target again, as the function sees it that tests the items.
    let testTarget: Target?
    let isRecursive: Bool
    let offset: Int
    /// Which of the template's scopes this is; the ones for `else` and for the test come behind.
    let scope: Int
    /// `loop`, as the body sees it.
    let loopVariable: VariableMention

    init(
        target: Target, iterable: Expression, body: [Statement], otherwise: [Statement], test: Expression?,
        testTarget: Target?, isRecursive: Bool, offset: Int, scope: Int, loopVariable: VariableMention
    ) {
        self.target = target
        self.iterable = iterable
        self.body = body
        self.otherwise = otherwise
        self.test = test
        self.testTarget = testTarget
        self.isRecursive = isRecursive
        self.offset = offset
        self.scope = scope
        self.loopVariable = loopVariable
    }
}

/// `{% set x %}…{% endset %}`.
struct AssignBlock: Sendable {
    var target: Target, filter: Expression?, body: [Statement], offset: Int, scope: Int
}

/// A macro, or the body of a `call` block, which has no name.
final class MacroDefinition: Sendable {
    struct Parameter: Sendable {
        var variable: VariableMention, defaultValue: Expression?
    }

    let name: VariableMention?
    let parameters: [Parameter]
    let body: [Statement]
    let offset: Int
    let scope: Int
    /// `caller`, `kwargs` and `varargs`, as the body sees them.
    let special: [VariableMention]

    init(
        name: VariableMention?, parameters: [Parameter], body: [Statement], offset: Int, scope: Int,
        special: [VariableMention]
    ) {
        self.name = name
        self.parameters = parameters
        self.body = body
        self.offset = offset
        self.scope = scope
        self.special = special
    }
}

struct CallBlock: Sendable {
    var call: Expression, caller: MacroDefinition, offset: Int
}

struct FilterBlock: Sendable {
    var filter: Expression, body: [Statement], scope: Int
}

struct With: Sendable {
    var targets: [Target], values: [Expression], body: [Statement], scope: Int
}

final class Block: Sendable {
    let name: Text
    let body: [Statement]
    let isScoped: Bool
    let isRequired: Bool
    let offset: Int
    let scope: Int
    /// `self` and `super`, as the body sees them.
    let special: [VariableMention]

    init(
        name: Text, body: [Statement], isScoped: Bool, isRequired: Bool, offset: Int, scope: Int,
        special: [VariableMention]
    ) {
        self.name = name
        self.body = body
        self.isScoped = isScoped
        self.isRequired = isRequired
        self.offset = offset
        self.scope = scope
        self.special = special
    }
}

/// `{% autoescape … %}`.
struct EscapeScope: Sendable {
    var isOn: Expression, body: [Statement], scope: Int
}

/// A variable of a scope: the same name is another one further in.
struct Variable: Hashable {
    /// The function whose slots hold it.
    var function: Int
    /// How many scopes stand around its own.
    var level: Int
    var name: Text
}

/// The variables a scope knows, found as Jinja finds them before anything is rendered: a name that is assigned
/// somewhere in a scope is the scope's own from its beginning on, and begins with the outer one's value.
final class Symbols {
    enum Load {
        case parameter
        case resolve
        case alias(Variable)
        case undefined
    }

    let level: Int
    let function: Int
    let parent: Symbols?
    private(set) var variables: [Text: Variable] = [:]
    private(set) var loads: [Variable: Load] = [:]
    private(set) var stores: Set<Text> = []

    init(parent: Symbols?, function: Int) {
        self.parent = parent
        self.function = function
        level = parent.map { $0.level + 1 } ?? 0
    }

    /// A branch of a condition begins with what is known before it.
    init(copying other: Symbols) {
        parent = other.parent
        function = other.function
        level = other.level
        variables = other.variables
        loads = other.loads
        stores = other.stores
    }

    var size: Int { variables.count + loads.count + stores.count }

    func variable(_ name: Text) -> Variable? {
        var symbols: Symbols? = self
        while let current = symbols {
            if let variable = current.variables[name] { return variable }
            symbols = current.parent
        }
        return nil
    }

    private func define(_ name: Text, _ load: Load) {
        let variable = Variable(function: function, level: level, name: name)
        variables[name] = variable
        loads[variable] = load
    }

    func store(_ name: Text) {
        stores.insert(name)
        guard variables[name] == nil else { return }
        if let outer = parent?.variable(name) { define(name, .alias(outer)) } else { define(name, .undefined) }
    }

    func declareParameter(_ name: Text) {
        stores.insert(name)
        define(name, .parameter)
    }

    func load(_ name: Text) {
        if variable(name) == nil { define(name, .resolve) }
    }

    /// After a condition: what only some branches assign keeps, in the others, the value it had before.
    func merge(_ branches: [Symbols]) {
        var stored: Set<Text> = []
        for branch in branches { stored.formUnion(branch.stores) }
        stored.subtract(stores)
        for branch in branches {
            variables.merge(branch.variables) { $1 }
            loads.merge(branch.loads) { $1 }
            stores.formUnion(branch.stores)
        }
        for name in stored {
            guard let target = variable(name) else { continue }
            loads[target] = parent?.variable(name).map { .alias($0) } ?? .resolve
        }
    }
}

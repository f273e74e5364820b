import JSON

/// Whether a value that a schema lists satisfies what else it says.
extension SchemaCompiler {
    mutating func accepts(_ value: JSONValue, demands: [SchemaDemand], at path: String, depth: Int = 0)
        throws(JSONSchemaError) -> Bool
    {
        guard depth < 64 else {
            throw JSONSchemaError(path: path, keyword: nil, problem: "is too large or too deep")
        }
        let (form, shape) = try reading(demands)
        if form.isNever { return false }
        if let listed = shape.identities, !listed.contains(value.identity) { return false }
        guard try accepts(value, shape, at: path, depth: depth) else { return false }
        for choice in form.choices {
            var count = 0
            for alternative in choice.alternatives
            where try accepts(value, demands: alternative, at: path, depth: depth + 1) {
                count += 1
            }
            guard choice.isExclusive ? count == 1 : count > 0 else { return false }
        }
        return true
    }

    private static let mostReadings = 1000

    private mutating func reading(_ demands: [SchemaDemand]) throws(JSONSchemaError) -> (SchemaForm, SchemaShape) {
        let key = demands.map(\.key).joined(separator: "\n")
        if let known = readings[key] { return known }
        let form = try SchemaForm(demands, references), shape = try SchemaShape(form.isNever ? [] : form.plain)
        if readings.count >= Self.mostReadings { readings.removeAll() }
        readings[key] = (form, shape)
        return (form, shape)
    }

    /// The same of a shape, but for the values it lists.
    mutating func accepts(_ value: JSONValue, _ shape: SchemaShape, at path: String, depth: Int = 0)
        throws(JSONSchemaError) -> Bool
    {
        let types = shape.isTyped ? shape.types : .all
        switch value {
        case .null: return types.contains(.null)
        case .bool: return types.contains(.boolean)
        case .number(let text):
            guard let number = DecimalNumber(text) else { return false }
            return types.contains(number.isWhole ? .integer : .fraction) && Self.accepts(number, shape)
        case .string(let text):
            let count = text.unicodeScalars.count
            guard types.contains(.string), count >= shape.length.least, count <= shape.length.most else { return false }
            let forms = shape.patterns.map(\.text) + shape.formats.map { Formats.pattern($0.text)!.pattern }
            if forms.isEmpty { return true }
            return (try language(of: shape, forms, at: path)?.label(of: text) ?? -1) >= 0
        case .array(let items):
            guard types.contains(.array), items.count >= shape.items.least, items.count <= shape.items.most else {
                return false
            }
            if shape.distinctPath != nil, Set(items.map(\.identity)).count < items.count { return false }
            for part in shape.arrays {
                for (i, item) in items.enumerated() {
                    guard let demand = i < part.prefix.count ? part.prefix[i] : part.rest else { continue }
                    guard try accepts(item, demands: [demand], at: path, depth: depth + 1) else { return false }
                }
            }
            return true
        case .object(let members):
            return types.contains(.object) ? try accepts(members, shape, at: path, depth) : false
        }
    }

    private static func accepts(_ number: DecimalNumber, _ shape: SchemaShape) -> Bool {
        if let least = shape.least, number < least.value || number == least.value && least.isExclusive { return false }
        if let most = shape.most, number > most.value || number == most.value && most.isExclusive { return false }
        return shape.multiples.allSatisfy { multiple in
            let places = max(number.places, multiple.value.places)
            guard let units = number.units(places: places), let step = multiple.value.units(places: places) else {
                return false
            }
            return units.value % step.value == 0
        }
    }

    private mutating func accepts(
        _ members: [JSONValue.Member], _ shape: SchemaShape, at path: String, _ depth: Int
    ) throws(JSONSchemaError) -> Bool {
        let names = Set(members.map(\.name))
        guard names.count >= shape.properties.least, names.count <= shape.properties.most,
            names.isSuperset(of: shape.required), names.isDisjoint(with: shape.forbidden)
        else { return false }
        for member in members {
            var demandsOfAll: [[SchemaDemand]] = [], isDescribed = false
            for part in shape.objects {
                var demands = part.places[member.name].map { [part.properties[$0].demand] } ?? []
                for (text, demand) in part.patterns {
                    let isFound = try language(of: shape, [text], at: path)?.label(of: member.name) ?? -1
                    if isFound >= 0 { demands.append(demand) }
                }
                isDescribed = isDescribed || !demands.isEmpty
                if demands.isEmpty, let additional = part.additional { demands.append(additional) }
                demandsOfAll.append(demands)
            }
            if !isDescribed { demandsOfAll.append(shape.unevaluated) }
            for demands in demandsOfAll where !demands.isEmpty {
                guard try accepts(member.value, demands: demands, at: path, depth: depth + 1) else { return false }
            }
            if shape.names.isEmpty { continue }
            guard try accepts(.string(member.name), demands: shape.names, at: path, depth: depth + 1) else {
                return false
            }
        }
        return true
    }
}

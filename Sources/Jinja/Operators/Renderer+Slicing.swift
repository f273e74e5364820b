extension Renderer {
    /// `object[start:stop:step]`.
    func slice(_ object: Object, start: Object, stop: Object, step: Object) throws(Failure) -> Object {
        let count: Int
        switch object {
        case .string(let text): count = text.count
        case .list(let items), .tuple(let items): count = items.objects.count
        case .range(let range): count = range.count
        case .undefined(let undefined): throw undefined.failure
        default: throw Failure(.type, "a \(object.typeName) cannot be sliced")
        }
        let range = try sliceRange(count, start, stop, step)
        switch object {
        case .string(let text): return try string(slice(text, range))
        case .list(let items): return try list(slice(items.objects, range))
        case .tuple(let items): return try tuple(slice(items.objects, range))
        case .range(let whole):
            func value(_ position: Int) -> Int {
                whole.start.addingSaturating(position.multiplyingSaturating(whole.step))
            }
            return .range(
                RangeObject(
                    start: value(range.start), stop: value(range.stop),
                    step: whole.step.multiplyingSaturating(range.step), count: range.count))
        default: return .none
        }
    }

    /// The positions that a slice of `count` items takes, as Python finds them.
    private func sliceRange(
        _ count: Int, _ start: Object, _ stop: Object, _ step: Object
    ) throws(Failure) -> RangeObject {
        func bound(_ object: Object, _ missing: Int, _ range: ClosedRange<Int>) throws(Failure) -> Int {
            if object.isNone { return missing }
            guard let value = object.index else {
                if case .undefined(let undefined) = object { throw undefined.failure }
                throw Failure(.type, "a slice goes from and to whole numbers, not a \(object.typeName)")
            }
            let position = value < 0 ? value.addingSaturating(count) : value
            return min(max(position, range.lowerBound), range.upperBound)
        }
        let step = step.isNone ? 1 : step.index ?? 0
        guard step != 0 else { throw Failure(.value, "a slice's step must be a whole number other than 0") }
        let isForward = step > 0, range = isForward ? 0...count : -1...count - 1
        let first = try bound(start, isForward ? 0 : count - 1, range)
        let last = try bound(stop, isForward ? count : -1, range)
        let distance = isForward ? last - first : first - last
        let stride = step == .min ? Int.max : abs(step)
        let length = distance > 0 ? (distance - 1) / stride + 1 : 0
        return RangeObject(start: first, stop: last, step: step, count: length)
    }

    private func slice(_ objects: [Object], _ range: RangeObject) throws(Failure) -> [Object] {
        if range.step == 1 { return Array(objects[range.start..<range.start + range.count]) }
        try budget.allocate(range.count * 32)
        return (0..<range.count).map { objects[range[$0]] }
    }

    private func slice(_ text: Text, _ range: RangeObject) throws(Failure) -> Text {
        try budget.scan(text.bytes.count)
        guard range.count > 0 else { return Text.empty.asMarkup(text.isMarkup) }
        if range.step == 1 { return text.slice(scalars: range.start..<range.start + range.count) }
        try budget.allocate(text.count * 8)
        let offsets = text.scalars.map(\.offset)
        var builder = TextBuilder()
        for i in 0..<range.count {
            let offset = offsets[range[i]]
            builder.append(text, offset..<offset + Text.width(ofLead: text.bytes[offset]))
        }
        return builder.text(isMarkup: text.isMarkup)
    }
}

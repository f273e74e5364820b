extension Renderer {
    /// Items in the order of their keys; those with equal keys stay in theirs, also where the order is reversed.
    func sorted<Item>(
        _ items: [Item], reversed: Bool = false, by key: (Item) throws(Failure) -> Object
    ) throws(Failure) -> [Item] {
        try budget.allocate(items.count * 96)
        var keys: [Object] = []
        for item in items { keys.append(try key(item)) }
        var order = Array(items.indices), other = order, width = 1
        while width < order.count {
            var start = 0
            while start < order.count {
                let middle = min(start + width, order.count), end = min(start + 2 * width, order.count)
                var left = start, right = middle
                for place in start..<end {
                    var takesLeft = right == end
                    if left < middle, right < end {
                        let (a, b) = (keys[order[left]], keys[order[right]])
                        takesLeft = try !(reversed ? isLess(a, b) : isLess(b, a))
                    }
                    if left < middle, takesLeft {
                        other[place] = order[left]
                        left += 1
                    } else {
                        other[place] = order[right]
                        right += 1
                    }
                }
                start = end
            }
            swap(&order, &other)
            width *= 2
        }
        return order.map { items[$0] }
    }

    func isLess(_ a: Object, _ b: Object) throws(Failure) -> Bool {
        try budget.step()
        return try holds(.less, a, b)
    }
}

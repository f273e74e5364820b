/// A binary heap that yields the smallest number first.
struct MinHeap {
    private var items: [UInt64] = []

    var min: UInt64? { items.first }

    mutating func insert(_ item: UInt64) {
        items.append(item)
        var index = items.count - 1
        while index > 0, items[(index - 1) / 2] > item {
            items[index] = items[(index - 1) / 2]
            index = (index - 1) / 2
        }
        items[index] = item
    }

    mutating func popMin() -> UInt64? {
        guard let last = items.popLast() else { return nil }
        guard let least = items.first else { return last }
        // `last` sinks from the root until no child is smaller.
        var index = 0
        while true {
            var child = 2 * index + 1
            if child >= items.count { break }
            if child + 1 < items.count, items[child + 1] < items[child] { child += 1 }
            if items[child] >= last { break }
            items[index] = items[child]
            index = child
        }
        items[index] = last
        return least
    }
}

extension [NodeFacts] {
    /// The same nodes, with the differences taken out that measuring makes by itself.
    ///
    /// Two measurements of one machine differ by some hundredths. A plan that follows such differences moves layers
    /// back and forth, and gives one of two equal nodes nearly all of them. So nodes whose speeds lie within `noise` of
    /// each other get their mean, and links that are alike within half get theirs.
    public func leveled(noise: Double = 0.12, links: Double = 0.5) -> [NodeFacts] {
        var facts = self
        func level(_ value: WritableKeyPath<NodeFacts, Double>, _ noise: Double) {
            let order = facts.indices.sorted { facts[$0][keyPath: value] < facts[$1][keyPath: value] }
            var group: [Int] = []
            func close() {
                let mean = group.reduce(0) { $0 + facts[$1][keyPath: value] } / Double(group.count)
                for i in group where group.count > 1 { facts[i][keyPath: value] = mean }
                group = []
            }
            for i in order {
                if let first = group.first, facts[i][keyPath: value] > facts[first][keyPath: value] * (1 + noise) {
                    close()
                }
                group.append(i)
            }
            if !group.isEmpty { close() }
        }
        level(\.weightBandwidth, noise)
        level(\.multiplyAddRate, noise)
        level(\.link.roundTrip, links)
        level(\.link.throughput, links)
        return facts
    }
}

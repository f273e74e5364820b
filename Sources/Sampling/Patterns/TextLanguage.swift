/// A set of texts as a deterministic automaton over classes of characters, each text with a label. From every state a
/// text of the set is reached.
final class TextLanguage: Sendable {
    let classes: CharacterClasses
    /// [state * classes.count + class], the first state is 0; -1: no text goes on so.
    let transitions: [Int32]
    /// The label of the text that ends in a state; -1: none does.
    let labels: [Int32]
    /// The fewest and the most characters from a state to a text's end; `unlimited`: any number.
    let shortest: [Int32], longest: [Int32]
    /// How the characters are spelled.
    let spelling: Spelling

    static let unlimited = Int32.max

    /// All texts.
    static let all: TextLanguage = {
        // One set and no pattern cannot be too large.
        let classes = try! CharacterClasses(of: [])
        return TextLanguage(classes, [0], [0], escapes: true)!
    }()

    /// Takes the states from which a text's end is reached; nil when the first is none of them.
    init?(_ classes: CharacterClasses, _ transitions: [Int32], _ labels: [Int32], escapes: Bool) {
        let width = classes.count
        let live = Automata.reaching(labels.map { $0 >= 0 }, transitions, width)
        guard live.first == true else { return nil }
        var numbers = [Int32](repeating: -1, count: labels.count), order: [Int] = [0], done = 0
        numbers[0] = 0
        var kept: [Int32] = []
        while done < order.count {
            for index in 0..<width {
                let target = transitions[order[done] * width + index]
                guard target >= 0, live[Int(target)] else {
                    kept.append(-1)
                    continue
                }
                if numbers[Int(target)] < 0 {
                    numbers[Int(target)] = Int32(order.count)
                    order.append(Int(target))
                }
                kept.append(numbers[Int(target)])
            }
            done += 1
        }
        self.classes = classes
        self.transitions = kept
        self.labels = order.map { labels[$0] }
        (shortest, longest) = Self.lengths(kept, self.labels, width)
        spelling = Spelling(classes, escapes: escapes)
    }

    private static func lengths(_ transitions: [Int32], _ labels: [Int32], _ width: Int) -> ([Int32], [Int32]) {
        let count = labels.count
        var targets: [[Int32]] = [], sources = [[Int32]](repeating: [], count: count)
        for state in 0..<count {
            let all = Set(transitions[state * width..<(state + 1) * width]).filter { $0 >= 0 }
            targets.append(Array(all))
            for target in all { sources[Int(target)].append(Int32(state)) }
        }
        var shortest = [Int32](repeating: unlimited, count: count), layer = labels.indices.filter { labels[$0] >= 0 }
        for state in layer { shortest[state] = 0 }
        var steps: Int32 = 0
        while !layer.isEmpty {
            steps += 1
            var next: [Int] = []
            for state in layer {
                for source in sources[state] where shortest[Int(source)] == unlimited {
                    shortest[Int(source)] = steps
                    next.append(Int(source))
                }
            }
            layer = next
        }
        // From the states without successors upwards; what is left over leads into a circle.
        var longest = [Int32](repeating: unlimited, count: count), open = targets.map(\.count)
        var ready = (0..<count).filter { open[$0] == 0 }
        while let state = ready.popLast() {
            longest[state] = targets[state].map { longest[Int($0)] + 1 }.max() ?? 0
            for source in sources[state] {
                open[Int(source)] -= 1
                if open[Int(source)] == 0 { ready.append(Int(source)) }
            }
        }
        return (shortest, longest)
    }

    /// The label of a text; -1 when it is not in the set.
    func label(of text: String) -> Int32 {
        var state: Int32 = 0
        for scalar in text.unicodeScalars {
            state = transitions[Int(state) * classes.count + Int(classes.index(of: scalar.value))]
            if state < 0 { return -1 }
        }
        return labels[Int(state)]
    }

    /// How many texts go on from each state, spelled without escapes; `Int.max`: without end, or more than 2^40.
    func capacities() -> [Int] {
        var sizes = [Int](repeating: 0, count: classes.count)
        for interval in classes.intervals {
            sizes[Int(interval.index)] += interval.range.count { Spelling.isPlain($0) }
        }
        var result = [Int](repeating: Int.max, count: labels.count)
        // A longer way to the end first: then what follows is known.
        for state in labels.indices.filter({ longest[$0] != Self.unlimited }).sorted(by: { longest[$0] < longest[$1] })
        {
            var sum = labels[state] >= 0 ? 1 : 0
            for index in sizes.indices {
                let target = transitions[state * classes.count + index]
                guard target >= 0, sizes[index] > 0, result[Int(target)] > 0 else { continue }
                let (product, overflow) = result[Int(target)].multipliedReportingOverflow(by: sizes[index])
                sum = overflow || product > 1 << 40 || sum > 1 << 40 ? Int.max : sum + product
                if sum == Int.max { break }
            }
            result[state] = sum
        }
        return result
    }

    /// The texts whose labels are among `kept`; nil when there are none.
    func keeping(_ kept: Set<Int32>, escapes: Bool) -> TextLanguage? {
        TextLanguage(classes, transitions, labels.map { kept.contains($0) ? $0 : -1 }, escapes: escapes)
    }
}

extension TextLanguage: Equatable {
    static func == (a: TextLanguage, b: TextLanguage) -> Bool {
        a === b || a.transitions == b.transitions && a.labels == b.labels && a.spelling.table == b.spelling.table
    }
}

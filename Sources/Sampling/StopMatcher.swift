/// Finds stop strings in text that arrives in pieces.
///
/// Text that may begin a stop string is held back until it is certain; no part of a stop string is ever returned. The
/// result does not depend on how the text is divided. The stop string that is complete first ends the text; if several
/// are complete at the same byte, the longest counts. Bytes are compared, not characters.
public struct StopMatcher: Sendable {
    /// The output for one piece.
    public struct Output: Sendable, Equatable {
        /// Text that is safe to show.
        public var text: String
        /// The stop string that is complete; no more text follows it.
        public var stop: String?

        /// An output with the given text.
        public init(text: String, stop: String? = nil) {
            self.text = text
            self.stop = stop
        }
    }

    /// A stop string as a Knuth-Morris-Pratt automaton: the text so far ends with its first `matched` bytes.
    private struct Automaton {
        let stop: [UInt8]
        let fallback: [Int]  // [i]: length of the longest proper prefix of stop[..<i + 1] that also ends it
        var matched = 0

        init(_ text: String) {
            stop = Array(text.utf8)
            var table = [0]
            var length = 0
            for byte in stop.dropFirst() {
                while length > 0, stop[length] != byte { length = table[length - 1] }
                if stop[length] == byte { length += 1 }
                table.append(length)
            }
            fallback = table
        }

        mutating func take(_ byte: UInt8) {
            if matched == stop.count { matched = fallback[matched - 1] }
            while matched > 0, stop[matched] != byte { matched = fallback[matched - 1] }
            if stop[matched] == byte { matched += 1 }
        }
    }

    private var automata: [Automaton]
    private var held: [UInt8] = []
    /// The stop string that was found; nil so far.
    public private(set) var found: String?

    /// A matcher for any of `stops`; empty ones are ignored.
    public init(_ stops: [String]) {
        automata = stops.filter { !$0.isEmpty }.map { Automaton($0) }
    }

    /// Adds the next piece; returns the text that may be shown.
    public mutating func push(_ piece: String) -> Output {
        guard found == nil else { return Output(text: "", stop: found) }
        guard !automata.isEmpty else { return Output(text: piece) }
        for byte in piece.utf8 {
            held.append(byte)
            var complete: Int?
            for i in automata.indices {
                automata[i].take(byte)
                if automata[i].matched == automata[i].stop.count,
                    automata[i].matched > (complete.map { automata[$0].stop.count } ?? 0)
                {
                    complete = i
                }
            }
            if let complete {
                let stop = automata[complete].stop
                let text = String(decoding: held.dropLast(stop.count), as: UTF8.self)
                found = String(decoding: stop, as: UTF8.self)
                held = []
                return Output(text: text, stop: found)
            }
        }
        // What is held back begins with the first byte of a stop string, so no character is split here.
        let possible = automata.reduce(0) { max($0, $1.matched) }
        let text = String(decoding: held.dropLast(possible), as: UTF8.self)
        held.removeFirst(held.count - possible)
        return Output(text: text)
    }

    /// Returns the text held back; to be called when no more will come.
    public mutating func flush() -> String {
        defer { held = [] }
        return String(decoding: held, as: UTF8.self)
    }
}

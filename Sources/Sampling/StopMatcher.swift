/// Finds stop strings in text that arrives in pieces.
///
/// Text that may be the beginning of a stop string is held back until it is known not to be; nothing of a stop string
/// is ever handed out. The result does not depend on where the pieces are cut. The stop string that is complete first
/// ends the text; of several complete at the same byte, the longest. Compares bytes, not characters that look alike.
public struct StopMatcher: Sendable {
    /// What came out of a piece.
    public struct Output: Sendable, Equatable {
        /// Text that is safe to show.
        public var text: String
        /// The stop string that is complete now; nothing more comes out after it.
        public var stop: String?

        /// An output.
        public init(text: String, stop: String? = nil) {
            self.text = text
            self.stop = stop
        }
    }

    /// A stop string as a Knuth-Morris-Pratt automaton: `matched` bytes of it end the text so far.
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
    /// The stop string that was found, if any.
    public private(set) var found: String?

    /// Looks for any of `stops`; empty ones are ignored.
    public init(_ stops: [String]) {
        automata = stops.filter { !$0.isEmpty }.map { Automaton($0) }
    }

    /// Takes the next piece and tells what may be shown.
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
        // What may yet become a stop string begins with its first byte, so the cut never splits a character's bytes.
        let possible = automata.reduce(0) { max($0, $1.matched) }
        let text = String(decoding: held.dropLast(possible), as: UTF8.self)
        held.removeFirst(held.count - possible)
        return Output(text: text)
    }

    /// The text still held back, when no more will come.
    public mutating func flush() -> String {
        defer { held = [] }
        return String(decoding: held, as: UTF8.self)
    }
}

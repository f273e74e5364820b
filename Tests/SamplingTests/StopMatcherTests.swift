import Testing

@testable import Sampling

struct StopMatcherTests {
    /// The text returned for all pieces, and the stop string found.
    static func run(_ stops: [String], _ pieces: [String]) -> StopMatcher.Output {
        var matcher = StopMatcher(stops)
        var text = ""
        for piece in pieces {
            let output = matcher.push(piece)
            text += output.text
            if output.stop != nil { break }
        }
        return StopMatcher.Output(text: text + matcher.flush(), stop: matcher.found)
    }

    @Test(
        arguments: [
            (["END"], "one END two", "one ", "END"), (["END"], "one EN", "one EN", nil),
            (["END"], "EEEND", "EE", "END"),
            (["abab"], "aababab", "a", "abab"), (["aab"], "aaaab", "aa", "aab"), (["b", "ab"], "xab", "x", "ab"),
            (["abcd", "bc"], "abcd", "a", "bc"), ([""], "text", "text", nil), ([], "text", "text", nil),
            (["\n\n"], "a\n\nb", "a", "\n\n"), (["水火"], "山水水火土", "山水", "水火"), (["é"], "e\u{301}é", "e\u{301}", "é"),
            (["<|im_end|>", "<|im"], "hi<|im_end|>", "hi", "<|im"), (["x"], "", "", nil),
        ] as [([String], String, String, String?)])
    func stopsWhereverThePiecesAreCut(_ stops: [String], _ text: String, _ shown: String, _ stop: String?) {
        let expected = StopMatcher.Output(text: shown, stop: stop)
        let scalars = text.unicodeScalars.map { String($0) }
        #expect(Self.run(stops, [text]) == expected)
        #expect(Self.run(stops, scalars) == expected)
        for cut in 0...scalars.count {
            #expect(Self.run(stops, [scalars[..<cut].joined(), scalars[cut...].joined()]) == expected)
        }
    }

    @Test func holdsBackOnlyWhatMayBecomeAStopString() {
        var matcher = StopMatcher(["STOP"])
        #expect(matcher.push("no ST") == .init(text: "no "))
        #expect(matcher.push("ART") == .init(text: "START"))
        #expect(matcher.push("STO") == .init(text: ""))
        #expect(matcher.push("P and more") == .init(text: "", stop: "STOP"))
        #expect(matcher.push("late") == .init(text: "", stop: "STOP"))
        #expect(matcher.flush() == "")
    }

    @Test func neverShowsAStopString() {
        var numbers = SeededNumbers(3)
        for _ in 0..<3000 {
            func word(_ most: Int) -> String {
                String(
                    (0..<Int.random(in: 1...most, using: &numbers)).map { _ in "abc".randomElement(using: &numbers)! })
            }
            let stops = (0..<Int.random(in: 1...3, using: &numbers)).map { _ in word(5) }
            let pieces = (0..<12).map { _ in word(4) }
            let whole = pieces.joined()
            let output = Self.run(stops, pieces)
            #expect(!stops.contains { contains(output.text, $0) })
            // The returned text and the stop string are the beginning of the whole text; without a stop string, it is
            // returned whole.
            #expect(whole.hasPrefix(output.text + (output.stop ?? "")))
            #expect(output.stop != nil || output.text == whole)
        }
    }

    private func contains(_ text: String, _ part: String) -> Bool {
        let text = Array(text)
        let part = Array(part)
        guard text.count >= part.count else { return false }
        return (0...text.count - part.count).contains { text[$0..<$0 + part.count].elementsEqual(part) }
    }
}

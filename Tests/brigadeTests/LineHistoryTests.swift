import Foundation
import Testing

@testable import brigade

struct LineHistoryTests {
    /// A path in a directory of its own that does not exist yet.
    static func freshPath() -> String {
        FileManager.default.temporaryDirectory.appendingPathComponent("brigade-\(UUID().uuidString)/state/history").path
    }

    @Test func linesComeBackInTheNextProcess() throws {
        let path = Self.freshPath()
        var history = LineHistory(path: path)
        for line in ["one", "two\nlines", "back\\slash \\n", "水"] { history.add(line) }
        #expect(LineHistory(path: path).lines == ["one", "two\nlines", "back\\slash \\n", "水"])
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600)
    }

    @Test func skipsBlankAndRepeatedLines() {
        var history = LineHistory(path: nil)
        for line in ["", "  ", "a", "a", "b", "a"] { history.add(line) }
        #expect(history.lines == ["a", "b", "a"])
        history.isEnabled = false
        history.add("c")
        #expect(history.lines == ["a", "b", "a"])
    }

    @Test func keepsTheLatestThousand() throws {
        let path = Self.freshPath()
        var history = LineHistory(path: path)
        for i in 0..<1200 { history.add("line \(i)") }
        #expect(history.lines.count == 1000)
        #expect(LineHistory(path: path).lines.first == "line 200")
        // Opening it has shortened the file.
        let text = try String(contentsOfFile: path, encoding: .utf8)
        #expect(text.split(separator: "\n").count == 1000)
    }

    @Test func twoChatsAtOnceLoseNothing() {
        let path = Self.freshPath()
        var one = LineHistory(path: path)
        var two = LineHistory(path: path)
        one.add("from one")
        two.add("from two")
        one.add("more from one")
        #expect(LineHistory(path: path).lines == ["from one", "from two", "more from one"])
    }

    @Test func aPlaceThatCannotBeWrittenDisturbsNobody() {
        var history = LineHistory(path: "/dev/null/history")
        history.add("kept")
        #expect(history.lines == ["kept"])
    }
}

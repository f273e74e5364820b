import Foundation
import Testing
import TinyModel

/// `brigade run --save-session` and `--load-session` over real processes.
@Suite(.serialized, .enabled(if: CommandLineTests.isPossible), .timeLimit(.minutes(2)))
struct SessionCommandTests {
    static let folder = CommandLineTests.folder + "/sessions"

    static func run(_ question: String, _ options: [String]) throws -> CommandLineTests.Outcome {
        try CommandLineTests.run(
            [
                "run", TinyModel.path(), question, "--threads", "1", "--temperature", "0", "--num-predict", "20",
                "--verbose", "--no-guess",
            ] + options,
            environment: ["XDG_CACHE_HOME": folder])
    }

    static let document = (0..<40).map { "hello world, line \($0) of many\n" }.joined()

    @Test func aConversationGoesOnAfterEverythingWasStopped() throws {
        defer { try? FileManager.default.removeItem(atPath: Self.folder) }
        try FileManager.default.createDirectory(atPath: Self.folder, withIntermediateDirectories: true)
        let file = Self.folder + "/first.session"
        let saved = try Self.run(Self.document, ["--nodes", "2", "--save-session", file])
        #expect(
            saved.status == 0 && saved.errors.contains("tokens saved to \(file), keys and values of "),
            "\(saved.errors)")

        let here = try Self.run("hello", ["--nodes", "2", "--load-session", file])
        #expect(here.status == 0 && here.errors.contains("tokens were read back for \(file)\n"), "\(here.errors)")
        let known = try #require(here.errors.firstMatch(of: /session: (\d+) of (\d+) tokens/)).output
        // The answer's own text may be cut into other tokens when it is part of a prompt.
        let reused = try #require(here.errors.firstMatch(of: /\((\d+) more from the prefix cache\)/)).output.1
        #expect(Int(reused)! > Int(known.1)! - 64 && Int(known.1)! > 256, "\(here.errors)")

        // Without the workers' files, and with other settings: the same answer, only later.
        let blocks = Self.folder + "/brigade/slices/sessions"
        #expect(try FileManager.default.contentsOfDirectory(atPath: blocks).count == 1)
        let other = try Self.run("hello", ["--nodes", "3", "--load-session", file])
        #expect(
            other.output == here.output && other.errors.contains("(\(reused) more from the prefix cache)"),
            "\(other.errors)")
        let type = try Self.run("hello", ["--nodes", "2", "--load-session", file, "--kv", "q8_0"])
        #expect(type.status == 0 && type.errors.contains("session: 0 of \(known.2) tokens"), "\(type.errors)")
        #expect(
            type.errors.contains("Start with --kv f16 to read them back")
                && !type.errors.contains("more from the prefix cache"),
            "\(type.errors)")

        // A session that is saved again takes the place of the one before.
        let again = try Self.run("hello", ["--nodes", "2", "--load-session", file, "--save-session", file])
        #expect(again.output == here.output)
        #expect(try FileManager.default.contentsOfDirectory(atPath: blocks).count == 1)
        try FileManager.default.removeItem(atPath: blocks)
        let without = try Self.run("hello", ["--nodes", "2", "--load-session", file])
        #expect(
            without.status == 0 && without.errors.contains("session: 0 of")
                && without.errors.contains("has no keys and values of layer"), "\(without.errors)")
    }

    @Test func whatWasSaidBeforeATurnFailedIsSaved() throws {
        defer { try? FileManager.default.removeItem(atPath: Self.folder) }
        try FileManager.default.createDirectory(atPath: Self.folder, withIntermediateDirectories: true)
        let first = Self.folder + "/first.session", second = Self.folder + "/second.session",
            third = Self.folder + "/third.session"
        #expect(try Self.run("hello", ["--save-session", first]).status == 0)
        let tooLong = Self.document + Self.document + Self.document
        let failed = try Self.run(tooLong, ["--load-session", first, "--save-session", second, "--num-ctx", "512"])
        #expect(failed.status != 0 && failed.errors.contains("tokens saved to \(second)"), "\(failed.errors)")
        #expect(failed.errors.components(separatedBy: "Error: ").count == 2, "\(failed.errors)")
        let again = try Self.run("hello", ["--load-session", second, "--save-session", third])
        #expect(again.status == 0, "\(again.errors)")
        func messages(_ path: String) throws -> Int {
            try #require(
                JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: path))) as? [String: Any]
            ).filter { $0.key == "messages" }
                .values.map { ($0 as? [Any])?.count ?? 0 }.reduce(0, +)
        }
        #expect(try messages(second) == 2 && messages(third) == 4)
        // Where nothing was said before, there is nothing to save.
        let empty = try Self.run(tooLong, ["--save-session", Self.folder + "/none.session", "--num-ctx", "512"])
        #expect(
            empty.status != 0 && !FileManager.default.fileExists(atPath: Self.folder + "/none.session"),
            "\(empty.errors)")
    }

    @Test func aSessionThatCannotBeUsedIsRefusedAtOnce() throws {
        defer { try? FileManager.default.removeItem(atPath: Self.folder) }
        try FileManager.default.createDirectory(atPath: Self.folder, withIntermediateDirectories: true)
        let nowhere = try Self.run("hello", ["--load-session", Self.folder + "/nowhere"])
        #expect(nowhere.status != 0 && nowhere.errors.contains("there is no session at"), "\(nowhere.errors)")
        let file = Self.folder + "/other.session"
        let saved = try Self.run("hello", ["--save-session", file])
        #expect(saved.status == 0)
        let other = try CommandLineTests.run([
            "run", TinyModel.path(layers: 2, seed: 5), "hello", "--load-session", file,
        ])
        #expect(other.status != 0 && other.errors.contains("belongs to another model"), "\(other.errors)")
        try Data("{".utf8).write(to: URL(fileURLWithPath: file))
        let damaged = try Self.run("hello", ["--load-session", file])
        #expect(damaged.status != 0 && damaged.errors.contains("is no session"), "\(damaged.errors)")
        // Where nothing can be written nothing is begun.
        for (path, words) in [("/no/such/directory", "there is no directory"), ("", "that is a directory")] {
            let unwritable = try Self.run("hello", ["--save-session", Self.folder + path])
            #expect(unwritable.status != 0 && unwritable.output.isEmpty, "\(unwritable.errors)")
            #expect(
                unwritable.errors.contains("cannot be written to") && unwritable.errors.contains(words),
                "\(unwritable.errors)")
        }
    }
}

import Foundation
import Messaging
import ModelStore
import Testing

@testable import Launch

/// Runs the scripts on this machine, in the same shell as on a node.
@Suite(.serialized, .timeLimit(.minutes(1))) struct WorkerScriptTests {
    static let here = ShellHost(ssh: nil, sshConfig: nil)

    @Test(arguments: ["plain", "it's", "a b", "$(reboot) `x` \"y\" \\ *", "-n", "ü ⌘"])
    func quotedTextIsOneWordOfThatText(text: String) async throws {
        let report = try await Self.here.run("printf 'brigade: word %s\\n' \(ShellText.quoted(text))")
        #expect(report.all("word") == [text])
        let path = try await Self.here.run("HOME=/h; printf 'brigade: word %s\\n' \(ShellText.path("~/" + text))")
        #expect(path.all("word") == ["/h/" + text])
    }

    @Test func onlyMarkedLinesAreHeard() {
        let report = ShellHost.Report("Welcome!\nbrigade: a 1 2\n brigade: b\nbrigade: c\n")
        #expect(report["a"] == "1 2" && report["b"] == nil && report["c"] == "")
    }

    @Test func aFailingScriptSaysWhy() async {
        let error = await #expect(throws: LaunchError.self) {
            try await Self.here.run("echo first >&2; echo no such thing >&2; exit 3")
        }
        #expect(error?.description.contains("no such thing") == true)
    }

    @Test func aScriptThatDoesNotEndIsEnded() async {
        let start = ContinuousClock.now
        let error = await #expect(throws: LaunchError.self) {
            try await Self.here.run("exec sleep 50", deadline: .milliseconds(300))
        }
        #expect(error?.description.contains("did not end within") == true)
        #expect(ContinuousClock.now - start < .seconds(20))
    }

    /// Like an ssh that does not find the host: it ends without reading its input.
    @Test func aProgramThatEndsBeforeItReadsTheScriptIsAnError() async {
        let unread = String(repeating: "# nobody reads this\n", count: 50_000)
        for _ in 0..<20 {
            let error = await #expect(throws: LaunchError.self) { try await Self.here.run("exit 3\n" + unread) }
            #expect(error?.description.contains("status 3") == true)
        }
    }

    @Test func aScriptThatIsCancelledAtAnyMomentIsEnded() async {
        for wait in 0..<60 {
            let script = Task { try await Self.here.run("exec sleep 50") }
            try? await Task.sleep(for: .microseconds(wait * 200))
            script.cancel()
            let error = await #expect(throws: LaunchError.self) { try await script.value }
            #expect(error?.description.contains("was stopped") == true)
        }
    }

    /// A temporary folder, a program that acts as a worker (it records its arguments and waits), and the scripts of its
    /// node.
    final class Stand: Sendable {
        let folder = NSTemporaryDirectory() + "brigade it's \(UUID().uuidString)"
        let script: WorkerScript
        var program: String { folder + "/program" }
        var arguments: String { folder + "/arguments" }

        init() throws {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            var node = ClusterFile.Node(name: "n", url: try NodeURL("tcp://[::1]:7750"))
            node.threads = 3
            node.memory = 5 << 30
            node.keepAlive = .forGood
            node.cache = folder + "/cache $x"
            script = WorkerScript(node: node, runtimeName: "trial")
            let text = """
                #!/bin/sh
                if [ "$1" = --version ]; then echo 9.9; exit; fi
                printf '%s\\n' "$@" >\(ShellText.quoted(arguments))
                while :; do sleep 0.05; done

                """
            try text.write(toFile: program, atomically: true, encoding: .utf8)
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program)
        }

        /// Runs a script whose files go to the folder.
        func run(_ text: String) async throws -> ShellHost.Report {
            try await here.run("XDG_CACHE_HOME=\(ShellText.quoted(folder))\n" + text)
        }

        func end() async {
            _ = try? await run(script.stop)
            try? FileManager.default.removeItem(atPath: folder)
        }
    }

    static func withStand(_ body: (Stand) async throws -> Void) async throws {
        let stand = try Stand()
        do { try await body(stand) } catch {
            await stand.end()
            throw error
        }
        await stand.end()
    }

    @Test func aWorkerIsStartedOnceFoundAndStopped() async throws {
        try await Self.withStand { stand in
            let script = stand.script
            let probe = try await stand.run(script.probe(binary: stand.program, copyName: "none"))
            #expect(probe.all("binary") == ["9.9 \(stand.program)"] && probe["running"] == nil)
            #expect(probe["cache"] == stand.folder + "/brigade")
            let process = try #require(
                try await stand.run(script.start(binary: stand.program, model: "/m 1.gguf"))["started"])
            for _ in 0..<200 where !FileManager.default.fileExists(atPath: stand.arguments) {
                try await Task.sleep(for: .milliseconds(20))
            }
            let noted = try String(contentsOfFile: stand.arguments, encoding: .utf8).split(separator: "\n").map(
                String.init)
            #expect(
                noted == [
                    "worker", "--listen", "tcp://[::1]:7750", "--threads", "3", "--memory", "\(5 << 30)",
                    "--keep-alive=-1", "--model", "/m 1.gguf",
                    "--cache", stand.folder + "/cache $x",
                ])
            #expect(try await stand.run(script.start(binary: stand.program, model: nil))["running"] == process)
            #expect(try await stand.run(script.status)["running"] == process)
            #expect(try await stand.run(script.stop)["stopped"] == process)
            #expect(try await stand.run(script.status)["running"] == nil)
            #expect(try await stand.run(script.stop)["gone"] != nil)
        }
    }

    @Test func aNumberThatIsAnotherProcessNowIsLeftAlone() async throws {
        try await Self.withStand { stand in
            let other = Process()
            other.executableURL = URL(fileURLWithPath: "/bin/sleep")
            other.arguments = ["60"]
            try other.run()
            defer { other.terminate() }
            let cache = try #require(
                try await stand.run(stand.script.probe(binary: "/none", copyName: "none"))["cache"])
            try "\(other.processIdentifier)\n".write(
                toFile: "\(cache)/clusters/trial/n.pid", atomically: true, encoding: .utf8)
            #expect(try await stand.run(stand.script.stop)["gone"] != nil)
            #expect(other.isRunning)
        }
    }

    @Test func aCopyThatArrivesChangedIsNotInstalled() async throws {
        try await Self.withStand { stand in
            let cache = try #require(try await stand.run(stand.script.probe(binary: nil, copyName: "copy"))["cache"])
            func arrive() throws {
                try FileManager.default.copyItem(atPath: stand.program, toPath: "\(cache)/bin/part")
            }
            try arrive()
            await #expect(throws: LaunchError.self) {
                try await stand.run(
                    stand.script.install(part: "part", copyName: "copy", sha256: String(repeating: "0", count: 64)))
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: "\(cache)/bin").isEmpty)
            try arrive()
            let digest = try sha256(ofFile: stand.program)
            let installed = try await stand.run(stand.script.install(part: "part", copyName: "copy", sha256: digest))
            #expect(installed.all("binary") == ["9.9 \(cache)/bin/copy"])
            #expect(
                try await stand.run(stand.script.probe(binary: nil, copyName: "copy")).all("binary").first
                    == "9.9 \(cache)/bin/copy")
        }
    }
}

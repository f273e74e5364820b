import Foundation
import Testing
import TinyModel

/// A cluster over ssh: `Tests/Cluster/ssh.sh` makes hosts of network namespaces, which takes root and two programs.
@Suite(.serialized, .timeLimit(.minutes(5))) struct RemoteClusterTests {
    static let executable = ProcessInfo.processInfo.environment["BRIGADE_EXECUTABLE"].flatMap { $0.isEmpty ? nil : $0 }

    static var isPossible: Bool {
        func isThere(_ program: String) -> Bool {
            ["/usr/sbin", "/sbin", "/usr/bin", "/bin"].contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(program)") }
        }
        return executable != nil && getuid() == 0 && ["ip", "sshd", "ssh", "scp", "ssh-keygen"].allSatisfy(isThere) && canMakeNamespaces
    }

    /// A container may be root and still not be allowed to.
    private static var canMakeNamespaces: Bool {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", "ip netns add brigade-trial-$$ && ip netns del brigade-trial-$$"]
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }

    @Test(.enabled(if: isPossible)) func aClusterOverSSHAnswersAsOneWorkerAndLeavesNothing() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let model = try ProcessInfo.processInfo.environment["BRIGADE_MODEL_0_5B"] ?? TinyModel.path()
        let log = NSTemporaryDirectory() + "brigade-ssh-\(ProcessInfo.processInfo.processIdentifier).log"
        _ = FileManager.default.createFile(atPath: log, contents: nil)
        defer { try? FileManager.default.removeItem(atPath: log) }
        let process = Process()
        process.executableURL = root.appending(path: "Cluster/ssh.sh")
        process.arguments = [try #require(Self.executable), model]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle(forWritingAtPath: log)
        process.standardError = process.standardOutput
        try process.run()
        process.waitUntilExit()
        let output = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
        #expect(process.terminationStatus == 0 && output.hasSuffix("passed\n"), "\(output)")
    }
}

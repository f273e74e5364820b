import ChildProcess
import Foundation
import Testing
import TinyModel

/// A cluster over ssh: `Tests/Cluster/ssh.sh` makes hosts of network namespaces, which takes root and two programs.
@Suite(.serialized, .timeLimit(.minutes(15))) struct RemoteClusterTests {
    static let executable = ProcessInfo.processInfo.environment["BRIGADE_EXECUTABLE"].flatMap { $0.isEmpty ? nil : $0 }

    static var isPossible: Bool {
        func isThere(_ program: String) -> Bool {
            ["/usr/sbin", "/sbin", "/usr/bin", "/bin"].contains {
                FileManager.default.isExecutableFile(atPath: "\($0)/\(program)")
            }
        }
        return executable != nil && getuid() == 0 && ["ip", "sshd", "ssh", "scp", "ssh-keygen"].allSatisfy(isThere)
            && canMakeNamespaces
    }

    /// A container may be root and still not be allowed to.
    private static var canMakeNamespaces: Bool {
        let script = "ip netns add brigade-trial-$$ && ip netns del brigade-trial-$$"
        guard let trial = try? ChildProcess("/bin/sh", ["-c", script]) else { return false }
        return trial.wait() == nil && trial.process.terminationStatus == 0
    }

    @Test(.enabled(if: isPossible)) func aClusterOverSSHAnswersAsOneWorkerAndLeavesNothing() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let model = try ProcessInfo.processInfo.environment["BRIGADE_MODEL_0_5B"] ?? TinyModel.path()
        let script = try ChildProcess(root.appending(path: "Cluster/ssh.sh").path, [#require(Self.executable), model])
        if let problem = script.wait(.seconds(600)) { Issue.record("\(problem)") }
        #expect(
            script.process.terminationStatus == 0 && script.output.hasSuffix("passed\n"),
            "\(script.output)\n\(script.errors)")
    }
}

import ChildProcess
import Foundation
import Kernels
import Testing

/// The kernels of every instruction set compute the same bits. A C program (Equality/equality.c) prints hashes of what
/// they compute from seeded inputs. Its output must be the same for every compiler, processor and emulator.
@Suite(.serialized) struct EqualityTests {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path
    static let kernels = root + "/Sources/CKernels", equality = root + "/Tests/KernelsTests/Equality"
    static let x86 = ProcessInfo.processInfo.environment["PATH"] != nil && machine == "x86_64"

    static var machine: String {
        #if arch(x86_64)
            "x86_64"
        #else
            "arm64"
        #endif
    }

    /// Compiles the program with `compiler` and returns its path.
    static func build(_ name: String, _ compiler: [String]) throws -> String {
        let output = NSTemporaryDirectory() + "brigade-equality-\(name)"
        let files = FileManager.default.enumerator(atPath: kernels)?.allObjects as? [String] ?? []
        let sources = files.filter { $0.hasSuffix(".c") }.sorted()
        let arguments =
            Array(compiler.dropFirst()) + ["-I", kernels, "-I", kernels + "/include"]
            + sources.map { kernels + "/" + $0 }
            + [equality + "/equality.c", "-o", output, "-lm", "-lpthread"]
        let (status, _, errors) = try run([compiler[0]] + arguments)
        try #require(status == 0, "\(compiler[0]) failed: \(errors.suffix(2000))")
        return output
    }

    static func run(_ command: [String]) throws -> (Int32, String, String) {
        let program = try ChildProcess("/usr/bin/env", command)
        if let problem = program.wait(.seconds(600)) { Issue.record("\(problem)") }
        return (program.process.terminationStatus, program.output, program.errors)
    }

    static func has(_ command: String) -> Bool { (try? run(["sh", "-c", "command -v \(command)"]).0) == 0 }

    /// The program for this machine. It is built once per run, because that takes a while; the next run replaces it.
    static let native: Result<String, any Error> = Result { try build("native", ["clang", "-O2", "-w"]) }

    /// The definition: what the program prints with the portable kernels.
    static let definition: Result<String, any Error> = Result {
        let (status, text, _) = try run([native.get(), "portable"])
        try #require(status == 0)
        return text
    }

    private func expectDefinition(_ text: String) throws {
        let expected = try Self.definition.get().split(separator: "\n"), found = text.split(separator: "\n")
        #expect(expected.count > 600)
        #expect(found.count == expected.count)
        for (a, b) in zip(expected, found) where a != b {
            Issue.record("expected \(a), found \(b)")
            return
        }
        #expect(!text.contains("differs when alone"))
    }

    @Test(arguments: ["avx2", "avxvnni", "avx512", "neon", "dotprod", "i8mm"], [1, 3])
    func everyInstructionSetOfThisMachineComputesTheDefinition(cpu: String, threads: Int) throws {
        if !ComputeEngine.has(cpu: cpu) { try Test.cancel("this machine has no \(cpu)") }
        let (status, text, errors) = try Self.run([Self.native.get(), cpu, "\(threads)"])
        #expect(status == 0, "\(errors)")
        try expectDefinition(text)
    }

    @Test(.enabled(if: has("aarch64-linux-gnu-gcc") && has("qemu-aarch64")), .timeLimit(.minutes(20)))
    func arm64KernelsComputeTheDefinitionUnderEmulation() throws {
        let program = try Self.build("arm64", ["aarch64-linux-gnu-gcc", "-O1", "-w", "-static"])
        defer { unlink(program) }
        for cpu in ["portable", "neon", "dotprod", "i8mm"] {
            let (status, text, errors) = try Self.run(["qemu-aarch64", "-cpu", "max", program, cpu])
            #expect(status == 0, "\(cpu): \(errors)")
            try expectDefinition(text)
        }
    }

    /// Tests the AVX-512 kernels with intrinsics written in plain C, so that machines without AVX-512 can run them.
    @Test(.enabled(if: x86 && ComputeEngine.has(cpu: "avx2")))
    func avx512KernelsComputeTheDefinitionOverEmulatedInstructions() throws {
        let program = try Self.build(
            "emulated",
            [
                "clang", "-O1", "-w", "-DBRIGADE_EMULATED", "-DAVX512_TARGET=\"avx2,fma,f16c\"", "-I",
                Self.equality + "/emulated",
            ])
        defer { unlink(program) }
        let (status, text, errors) = try Self.run([program, "avx512"])
        #expect(status == 0, "\(errors)")
        try expectDefinition(text)
    }

    @Test(.enabled(if: has("clang") && machine == "x86_64"))
    func kernelsAreCleanUnderSanitizers() throws {
        let program = try Self.build(
            "sanitized", ["clang", "-O1", "-w", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"])
        defer { unlink(program) }
        for cpu in ["portable", "avx2", "avxvnni", "avx512"] where ComputeEngine.has(cpu: cpu) {
            let (status, text, errors) = try Self.run([program, cpu])
            #expect(status == 0, "\(errors.suffix(3000))")
            try expectDefinition(text)
        }
    }
}

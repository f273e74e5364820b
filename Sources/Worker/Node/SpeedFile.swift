import Crypto
import Foundation
import Kernels
import ModelStore
import Wire

/// A worker's measured speed on disk. A restarted worker is not measured again, so the same cluster gets the same plan.
/// It is valid for a week, and only while everything it depends on is unchanged.
struct SpeedFile: Sendable {
    /// The conditions that a measured speed depends on.
    struct Conditions: Codable, Equatable, Sendable {
        var version: String, threads: Int
        /// The processor, the kernels chosen for it, and the cores that this process may use.
        var processor: String, kernels: String, cores: String
        /// Bytes of weights that it was measured with.
        var probeBytes: Int
    }

    private struct Content: Codable {
        var conditions: Conditions
        /// When it was measured, in seconds since 1970.
        var measured: Double
        var speed: SpeedReply
    }

    /// How long a measured speed is valid, in seconds.
    static let lifetime: TimeInterval = 7 * 86400

    private let directory: String
    private let conditions: Conditions

    /// The file in `directory` for a worker under these conditions.
    init(directory: String, conditions: Conditions) {
        self.directory = directory
        self.conditions = conditions
    }

    /// The speed measured under the same conditions; nil when there is none, it is too old, or the file is damaged.
    func read(now: Date = Date()) -> SpeedReply? {
        guard let data = try? Data(contentsOf: URL(fileURLWithPath: path)),
            let content = try? JSONDecoder().decode(Content.self, from: data), content.conditions == conditions
        else { return nil }
        let age = now.timeIntervalSince1970 - content.measured
        let s = content.speed, numbers = [s.readBandwidth, s.weightBandwidth, s.int8Rate, s.multiplyAddRate]
        // A negative age means that the clock was wrong then or is wrong now.
        guard age >= 0, age <= Self.lifetime, numbers.allSatisfy({ $0 > 0 && $0 < 1e18 }) else { return nil }
        return s
    }

    /// Stores a speed that was measured now.
    func write(_ speed: SpeedReply, now: Date = Date()) throws {
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        try encoder.encode(Content(conditions: conditions, measured: now.timeIntervalSince1970, speed: speed))
            .write(to: URL(fileURLWithPath: path), options: .atomic)
    }

    func remove() { try? FileManager.default.removeItem(atPath: path) }

    /// The conditions are in the name, since workers on one machine may share the directory.
    var path: String {
        let c = conditions
        let text = [c.version, "\(c.threads)", c.processor, c.kernels, c.cores, "\(c.probeBytes)"].joined(
            separator: "\n")
        return directory + "/speed-" + hexadecimal(SHA256.hash(data: Array(text.utf8))).prefix(16) + ".json"
    }
}

extension SpeedFile.Conditions {
    /// The conditions of a worker with these settings.
    init(_ configuration: NodeConfiguration) {
        self.init(
            version: configuration.version, threads: configuration.threads, processor: NodeConfiguration.processorName,
            kernels: ComputeEngine.cpuName, cores: NodeConfiguration.allowedCores, probeBytes: configuration.probeBytes)
    }
}

extension NodeConfiguration {
    /// The cores that this process may use, such as "0-3"; empty where the system does not tell.
    static var allowedCores: String {
        let text = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix("Cpus_allowed_list:") }
        return line.map { $0.dropFirst("Cpus_allowed_list:".count).trimmingCharacters(in: .whitespaces) } ?? ""
    }
}

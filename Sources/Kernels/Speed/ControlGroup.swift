import Foundation

/// What the control groups of this process, such as a container's, leave it of the machine.
///
/// Version 2 (cgroup-v2.rst of the Linux kernel): `memory.max`, `memory.high` and `cpu.max` in the group's folder.
/// Version 1: `memory.limit_in_bytes`, `cpu.cfs_quota_us` and `cpu.cfs_period_us`, in a hierarchy for each. A group is
/// also bound by the limits of all groups around it.
public struct ControlGroup: Sendable, Equatable {
    /// Bytes that may still be used; nil without a limit. Cached contents of files count as unused: they give way.
    public var availableMemory: Int?
    /// Processors' worth of time that may be used; nil without a limit.
    public var processors: Double?

    /// Reads the limits of this process. `root`: where the system's folders are; a test has its own.
    public init(root: String = "/") {
        let base = root.hasSuffix("/") ? String(root.dropLast()) : root
        guard let text = Self.read(base + "/proc/self/cgroup") else { return }
        for line in text.split(separator: "\n") {
            // hierarchy:controllers:path; version 2 is hierarchy 0 and names no controllers.
            let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3 else { continue }
            let names = parts[1].split(separator: ",")
            let hierarchies =
                parts[1].isEmpty
                ? ["", "unified"]
                : names.contains("memory") || names.contains("cpu")
                    ? [String(parts[1])] + names.map(String.init) : []
            for hierarchy in hierarchies {
                let top = base + "/sys/fs/cgroup" + (hierarchy.isEmpty ? "" : "/" + hierarchy)
                for folder in Self.folders(String(parts[2]), below: top) { take(folder) }
            }
        }
    }

    /// The folders of a group and of those around it. Within a container the path may be the host's, of which only the
    /// container's own folder can be seen, as the top one.
    private static func folders(_ path: String, below top: String) -> [String] {
        var parts = path.split(separator: "/").filter { $0 != ".." }, result: [String] = []
        while true {
            result.append(parts.isEmpty ? top : top + "/" + parts.joined(separator: "/"))
            if parts.isEmpty { return result }
            parts.removeLast()
        }
    }

    private mutating func take(_ folder: String) {
        func number(_ name: String) -> Int? { Self.read(folder + "/" + name).flatMap { Self.number($0) } }
        // Version 1 writes a number near 2^63 for no limit.
        let limits = ["memory.max", "memory.high", "memory.limit_in_bytes"].compactMap(number).filter { $0 < 1 << 60 }
        if let limit = limits.min(), let used = number("memory.current") ?? number("memory.usage_in_bytes") {
            let files = Self.fileCache(Self.read(folder + "/memory.stat") ?? "")
            let available = max(limit - max(used - files, 0), 0)
            availableMemory = min(availableMemory ?? .max, available)
        }
        let words = Self.read(folder + "/cpu.max")?.split(whereSeparator: \.isWhitespace) ?? []
        let quota = words.first.map { Int($0) } ?? number("cpu.cfs_quota_us")
        let period = words.count > 1 ? Int(words[1]) : number("cpu.cfs_period_us")
        if let quota, let period, quota > 0, period > 0 {
            processors = min(processors ?? .infinity, Double(quota) / Double(period))
        }
    }

    /// Bytes of cached files, from `memory.stat`; version 1 has sums over all groups within.
    private static func fileCache(_ text: String) -> Int {
        var values: [Substring: Int] = [:]
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.count == 2 { values[words[0]] = Int(words[1]) }
        }
        return ["inactive_file", "active_file"].reduce(0) { $0 + (values["total_\($1)"] ?? values[Substring($1)] ?? 0) }
    }

    private static func number(_ text: String) -> Int? { Int(text.trimmingCharacters(in: .whitespacesAndNewlines)) }

    private static func read(_ path: String) -> String? { try? String(contentsOfFile: path, encoding: .utf8) }
}

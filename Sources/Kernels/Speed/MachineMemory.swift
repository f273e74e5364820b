import Foundation

/// The memory of this machine.
public enum MachineMemory {
    /// The default budget of a worker, in bytes: nine tenths of the memory that is available now, or seven tenths of
    /// all memory if the system does not say (no /proc/meminfo). Limits of control groups count.
    public static var budget: Int { budget() }

    /// The budget as the folders below `root` tell it.
    static func budget(root: String = "/") -> Int {
        let limit = ControlGroup(root: root).availableMemory ?? .max
        return available(root).map { min($0, limit) / 10 * 9 }
            ?? min(Int(ProcessInfo.processInfo.physicalMemory / 10 * 7), limit / 10 * 9)
    }

    private static func available(_ root: String) -> Int? {
        let path = (root.hasSuffix("/") ? root : root + "/") + "proc/meminfo"
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
        for line in text.split(separator: "\n") where line.hasPrefix("MemAvailable:") {
            return line.split(whereSeparator: { !$0.isNumber }).first.flatMap { Int($0) }.map { $0 * 1024 }
        }
        return nil
    }
}

/// The processors of this machine.
public enum MachineProcessors {
    /// The default number of a worker's threads: the processors that this process may use. Of a control group's share,
    /// whole ones: a thread more would let all of them wait for the group's next period.
    public static var count: Int {
        count(of: ProcessInfo.processInfo.activeProcessorCount, ControlGroup().processors)
    }

    static func count(of all: Int, _ share: Double?) -> Int {
        max(min(all, share.map { Int(min($0, 1e6)) } ?? all), 1)
    }
}

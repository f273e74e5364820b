import Foundation

/// The memory of this machine.
public enum MachineMemory {
    /// The default budget of a worker, in bytes: nine tenths of the memory that is available now, or seven tenths of
    /// all memory if the system does not say (no /proc/meminfo).
    public static var budget: Int {
        if let text = try? String(contentsOfFile: "/proc/meminfo", encoding: .utf8) {
            for line in text.split(separator: "\n") where line.hasPrefix("MemAvailable:") {
                if let kilobytes = line.split(whereSeparator: { !$0.isNumber }).first.flatMap({ Int($0) }) {
                    return kilobytes * 1024 / 10 * 9
                }
            }
        }
        return Int(ProcessInfo.processInfo.physicalMemory / 10 * 7)
    }
}

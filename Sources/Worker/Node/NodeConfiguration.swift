import Foundation
import Kernels
import Messaging
import Planning

/// The settings of a worker, given when it is started.
public struct NodeConfiguration: Sendable {
    /// The address of the control socket; the data socket's address follows from it (`NodeURL.dataURL`).
    public var listen: NodeURL
    /// Memory that the worker may use, in bytes: for its slice and for the program itself.
    public var memoryBudget: Int
    /// Number of compute threads.
    public var threads: Int
    /// A local model file; with it, the slice need not be sent.
    public var modelPath: String?
    /// The directory for received slices, saved sessions and the measured speed.
    public var cacheDirectory: String
    /// Brigade's version.
    public var version: String
    /// How long a slice's weights stay in memory after their plan has ended, in case the same model is started again;
    /// nil: without limit.
    public var keepAlive: Duration? = .seconds(300)
    /// Whether the speed measured by an earlier run is discarded.
    public var forgetsSpeed = false

    /// Settings with the default times; the other parameters are described at the properties.
    public init(
        listen: NodeURL, memoryBudget: Int, threads: Int, modelPath: String?, cacheDirectory: String, version: String
    ) {
        self.listen = listen
        self.memoryBudget = memoryBudget
        self.threads = threads
        self.modelPath = modelPath
        self.cacheDirectory = cacheDirectory
        self.version = version
    }

    /// Bytes of weights for measuring the speed, in steps of 16 MiB, so that a small change of free memory changes
    /// nothing.
    var probeBytes: Int {
        let room = min(384 << 20, sliceBudget / 4 * 3), step = 16 << 20  // no slice is in memory while measuring
        return room < step ? room : room / step * step
    }

    /// The part of the budget that a slice may use, in bytes.
    var sliceBudget: Int { NodeFacts.sliceBudget(of: memoryBudget) }

    /// The processor's name, from the operating system where it tells.
    public static var processorName: String {
        if let text = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8) {
            for line in text.split(separator: "\n") where line.hasPrefix("model name") {
                if let colon = line.firstIndex(of: ":") {
                    return line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
                }
            }
        }
        return ComputeEngine.cpuName
    }
}

import Foundation
import Kernels
import Messaging
import Planning

/// What a worker is told when it is started.
public struct NodeConfiguration: Sendable {
    /// Where the control socket listens; the data socket is beside it (`NodeURL.dataURL`).
    public var listen: NodeURL
    /// Bytes it may spend: its slice and the program itself.
    public var memoryBudget: Int
    /// Compute threads.
    public var threads: Int
    /// A model file at hand, so that its slice need not be sent.
    public var modelPath: String?
    /// Where slices that were sent, sessions and its measured speed are kept.
    public var cacheDirectory: String
    /// Brigade's version.
    public var version: String
    /// How long a slice's weights stay in memory after their plan, for whoever starts the same model again; nil: for
    /// good.
    public var keepAlive: Duration? = .seconds(300)
    /// Whether what is known of its speed from earlier runs is forgotten.
    public var forgetsSpeed = false

    /// A worker's settings.
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

    /// Bytes of weights that its speed is measured with: whole steps, so that a little more or less free memory changes
    /// nothing.
    var probeBytes: Int {
        let room = min(384 << 20, sliceBudget / 4 * 3), step = 16 << 20  // no slice is in memory then
        return room < step ? room : room / step * step
    }

    /// What of the budget a slice may take.
    var sliceBudget: Int { NodeFacts.sliceBudget(of: memoryBudget) }

    /// The processor's name, as the system knows it.
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

import Kernels
import Messaging
import Planning
import Transformer

/// A cluster, as a YAML file describes it: the model, the plan's settings, and the nodes in the order of the pipeline.
/// See `Configs` for commented examples.
public struct ClusterFile: Equatable, Sendable {
    /// The stated properties of the link to a node, for planning without a running cluster; nil: to be measured.
    public struct Link: Equatable, Sendable {
        /// Round trip in milliseconds.
        public var roundTrip: Double?
        /// Throughput in megabytes (10^6) per second.
        public var throughput: Double?

        /// A link with the given properties.
        public init(roundTrip: Double? = nil, throughput: Double? = nil) {
            self.roundTrip = roundTrip
            self.throughput = throughput
        }
    }

    /// One worker.
    public struct Node: Equatable, Sendable {
        /// The node's name in messages and file names; unique.
        public var name: String
        /// The address at which others reach its control socket.
        public var url: NodeURL
        /// The address it listens on, when that differs from `url`.
        public var listen: NodeURL?
        /// Whether Brigade starts the worker on this machine.
        public var isLocal = false
        /// `host` or `user@host` for ssh, when Brigade starts the worker there.
        public var ssh: String?
        /// Number of compute threads; nil: all cores.
        public var threads: Int?
        /// Bytes for weights, KV cache and workspace; nil: measured on the node.
        public var memory: Int?
        /// How long weights stay in memory while unused; nil: the worker's default.
        public var keepAlive: KeepAlive?
        /// Paths on the node, absolute or under `~/`: the program, the model's file, and the directory for received
        /// slices.
        public var binary: String?, model: String?, cache: String?
        /// Stated speed, for planning without a running cluster: memory bandwidth in gigabytes (10^9) per second, and
        /// billions of int8 multiply-adds per second.
        public var bandwidth: Double?, int8: Double?
        /// The link to the node, with the file's defaults filled in.
        public var link = Link()

        /// A node that Brigade does not start.
        public init(name: String, url: NodeURL) {
            self.name = name
            self.url = url
        }

        /// Whether `brigade cluster` starts and stops it.
        public var isManaged: Bool { isLocal || ssh != nil }
    }

    /// The cluster's name; it keeps the files of different clusters on one machine apart.
    public var name: String
    /// The path of the cluster file.
    public var path: String
    /// A model's path or name.
    public var model: String?
    /// Context length in tokens.
    public var contextLength: Int?
    /// The type in which keys and values are stored.
    public var kvType: KVType?
    /// How RoPE positions are scaled; nil: as the model's file says.
    public var rope: RopeRequest?
    /// What the plan optimizes.
    public var objective: PlanningGoal?
    /// Number of layers of each node, when they are divided by hand.
    public var layers: [Int]?
    /// A configuration file for ssh, as in `ssh -F`.
    public var sshConfig: String?
    /// The nodes, in the order of the pipeline.
    public var nodes: [Node]

    /// A cluster without settings.
    public init(name: String, path: String, nodes: [Node]) {
        self.name = name
        self.path = path
        self.nodes = nodes
    }
}

/// Why a cluster file is refused: the place, what was found and what was expected.
public struct ClusterFileError: Error, Equatable, CustomStringConvertible, Sendable {
    /// The file, and the line, counted from 1.
    public var path: String, line: Int?
    /// One sentence.
    public var problem: String

    /// An error at the given line, or about the whole file when `line` is nil.
    public init(path: String, line: Int?, problem: String) {
        self.path = path
        self.line = line
        self.problem = problem
    }

    public var description: String { path + (line.map { ":\($0)" } ?? "") + ": " + problem }
}

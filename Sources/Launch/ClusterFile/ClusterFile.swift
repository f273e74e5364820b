import Kernels
import Messaging
import Planning
import Transformer

/// A cluster as its owner describes it in a YAML file: the model, the plan's settings, and the nodes in the order of
/// the line. See `Configs` for commented examples.
public struct ClusterFile: Equatable, Sendable {
    /// What is stated of the link to a node, for planning on paper; nil: to be measured.
    public struct Link: Equatable, Sendable {
        /// Milliseconds there and back.
        public var roundTrip: Double?
        /// Megabytes (10^6) a second.
        public var throughput: Double?

        /// A link.
        public init(roundTrip: Double? = nil, throughput: Double? = nil) {
            self.roundTrip = roundTrip
            self.throughput = throughput
        }
    }

    /// One worker.
    public struct Node: Equatable, Sendable {
        /// What it is called in messages and files; unique.
        public var name: String
        /// Where its control socket is reached.
        public var url: NodeURL
        /// Where it listens, when that is not `url`.
        public var listen: NodeURL?
        /// Whether Brigade starts it on this machine.
        public var isLocal = false
        /// `host` or `user@host` as ssh knows it, when Brigade starts it there.
        public var ssh: String?
        /// Compute threads; nil: all cores.
        public var threads: Int?
        /// Bytes for weights, KV cache and workspace; nil: measured there.
        public var memory: Int?
        /// How long weights stay in memory when nobody uses them; nil: as a worker does unless told.
        public var keepAlive: KeepAlive?
        /// The program, the model's file, and the directory for received slices, all on the node; absolute or under
        /// `~/`.
        public var binary: String?, model: String?, cache: String?
        /// For planning on paper: gigabytes (10^9) read a second, and billions of int8 multiply-adds a second.
        public var bandwidth: Double?, int8: Double?
        /// The link to it, with the file's defaults filled in.
        public var link = Link()

        /// A node that was started by somebody.
        public init(name: String, url: NodeURL) {
            self.name = name
            self.url = url
        }

        /// Whether `brigade cluster` starts and stops it.
        public var isManaged: Bool { isLocal || ssh != nil }
    }

    /// What the cluster is called; tells apart what belongs to which cluster on a machine.
    public var name: String
    /// Where the file is.
    public var path: String
    /// A model's file, or its name.
    public var model: String?
    /// Tokens of context.
    public var contextLength: Int?
    /// How keys and values are kept.
    public var kvType: KVType?
    /// How positions are stretched; nil: as the model's file says.
    public var rope: RopeRequest?
    /// What the plan is made for.
    public var objective: PlanningGoal?
    /// Layers for each node, when the cut is made by hand.
    public var layers: [Int]?
    /// A file of settings for ssh, as `ssh -F` takes it.
    public var sshConfig: String?
    /// The nodes, in the order of the line.
    public var nodes: [Node]

    /// A cluster without settings.
    public init(name: String, path: String, nodes: [Node]) {
        self.name = name
        self.path = path
        self.nodes = nodes
    }
}

/// Why a cluster file is refused: where, what was found and what was expected.
public struct ClusterFileError: Error, Equatable, CustomStringConvertible, Sendable {
    /// The file, and the line counted from 1.
    public var path: String, line: Int?
    /// One sentence.
    public var problem: String

    /// An error.
    public init(path: String, line: Int?, problem: String) {
        self.path = path
        self.line = line
        self.problem = problem
    }

    public var description: String { path + (line.map { ":\($0)" } ?? "") + ": " + problem }
}

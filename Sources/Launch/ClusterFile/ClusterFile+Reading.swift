import Foundation
import Kernels
import Messaging
import Planning
import Transformer
import Yams

extension ClusterFile {
    /// Limits on a file's length in bytes and on its number of nodes.
    static let longestFile = 1 << 20, mostNodes = 64

    /// Reads a file.
    ///
    /// - Throws: ``ClusterFileError`` with the line that is wrong.
    public init(path: String) throws(ClusterFileError) {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw ClusterFileError(
                path: path, line: nil,
                problem:
                    "the cluster file cannot be read: \(Self.obstacle(path)). Check the name; Configs holds examples")
        }
        guard data.count <= Self.longestFile, let text = String(data: data, encoding: .utf8) else {
            throw ClusterFileError(
                path: path, line: nil,
                problem: "it has \(data.count) bytes, expected text in UTF-8 of at most \(Self.longestFile) bytes")
        }
        try self.init(text: text, path: path)
    }

    /// The system's message for why the file cannot be read.
    private static func obstacle(_ path: String) -> String {
        let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { return String(cString: strerror(errno)) }
        close(descriptor)
        return String(cString: strerror(EISDIR))
    }

    /// Parses the text of a file. `path` names it in messages, and relative paths start from its directory.
    ///
    /// - Throws: ``ClusterFileError`` with the line that is wrong.
    public init(text: String, path: String) throws(ClusterFileError) {
        var top = try YAMLSection(Self.compose(text, path), name: "the file", path: path)
        let stem = (path as NSString).lastPathComponent.split(separator: ".").first.map(String.init) ?? "cluster"
        let name = try top.value("name", Self.nameRule) { Self.isName($0) ? $0 : nil }
        self.init(name: name ?? (Self.isName(stem) ? stem : "cluster"), path: path, nodes: [])
        model = try top.string("model", "a path or a name")?.text
        contextLength = try top.int("num_ctx", 8...16_777_216)
        kvType = try top.value("kv", "f16 or q8_0") { KVType(rawValue: $0) }
        rope = try Self.rope(&top)
        let goals = "latency, throughput, even, or work such as 1000:2000:1"
        let former = try top.value("optimize", goals) { PlanningGoal($0) }
        objective = try top.value("expect", goals) { PlanningGoal($0) } ?? former
        sshConfig = try top.value("ssh_config", "a path") { Self.isPath($0, relative: true) ? $0 : nil }
        let cut = try Self.layers(&top)
        layers = cut?.layers
        var defaults = Link()
        if var links = try top.section("links") {
            defaults = try Self.link(&links)
            try links.end()
        }
        guard let list = try top.list("nodes", "a list of nodes") else {
            throw top.error("the file has no \"nodes\", expected a list with one node or more")
        }
        try top.end()
        guard (1...Self.mostNodes).contains(list.count) else {
            throw top.error("the file has \(list.count) nodes, expected 1 to \(Self.mostNodes)")
        }
        let isAlone = list.allSatisfy { $0.mapping?["ssh"] == nil && $0.mapping?["url"] == nil }
        for (index, node) in list.enumerated() {
            nodes.append(try Self.node(node, number: index + 1, defaults, cluster: self, isAlone: isAlone))
        }
        try check(lines: list.map { $0.mark?.line }, layersLine: cut?.line)
    }

    private static func compose(_ text: String, _ path: String) throws(ClusterFileError) -> Yams.Node {
        do {
            guard let node = try Yams.compose(yaml: text) else {
                throw ClusterFileError(
                    path: path, line: nil, problem: "the file is empty, expected at least a list of \"nodes\"")
            }
            return node
        } catch let error as ClusterFileError {
            throw error
        } catch let error as YamlError {
            throw ClusterFileError(error, path: path)
        } catch {
            throw ClusterFileError(path: path, line: nil, problem: "it is not YAML: \(error)")
        }
    }

    private static func rope(_ top: inout YAMLSection) throws(ClusterFileError) -> RopeRequest? {
        let method = try top.value("rope_scaling", "yarn, linear or none") { RopeRequest.Method(rawValue: $0) }
        let range = RopeRequest.factors
        let factor = try top.value("rope_factor", "a number from \(range.lowerBound) to \(range.upperBound)") {
            Double($0).flatMap { range.contains($0) ? $0 : nil }
        }
        let original = try top.int("rope_original", RopeRequest.originals)
        guard let method else {
            guard factor == nil, original == nil else {
                throw top.error(
                    """
                    "rope_factor" and "rope_original" say how to stretch positions, expected "rope_scaling" beside \
                    them: yarn or linear
                    """
                )
            }
            return nil
        }
        return RopeRequest(method, factor: factor, original: original)
    }

    private static func layers(_ top: inout YAMLSection) throws(ClusterFileError) -> (layers: [Int], line: Int?)? {
        let expected = "a list of numbers of layers such as [20, 20, 24]"
        guard let list = try top.list("layers", expected) else { return nil }
        var layers: [Int] = []
        for node in list {
            guard case .scalar(let scalar) = node, let count = Int(scalar.string), (1...4096).contains(count) else {
                throw top.wrong("layers", "\(YAMLSection.kind(node)) in the list", expected, node.mark?.line)
            }
            layers.append(count)
        }
        return (layers, list.first?.mark?.line)
    }

    private static func link(_ section: inout YAMLSection) throws(ClusterFileError) -> Link {
        Link(
            roundTrip: try section.positive("round_trip", "milliseconds"),
            throughput: try section.positive("throughput", "megabytes a second"))
    }

    private static func node(
        _ node: Yams.Node, number: Int, _ defaults: Link, cluster: ClusterFile, isAlone: Bool
    ) throws(ClusterFileError) -> Node {
        var section = try YAMLSection(node, name: "node \(number)", path: cluster.path)
        guard let name = try section.value("name", nameRule, { isName($0) ? $0 : nil }) else {
            throw section.error("node \(number) has no \"name\", expected \(nameRule)")
        }
        section.name = "node \"\(name)\""
        let isLocal = try section.bool("local") ?? false
        var url = try section.url("url")
        if url == nil && isLocal && isAlone { url = try cluster.localURL(name) }
        let ssh = try section.value("ssh", "a host or user@host as ssh knows it, of letters, digits, dots and dashes") {
            isSSHName($0) ? $0 : nil
        }
        if isLocal && ssh != nil {
            throw section.error("node \"\(name)\" is local and has \"ssh\" as well, expected one of them")
        }
        guard let url else {
            throw section.error(
                isLocal
                    ? """
                    node "\(name)" is local and has no "url", but others are elsewhere: give it one that they can \
                    reach, as in url: tcp://10.0.0.1:7750
                    """
                    : "node \"\(name)\" has no \"url\", expected tcp://host:port or ipc:///path")
        }
        var result = Node(name: name, url: url)
        result.listen = try section.url("listen")
        result.isLocal = isLocal
        result.ssh = ssh
        result.threads = try section.int("threads", 1...256)
        result.memory = try section.value("memory", "an amount such as 6GiB") { byteCount($0) }
        result.keepAlive = try section.value("keep_alive", "a time such as 5m, 0 for not at all, or -1 for good") {
            KeepAlive($0)
        }
        for (key, field) in [("binary", \Node.binary), ("model", \.model), ("cache", \.cache)] {
            result[keyPath: field] = try section.value(key, "an absolute path, or one that begins with ~/") {
                isPath($0) ? $0 : nil
            }
        }
        result.bandwidth = try section.positive("bandwidth", "gigabytes a second")
        result.int8 = try section.positive("int8", "billions of multiply-adds a second")
        let link = try link(&section)
        result.link = Link(
            roundTrip: link.roundTrip ?? defaults.roundTrip, throughput: link.throughput ?? defaults.throughput)
        try section.end()
        return result
    }
}

extension YAMLSection {
    fileprivate mutating func url(_ key: String) throws(ClusterFileError) -> NodeURL? {
        let expected = "tcp://host:port or ipc:///path"
        guard let (text, line) = try string(key, expected) else { return nil }
        do {
            let url = try NodeURL(text)
            if case .inproc = url.transport { throw wrong(key, Self.quoted(text), expected, line) }
            guard text.contains("://") else { throw wrong(key, Self.quoted(text), expected, line) }
            return url
        } catch let error as MessagingError {
            throw wrong(key, Self.quoted(text), "\(expected): \(error.detail)", line)
        } catch let error as ClusterFileError {
            throw error
        } catch { throw wrong(key, Self.quoted(text), expected, line) }
    }
}

extension ClusterFileError {
    /// The YAML parser's error, with its line.
    fileprivate init(_ error: YamlError, path: String) {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            self.init(path: path, line: mark.line, problem: "it is not YAML: \(problem)")
        case .duplicatedKeysInMapping(let keys, let context):
            let names = keys.sorted().map(YAMLSection.quoted).joined(separator: ", ")
            self.init(
                path: path, line: context.mark.line,
                problem: "a key stands twice in one place: \(names); expected it once")
        default: self.init(path: path, line: nil, problem: "it is not YAML: \(error)")
        }
    }
}

import Foundation
import Messaging
import ModelStore

extension ClusterFile {
    static let nameRule = "a name of letters, digits, dots, dashes and underscores, at most 40"

    /// Names become file names, on this machine and others.
    static func isName(_ text: String) -> Bool {
        (1...40).contains(text.utf8.count) && text.utf8.first != UInt8(ascii: ".")
            && text.utf8.first != UInt8(ascii: "-")
            && text.utf8.allSatisfy {
                isAlphanumeric($0) || [UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_")].contains($0)
            }
    }

    /// `host` or `user@host`, without anything that ssh could take for an option or that a shell could interpret.
    static func isSSHName(_ text: String) -> Bool {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        return (1...2).contains(parts.count) && text.utf8.count <= 300
            && parts.allSatisfy { part in
                part.utf8.first.map(isAlphanumeric) == true
                    && part.utf8.allSatisfy {
                        isAlphanumeric($0) || [UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_")].contains($0)
                    }
            }
    }

    /// An absolute path, or one under the home directory, without control characters. With `relative`, other paths too.
    static func isPath(_ text: String, relative: Bool = false) -> Bool {
        (relative || text.hasPrefix("/") || text.hasPrefix("~/")) && !text.isEmpty && text.utf8.count <= 1024
            && text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7f }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte & 0xdf)
    }

    /// Checks what must hold between nodes: distinct names and ports, and addresses that the others can reach.
    func check(lines: [Int?], layersLine: Int?) throws(ClusterFileError) {
        func error(_ index: Int, _ problem: String) -> ClusterFileError {
            ClusterFileError(path: path, line: lines[index], problem: problem)
        }
        for (index, node) in nodes.enumerated() {
            if let twin = nodes[..<index].first(where: { $0.name == node.name }) {
                throw error(index, "two nodes are called \"\(twin.name)\", expected a name for each")
            }
            for other in nodes[..<index]
            where !Set([node.url, node.url.dataURL]).isDisjoint(with: [other.url, other.url.dataURL]) {
                throw error(
                    index,
                    """
                    nodes "\(other.name)" and "\(node.name)" both use \
                    \(other.url == node.url ? "\(node.url)" : "a port of \(node.url) and the next"); each needs two \
                    ports of its own, as in 7750 and 7752
                    """
                )
            }
            if case .tcp(let host, let port) = node.url.transport,
                host == "*" || host == "0.0.0.0" || port == 0 || port == .max
            {
                throw error(
                    index,
                    """
                    node \"\(node.name)\" has the url \(node.url), expected an address that others can connect to; say \
                    where it listens with \"listen\"
                    """
                )
            }
        }
        if nodes.contains(where: { !$0.url.isLoopback }), let index = nodes.firstIndex(where: { $0.url.isLoopback }) {
            throw error(
                index,
                """
                node "\(nodes[index].name)" has the url \(nodes[index].url), which only its own machine can reach, but \
                other nodes are elsewhere; give it an address that they can reach
                """
            )
        }
        if let layers, layers.count != nodes.count {
            throw ClusterFileError(
                path: path, line: layersLine,
                problem: "\"layers\" has \(layers.count) numbers for \(nodes.count) nodes, expected one for each")
        }
    }

    /// The directory that the file's relative paths start from.
    var directory: String {
        let directory = (path as NSString).deletingLastPathComponent
        return directory.isEmpty ? FileManager.default.currentDirectoryPath : directory
    }

    /// The model for use on this machine: a path relative to the file becomes a full path; a name stays as it is.
    public var modelReference: String? {
        guard let model, !model.isEmpty else { return nil }
        return model.hasSuffix(".gguf") || model.hasPrefix("~/") ? here(model) : model
    }

    /// A path from the file, as a full path on this machine.
    func here(_ path: String) -> String {
        if path.hasPrefix("~/") { return NSHomeDirectory() + path.dropFirst() }
        return path.hasPrefix("/") ? path : directory + "/" + path
    }

    /// The name of the running cluster's directory, below a machine's cache directory; no two clusters share it.
    var runtimeName: String {
        let whole = path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
        // FNV-1a is enough to distinguish the files of one user.
        let hash = (whole as NSString).standardizingPath.utf8.reduce(UInt64(0xcbf2_9ce4_8422_2325)) {
            ($0 ^ UInt64($1)) &* 0x100_0000_01b3
        }
        return "\(name)-\(String(UInt32(truncatingIfNeeded: hash ^ hash >> 32), radix: 16))"
    }

    /// The socket of a local worker, in a cluster whose nodes are all on this machine.
    func localURL(_ node: String) throws(ClusterFileError) -> NodeURL {
        let base = UserCache.variable("XDG_RUNTIME_DIR") ?? UserCache.directory()
        do { return try NodeURL("ipc://\(base)/brigade/\(runtimeName)/\(node)") } catch {
            throw ClusterFileError(
                path: path, line: nil,
                problem:
                    """
                    node "\(node)" has no socket by itself (\(error.detail)); give it a "url", as in \
                    tcp://127.0.0.1:7750
                    """
            )
        }
    }
}

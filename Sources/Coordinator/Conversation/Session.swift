import Crypto
import Foundation
import Kernels
import ModelStore
import Tokenizer
import Wire

/// A conversation on disk, as the coordinator keeps it: its tokens and messages, and what the workers' own files of its
/// keys and values must be like. A JSON file.
///
/// Keys and values are a function of the tokens and the `Conditions`; whenever some cannot be read back they are
/// computed again, with the same bits. So nothing depends on the workers' files but time.
public struct Session: Codable, Equatable, Sendable {
    /// What keys and values depend on, besides the tokens.
    public struct Conditions: Codable, Equatable, Sendable {
        /// Brigade's version: another may compute otherwise.
        public var version: String
        /// The model, and its name for people.
        public var modelFingerprint: String, modelName: String
        /// How keys and values are kept, how rows travel, how positions are stretched, and the positions of a block.
        public var kvType: String, rowType: String, rope: RopeSetting, blockTokens: Int

        /// Why keys and values that were computed under these conditions are of no use under others; nil when they are.
        func difference(from others: Conditions) -> String? {
            if modelFingerprint != others.modelFingerprint {
                return
                    """
                    it belongs to another model, "\(modelName)" with fingerprint \(modelFingerprint.prefix(16)); this \
                    is "\(others.modelName)" with \(others.modelFingerprint.prefix(16))
                    """
            }
            if kvType != others.kvType {
                return
                    """
                    its keys and values are kept in \(kvType), here they are kept in \(others.kvType). Start with --kv \
                    \(kvType) to read them back
                    """
            }
            if rope != others.rope {
                return
                    """
                    its positions are stretched in another way (\(rope.summary)) than here (\(others.rope.summary)). \
                    Start with the same --rope options to read its keys and values back
                    """
            }
            if version != others.version {
                return "it was saved by Brigade \(version), this is \(others.version), which may compute otherwise"
            }
            guard rowType == others.rowType, blockTokens == others.blockTokens else {
                return
                    """
                    it was saved with rows in \(rowType) and blocks of \(blockTokens) tokens, here they are \
                    \(others.rowType) and \(others.blockTokens)
                    """
            }
            return nil
        }
    }

    /// What the workers wrote.
    public struct Cache: Codable, Equatable, Sendable {
        /// The session's id, by which their files are named.
        public var id: String
        /// Blocks of every layer, and SHA-256 of each layer's file in hexadecimal, from layer 0 on.
        public var blocks: Int, digests: [String]
    }

    /// A message as it is written.
    public struct Message: Codable, Equatable, Sendable {
        public var role: String, content: String
    }

    /// Names the format and its version.
    public var format = Self.currentFormat
    public var conditions: Conditions
    /// Positions of the context it was saved from; for people, any will do that it fits in.
    public var contextLength: Int
    /// Prompt and answer of the last turn, which hold all before.
    public var tokens: [Int32]
    /// Nil: the workers wrote nothing.
    public var cache: Cache?
    /// What was said, with the system message that goes before it.
    public var system: String?, messages: [Message]

    static let currentFormat = "brigade session 1"
    /// A session's file is no longer than this.
    private static let longest = 256 << 20

    /// A session whose keys and values nobody has written.
    public init(_ conditions: Conditions, contextLength: Int, tokens: [Int32], system: String?, messages: [ChatMessage])
    {
        self.conditions = conditions
        self.contextLength = contextLength
        self.tokens = tokens
        self.system = system
        self.messages = messages.map { Message(role: $0.role.rawValue, content: $0.content) }
    }

    /// Reads a session's file; it is checked as a whole. Throws what is wrong with it.
    public init(path: String) throws(ModelStoreError) {
        let size = ((try? FileManager.default.attributesOfItem(atPath: path))?[.size] as? NSNumber)?.intValue
        guard let size else {
            throw ModelStoreError("there is no session at \(path). Save one with --save-session \(path)")
        }
        guard size <= Self.longest else {
            throw ModelStoreError("\(path) has \(size) bytes, a session has at most \(Self.longest).")
        }
        do {
            self = try JSONDecoder().decode(Session.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
        } catch { throw ModelStoreError("\(path) is no session that this version of Brigade reads.") }
        try check(path)
    }

    private func check(_ path: String) throws(ModelStoreError) {
        func problem(_ sentence: String) -> ModelStoreError { ModelStoreError("\(path) is damaged: \(sentence).") }
        guard format == Self.currentFormat else {
            throw ModelStoreError(
                "\(path) has the format \"\(format.prefix(40))\", expected \"\(Self.currentFormat)\".")
        }
        for message in messages where ChatRole(rawValue: message.role) == nil {
            throw problem("a message is from \"\(message.role.prefix(40))\"")
        }
        guard let cache else { return }
        guard conditions.blockTokens > 0, cache.blocks >= 0, cache.blocks <= tokens.count / conditions.blockTokens
        else {
            throw problem("\(cache.blocks) blocks of \(conditions.blockTokens) tokens for \(tokens.count) tokens")
        }
        guard cache.id == id(blocks: cache.blocks), cache.digests.allSatisfy({ BlobDigest(hex: $0)?.hex == $0 }) else {
            throw problem("its id is not that of its tokens, or a digest is none")
        }
    }

    /// Writes the file, for this user only and as a whole.
    public func write(to path: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let data = try encoder.encode(self), partial = path + ".part-\(ProcessInfo.processInfo.processIdentifier)"
        defer { try? FileManager.default.removeItem(atPath: partial) }
        guard FileManager.default.createFile(atPath: partial, contents: data, attributes: [.posixPermissions: 0o600]),
            rename(partial, path) == 0
        else {
            throw ModelStoreError(
                """
                the session cannot be written to \(path). Check that its directory exists, may be written to and is \
                not \
                full.
                """
            )
        }
    }

    /// The messages, for a chat to go on with.
    public var chatMessages: [ChatMessage] {
        messages.compactMap { message in
            ChatRole(rawValue: message.role).map { ChatMessage(role: $0, content: message.content) }
        }
    }

    /// The id of so many blocks of these tokens: a digest of all that the keys and values depend on.
    func id(blocks: Int) -> String {
        let c = conditions, r = c.rope
        var hash = SHA256()
        let rope = [
            r.type, "\(r.factor)", "\(r.originalContext)", "\(r.attentionFactor)", "\(r.betaFast)", "\(r.betaSlow)",
        ]
        let text = [Self.currentFormat, c.version, c.modelFingerprint, c.kvType, c.rowType, "\(c.blockTokens)"] + rope
        hash.update(data: Array((text.joined(separator: "\n") + "\n").utf8))
        for token in tokens.prefix(blocks * c.blockTokens) {
            hash.update(data: (0..<4).map { UInt8(truncatingIfNeeded: token >> (8 * Int32($0))) })
        }
        return hexadecimal(hash.finalize())
    }
}

extension Session.Conditions {
    /// Those of a running cluster.
    public init(_ cluster: Cluster, model: Model, version: String) {
        self.init(
            version: version, modelFingerprint: model.fingerprint, modelName: model.name,
            kvType: cluster.kvType.rawValue,
            rowType: RowType.f32.name, rope: RopeSetting(cluster.configuration.ropeScaling),
            blockTokens: KVLayer.blockTokens)
    }
}

extension RopeSetting {
    /// For people: "yarn by 4".
    fileprivate var summary: String { type == "none" ? type : "\(type) by \(factor)" }
}

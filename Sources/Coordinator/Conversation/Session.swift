import Crypto
import Foundation
import Kernels
import ModelStore
import Tokenizer
import Wire

/// A saved conversation: its tokens and messages, and the digests of the workers' files with its keys and values. A
/// JSON file.
///
/// Keys and values depend only on the tokens and the `Conditions`. Any that cannot be read back are computed again,
/// with the same bits, so the workers' files only save time.
public struct Session: Codable, Equatable, Sendable {
    /// What keys and values depend on besides the tokens.
    public struct Conditions: Codable, Equatable, Sendable {
        /// Brigade's version; another may compute differently.
        public var version: String
        /// The model's fingerprint, and its name for messages.
        public var modelFingerprint: String, modelName: String
        /// The type of keys and values, the type of rows on the wire, the RoPE scaling, and the positions of a KV
        /// block.
        public var kvType: String, rowType: String, rope: RopeSetting, blockTokens: Int

        /// Why keys and values computed under these conditions cannot be used under `others`; nil when they can.
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
                    its keys and values are \(kvType), here they are \(others.kvType). Start with --kv \
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

    /// The files that the workers wrote.
    public struct Cache: Codable, Equatable, Sendable {
        /// The session's id, which names the files.
        public var id: String
        /// Number of blocks of every layer, and SHA-256 of each layer's file in hexadecimal, by layer.
        public var blocks: Int, digests: [String]
    }

    /// A message in the file.
    public struct Message: Codable, Equatable, Sendable {
        /// The role's name, and the text.
        public var role: String, content: String
    }

    /// The name and version of the format.
    public var format = Self.currentFormat
    /// What the saved keys and values depend on besides the tokens.
    public var conditions: Conditions
    /// Context length of the cluster it was saved from, for information; any context that it fits will do.
    public var contextLength: Int
    /// The tokens of the last turn's prompt and answer, which include all earlier turns.
    public var tokens: [Int32]
    /// The workers' files; nil when they wrote none.
    public var cache: Cache?
    /// The system message, and the messages after it.
    public var system: String?, messages: [Message]

    static let currentFormat = "brigade session 1"
    /// Limit on the length of a session's file, in bytes.
    private static let longest = 256 << 20

    /// A session without saved keys and values.
    public init(_ conditions: Conditions, contextLength: Int, tokens: [Int32], system: String?, messages: [ChatMessage])
    {
        self.conditions = conditions
        self.contextLength = contextLength
        self.tokens = tokens
        self.system = system
        self.messages = messages.map { Message(role: $0.role.rawValue, content: $0.content) }
    }

    /// Reads a session's file and checks all of it.
    ///
    /// - Throws: what is wrong with it.
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

    /// Writes the file atomically, readable by this user only.
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
                not full.
                """
            )
        }
    }

    /// The messages, for a chat to continue with.
    public var chatMessages: [ChatMessage] {
        messages.compactMap { message in
            ChatRole(rawValue: message.role).map { ChatMessage(role: $0, content: message.content) }
        }
    }

    /// The id of the first `blocks` blocks of these tokens: a digest of everything that their keys and values depend
    /// on.
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
    /// The conditions of a running cluster.
    public init(_ cluster: Cluster, model: Model, version: String) {
        self.init(
            version: version, modelFingerprint: model.fingerprint, modelName: model.name,
            kvType: cluster.kvType.rawValue,
            rowType: RowType.f32.name, rope: RopeSetting(cluster.configuration.ropeScaling),
            blockTokens: KVLayer.blockTokens)
    }
}

extension RopeSetting {
    /// A short description, such as "yarn by 4.0".
    fileprivate var summary: String { type == "none" ? type : "\(type) by \(factor)" }
}

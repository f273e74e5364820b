import Coordinator
import Foundation
import ModelStore

/// The session files of one `brigade run`: the one it continues, and the one it saves.
struct SessionFiles {
    /// The loaded session.
    let loaded: Session?
    private let loadPath: String?, savePath: String?
    private let model: Model

    /// Loads the session and checks that the other can be saved, before any worker is used.
    ///
    /// - Throws: when the session cannot be loaded or belongs to another model, or when the file to save cannot be
    ///   written.
    init(load: String?, save: String?, model: Model) throws {
        loadPath = load
        savePath = save
        self.model = model
        if let save { try Self.check(save) }
        loaded = try load.map { try Session(path: $0) }
        if let conditions = loaded?.conditions, conditions.modelFingerprint != model.fingerprint {
            throw ModelStoreError(
                """
                the session in \(load ?? "") belongs to another model, "\(conditions.modelName)" with fingerprint \
                \(conditions.modelFingerprint.prefix(16)); "\(model.name)" has \(model.fingerprint.prefix(16)). Start \
                with that model.
                """
            )
        }
    }

    /// Throws when no file can be written at `path`: better now than after a long conversation.
    private static func check(_ path: String) throws(ModelStoreError) {
        let directory = (path as NSString).deletingLastPathComponent, files = FileManager.default
        var isDirectory: ObjCBool = false
        guard files.fileExists(atPath: directory.isEmpty ? "." : directory, isDirectory: &isDirectory),
            isDirectory.boolValue
        else {
            throw ModelStoreError(
                """
                the session cannot be written to \(path): there is no directory \(directory). Create it, or name \
                another file with --save-session.
                """
            )
        }
        guard files.isWritableFile(atPath: directory.isEmpty ? "." : directory) else {
            throw ModelStoreError(
                """
                the session cannot be written to \(path): its directory may not be written to. Name a file elsewhere \
                with --save-session.
                """
            )
        }
        guard !files.fileExists(atPath: path, isDirectory: &isDirectory) || !isDirectory.boolValue else {
            throw ModelStoreError(
                """
                the session cannot be written to \(path): that is a directory. Name a file in it, as in --save-session \
                \(path)/doc.session
                """
            )
        }
    }

    /// Continues the loaded session in the chat, and reports how much of it need not be computed again.
    func resume(_ chat: Chat, _ engine: Engine, _ cluster: Cluster) async throws {
        guard let loaded, let loadPath else { return }
        await chat.resume(loaded)
        let restored = try await engine.restore(
            loaded, under: Session.Conditions(cluster, model: model, version: brigadeVersion))
        let note = restored.note.map { "; the rest is computed again: \($0)" } ?? ""
        say("session: \(restored.tokens) of \(restored.of) tokens were read back for \(loadPath)\(note)")
    }

    /// Saves a conversation that failed, so that not all of it is lost; the caller reports the failure. Without any
    /// answer nothing is saved, so that no better file is replaced.
    func rescue(_ chat: Chat, _ engine: Engine, _ cluster: Cluster) async {
        guard savePath != nil, await !chat.messages.isEmpty else { return }
        do { try await keep(chat, engine, cluster) } catch { say("session: \(error)") }
    }

    /// Saves the conversation, even when a worker cannot save its keys and values.
    func keep(_ chat: Chat, _ engine: Engine, _ cluster: Cluster) async throws {
        guard let savePath else { return }
        let tokens = await chat.tokens
        guard !tokens.isEmpty else { return say("session: nothing was said, nothing is saved") }
        var session = Session(
            Session.Conditions(cluster, model: model, version: brigadeVersion),
            contextLength: cluster.plan.contextLength,
            tokens: tokens, system: await chat.system, messages: await chat.messages)
        let before = (try? Session(path: savePath))?.cache
        var note = ""
        do { session = try await engine.save(session) } catch let error where !(error is CancellationError) {
            note = "; without keys and values, which will be computed again: \(error)"
        }
        try session.write(to: savePath)
        if let before, before.id != session.cache?.id { await engine.forget(before) }
        let saved = (session.cache?.blocks ?? 0) * session.conditions.blockTokens
        say("session: \(tokens.count) tokens saved to \(savePath), keys and values of \(saved) by the workers\(note)")
    }
}

import Foundation
import GGUF
import ModelStore

/// The models of this machine's stores: Brigade's own, which pulls go to, and Ollama's, which are only read.
public struct StoredModels: ModelLibrary {
    private let stores: ModelStore.ModelLibrary, options: PullOptions

    /// `options`: where pulls get their bytes from.
    public init(_ stores: ModelStore.ModelLibrary, options: PullOptions = PullOptions()) {
        self.stores = stores
        self.options = options
    }

    public func list() -> [LibraryModel] {
        stores.list().compactMap { summary in
            guard summary.problem == nil else { return nil }
            return LibraryModel(name: summary.name.description, facts: ServedModel.Facts(summary))
        }
    }

    public func show(_ name: String) throws -> LibraryModel? {
        guard let name = try? ModelName(name), let stored = try stores.find(name) else { return nil }
        let model = try Model(path: stored.weightsPath)
        return LibraryModel(name: stored.name.description, facts: ServedModel.Facts(model))
    }

    public func pull(_ name: String) throws -> AsyncThrowingStream<PullProgress, any Error> {
        let name = try parsed(name), (stream, out) = AsyncThrowingStream.makeStream(of: PullProgress.self)
        let task = Task { [stores, options] in
            do {
                try await stores.pull(name, options: options) { progress in
                    if let digest = progress.digest, let total = progress.total {
                        out.yield(.bytes(digest: digest.description, done: progress.completed ?? 0, of: total))
                    } else if progress.status != "success" {  // said by whoever hears the stream's end
                        out.yield(.status(progress.status))
                    }
                }
                out.finish()
            } catch { out.finish(throwing: ServingError(400, "\(error)", code: "pull_failed")) }
        }
        out.onTermination = { _ in task.cancel() }
        return stream
    }

    public func remove(_ name: String) throws -> Bool {
        let name = try parsed(name)
        guard try stores.find(name) != nil else { return false }
        do { _ = try stores.remove(name) } catch { throw ServingError(400, "\(error)", code: "not_removed") }
        return true
    }

    private func parsed(_ name: String) throws -> ModelName {
        do { return try ModelName(name) } catch { throw ServingError(400, "\(error)", code: "invalid_model", param: "model") }
    }
}

extension ServedModel.Facts {
    /// What a list says of a stored model; only its header was read.
    init(_ summary: ModelSummary) {
        self.init()
        modified = summary.modified
        size = summary.size
        digest = summary.digest
        family = summary.details?.architecture ?? "unknown"
        parameterSize = summary.details?.parameterSize ?? ""
        quantization = summary.details?.quantization ?? ""
        contextLength = summary.details?.contextLength ?? 0
        template = summary.details?.chatTemplate ?? ""
    }
}

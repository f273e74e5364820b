import Foundation

extension ModelLibrary {
    /// Fetches a model into Brigade's own store, or brings it up to date there. Blobs that are here are not fetched
    /// again; a pull that was cut short goes on where it ended. No blob gets its name before its SHA-256 was compared.
    ///
    /// Cancelling the task keeps what has come. `onProgress` may be called from any thread.
    ///
    /// - Throws: `ModelStoreError` that says what went wrong and what to do, or `CancellationError`.
    @discardableResult
    public func pull(
        _ name: ModelName, options: PullOptions = PullOptions(),
        onProgress: @escaping @Sendable (PullProgress) -> Void = { _ in }
    ) async throws -> ModelManifest {
        try checkOwnStore()
        let registry = try options.registry ?? RegistryURL(of: name)
        do { try FileManager.default.createDirectory(atPath: own.blobs, withIntermediateDirectories: true) } catch {
            throw ModelStoreError(
                """
                \(own.blobs) cannot be made: \(error.localizedDescription). Set BRIGADE_MODELS to a directory of yours.
                """
            )
        }
        guard let lock = try FileLock(own.path + "/lock", shared: true) else {
            throw ModelStoreError("a model is being removed from \(own.path). Try again in a moment.")
        }
        let client = RegistryClient(registry, options: options)
        let outcome: Result<(ModelManifest, replaced: [ModelManifest.Layer]), any Error>
        do {
            outcome = .success(try await fetch(name, registry, client, options, onProgress))
        } catch { outcome = .failure(error) }
        await client.shutdown()
        lock.release()
        let (manifest, replaced) = try outcome.get()
        // Somebody else's pull may count on these blobs, so they are only removed when nobody else is at work.
        if !replaced.isEmpty, let lock = try? FileLock(own.path + "/lock", shared: false) {
            onProgress(PullProgress("removing unused layers"))
            _ = own.deleteUnneeded(replaced)
            lock.release()
        }
        onProgress(PullProgress("success"))
        return manifest
    }

    /// Everything that touches the network; returns the manifest and the blobs that only the one it replaces may have
    /// needed.
    private func fetch(
        _ name: ModelName, _ registry: RegistryURL, _ client: RegistryClient, _ options: PullOptions,
        _ onProgress: @escaping @Sendable (PullProgress) -> Void
    ) async throws -> (ModelManifest, replaced: [ModelManifest.Layer]) {
        onProgress(PullProgress("pulling manifest"))
        let manifest = try ModelManifest(await client.manifest(name), source: registry.manifest(name))
        _ = try manifest.weights(of: name)
        try checkSpace(for: manifest)
        for blob in manifest.blobs {
            try Task.checkCancellation()
            if own.has(blob) {
                onProgress(.pulling(blob, completed: blob.size))
            } else {
                try await fetch(blob, from: registry.blob(blob.digest, of: name), client, options, onProgress)
            }
        }
        onProgress(PullProgress("writing manifest"))
        let old = (try? own.manifest(name))?.blobs ?? []
        try own.write(manifest, as: name)
        return (manifest, old.filter { blob in !manifest.blobs.contains { $0.digest == blob.digest } })
    }

    private func fetch(
        _ blob: ModelManifest.Layer, from url: String, _ client: RegistryClient, _ options: PullOptions,
        _ onProgress: @escaping @Sendable (PullProgress) -> Void
    ) async throws {
        let file = PartialBlob(blob, in: own)
        guard let lock = try FileLock(file.path + ".lock", shared: false) else {
            throw ModelStoreError(
                "another pull is fetching \(blob.digest). Wait for it, or stop it and try again; what has come is kept."
            )
        }
        defer { file.remove(lock) }
        if own.has(blob) { return }  // the other pull has just ended
        let parts = try await file.begin(partSize: options.partSize)
        if !parts.isComplete || blob.size == 0 {
            let download = BlobDownload(file, parts: parts, from: url, client: client, options: options) {
                onProgress(.pulling(blob, completed: $0))
            }
            try await download.run()
        }
        onProgress(PullProgress("verifying sha256 digest", blob, completed: 0))
        try await file.finish { onProgress(PullProgress("verifying sha256 digest", blob, completed: $0)) }
    }

    /// Refuses a model for which there is no room, before anything is fetched.
    private func checkSpace(for manifest: ModelManifest) throws(ModelStoreError) {
        let needed = manifest.blobs.filter { !own.has($0) }
            .reduce(0) { $0 + $1.size - (PartialBlob($1, in: own).found()?.completed ?? 0) }
        guard let attributes = try? FileManager.default.attributesOfFileSystem(forPath: own.path),
            let free = (attributes[.systemFreeSize] as? NSNumber)?.intValue, free < needed
        else { return }
        throw ModelStoreError(
            """
            the model needs \(needed) more bytes, but \(own.path) has room for \(free). Make room there, or set \
            BRIGADE_MODELS to a directory with more.
            """
        )
    }
}

import Foundation

extension ModelLibrary {
    /// Fetches a model into Brigade's own store, or updates it there. Blobs that are already here are not fetched
    /// again, and an interrupted pull continues where it stopped. A blob gets its final name only after its SHA-256 was
    /// checked.
    ///
    /// Cancelling the task keeps the bytes that have arrived. `onProgress` may be called from any thread.
    ///
    /// - Throws: `ModelStoreError`, which says what went wrong and what to do, or `CancellationError`.
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
        // Another pull may rely on these blobs, so they are only removed when no other pull is running.
        if !replaced.isEmpty, let lock = try? FileLock(own.path + "/lock", shared: false) {
            onProgress(PullProgress("removing unused layers"))
            _ = own.deleteUnneeded(replaced)
            lock.release()
        }
        onProgress(PullProgress("success"))
        return manifest
    }

    /// The part of a pull that uses the network. Returns the manifest, and the blobs that only the replaced manifest
    /// names.
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
        if own.has(blob) { return }  // another pull has just finished it
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

    /// Refuses, before anything is fetched, a model that the disk has no room for.
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

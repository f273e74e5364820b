import Foundation

extension ModelLibrary {
    /// The result of a removal.
    public struct Removal: Sendable, Equatable {
        /// The model that was removed.
        public var name: ModelName
        /// Number of blobs deleted, and their length in bytes. Blobs that other models need stay.
        public var blobs: Int, bytes: Int
    }

    /// Removes a model from Brigade's own store, with those of its blobs that no other model needs.
    ///
    /// - Throws: when it is not there, when it is in Ollama's store, or when a pull is using the store.
    public func remove(_ name: ModelName) throws(ModelStoreError) -> Removal {
        try checkOwnStore()
        guard let known = own.name(matching: name) else {
            if let other = others.first(where: { $0.name(matching: name) != nil }) {
                throw ModelStoreError(
                    "\(name) is Ollama's, in \(other.path), and is not touched. Remove it with: ollama rm \(name)")
            }
            throw ModelStoreError("\(name) is not in Brigade's store, \(own.path); brigade models lists what is.")
        }
        guard let lock = try FileLock(own.path + "/lock", shared: false) else {
            throw ModelStoreError("a pull is at work in \(own.path). Try again when it has ended.")
        }
        defer { lock.release() }
        // A broken manifest names no blobs; it can still be removed.
        let wanted = (try? own.manifest(known))?.blobs ?? []
        try own.deleteManifest(known)
        let deleted = own.deleteUnneeded(wanted)
        return Removal(name: known, blobs: deleted.count, bytes: deleted.reduce(0, +))
    }
}

extension ModelDirectory {
    /// Deletes the manifest, and its directories as far as they are empty now.
    fileprivate func deleteManifest(_ name: ModelName) throws(ModelStoreError) {
        let path = manifestPath(name)
        do { try FileManager.default.removeItem(atPath: path) } catch {
            throw ModelStoreError("\(path) cannot be deleted: \(error.localizedDescription)")
        }
        // rmdir fails on a directory that is not empty, which ends the loop.
        var directory = path
        for _ in 0..<3 {
            directory = String(directory[..<(directory.lastIndex(of: "/") ?? directory.endIndex)])
            guard rmdir(directory) == 0 else { return }
        }
    }

    /// Deletes those of `blobs` that no manifest names; returns their lengths. The caller holds the store's lock.
    func deleteUnneeded(_ blobs: [ModelManifest.Layer]) -> [Int] {
        var needed = Set<BlobDigest>()
        for name in names() {
            guard let manifest = try? manifest(name) else { return [] }  // it may need any of them: delete none
            needed.formUnion(manifest.blobs.map(\.digest))
        }
        return blobs.filter { !needed.contains($0.digest) }.compactMap { blob in
            let path = blobPath(blob.digest), size = Self.size(ofFile: path) ?? 0
            return (try? FileManager.default.removeItem(atPath: path)) == nil ? nil : size  // nil: nothing was deleted
        }
    }

    /// Writes a manifest atomically.
    func write(_ manifest: ModelManifest, as name: ModelName) throws(ModelStoreError) {
        let path = manifestPath(name)
        do {
            try FileManager.default.createDirectory(
                atPath: "\(manifests)/\(name.host)/\(name.namespace)/\(name.model)", withIntermediateDirectories: true)
            try Data(manifest.bytes).write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch { throw ModelStoreError("\(path) cannot be written: \(error.localizedDescription)") }
    }
}

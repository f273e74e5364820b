import Wire

extension Engine {
    /// The result of restoring a session's keys and values.
    public struct Restoration: Sendable, Equatable {
        /// Number of tokens whose keys and values were read back, and number of the session's tokens.
        public var tokens: Int, of: Int
        /// Why not all were read back; nil when nothing prevented it.
        public var note: String?
    }

    /// Lets the workers save the keys and values of a session's tokens, as far as whole blocks of them are cached.
    ///
    /// - Returns: the session, with the workers' files.
    /// - Throws: when a worker fails. The session remains valid without the files, but is slower to continue.
    public func save(_ session: Session) async throws -> Session {
        try await whileIdle { engine in
            var session = session
            let blocks = engine.scheduler.hold(session.tokens)
            defer { engine.scheduler.release(blocks) }
            let id = session.id(blocks: blocks.count)
            let digests: [String]
            do { digests = try await engine.sessionOrders.save(id, blocks: blocks) } catch let failure
                as SessionOrders.Failure
            {
                throw failure.reason
            }
            session.cache = Session.Cache(id: id, blocks: blocks.count, digests: digests)
            return session
        }
    }

    /// Lets the workers read back the files of a session into the prefix cache. If that fails, the tokens are computed
    /// again when they are needed, which costs only time.
    ///
    /// A pipeline computes a token on all stages or on none, so nothing is restored when one layer is missing on one
    /// worker.
    public func restore(_ session: Session, under conditions: Session.Conditions) async throws -> Restoration {
        try embedding.check(session.tokens)
        var restoration = Restoration(tokens: 0, of: session.tokens.count)
        if let difference = session.conditions.difference(from: conditions) {
            restoration.note = difference
            return restoration
        }
        guard let cache = session.cache, cache.digests.count == sessionOrders.layers else {
            restoration.note = "the workers wrote no keys and values when it was saved"
            return restoration
        }
        do {
            try await whileIdle { engine in
                let blocks = engine.scheduler.take(cache.blocks)
                // Blocks that a worker may still write are never released.
                var areFree = true
                defer { if areFree { engine.scheduler.release(blocks) } }
                if blocks.isEmpty { return }
                do { try await engine.sessionOrders.load(cache.id, blocks: blocks, digests: cache.digests) } catch let
                    failure as SessionOrders.Failure
                {
                    areFree = failure.isSettled
                    throw failure.reason
                }
                engine.scheduler.cache(blocks, holding: session.tokens)
                restoration.tokens = blocks.count * conditions.blockTokens
                if blocks.count < cache.blocks { restoration.note = "there is memory for no more" }
            }
        } catch let error where !(error is CancellationError) { restoration.note = "\(error)" }
        return restoration
    }

    /// Lets the workers remove their files of a session.
    public func forget(_ cache: Session.Cache) async { await sessionOrders.forget(cache.id) }
}

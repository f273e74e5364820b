import Wire

extension Engine {
    /// What became of a session's keys and values.
    public struct Restoration: Sendable, Equatable {
        /// Tokens whose keys and values were read back, of so many that the session has.
        public var tokens: Int, of: Int
        /// Why it were not more, if there is a reason.
        public var note: String?
    }

    /// Has the workers write the keys and values of a session's tokens, as far as they are known in whole blocks.
    ///
    /// - Returns: the session with what they wrote. Throws when one of them cannot; what it was is then worth nothing,
    ///   and the session without it is as good, only slower to go on with.
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

    /// Has the workers read back what they wrote for a session, so that a prompt that begins with its tokens finds it.
    /// Whatever is in the way of that costs time and nothing else: then the tokens are computed again when they are
    /// needed.
    ///
    /// A line computes a token on all stages or on none, so when one layer of one worker is missing nothing is
    /// restored.
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
                // Blocks that a worker may still write belong to nobody else any more.
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

    /// Has the workers remove their files of a session.
    public func forget(_ cache: Session.Cache) async { await sessionOrders.forget(cache.id) }
}

import Wire

/// Gives blocks to sequences, takes them away, and caches them.
extension Scheduler {
    /// Serves as many waiting requests as there is room for: first preempted ones, then clients in turn.
    mutating func admit(now: Double) {
        while serving.count < options.maxSequences {
            if let id = preempted.first {
                guard start(id, now: now) else { break }
                preempted.removeFirst()
            } else if let client = turns.first, let id = waiting[client]?.first {
                guard start(id, now: now) else { break }
                waiting[client]!.removeFirst()
                if waiting[client]!.isEmpty { endTurns(of: client) } else { turns.append(turns.removeFirst()) }
            } else {
                break
            }
        }
        tellTheQueue()
    }

    /// Gives a request the blocks for all its tokens; blocks of a cached prefix are shared. Returns false if there are
    /// too few.
    private mutating func start(_ id: Int, now: Double) -> Bool {
        let count = jobs[id].known
        let match = pool.match(jobs[id].tokens[..<jobs[id].reusable])
        var blocks = match.blocks
        for block in blocks { pool.hold(block) }
        if let partial = match.partial { pool.hold(partial.block) }
        // Leave a block for each sequence to grow, or this one might be preempted at once.
        let wanted = blocksNeeded(count) - blocks.count, spare = serving.count + 1
        var copied = match.partial
        if let partial = copied, pool.available < wanted {
            pool.release(partial.block)
            copied = nil
        }
        guard pool.available >= wanted + spare || (serving.isEmpty && pool.available >= wanted) else {
            for block in blocks { pool.release(block) }
            if let copied { pool.release(copied.block) }
            return false
        }
        let sequence = nextSequence
        nextSequence += 1
        let shared = blocks.count * pool.blockTokens + (copied?.count ?? 0)
        if shared > 0 {
            operations.append(
                .share(sequence: sequence, blocks: blocks + (copied.map { [$0.block] } ?? []), length: shared))
        }
        for i in 0..<wanted {
            let block = pool.take()!
            if i == 0, let copied {
                operations.append(.copy(sequence: sequence, index: blocks.count, to: block))
                pool.release(copied.block)
            } else {
                operations.append(.append(sequence: sequence, block: block))
            }
            blocks.append(block)
        }
        turn += 1
        serving.append(id)
        if jobs[id].age == nil {
            totals.promptTokens += jobs[id].promptCount
            totals.reusedTokens += shared
        }
        jobs[id].begin(sequence, blocks, match, shared: shared, turn: turn, now: now)
        return true
    }

    func blocksNeeded(_ positions: Int) -> Int { (positions + pool.blockTokens - 1) / pool.blockTokens }

    /// Gets the blocks for `positions` positions of a sequence. If none is left, the youngest sequence is preempted.
    /// Returns false if that is this one.
    mutating func grow(_ id: Int, to positions: Int) -> Bool {
        while jobs[id].blocks.count < blocksNeeded(positions) {
            if let block = pool.take() {
                jobs[id].blocks.append(block)
                operations.append(.append(sequence: jobs[id].stageSequence, block: block))
            } else {
                let youngest = serving.max { jobs[$0].seniority < jobs[$1].seniority }!
                preempt(youngest)
                if youngest == id { return false }
            }
        }
        return true
    }

    /// Gets blocks for draft tokens, but leaves one for each sequence. Returns the positions there is room for.
    mutating func growFreely(_ id: Int, to positions: Int) -> Int {
        while jobs[id].blocks.count < blocksNeeded(positions), pool.available > serving.count, let block = pool.take() {
            jobs[id].blocks.append(block)
            operations.append(.append(sequence: jobs[id].stageSequence, block: block))
        }
        return min(positions, jobs[id].blocks.count * pool.blockTokens)
    }

    /// Truncates a sequence on the stages to its sent positions, and cancels later rows in flight.
    mutating func truncate(_ job: inout Job) {
        guard let sequence = job.sequence else { return }
        cancelRows(job.id, from: job.sent)
        while job.blocks.count > blocksNeeded(job.sent) { pool.release(job.blocks.removeLast()) }
        operations.append(.truncate(sequence: sequence, length: job.sent))
    }

    /// Takes a sequence's blocks away. It waits and is computed again later.
    private mutating func preempt(_ id: Int) {
        totals.preempted += 1
        serving.removeAll { $0 == id }
        leave(jobs[id], jobs[id].stageSequence)
        jobs[id].loseCache()
        preempted.append(id)
        preempted.sort { jobs[$0].seniority < jobs[$1].seniority }
    }

    /// Frees a sequence on the stages. Its history stays in the prefix cache until the blocks are needed.
    mutating func leave(_ job: Job, _ sequence: UInt32) {
        cancelRows(job.id, from: job.confirmed)
        var job = job
        Self.cache(&job, &pool)
        let tail = job.confirmed - job.cachedCount * pool.blockTokens
        if tail > 0, tail < pool.blockTokens, let node = job.node, job.blocks.count > job.cachedCount {
            let first = job.cachedCount * pool.blockTokens
            _ = pool.cache(job.blocks[job.cachedCount], tokens: job.tokens[first..<first + tail], after: node)
        }
        if let node = job.node { pool.touch(node) }
        for block in job.blocks.reversed() { pool.release(block) }
        operations.append(.free(sequence: sequence))
    }

    /// Adds the blocks of a sequence that are full of certain tokens to the prefix cache.
    static func cache(_ job: inout Job, _ pool: inout BlockPool) {
        let size = pool.blockTokens
        while let node = job.node, (job.cachedCount + 1) * size <= job.confirmed {
            let first = job.cachedCount * size
            job.node = pool.cache(job.blocks[job.cachedCount], tokens: job.tokens[first..<first + size], after: node)
            job.cachedCount += 1
        }
    }

    /// Notifies waiting requests of the number of requests before them, if it has changed.
    private mutating func tellTheQueue() {
        guard !turns.isEmpty else { return }
        var ahead = preempted.count, round = 0, left = true
        while left {
            left = false
            for client in turns {
                guard let queue = waiting[client], round < queue.count else { continue }
                left = true
                let id = queue[round]
                if jobs[id].ahead != ahead {
                    jobs[id].ahead = ahead
                    notices.append(.event(id, .queued(ahead: ahead)))
                }
                ahead += 1
            }
            round += 1
        }
    }
}

extension Job {
    /// Begins to be served. The stages will have its first `shared` positions before its rows arrive.
    mutating func begin(
        _ sequence: UInt32, _ blocks: [UInt32], _ match: BlockPool.Match, shared: Int, turn: Int, now: Double
    ) {
        self.sequence = sequence
        self.blocks = blocks
        sent = shared
        node = match.node
        cachedCount = match.blocks.count
        due = turn
        if age == nil {
            age = turn
            reused = shared
            started = now
        }
        ahead = nil
    }

    /// Forgets its sequence and blocks, because the stages have nothing of it any more.
    mutating func loseCache() {
        if tokens.count > known { dropDraft() }
        cutDrafts(to: known)
        sent = 0
        generation += 1
        inFlight = 0
        sequence = nil
        blocks = []
        node = BlockPool.root
        cachedCount = 0
    }
}

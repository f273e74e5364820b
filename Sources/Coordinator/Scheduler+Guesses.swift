/// Rows whose tokens are guessed, to be checked together with the row that is due, or while others of the sequence are still being
/// checked.
extension Scheduler {
    /// Guesses in one frame at most.
    static let mostGuesses = 15

    /// Adds guesses behind a sequence's tokens; returns how many.
    ///
    /// - Parameter rows: sequences that share the frame.
    mutating func guess(for id: Int, rows: Int, ahead: Bool) -> Int {
        guard jobs[id]!.guesses, !jobs[id]!.wantsAll else { return 0 }
        let before = jobs[id]!.tokens.count, pending = before - jobs[id]!.known
        let room = min(jobs[id]!.limit - jobs[id]!.answerCount - 1 - pending, contextLength - before - 1, Self.mostGuesses)
        guard room > 0 else { return 0 }
        jobs[id]!.guess(atMost: room, rows: rows, cost: options.stepCost, ahead: ahead)
        jobs[id]!.cutGuesses(to: growFreely(id, to: jobs[id]!.tokens.count))
        let count = jobs[id]!.tokens.count - before
        jobs[id]!.guessed += count
        return count
    }

    /// While stages would idle: rows behind those that are being checked, of answers that are guessed well.
    mutating func pickGuessesAhead() -> [Pick] {
        guard options.guesses, options.guessesAhead, options.stages > 1 else { return [] }
        var picks: [Pick] = []
        for id in serving where jobs[id]!.underWay > 0 && !jobs[id]!.isDue {
            let count = guess(for: id, rows: 1, ahead: true)
            if count > 0 { picks.append(Pick(id: id, count: count)) }
        }
        return picks
    }
}

extension Job {
    /// Appends at most `most` guesses to the tokens.
    mutating func guess(atMost most: Int, rows: Int, cost: StepCost, ahead: Bool) {
        if guesser == nil { guesser = Guesser() }
        // Ahead of a check only what is likely to survive it.
        if ahead, grades.reduce(1, { $0 * guesser!.rates[$1] }) < Self.leastSurvival { return }
        guard let source = guesser!.source(in: tokens, known: known) else { return }
        let length = guesser!.length(source.grade, rows: rows, cost: cost, most: most)
        // Ahead there is no row that must be computed anyway.
        let count = ahead && length > 0 ? min(length + 1, most) : length
        for i in 0..<count {
            tokens.append(tokens[source.position + i])
            grades.append(source.grade)
        }
    }

    /// Guesses ahead must be right with this probability.
    private static let leastSurvival = 0.35

    /// Takes guesses back, those beyond `count` tokens.
    mutating func cutGuesses(to count: Int) {
        guard tokens.count > count else { return }
        grades.removeLast(tokens.count - count)
        tokens.removeLast(tokens.count - count)
    }
}

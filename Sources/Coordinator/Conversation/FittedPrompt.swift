import Tokenizer

/// What becomes of a conversation that does not fit the context.
public enum Overflow: String, Sendable, CaseIterable {
    /// It is an error.
    case error
    /// What was said first is left out, but for the system message; and it is said how much.
    case shift
}

/// A prompt, and what was left out of the conversation so that it fits.
struct FittedPrompt: Equatable, Sendable {
    /// The prompt.
    var tokens: [Int32]
    /// How many whole messages behind the system message were left out, and how many tokens in all.
    var droppedMessages = 0, droppedTokens = 0
}

extension FittedPrompt {
    /// Writes `turn` so that it has at most `room` tokens, if `overflow` allows leaving out something and that helps.
    ///
    /// Whole messages go first, until a quarter of the room is free: the next turns then find the beginning of their
    /// prompt unchanged, and computed. Of a last message that is too long by itself the oldest tokens go, and no more
    /// than must.
    init(_ turn: [ChatMessage], room: Int, overflow: Overflow, encode: ([ChatMessage]) -> [Int32]) {
        tokens = encode(turn)
        guard overflow == .shift, tokens.count > room else { return }
        let whole = tokens.count
        var kept = turn
        let first = turn.first?.role == .system ? 1 : 0
        while kept.count > first + 1, tokens.count > room * 3 / 4 {
            // A conversation begins with a question: what answered one that is gone goes with it.
            repeat {
                kept.remove(at: first)
                droppedMessages += 1
            } while kept.count > first + 1 && kept[first].role != .user
            tokens = encode(kept)
        }
        if tokens.count > room, var last = kept.popLast() {
            // The message's own tokens lie where its prompt parts from that of an empty one.
            last.content = ""
            let empty = encode(kept + [last])
            let start = zip(tokens, empty).prefix { $0 == $1 }.count, excess = tokens.count - room
            if empty.count <= room { tokens.removeSubrange(start..<start + excess) }
        }
        droppedTokens = whole - tokens.count
    }
}

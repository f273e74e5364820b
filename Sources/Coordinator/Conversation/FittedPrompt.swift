import Tokenizer

/// What to do with a conversation that does not fit the context.
public enum Overflow: String, Sendable, CaseIterable {
    /// Report an error.
    case error
    /// Leave out the oldest messages, except the system message, and report how much.
    case shift
}

/// A prompt, and how much of the conversation was left out so that it fits.
struct FittedPrompt: Equatable, Sendable {
    /// The prompt.
    var tokens: [Int32]
    /// Number of whole messages left out after the system message, and number of tokens left out in all.
    var droppedMessages = 0, droppedTokens = 0
}

extension FittedPrompt {
    /// Encodes `turn` into at most `room` tokens, if `overflow` allows leaving something out and that suffices.
    ///
    /// Whole messages are left out first, until a quarter of the room is free: then the prompts of the next turns begin
    /// the same way and are found in the prefix cache. If the last message alone is too long, its oldest tokens are
    /// left out, no more than necessary.
    init<Problem: Error>(
        _ turn: [ChatMessage], room: Int, overflow: Overflow, encode: ([ChatMessage]) throws(Problem) -> [Int32]
    ) throws(Problem) {
        tokens = try encode(turn)
        guard overflow == .shift, tokens.count > room else { return }
        let whole = tokens.count
        var kept = turn
        let first = turn.first?.role == .system ? 1 : 0
        while kept.count > first + 1, tokens.count > room * 3 / 4 {
            // A conversation begins with a user message, so the answers to a removed one go too.
            repeat {
                kept.remove(at: first)
                droppedMessages += 1
            } while kept.count > first + 1 && kept[first].role != .user
            tokens = try encode(kept)
        }
        if tokens.count > room, var last = kept.popLast() {
            // The message's own tokens start where the prompt differs from that of an empty message.
            last.content = ""
            let empty = try encode(kept + [last])
            let start = zip(tokens, empty).prefix { $0 == $1 }.count, excess = tokens.count - room
            if empty.count <= room { tokens.removeSubrange(start..<start + excess) }
        }
        droppedTokens = whole - tokens.count
    }
}

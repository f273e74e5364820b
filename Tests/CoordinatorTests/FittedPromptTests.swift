import Testing
import Tokenizer

@testable import Coordinator

/// What is left out of a conversation that does not fit. Each token is a letter or a marker.
struct FittedPromptTests {
    /// For each message a marker of its role, its letters and an end; then the beginning of the answer.
    static func encode(_ messages: [ChatMessage]) -> [Int32] {
        messages.flatMap { message -> [Int32] in
            let role: Int32 =
                switch message.role {
                case .system: 1;
                case .user: 2;
                case .assistant: 3;
                case .tool: 4
                }
            return [role] + message.content.utf8.map(Int32.init) + [9]
        } + [3]
    }

    static func prompt(_ turn: [ChatMessage], room: Int, _ overflow: Overflow = .shift) -> FittedPrompt {
        FittedPrompt(turn, room: room, overflow: overflow, encode: encode)
    }

    static let system = ChatMessage(role: .system, content: "rules")
    static let turn =
        [system]
        + (1...3).flatMap { i in
            [
                ChatMessage(role: .user, content: "question\(i)"), ChatMessage(role: .tool, content: "t"),
                ChatMessage(role: .assistant, content: "answer\(i)"),
            ]
        } + [ChatMessage(role: .user, content: "and now?")]

    @Test func whatFitsIsLeftAlone() {
        let whole = Self.encode(Self.turn)
        #expect(Self.prompt(Self.turn, room: whole.count) == FittedPrompt(tokens: whole))
    }

    @Test func withoutLeaveNothingIsLeftOut() {
        #expect(Self.prompt(Self.turn, room: 20, .error) == FittedPrompt(tokens: Self.encode(Self.turn)))
    }

    @Test func theOldestQuestionsGoWithTheirAnswersUntilAQuarterIsFree() {
        let whole = Self.encode(Self.turn).count
        // The conversation without its first turn would fit the second room, but not with a quarter of it free.
        for (room, dropped) in [(whole - 1, 3), (whole - 20, 6)] {
            let fitted = Self.prompt(Self.turn, room: room), kept = [Self.system] + Self.turn[(1 + dropped)...]
            #expect(fitted.tokens == Self.encode(kept) && fitted.tokens.count <= room * 3 / 4)
            #expect(fitted.droppedMessages == dropped && fitted.droppedTokens == whole - fitted.tokens.count)
        }
    }

    @Test func theSystemMessageAndTheQuestionStay() {
        let fitted = Self.prompt(Self.turn, room: 20), last = Self.encode([Self.system, Self.turn.last!])
        #expect(fitted.tokens == last && fitted.droppedMessages == 9)
    }

    @Test func ofAQuestionThatIsTooLongItselfTheOldestTokensGo() {
        let fitted = Self.prompt(Self.turn, room: 14)
        #expect(fitted.tokens.count == 14)
        #expect(fitted.tokens == Self.encode([Self.system, ChatMessage(role: .user, content: "now?")]))
        #expect(fitted.droppedTokens == Self.encode(Self.turn).count - 14)
        let alone = Self.prompt([ChatMessage(role: .user, content: "0123456789")], room: 7)
        #expect(alone.tokens == Self.encode([ChatMessage(role: .user, content: "6789")]) && alone.droppedMessages == 0)
    }

    @Test func whenNothingHelpsThePromptStaysTooLong() {
        #expect(Self.prompt(Self.turn, room: 9).tokens.count > 9)
    }
}

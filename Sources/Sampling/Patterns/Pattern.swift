/// What a regular expression says, as a tree.
indirect enum Pattern: Sendable, Equatable {
    case set(CodePointSet)
    case sequence([Pattern])
    case choice([Pattern])
    /// So many times; nil: without a limit.
    case repetition(Pattern, least: Int, most: Int?)
    /// The text's start and end.
    case start, end
    /// A place between a word's character and another one, or the contrary. `isWide`: where some dialects see one.
    case boundary(isNegated: Bool, isWide: Bool)
    /// What comes next begins like this, or does not.
    case ahead(Pattern, isNegated: Bool)

    static let empty = Pattern.sequence([])

    /// These characters.
    static func text(_ text: String) -> Pattern {
        .sequence(text.unicodeScalars.map { .set(CodePointSet([$0.value...$0.value])) })
    }

    /// This and nothing before or behind it.
    var whole: Pattern { .sequence([.start, self, .end]) }

    /// A text of so many characters.
    static func length(_ least: Int, _ most: Int?) -> Pattern {
        Pattern.repetition(.set(.all), least: least, most: most).whole
    }
}

/// Why a pattern cannot be followed.
struct PatternError: Error, Equatable {
    var problem: String

    static let tooLarge = PatternError(
        problem: "needs too many states to be followed. Use a shorter one, or smaller numbers in { }")
}

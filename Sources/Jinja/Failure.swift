/// Why an operation of the language cannot be done; the evaluator adds where.
struct Failure: Error {
    /// The kinds that the language itself tells apart (some filters fall back to a default at `type` and `value`), and
    /// those that end a rendering whatever the template does.
    enum Kind {
        case type, value, overflow, undefined, forbidden, other
        /// `raise_exception`.
        case refused
        /// More steps, depth, memory or output than allowed.
        case limit
        case syntax
    }

    var kind: Kind
    var message: String
    /// Where in the source, in bytes, once it is known.
    var offset: Int?

    init(_ kind: Kind, _ message: String, at offset: Int? = nil) {
        self.kind = kind
        self.message = message
        self.offset = offset
    }

    /// The same failure at a place, unless it has one already: the innermost place is the one worth showing.
    func located(at place: Int) -> Failure {
        guard offset == nil else { return self }
        return Failure(kind, message, at: place)
    }
}

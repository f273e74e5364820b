/// A chat template: jinja2's language, set up as Hugging Face's `apply_chat_template` sets it up (jinja2 3.1's immutable
/// sandbox, `trim_blocks`, `lstrip_blocks`, `break` and `continue`, `generation`, `raise_exception`, `strftime_now`,
/// `tojson`), and `do`.
///
/// Nothing a template does reaches outside: what it writes depends on its source and on what it is given.
public struct Template: Sendable {
    private let program: Program
    private let limits: Limits

    /// Reads a template's source.
    public init(_ source: String, limits: Limits = .standard) throws(TemplateError) {
        var bytes: [UInt8] = []
        do throws(Failure) {
            guard source.utf8.count <= limits.source else {
                throw Failure(.limit, "the template has \(source.utf8.count) bytes, more than \(limits.source)")
            }
            var lexer = Lexer(source)
            bytes = lexer.source
            var parser = Parser(try lexer.readAll())
            let body = try parser.parseTemplate()
            program = try Resolver.program(body, source: bytes, parser: parser)
            self.limits = limits
        } catch {
            throw TemplateError(error, in: bytes)
        }
    }

    /// What the template writes.
    ///
    /// - Parameters:
    ///   - variables: What it finds under which name; a name that comes again takes the later value.
    ///   - now: What the clock shows to `strftime_now`; without it, that function is not defined, and templates that ask
    ///     whether it is write the date they were made with.
    public func render(
        _ variables: [(name: String, value: Value)], now: LocalTime? = nil
    ) throws(TemplateError) -> Rendered {
        do throws(Failure) {
            let renderer = try Renderer(program, variables: variables, now: now, limits: limits)
            return Rendered(try renderer.run().text())
        } catch {
            throw TemplateError(error, in: program.source)
        }
    }
}

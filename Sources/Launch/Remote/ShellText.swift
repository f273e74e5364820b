/// Quotes text for a POSIX shell.
enum ShellText {
    /// The text as one word, whatever characters it contains.
    static func quoted(_ text: String) -> String { "'" + text.replacing("'", with: "'\\''") + "'" }

    /// The path as one word. A path that begins with `~/` is under the home directory of the user who runs the shell.
    static func path(_ text: String) -> String {
        text.hasPrefix("~/") ? "\"$HOME\"/" + quoted(String(text.dropFirst(2))) : quoted(text)
    }
}

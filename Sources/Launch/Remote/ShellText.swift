/// Text for a POSIX shell.
enum ShellText {
    /// One word, whatever it contains.
    static func quoted(_ text: String) -> String { "'" + text.replacing("'", with: "'\\''") + "'" }

    /// One word that is a path; one that begins with `~/` lies under the home directory of whoever runs the shell.
    static func path(_ text: String) -> String {
        text.hasPrefix("~/") ? "\"$HOME\"/" + quoted(String(text.dropFirst(2))) : quoted(text)
    }
}

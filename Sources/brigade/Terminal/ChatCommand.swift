/// What a line typed into a chat means.
enum ChatCommand: Equatable, Sendable {
    /// What `/show` shows.
    enum Topic: String, CaseIterable, Sendable { case info, parameters, system, template }
    /// What `/?` explains.
    enum Help: Equatable, Sendable { case all, set, show, shortcuts }

    /// Text for the model.
    case message(String)
    /// `/set parameter NAME VALUE ...`; the name is one of `parameterNames`, there is at least one value.
    case setParameter(name: String, values: [String])
    /// `/set system TEXT`.
    case setSystem(String)
    /// `/set verbose` and `/set quiet`.
    case setVerbose(Bool)
    /// `/set history` and `/set nohistory`.
    case setHistory(Bool)
    /// `/show TOPIC`.
    case show(Topic)
    /// `/clear`.
    case clear
    /// `/bye` and `/exit`.
    case bye
    /// `/?` and `/help`.
    case help(Help)

    /// The parameters of `/set parameter`.
    static let parameterNames = [
        "temperature", "top_k", "top_p", "min_p", "repeat_penalty", "repeat_last_n", "presence_penalty",
        "frequency_penalty",
        "seed", "num_predict", "num_ctx", "stop",
    ]

    /// The meaning of one line that does not begin or continue a `"""` text; nil for a blank line.
    static func parse(_ line: String) throws(ChatCommandError) -> ChatCommand? {
        guard let first = line.first(where: { !$0.isWhitespace }) else { return nil }
        guard first == "/" else { return .message(line) }
        let words = line.split(whereSeparator: \.isWhitespace).map(String.init)
        switch words[0] {
        case "/bye", "/exit": return .bye
        case "/clear": return .clear
        case "/?", "/help": return .help(help(words.dropFirst().first))
        case "/show":
            guard words.count > 1 else { throw .init("/show needs a topic: \(Topic.list).") }
            guard let topic = Topic(rawValue: words[1]) else {
                throw .init("Unknown topic '/show \(words[1])'. Use one of \(Topic.list).")
            }
            return .show(topic)
        case "/set": return try set(words, line)
        default: throw .init("Unknown command '\(words[0])'. Type /? for help")
        }
    }

    private static func set(_ words: [String], _ line: String) throws(ChatCommandError) -> ChatCommand {
        guard words.count > 1 else { throw .init("/set needs to know what to set. Type /? set for help") }
        switch words[1] {
        case "verbose": return .setVerbose(true)
        case "quiet": return .setVerbose(false)
        case "history": return .setHistory(true)
        case "nohistory": return .setHistory(false)
        case "system":
            let text = afterWords(2, of: line)
            guard !text.isEmpty else { throw .init("/set system needs a text: /set system You are a pirate.") }
            return .setSystem(text)
        case "parameter":
            guard words.count > 2 else {
                throw .init(
                    "/set parameter needs a name and a value. Names: \(parameterNames.joined(separator: ", ")).")
            }
            guard parameterNames.contains(words[2]) else {
                throw .init("Unknown parameter '\(words[2])'. Use one of \(parameterNames.joined(separator: ", ")).")
            }
            guard words.count > 3 else { throw .init("/set parameter \(words[2]) needs a value.") }
            guard words.count == 4 || words[2] == "stop" else {
                throw .init("/set parameter \(words[2]) takes one value, found \(words.count - 3).")
            }
            return .setParameter(name: words[2], values: words.dropFirst(3).map(unquoted))
        default: throw .init("Unknown command '/set \(words[1])'. Type /? set for help")
        }
    }

    private static func help(_ word: String?) -> Help {
        switch word {
        case "set", "/set": .set
        case "show", "/show": .show
        case "shortcut", "shortcuts": .shortcuts
        default: .all
        }
    }

    /// The line behind its first `count` words, without the white space around it.
    static func afterWords(_ count: Int, of line: String) -> String {
        var rest = line[...].drop(while: \.isWhitespace)
        for _ in 0..<count { rest = rest.drop { !$0.isWhitespace }.drop(while: \.isWhitespace) }
        return unquoted(String(rest.reversed().drop(while: \.isWhitespace).reversed()))
    }

    /// The text without one pair of double quotes around it.
    private static func unquoted(_ text: String) -> String {
        text.count >= 2 && text.first == "\"" && text.last == "\"" && !text.hasPrefix("\"\"\"")
            ? String(text.dropFirst().dropLast()) : text
    }
}

extension ChatCommand.Topic {
    fileprivate static var list: String { allCases.map(\.rawValue).joined(separator: ", ") }
}

/// Why a chat line means nothing; the sentence to show.
struct ChatCommandError: Error, Equatable, Sendable, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

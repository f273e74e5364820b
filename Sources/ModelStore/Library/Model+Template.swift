import Foundation
import GGUF
import JSON
import Tokenizer

extension Model {
    /// The chat template: the one called `name` if given, else the file's own, else the one packed with the model, if
    /// that is of a known style.
    ///
    /// - Parameter name: a known style, a file with a template in Jinja, or the name of one of the model's own where it
    ///   has several.
    public func chatTemplate(named name: String?) throws -> ChatTemplate {
        let sources = ChatTemplate.Source.all(in: file)
        if let name {
            if let own = sources.first(where: { $0.name == name }) { return try ChatTemplate([own]) }
            return try ChatTemplate.named(name)
        }
        if !sources.isEmpty { return try ChatTemplate(sources) }
        guard let packed = settings.template else {
            throw ModelStoreError(
                """
                the file has no tokenizer.chat_template, so how to speak with the model is unknown. Name one with \
                --chat-template, or a file with one.
                """
            )
        }
        return ChatTemplate(try GoTemplate.style(of: packed))
    }
}

extension ChatTemplate {
    /// Limit on the length of a template's file, in bytes.
    private static let longestFile = 1 << 20

    /// The template of a known style, or in a file.
    public static func named(_ name: String) throws -> ChatTemplate {
        if let style = Style(rawValue: name) { return ChatTemplate(style) }
        guard FileManager.default.fileExists(atPath: name) else {
            throw TokenizerError.unknownChatTemplateName(name)
        }
        return try ChatTemplate(text(ofFile: name))
    }

    /// The text of a template's file.
    public static func text(ofFile path: String) throws(ModelStoreError) -> String {
        guard let file = FileHandle(forReadingAtPath: path), let data = try? file.read(upToCount: longestFile + 1)
        else {
            throw ModelStoreError("there is no file \(path) that can be read. Give the path of a chat template.")
        }
        guard data.count <= longestFile else {
            throw ModelStoreError("\(path) has more than \(longestFile) bytes; a chat template has fewer.")
        }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw ModelStoreError("\(path) is no text in UTF-8. Give the path of a chat template in Jinja.")
        }
        return text
    }
}

extension ChatTemplate.Source {
    private static let key = "tokenizer.chat_template", namesKey = "tokenizer.chat_templates"

    /// The templates in a file: `tokenizer.chat_template`, which is a text, a list of texts or the JSON of a list of
    /// names and texts, and `tokenizer.chat_template.NAME` for every other one. Their names, which
    /// `tokenizer.chat_templates` lists again, are not needed, save where it is the only place with texts.
    public static func all(in file: GGUFFile) -> [ChatTemplate.Source] {
        var sources: [ChatTemplate.Source] = []
        let names = (try? file.strings(namesKey)) ?? []
        if let text = try? file.string(key) {
            sources += named(inJSON: text) ?? [ChatTemplate.Source(text: text)]
        } else if let texts = try? file.strings(key) {
            for (index, text) in texts.enumerated() {
                let name = names.count == texts.count ? names[index] : index == 0 ? "default" : "\(index)"
                sources.append(ChatTemplate.Source(name: name, text: text))
            }
        }
        for other in file.keys.sorted() where other.hasPrefix(key + ".") {
            if let text = try? file.string(other) {
                sources.append(ChatTemplate.Source(name: String(other.dropFirst(key.count + 1)), text: text))
            }
        }
        if sources.isEmpty {
            for text in names where text.contains("{{") || text.contains("{%") {
                sources.append(ChatTemplate.Source(name: sources.isEmpty ? "default" : "\(sources.count)", text: text))
            }
        }
        return sources
    }

    /// The templates of `[{"name": …, "template": …}, …]`, as `tokenizer_config.json` has them; nil for other texts.
    private static func named(inJSON text: String) -> [ChatTemplate.Source]? {
        guard text.first == "[", let list = try? JSONValue(parsing: text).array, !list.isEmpty else { return nil }
        var sources: [ChatTemplate.Source] = []
        for value in list {
            guard let name = value["name"]?.string, let text = value["template"]?.string else { return nil }
            sources.append(ChatTemplate.Source(name: name, text: text))
        }
        return sources
    }
}

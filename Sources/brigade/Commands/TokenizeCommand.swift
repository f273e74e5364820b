import ArgumentParser
import Foundation
import ModelStore

struct TokenizeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tokenize", abstract: "Show how a model reads a text: its token ids, special tokens parsed.")

    @Argument(help: "A model's name, or a GGUF file.")
    var model: String

    @Option(help: ArgumentHelp("The text; - reads standard input.", valueName: "FILE"))
    var file: String

    @Flag(help: "Print a JSON array of ids.")
    var json = false

    func run() async throws {
        let tokenizer = try Model(named: model).tokenizer()
        let tokens = tokenizer.encode(try readText(file), parseSpecial: true)
        if json {
            emit(verbatim: "[" + tokens.map(String.init).joined(separator: ", ") + "]\n")
        } else {
            for token in tokens {
                let text = String(decoding: tokenizer.bytes(of: token), as: UTF8.self)
                emit("\(token)\t\(text.debugDescription)\n")
            }
        }
    }
}

/// A text file, or standard input for "-".
func readText(_ path: String) throws -> String {
    let data: Data
    if path == "-" {
        do { data = try FileHandle.standardInput.readToEnd() ?? Data() } catch {
            throw ValidationError("standard input cannot be read: \(error.localizedDescription)")
        }
    } else {
        do { data = try Data(contentsOf: URL(fileURLWithPath: path)) } catch {
            throw ValidationError("\(path) cannot be read: \(error.localizedDescription)")
        }
    }
    guard let text = String(data: data, encoding: .utf8) else {
        throw ValidationError("\(path == "-" ? "standard input" : path) is not UTF-8 text.")
    }
    return text
}

import ArgumentParser
import Foundation
import GGUF
import ModelStore
import Tokenizer

struct InspectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect", abstract: "Show a model file's metadata, tensors and bytes per layer.")

    @Argument(help: "A model's name, or a GGUF file; of a split one, any part.")
    var model: String

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        let file = try GGUFFile(path: ModelLibrary.standard().locate(model).path)
        let bytes = Self.bytesPerLayer(file), template = Self.template(file)
        if json {
            let object: [String: Any] = [
                "path": file.path, "version": file.version, "bytes": file.byteCount,
                "metadata": Dictionary(uniqueKeysWithValues: file.keys.map { ($0, file.value($0)?.summary ?? "") }),
                "tensors": file.tensors.map {
                    ["name": $0.name, "type": $0.type.name, "shape": $0.shape, "bytes": $0.byteCount] as [String: Any]
                },
                "chatTemplate": template.map { [$0.name: $0.value] },
                "bytesPerLayer": bytes.map { ["part": $0.name, "bytes": $0.bytes] as [String: Any] },
            ]
            let data = try JSONSerialization.data(
                withJSONObject: object, options: [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes])
            emit(json: String(decoding: data, as: UTF8.self))
            return
        }
        emit(
            paragraph: """
                \(file.path): GGUF v\(file.version), \(readable(file.byteCount)), \
                \(counted(file.parts.count, "part")), \
                \(file.tensors.count) tensors
                """)
        emit("\nMetadata\n")
        for key in file.keys {
            emit(
                shortened(oneLine("  \(key) = \(file.value(key)?.summary ?? "")"), to: Table.outputWidth ?? .max) + "\n"
            )
        }
        if !template.isEmpty {
            emit("\nChat template\n")
            emit(
                Table(template.map { ($0.name + "  ", harmless($0.value)) }, indent: 2).text(width: Table.outputWidth)
                    + "\n")
        }
        emit("\nTensors\n")
        let tensors = file.tensors.map {
            [$0.name, $0.type.name, readable($0.byteCount), $0.shape.map(String.init).joined(separator: " x ")]
        }
        emit(
            Table([.text("name", least: 16), .text("type"), .number("size"), .text("shape")], tensors, indent: 2).text()
        )
        emit("\nBytes per layer\n")
        emit(Table([.text(""), .number("")], bytes.map { [$0.name, readable($0.bytes)] }, indent: 2).text())
    }

    /// What is learnt from the file's chat template, or what is wrong with it.
    private static func template(_ file: GGUFFile) -> [(name: String, value: String)] {
        let sources = ChatTemplate.Source.all(in: file)
        guard !sources.isEmpty else { return [] }
        do {
            let template = try ChatTemplate(sources), format = template.format
            return [
                ("names", sources.map(\.name).joined(separator: ", ")),
                (
                    "thinking",
                    format.thinks ? "between \(format.thinking.opening) and \(format.thinking.closing)" : "none"
                ),
                ("tools", template.offersTools ? "offered" : "no place for them"),
                ("calls", format.calls.map { $0.opening(name: "NAME") + "…" + $0.closing } ?? "not known"),
            ].map { ($0.0, $0.1.replacing("\n", with: "\\n")) }
        } catch { return [("problem", "\(error)")] }
    }

    /// Tensor bytes by block, and of what belongs to none: in the order of the file, but blocks by their numbers.
    private static func bytesPerLayer(_ file: GGUFFile) -> [(name: String, bytes: Int)] {
        var order: [String] = [], sums: [String: Int] = [:]
        for tensor in file.tensors {
            let parts = tensor.name.split(separator: ".")
            let name = parts.first == "blk" && parts.count > 1 ? "blk.\(parts[1])" : String(parts.first ?? "")
            if sums[name] == nil { order.append(name) }
            sums[name, default: 0] += tensor.byteCount
        }
        func number(_ name: String) -> Int? { name.hasPrefix("blk.") ? Int(name.dropFirst(4)) : nil }
        // Blocks by their numbers, at the place of the first.
        let blocks = order.filter { number($0) != nil }.sorted { number($0)! < number($1)! }
        var rest = blocks[...]
        return order.map { name in
            let shown = number(name) == nil ? name : rest.removeFirst()
            return (shown, sums[shown] ?? 0)
        }
    }
}

extension GGUFValue {
    /// A value on one line; arrays by their length and first elements, long strings cut.
    var summary: String {
        switch self {
        case .string(let s): s.count > 200 ? "\"\(s.prefix(200))…\" (\(s.utf8.count) bytes)" : "\"\(s)\""
        case .array(let array): array.summary
        case .uint8(let v): "\(v)"
        case .int8(let v): "\(v)"
        case .uint16(let v): "\(v)"
        case .int16(let v): "\(v)"
        case .uint32(let v): "\(v)"
        case .int32(let v): "\(v)"
        case .uint64(let v): "\(v)"
        case .int64(let v): "\(v)"
        case .float32(let v): "\(v)"
        case .float64(let v): "\(v)"
        case .bool(let v): "\(v)"
        }
    }
}

extension GGUFArray {
    /// The number of elements and the first of them.
    fileprivate var summary: String {
        let first: [String] =
            switch self {
            case .uint8(let e): e.prefix(Self.shown).map { "\($0)" }
            case .int8(let e): e.prefix(Self.shown).map { "\($0)" }
            case .uint16(let e): e.prefix(Self.shown).map { "\($0)" }
            case .int16(let e): e.prefix(Self.shown).map { "\($0)" }
            case .uint32(let e): e.prefix(Self.shown).map { "\($0)" }
            case .int32(let e): e.prefix(Self.shown).map { "\($0)" }
            case .uint64(let e): e.prefix(Self.shown).map { "\($0)" }
            case .int64(let e): e.prefix(Self.shown).map { "\($0)" }
            case .float32(let e): e.prefix(Self.shown).map { "\($0)" }
            case .float64(let e): e.prefix(Self.shown).map { "\($0)" }
            case .bool(let e): e.prefix(Self.shown).map { "\($0)" }
            case .string(let e): e.prefix(Self.shown).map { GGUFValue.string($0).summary }
            case .array(let e): e.prefix(Self.shown).map(\.summary)
            }
        let rest = count > first.count ? ", … (\(count) in all)" : ""
        return "[\(first.joined(separator: ", "))\(rest)]"
    }

    /// Elements that are shown of an array.
    private static let shown = 6
}

import Crypto
import Foundation
import Testing

@testable import ModelStore

/// Saving and loading the keys and values of a session.
struct SessionStoreTests {
    static let id = BlobDigest(hex: String(repeating: "0af9", count: 16))!,
        other = BlobDigest(hex: String(repeating: "1", count: 64))!
    static let blocks = (0..<3).map { n in (0..<50).map { UInt8(truncatingIfNeeded: n * 50 + $0) } }

    static func withStore(_ body: (SessionStore, String) throws -> Void) throws {
        let folder = NSTemporaryDirectory() + "brigade-sessions-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(SessionStore(directory: folder), folder)
    }

    static func files(_ folder: String) -> [String] {
        (FileManager.default.enumerator(atPath: folder)?.allObjects as? [String] ?? []).sorted()
    }

    @discardableResult static func write(_ store: SessionStore, _ id: BlobDigest = id, layer: Int = 7) throws -> String
    {
        let writer = try store.writer(id, layer: layer, blocks: 3, blockBytes: 50)
        for block in blocks { try writer.append(block) }
        return try writer.finish()
    }

    @Test func aLayerComesBackBlockByBlock() throws {
        try Self.withStore { store, folder in
            let digest = try Self.write(store)
            #expect(Self.files(folder) == [Self.id.hex, "\(Self.id.hex)/7.kv"])
            #expect(try digest == sha256(ofFile: "\(folder)/\(Self.id.hex)/7.kv"))
            // The header as documented.
            let bytes = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(Self.id.hex)/7.kv"))
            #expect(
                [UInt8](bytes.prefix(24)) == Array("BRGK".utf8) + [
                    1, 0, 0, 0, 7, 0, 0, 0, 3, 0, 0, 0, 50, 0, 0, 0, 0, 0, 0, 0,
                ])
            for wanted in 1...3 {
                let reader = try #require(try store.reader(Self.id, layer: 7, blocks: wanted, blockBytes: 50))
                var found: [[UInt8]] = []
                while let block = try reader.next() { found.append(block) }
                #expect(found == Self.blocks && reader.sha256 == digest)
            }
            #expect(try store.reader(Self.id, layer: 8, blocks: 1, blockBytes: 50) == nil)
            #expect(try store.reader(Self.other, layer: 7, blocks: 1, blockBytes: 50) == nil)
        }
    }

    @Test func aFileOfAnotherShapeIsRefused() throws {
        try Self.withStore { store, folder in
            try Self.write(store)
            let path = "\(folder)/\(Self.id.hex)/7.kv", whole = try Data(contentsOf: URL(fileURLWithPath: path))
            #expect(throws: ModelStoreError.self) { try store.reader(Self.id, layer: 7, blocks: 4, blockBytes: 50) }
            #expect(throws: ModelStoreError.self) { try store.reader(Self.id, layer: 7, blocks: 3, blockBytes: 49) }
            for length in [0, 10, 23, 24, whole.count - 1] {
                try whole.prefix(length).write(to: URL(fileURLWithPath: path))
                #expect(throws: ModelStoreError.self, "\(length)") {
                    try store.reader(Self.id, layer: 7, blocks: 3, blockBytes: 50)
                }
            }
            for at in 0..<24 {
                var bytes = whole
                bytes[at] ^= 0x80
                try bytes.write(to: URL(fileURLWithPath: path))
                #expect(throws: ModelStoreError.self, "byte \(at)") {
                    try store.reader(Self.id, layer: 7, blocks: 1, blockBytes: 50)
                }
            }
        }
    }

    @Test func aFileAppearsOnlyWhenItIsWhole() throws {
        try Self.withStore { store, folder in
            do {
                let writer = try store.writer(Self.id, layer: 7, blocks: 3, blockBytes: 50)
                try writer.append(Self.blocks[0])
                #expect(try store.reader(Self.id, layer: 7, blocks: 1, blockBytes: 50) == nil)
            }
            #expect(Self.files(folder) == [Self.id.hex])
            let digest = try Self.write(store)
            do {  // an unfinished writer leaves the earlier file alone
                _ = try store.writer(Self.id, layer: 7, blocks: 3, blockBytes: 50)
            }
            #expect(Self.files(folder) == [Self.id.hex, "\(Self.id.hex)/7.kv"])
            #expect(try digest == sha256(ofFile: "\(folder)/\(Self.id.hex)/7.kv"))
        }
    }

    @Test func whatNobodyUsedForAMonthIsRemoved() throws {
        try Self.withStore { store, folder in
            try Self.write(store)
            try Self.write(store, Self.other)
            try FileManager.default.createDirectory(atPath: folder + "/mine", withIntermediateDirectories: false)
            for name in [Self.id.hex, Self.other.hex, "mine"] {
                try FileManager.default.setAttributes(
                    [.modificationDate: Date(timeIntervalSinceNow: -40 * 86400)], ofItemAtPath: folder + "/" + name)
            }
            store.removeUnused(now: Date(timeIntervalSinceNow: -11 * 86400))
            #expect(Self.files(folder).count == 5)
            // Reading counts as use.
            _ = try store.reader(Self.other, layer: 7, blocks: 1, blockBytes: 50)
            store.removeUnused()
            #expect(Self.files(folder) == [Self.other.hex, "\(Self.other.hex)/7.kv", "mine"])
            store.forget(Self.other)
            #expect(Self.files(folder) == ["mine"])
        }
    }

    @Test func roomIsCheckedBeforeAnythingIsWritten() throws {
        try Self.withStore { store, folder in
            try store.checkRoom(for: 1000)
            let error = #expect(throws: ModelStoreError.self) { try store.checkRoom(for: 1 << 50) }
            #expect(
                error?.description.contains("take \(1 << 50) bytes, but \(folder) has room for") == true,
                "\(error?.description ?? "")")
        }
    }
}

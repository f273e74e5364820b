import Crypto
import Foundation
import GGUF
import Testing
import TinyModel

@testable import ModelStore

struct SliceStoreTests {
    static func withStore(_ body: (SliceStore, String) throws -> Void) throws {
        let folder = NSTemporaryDirectory() + "brigade-store-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(SliceStore(directory: folder), folder)
    }

    static let whole = (0..<3000).map { UInt8(truncatingIfNeeded: $0 * 7 + $0 >> 5) }

    static func digest(_ count: Int) -> String { hexadecimal(SHA256.hash(data: whole[..<count])) }

    /// Appends `range` of the whole shard.
    static func append(_ receiver: ShardReceiver, _ range: Range<Int>) throws -> Bool {
        try receiver.append(Array(whole[range]), at: range.lowerBound, sha256: digest(range.upperBound))
    }

    static func files(_ folder: String, _ suffix: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).filter { $0.hasSuffix(suffix) }.map {
            folder + "/" + $0
        }
    }

    static func spoil(_ path: String, at offset: Int) throws {
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        bytes[offset] ^= 1
        try bytes.write(to: URL(fileURLWithPath: path))
    }

    @Test func aShardIsThereOnlyWhenItIsWhole() throws {
        try Self.withStore { store, folder in
            let receiver = try store.receiver(of: "blk.0", of: "f", totalBytes: 3000)
            #expect(try !Self.append(receiver, 0..<1000))
            #expect(!store.has("blk.0", of: "f"))
            #expect(try !Self.append(receiver, 1000..<2999))
            #expect(try Self.append(receiver, 2999..<3000))
            #expect(store.has("blk.0", of: "f") && !store.has("blk.1", of: "f") && !store.has("blk.0", of: "g"))
            #expect(try Data(contentsOf: URL(fileURLWithPath: Self.files(folder, ".gguf")[0])) == Data(Self.whole))
            #expect(Self.files(folder, ".part").isEmpty)
        }
    }

    @Test func whoeverComesBackGoesOnWhereItWasLeft() throws {
        try Self.withStore { store, _ in
            _ = try Self.append(store.receiver(of: "head", of: "f", totalBytes: 3000), 0..<1234)
            let again = try store.receiver(of: "head", of: "f", totalBytes: 3000)
            #expect(again.received == 1234 && again.sha256 == Self.digest(1234))
            #expect(try Self.append(again, 1234..<3000))
            #expect(store.has("head", of: "f"))
        }
    }

    @Test func whatHadAllArrivedIsFinishedWithoutAnotherByte() throws {
        try Self.withStore { store, folder in
            _ = try Self.append(store.receiver(of: "head", of: "f", totalBytes: 3000), 0..<2000)
            // The rest was written, but the process ended before it renamed the file.
            let handle = try #require(FileHandle(forWritingAtPath: Self.files(folder, ".part")[0]))
            try handle.seekToEnd()
            try handle.write(contentsOf: Self.whole[2000..<3000])
            try handle.close()
            let again = try store.receiver(of: "head", of: "f", totalBytes: 3000)
            #expect(again.received == 3000 && again.sha256 == Self.digest(3000) && !store.has("head", of: "f"))
            #expect(try !again.append([], at: 3000, sha256: Self.digest(2999)))
            #expect(try again.append([], at: 3000, sha256: Self.digest(3000)))
            #expect(store.has("head", of: "f"))
        }
    }

    @Test func chunksThatDoNotFollowOrAreChangedAreNotTaken() throws {
        try Self.withStore { store, _ in
            let receiver = try store.receiver(of: "head", of: "f", totalBytes: 3000)
            #expect(try !Self.append(receiver, 10..<20) && receiver.received == 0)
            #expect(
                try !receiver.append(Array(Self.whole[..<100]), at: 0, sha256: Self.digest(99))
                    && receiver.received == 0)
            #expect(try !Self.append(receiver, 0..<100) && receiver.received == 100)
            #expect(try !receiver.append([UInt8](repeating: 0, count: 2901), at: 100, sha256: Self.digest(3000)))
            #expect(receiver.received == 100)
            #expect(try Self.append(receiver, 100..<3000))
        }
    }

    @Test func aSpoiledBeginningShowsAndIsThrownAway() throws {
        try Self.withStore { store, folder in
            _ = try Self.append(store.receiver(of: "head", of: "f", totalBytes: 3000), 0..<2000)
            try Self.spoil(Self.files(folder, ".part")[0], at: 55)
            let again = try store.receiver(of: "head", of: "f", totalBytes: 3000)
            #expect(again.received == 2000 && again.sha256 != Self.digest(2000))
            // Then the sender starts over.
            #expect(try !Self.append(again, 0..<1500) && again.received == 1500)
            #expect(try Self.append(again, 1500..<3000))
            #expect(try Data(contentsOf: URL(fileURLWithPath: Self.files(folder, ".gguf")[0])) == Data(Self.whole))
        }
    }

    @Test func aBeginningThatIsLongerThanTheWholeIsThrownAway() throws {
        try Self.withStore { store, _ in
            _ = try Self.append(store.receiver(of: "head", of: "f", totalBytes: 3000), 0..<2000)
            #expect(try store.receiver(of: "head", of: "f", totalBytes: 1999).received == 0)
        }
    }

    @Test func aStoredShardThatWasChangedIsNotUsed() throws {
        try Self.withStore { store, folder in
            #expect(try Self.append(store.receiver(of: "blk.7", of: "f", totalBytes: 3000), 0..<3000))
            let path = Self.files(folder, ".gguf")[0]
            // The time changed but not the bytes: the shard is hashed again and stays.
            try FileManager.default.setAttributes(
                [.modificationDate: Date(timeIntervalSince1970: 1)], ofItemAtPath: path)
            #expect(store.has("blk.7", of: "f"))
            try Self.spoil(path, at: 2999)
            #expect(!store.has("blk.7", of: "f"))
            #expect(Self.files(folder, "").isEmpty)
        }
    }

    @Test func aShardWithoutItsDigestIsNotUsed() throws {
        try Self.withStore { store, folder in
            #expect(try Self.append(store.receiver(of: "blk.7", of: "f", totalBytes: 3000), 0..<3000))
            try FileManager.default.removeItem(atPath: Self.files(folder, ".sha256")[0])
            #expect(!store.has("blk.7", of: "f"))
        }
    }

    @Test func twoReceiversOfOneShardDoNotDisturbEachOther() throws {
        try Self.withStore { store, folder in
            let first = try store.receiver(of: "head", of: "f", totalBytes: 3000)
            let second = try store.receiver(of: "head", of: "f", totalBytes: 3000)
            for start in stride(from: 0, to: 3000, by: 1000) {
                #expect(try Self.append(first, start..<start + 1000) == (start == 2000))
                #expect(try Self.append(second, start..<start + 1000) == (start == 2000))
            }
            #expect(store.has("head", of: "f"))
            #expect(Self.files(folder, "").count == 2)
        }
    }

    @Test func whatNobodyGoesOnWithIsRemovedAfterAWeek() throws {
        try Self.withStore { store, folder in
            _ = try Self.append(store.receiver(of: "a", of: "f", totalBytes: 3000), 0..<10)
            #expect(try Self.append(store.receiver(of: "b", of: "f", totalBytes: 3000), 0..<3000))
            store.removeAbandoned(now: Date(timeIntervalSinceNow: 6 * 86400))
            #expect(Self.files(folder, ".part").count == 1)
            store.removeAbandoned(now: Date(timeIntervalSinceNow: 8 * 86400))
            #expect(Self.files(folder, ".part").isEmpty && store.has("b", of: "f"))
        }
    }

    @Test func roomIsCheckedBeforeAnythingIsSent() throws {
        try Self.withStore { store, _ in
            try store.checkRoom(for: [("a", 1000)], of: "f")
            let error = #expect(throws: ModelStoreError.self) {
                try store.checkRoom(for: [("a", 1 << 50), ("b", 1)], of: "f")
            }
            #expect(
                error?.description.contains("\(1 << 50 + 1) bytes of weights are to come") == true,
                "\(error?.description ?? "")")
        }
    }

    @Test func shardsTogetherAreTheSlice() throws {
        let model = try Model(path: TinyModel.path(layers: 3, seed: 9))
        try Self.withStore { store, folder in
            for (shard, names) in [
                ("blk.1", ["blk.1.attn_q.weight", "blk.1.ffn_norm.weight"]),
                ("head", ["output.weight", "blk.1.ffn_norm.weight"]),
            ] {
                let file = try SliceFile(model.file, tensorNames: names, vocabulary: 512)
                var reader = SliceReader(file)
                let bytes = reader.next(file.byteCount)
                #expect(
                    try store.receiver(of: shard, of: "f", totalBytes: bytes.count).append(
                        bytes, at: 0, sha256: reader.sha256))
            }
            #expect(try store.slice(of: "f", layers: 0..<2, head: true) == nil)
            let slice = try #require(try store.slice(of: "f", layers: 1..<2, head: true))
            #expect(
                slice.tensors.map(\.name).sorted() == ["blk.1.attn_q.weight", "blk.1.ffn_norm.weight", "output.weight"])
            for tensor in slice.tensors {
                let original = try model.file.tensor(tensor.name)
                #expect(
                    slice.copyBytes(of: tensor, 0..<tensor.byteCount)
                        == model.file.copyBytes(of: original, 0..<original.byteCount))
            }
        }
    }
}

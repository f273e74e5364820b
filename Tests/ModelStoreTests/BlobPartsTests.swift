import Foundation
import Testing

@testable import ModelStore

struct BlobPartsTests {
    static func parts(size: Int, partSize: Int) throws -> BlobParts {
        let digest = try BlobDigest("sha256:" + String(repeating: "a", count: 64))
        return BlobParts(.init(mediaType: "", digest: digest, size: size), partSize: partSize)
    }

    @Test(arguments: [(0, 4, 0), (1, 4, 1), (4, 4, 1), (5, 4, 2), (16, 4, 4)])
    func cutsABlobIntoParts(size: Int, partSize: Int, count: Int) throws {
        var parts = try Self.parts(size: size, partSize: partSize)
        #expect(parts.received.count == count && parts.isComplete == (size == 0))
        var bytes: [Int] = []
        while let part = parts.claim() {
            let missing = parts.missing(of: part)
            bytes += missing
            parts.add(missing.count, to: part)
        }
        #expect(bytes == Array(0..<size) && parts.isComplete && parts.completed == size && parts.firstMissing == size)
    }

    @Test func aPartIsClaimedOnceAndGoesOnWhereItEnded() throws {
        var parts = try Self.parts(size: 10, partSize: 4)
        #expect([parts.claim(), parts.claim(), parts.claim(), parts.claim()] == [0, 1, 2, nil])
        parts.add(3, to: 1)
        #expect(
            parts.missing(of: 1) == 7..<8 && parts.completed == 3 && parts.firstMissing == 0 && parts.incomplete == 3)
        parts.add(1, to: 1)
        #expect(parts.missing(of: 1).isEmpty && parts.incomplete == 2)
    }

    @Test func bytesThatComeInOneRunFillThePartsInOrder() throws {
        var parts = try Self.parts(size: 10, partSize: 4)
        parts.add(4, to: 1)
        parts.add(allBefore: 3)
        #expect(parts.received == [3, 4, 0] && parts.firstMissing == 3)
        parts.add(allBefore: 9)
        #expect(parts.received == [4, 4, 1])
        parts.add(allBefore: 2)  // an earlier position removes nothing
        #expect(parts.received == [4, 4, 1])
    }

    @Test func aHugeBlobHasABoundedNumberOfParts() throws {
        #expect(try Self.parts(size: 1 << 50, partSize: 1 << 20).received.count <= 65536)
    }

    @Test func anotherProcessReadsWhatIsHere() throws {
        var parts = try Self.parts(size: 10, partSize: 4)
        parts.add(2, to: 2)
        let read = try JSONDecoder().decode(BlobParts.self, from: JSONEncoder().encode(parts))
        #expect(read == parts)
    }

    @Test(arguments: [
        #"{"digest":"d","size":10,"partSize":4,"received":[0,0]}"#,
        #"{"digest":"d","size":10,"partSize":4,"received":[0,0,3]}"#,
        #"{"digest":"d","size":10,"partSize":4,"received":[5,0,0]}"#,
        #"{"digest":"d","size":10,"partSize":4,"received":[-1,0,0]}"#,
        #"{"digest":"d","size":10,"partSize":0,"received":[]}"#,
        #"{"digest":"d","size":-1,"partSize":4,"received":[]}"#,
        #"{"digest":"d","size":9223372036854775807,"partSize":1,"received":[]}"#, "{}", "", "[]",
    ])
    func whatDoesNotFitTogetherIsNotTakenUp(json: String) {
        #expect(throws: (any Error).self) { try JSONDecoder().decode(BlobParts.self, from: Data(json.utf8)) }
    }
}

import Testing

@testable import Coordinator

struct ShardTransferTests {
    static let chunk = ShardTransfer.chunkBytes

    @Test func chunksFollowEachOtherAndAFewAreUnanswered() {
        let total = 6 * Self.chunk + 5
        var transfer = ShardTransfer(totalBytes: total, from: 0), sent: [Range<Int>] = []
        var waits = 0
        while true {
            switch transfer.act() {
            case .send(let range):
                sent.append(range)
                #expect(sent.count - waits <= 4)
            case .wait:
                let range = sent[waits]
                waits += 1
                transfer.answered(range, nextOffset: range.upperBound, complete: range.upperBound == total)
            case .done:
                #expect(sent.map(\.lowerBound) == (0...6).map { $0 * Self.chunk } && sent.last?.upperBound == total)
                #expect(transfer.confirmed == total && waits == 7)
                return
            case .ask: Issue.record("nothing was wrong"); return
            }
        }
    }

    @Test func itGoesOnWhereTheWorkerIs() {
        var transfer = ShardTransfer(totalBytes: 10, from: 7)
        expect(&transfer, [.send(7..<10), .wait])
        transfer.answered(7..<10, nextOffset: 10, complete: true)
        expect(&transfer, [.done])
    }

    @Test func aChunkThatWasNotTakenIsAskedAbout() {
        var transfer = ShardTransfer(totalBytes: 3 * Self.chunk, from: 0)
        expect(&transfer, (0..<3).map { .send($0 * Self.chunk..<($0 + 1) * Self.chunk) })
        transfer.answered(0..<Self.chunk, nextOffset: Self.chunk, complete: false)
        transfer.answered(Self.chunk..<2 * Self.chunk, nextOffset: Self.chunk, complete: false)
        expect(&transfer, [.ask])
        #expect(transfer.confirmed == Self.chunk)
    }

    @Test func aWholeThatTheWorkerDoesNotAcceptIsAskedAbout() {
        var transfer = ShardTransfer(totalBytes: 10, from: 0)
        expect(&transfer, [.send(0..<10)])
        transfer.answered(0..<10, nextOffset: 10, complete: false)
        expect(&transfer, [.ask])
    }

    @Test func aWorkerThatHasEveryByteIsMadeToFinish() {
        var full = ShardTransfer(totalBytes: 10, from: 10)
        expect(&full, [.send(10..<10), .wait])
        full.answered(10..<10, nextOffset: 10, complete: true)
        expect(&full, [.done])
        var refused = ShardTransfer(totalBytes: 10, from: 10)
        expect(&refused, [.send(10..<10)])
        refused.answered(10..<10, nextOffset: 10, complete: false)
        expect(&refused, [.ask])
    }

    private func expect(_ transfer: inout ShardTransfer, _ actions: [ShardTransfer.Action]) {
        for action in actions {
            let found = transfer.act()
            #expect(found == action)
        }
    }

    @Test func patienceLastsFromTheLastByteOfProgress() {
        let start = ContinuousClock.now
        var patience = DeliveryPatience(.seconds(30))
        for (seconds, bytes, goesOn) in [(0, 0, true), (29, 0, true), (40, 1, true), (69, 1, true), (70, 1, false)] {
            let found = patience.goesOn(at: start + .seconds(seconds), bytes: bytes)
            #expect(found == goesOn, "after \(seconds) s")
        }
    }
}

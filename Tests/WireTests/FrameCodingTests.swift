import Candidates
import Testing

@testable import Wire

struct FrameCodingTests {
    @Test func aFrameComesBackAsItWas() throws {
        let decoded = try Frame(decoding: Sample.frame.encode())
        #expect(decoded == Sample.frame)
        #expect(decoded.rows.map(\.bitPattern) == Sample.frame.rows.map(\.bitPattern))
    }

    @Test func anEmptyFrameIsItsHeader() throws {
        let bytes = Frame(epoch: 1, number: 2).encode()
        #expect(bytes.count == Frame.headerSize)
        #expect(try Frame(decoding: bytes) == Frame(epoch: 1, number: 2))
    }

    @Test func theLayoutIsTheDocumentedOne() {
        let frame = Frame(
            plan: 0x0403_0201, epoch: 0x0c0b_0a09_0807_0605, number: 0x1413_1211_100f_0e0d, width: 1, rank: 2,
            authenticator: Authenticator(words: [0x0807_0605_0403_0201, 0x100f_0e0d_0c0b_0a09]),
            operations: [.append(sequence: 2, block: 3), .seal(block: 9, name: Sample.name)],
            segments: [
                Segment(sequence: 4, firstPosition: 5, rowCount: 1, outputs: [CandidateRequest(row: 0, top: 6)])
            ],
            rows: [1])
        func word(_ value: UInt8) -> [UInt8] { [value, 0, 0, 0] }
        var expected = Array("BRGF".utf8) + [3, 0, 0, 2] + [1, 2, 3, 4] + word(1) + [5, 6, 7, 8, 9, 10, 11, 12]
        expected += [13, 14, 15, 16, 17, 18, 19, 20]
        // The counts: rows, operations, segments, requests, extra ids, shared blocks, names, zero.
        for count: UInt8 in [1, 2, 1, 1, 0, 0, 1, 0] { expected += word(count) }
        expected += (1...16).map { UInt8($0) }
        expected += word(1) + word(2) + word(3) + word(0) + word(6) + word(0) + word(9) + word(0)
        expected += (0..<32).map { UInt8(0xa0 + $0) }
        expected += word(4) + word(5) + word(1) + word(1) + word(0) + word(6) + word(0) + [0, 0, 0x80, 0x3f]
        #expect(frame.encode() == expected)
    }

    @Test func aBlockNameIsItsBytes() throws {
        let bytes = (0..<32).map { UInt8(0xa0 + $0) }
        #expect(BlockName(bytes) == Sample.name && Sample.name.bytes == bytes)
        #expect(BlockName(bytes.dropLast()) == nil)
    }

    @Test(arguments: [0, 1, 15, 16, 17, 63, 64, 65, 1000])
    func rowsOfAnyLengthAreCopiedWhole(width: Int) throws {
        var generator = SeededGenerator(seed: UInt64(width))
        let rows = (0..<3 * width).map { _ in Float.random(in: -1...1, using: &generator) }
        let frame = Frame(width: width, segments: [Segment(sequence: 0, firstPosition: 0, rowCount: 3)], rows: rows)
        #expect(try Frame(decoding: frame.encode()).rows == rows)
    }

    @Test func aBufferIsReusedWhateverItHeld() throws {
        let small = Frame(width: 1, segments: [Segment(sequence: 0, firstPosition: 0, rowCount: 1)], rows: [2])
        var buffer = [UInt8](repeating: 0xff, count: 5000)
        let capacity = buffer.capacity
        for frame in [Sample.frame, small, Sample.frame, Frame()] {
            frame.encode(into: &buffer)
            #expect(buffer == frame.encode())
            #expect(buffer.capacity == capacity)
        }
    }

    @Test func decodingReusesTheRows() throws {
        var frame = Frame(rows: [Float](repeating: 9, count: 5000))
        let capacity = frame.rows.capacity
        try frame.decode(Sample.frame.encode())
        #expect(frame == Sample.frame)
        #expect(frame.rows.capacity == capacity)
    }

    @Test func aRefusedMessageLeavesTheFrameAsItWas() {
        var frame = Sample.frame
        let other = Frame(epoch: 99, width: 2, operations: [.free(sequence: 1)]).encode()
        let segmentlessShare = other.patched(7, at: Frame.headerSize)
        #expect(throws: WireError.unknownOperation(found: 7)) { try frame.decode(segmentlessShare) }
        #expect(frame == Sample.frame)
    }

    @Test func aResultComesBackAsItWas() throws {
        #expect(try ResultFrame(decoding: Sample.result.encode()) == Sample.result)
        #expect(try ResultFrame(decoding: ResultFrame(epoch: 1).encode()) == ResultFrame(epoch: 1))
    }

    @Test func randomFramesComeBackAsTheyWere() throws {
        var generator = SeededGenerator(seed: 1)
        var buffer = [UInt8]()
        var decoded = Frame()
        for _ in 0..<300 {
            let frame = Self.randomFrame(&generator)
            frame.encode(into: &buffer)
            try decoded.decode(buffer)
            #expect(decoded == frame)
        }
    }

    static func randomFrame(_ generator: inout SeededGenerator) -> Frame {
        let width = Int.random(in: 0...9, using: &generator)
        let segments = (0..<Int.random(in: 0...4, using: &generator)).map { _ in
            let rows = Int.random(in: 1...3, using: &generator)
            let outputs = (0..<Int.random(in: 0...2, using: &generator)).map { _ in
                CandidateRequest(
                    row: Int.random(in: 0..<rows, using: &generator), top: Int.random(in: 0...50, using: &generator),
                    extra: (0..<Int.random(in: 0...3, using: &generator)).map { _ in
                        Int32.random(in: .min ... .max, using: &generator)
                    })
            }
            return Segment(
                sequence: .random(in: 0 ... .max, using: &generator),
                firstPosition: .random(in: 0...200_000, using: &generator), rowCount: rows, outputs: outputs)
        }
        let operations: [CacheOperation] = (0..<Int.random(in: 0...5, using: &generator)).map { _ in
            let sequence = UInt32.random(in: 0 ... .max, using: &generator)
            switch Int.random(in: 0..<5, using: &generator) {
            case 0: return .append(sequence: sequence, block: .random(in: 0 ... .max, using: &generator))
            case 1: return .truncate(sequence: sequence, length: .random(in: 0...100, using: &generator))
            case 2: return .copy(sequence: sequence, index: .random(in: 0...100, using: &generator), to: 3)
            case 3:
                let blocks = (0..<UInt32.random(in: 0...6, using: &generator)).map { $0 * 7 }
                return .share(sequence: sequence, blocks: blocks, length: blocks.count * 16)
            default: return .free(sequence: sequence)
            }
        }
        let count = segments.reduce(0) { $0 + $1.rowCount } * width
        return Frame(
            epoch: .random(in: 0 ... .max, using: &generator), number: .random(in: 0 ... .max, using: &generator),
            width: width, operations: operations, segments: segments,
            rows: (0..<count).map { _ in Float.random(in: -9...9, using: &generator) })
    }
}

import Candidates
import Testing

@testable import Wire

/// A count in the header: its name, its offset in bytes and its limit.
struct CountCase: Sendable, CustomTestStringConvertible {
    var field: String
    var offset: Int
    var limit: Int

    var testDescription: String { field }
}

struct FrameRefusalTests {
    static let limits = WireLimits.standard

    @Test(arguments: [
        CountCase(field: "a frame's width", offset: 12, limit: limits.maxWidth),
        CountCase(field: "a frame's row count", offset: 32, limit: limits.maxRows),
        CountCase(field: "a frame's operation count", offset: 36, limit: limits.maxOperations),
        CountCase(field: "a frame's segment count", offset: 40, limit: limits.maxSegments),
        CountCase(field: "a frame's output request count", offset: 44, limit: limits.maxRequests),
        CountCase(field: "a frame's shared block count", offset: 52, limit: limits.maxOperations),
    ])
    func rejectsAFrameCountBeyondTheLimit(_ count: CountCase) {
        for found in [count.limit + 1, Int(UInt32.max)] {
            let bytes = Sample.frame.encode().patched(UInt32(found), at: count.offset)
            #expect(throws: WireError.limitExceeded(field: count.field, found: found, limit: count.limit)) {
                try Frame(decoding: bytes)
            }
        }
        // At the limit only the length is wrong.
        let bytes = Sample.frame.encode().patched(UInt32(count.limit), at: count.offset)
        #expect(Self.refusal(of: bytes)?.isWrongLength == true)
    }

    @Test func rejectsExtraIdsThatDidNotCome() {
        let bytes = Sample.frame.encode().patched(.max, at: 48)
        #expect(Self.refusal(of: bytes)?.isWrongLength == true)
    }

    @Test func rejectsRequestsBeyondTheirLimits() {
        var frame = Sample.frame
        frame.segments[0].outputs[1].top = Self.limits.maxTop + 1
        #expect(
            throws: WireError.limitExceeded(
                field: "an output request's top", found: Self.limits.maxTop + 1, limit: Self.limits.maxTop)
        ) { try Frame(decoding: frame.encode()) }

        frame = Sample.frame
        frame.segments[0].outputs[1].extra = [Int32](repeating: 1, count: Self.limits.maxExtra + 1)
        #expect(
            throws: WireError.limitExceeded(
                field: "an output request's extra id count", found: Self.limits.maxExtra + 1,
                limit: Self.limits.maxExtra)
        ) { try Frame(decoding: frame.encode()) }

        frame = Sample.frame
        frame.segments[0].outputs[1].row = 2
        #expect(throws: WireError.limitExceeded(field: "an output request's row", found: 2, limit: 1)) {
            try Frame(decoding: frame.encode())
        }
    }

    @Test func rejectsAMessageBeyondTheLimit() {
        let bytes = Sample.frame.encode()
        let limits = WireLimits(maxMessageBytes: bytes.count - 1)
        #expect(
            throws: WireError.limitExceeded(field: "a frame's length", found: bytes.count, limit: bytes.count - 1)
        ) { try Frame(decoding: bytes, limits: limits) }
        let result = Sample.result.encode()
        let resultLimit = result.count - 1
        #expect(
            throws: WireError.limitExceeded(field: "a result's length", found: result.count, limit: resultLimit)
        ) { try ResultFrame(decoding: result, limits: WireLimits(maxMessageBytes: resultLimit)) }
    }

    @Test func rejectsEveryTruncation() {
        let frame = Sample.frame.encode()
        for length in 0..<frame.count {
            #expect(throws: WireError.self, "\(length) bytes") { try Frame(decoding: Array(frame[..<length])) }
        }
        let result = Sample.result.encode()
        for length in 0..<result.count {
            #expect(throws: WireError.self, "\(length) bytes") { try ResultFrame(decoding: Array(result[..<length])) }
        }
    }

    @Test func rejectsBytesBehindTheEnd() {
        let frame = Sample.frame.encode()
        #expect(throws: WireError.wrongLength(message: "frame", found: frame.count + 1, expected: frame.count)) {
            try Frame(decoding: frame + [0])
        }
        let result = Sample.result.encode()
        #expect(throws: WireError.wrongLength(message: "result", found: result.count + 4, expected: result.count)) {
            try ResultFrame(decoding: result + [0, 0, 0, 0])
        }
    }

    @Test func theMessageNamesWhatWasFound() throws {
        var bytes = Sample.frame.encode()
        bytes[3] = UInt8(ascii: "R")
        #expect("\(try #require(Self.refusal(of: bytes)))".contains("begins with \"BRGF\", found \"BRGR\""))
        bytes[0] = 0
        #expect("\(try #require(Self.refusal(of: bytes)))".contains("found 0x52475200"))
        bytes = Sample.frame.encode()
        bytes[4] = 9
        #expect("\(try #require(Self.refusal(of: bytes)))".contains("version 9 arrived, this build reads version 3"))
        bytes = Sample.frame.encode()
        bytes[6] = 3
        #expect("\(try #require(Self.refusal(of: bytes)))".contains("row type 3 is unknown"))
        bytes = Sample.frame.encode()
        bytes[60] = 1
        #expect("\(try #require(Self.refusal(of: bytes)))".contains("bytes 60 to 63 of a frame is 1, expected 0"))
    }

    @Test func rejectsPaddingAndUnusedWordsThatAreNotZero() {
        for (word, offset) in [(0x101, 0), (5, 12)] {
            let bytes = Frame(operations: [.append(sequence: 1, block: 1)]).encode()
                .patched(UInt32(word), at: Frame.headerSize + offset)
            #expect(Self.refusal(of: bytes)?.isReserved == true)
        }
    }

    @Test func rejectsNamesThatAreNotThoseOfItsSeals() {
        let seal = Frame(operations: [.seal(block: 1, name: Sample.name)]).encode()
        // More names than operations, too few names, a name without a seal, a seal with a sequence, an unused word.
        #expect(
            throws: WireError.limitExceeded(field: "a frame's name count", found: 2, limit: 1)
        ) { try Frame(decoding: seal.patched(2, at: 56) + Sample.name.bytes) }
        let start = Frame.headerSize
        #expect(Self.refusal(of: Array(seal.patched(0, at: 56).dropLast(32)))?.isInconsistent == true)
        #expect(Self.refusal(of: seal.patched(1, at: start))?.isInconsistent == true)
        #expect(Self.refusal(of: seal.patched(1, at: start + 4))?.isReserved == true)
        #expect(Self.refusal(of: seal.patched(1, at: start + 12))?.isReserved == true)
    }

    @Test func rejectsSegmentsThatDoNotAddUp() {
        let start = Frame.headerSize
        let two = Frame(
            width: 1,
            segments: [
                Segment(sequence: 0, firstPosition: 0, rowCount: 1, outputs: [CandidateRequest(row: 0, top: 1)]),
                Segment(sequence: 1, firstPosition: 0, rowCount: 1),
            ], rows: [1, 2]
        ).encode()
        // Rows of a segment: too many, then too few. Then its requests: too many, then too few.
        for (value, offset) in [(3, 8), (0, 24), (2, 12), (0, 12)] as [(UInt32, Int)] {
            #expect(Self.refusal(of: two.patched(value, at: start + offset))?.isInconsistent == true)
        }
        let share = Frame(operations: [.share(sequence: 1, blocks: [1, 2], length: 3)]).encode()
        for value: UInt32 in [0, 1, 3, .max] {
            #expect(Self.refusal(of: share.patched(value, at: start + 8))?.isInconsistent == true)
        }
        let extra = Frame(
            segments: [
                Segment(
                    sequence: 0, firstPosition: 0, rowCount: 1, outputs: [CandidateRequest(row: 0, top: 1, extra: [1])])
            ]
        ).encode()
        for value: UInt32 in [0, 2] {
            #expect(Self.refusal(of: extra.patched(value, at: start + 16 + 8))?.isInconsistent == true)
        }
    }

    private static func refusal(of bytes: [UInt8]) -> WireError? {
        do throws(WireError) {
            _ = try Frame(decoding: bytes)
            return nil
        } catch { return error }
    }
}

struct ResultRefusalTests {
    static let limits = WireLimits.standard

    @Test func rejectsCountsBeyondTheLimit() {
        let bytes = Sample.result.encode()
        #expect(
            throws: WireError.limitExceeded(
                field: "a result's output count", found: Self.limits.maxRows + 1, limit: Self.limits.maxRows)
        ) { try ResultFrame(decoding: bytes.patched(UInt32(Self.limits.maxRows + 1), at: 12)) }
        for offset in [40, 44, 48] {
            #expect(throws: WireError.self) { try ResultFrame(decoding: bytes.patched(.max, at: offset)) }
        }
        // The counts of the first output.
        for (field, offset, limit) in [
            ("an output's candidate count", 4, Self.limits.maxTop),
            ("an output's extra logit count", 8, Self.limits.maxExtra),
            ("an output's whole-vocabulary count", 12, Self.limits.maxVocabulary),
        ] {
            #expect(throws: WireError.limitExceeded(field: field, found: limit + 1, limit: limit)) {
                try ResultFrame(decoding: bytes.patched(UInt32(limit + 1), at: ResultFrame.headerSize + offset))
            }
            #expect(throws: WireError.self) {
                try ResultFrame(decoding: bytes.patched(UInt32(limit), at: ResultFrame.headerSize + offset))
            }
        }
    }

    @Test func rejectsOutputsThatDoNotAddUp() {
        let bytes = Sample.result.encode()
        let last = ResultFrame.headerSize + 2 * ResultFrame.outputSize
        #expect(
            throws: WireError.inconsistent(field: "the candidates of all outputs", found: 2, expected: 3)
        ) { try ResultFrame(decoding: bytes.patched(0, at: last + 4)) }
    }

    @Test func namesMagicAndVersion() {
        #expect(
            throws: WireError.wrongMagic(message: "result", found: Frame.magic, expected: ResultFrame.magic)
        ) { try ResultFrame(decoding: Sample.frame.encode()) }
        var bytes = Sample.result.encode()
        bytes[5] = 1
        #expect(throws: WireError.unsupportedVersion(message: "result", found: 259, supported: 3)) {
            try ResultFrame(decoding: bytes)
        }
        for offset in [6, 52] {
            var bytes = Sample.result.encode()
            bytes[offset] = 1
            #expect(throws: WireError.self) { try ResultFrame(decoding: bytes) }
        }
    }
}

extension WireError {
    var isWrongLength: Bool { if case .wrongLength = self { true } else { false } }
    var isInconsistent: Bool { if case .inconsistent = self { true } else { false } }
    var isReserved: Bool { if case .reservedNotZero = self { true } else { false } }
}

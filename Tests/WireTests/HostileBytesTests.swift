import Testing
import Wire

/// For any input a decoder returns a value or an error. Frames and results that it accepts encode to the same bytes.
struct HostileBytesTests {
    @Test func mutatedFramesNeverTrap() {
        let original = Sample.frame.encode()
        var generator = SeededGenerator(seed: 2)
        var accepted = 0
        var frame = Frame()
        for _ in 0..<40_000 {
            let bytes = Self.mutate(original, &generator)
            guard (try? frame.decode(bytes)) != nil else { continue }
            accepted += 1
            #expect(frame.encode() == bytes)
        }
        // Some mutations change only values, so both outcomes occur.
        #expect(accepted > 100 && accepted < 39_000)
    }

    @Test func mutatedResultsNeverTrap() {
        let original = Sample.result.encode()
        var generator = SeededGenerator(seed: 3)
        var accepted = 0
        for _ in 0..<40_000 {
            let bytes = Self.mutate(original, &generator)
            guard let result = try? ResultFrame(decoding: bytes) else { continue }
            accepted += 1
            #expect(result.encode() == bytes)
        }
        #expect(accepted > 100 && accepted < 39_000)
    }

    @Test func mutatedControlMessagesNeverTrap() throws {
        var generator = SeededGenerator(seed: 4)
        let requests = try Sample.requests.map { try $0.encode() }
        let replies = try Sample.replies.map { try $0.encode() }
        var outcomes = [true: 0, false: 0]
        for _ in 0..<5000 {
            let request = try? ControlRequest(
                decoding: Self.mutate(requests.randomElement(using: &generator) ?? [], &generator))
            let reply = try? ControlReply(
                decoding: Self.mutate(replies.randomElement(using: &generator) ?? [], &generator))
            outcomes[request != nil, default: 0] += 1
            outcomes[reply != nil, default: 0] += 1
        }
        #expect(outcomes.values.allSatisfy { $0 > 100 })
    }

    @Test func randomBytesNeverTrap() {
        var generator = SeededGenerator(seed: 5)
        var accepted = 0
        for round in 0..<20_000 {
            var bytes = (0..<Int.random(in: 0...200, using: &generator)).map { _ in
                UInt8.random(in: 0 ... .max, using: &generator)
            }
            // Half of them have a valid magic and version.
            let prologue =
                Array((round % 4 == 0 ? "BRGF" : round % 4 == 1 ? "BRGR" : "BRGC").utf8) + [
                    UInt8(WireProtocol.version), 0, 0, 0,
                ]
            if round % 2 == 0, bytes.count >= prologue.count {
                bytes.replaceSubrange(..<prologue.count, with: prologue)
            }
            if (try? Frame(decoding: bytes)) != nil { accepted += 1 }
            if (try? ResultFrame(decoding: bytes)) != nil { accepted += 1 }
            if (try? ControlRequest(decoding: bytes)) != nil { accepted += 1 }
            if (try? ControlReply(decoding: bytes)) != nil { accepted += 1 }
        }
        #expect(accepted == 0)
    }

    /// Makes one to four changes: a flipped bit, a byte, an edge value of 32 bits, a cut end, or one byte more.
    private static func mutate(_ original: [UInt8], _ generator: inout SeededGenerator) -> [UInt8] {
        var bytes = original
        for _ in 0..<Int.random(in: 1...4, using: &generator) {
            guard bytes.count > 8 else { break }
            let index = Int.random(in: 0..<bytes.count, using: &generator)
            switch Int.random(in: 0..<8, using: &generator) {
            case 0, 1: bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            case 2, 3: bytes[index] = .random(in: 0 ... .max, using: &generator)
            case 4, 5:
                let words: [UInt32] = [0, 1, 0x7fff_ffff, 0x8000_0000, .max, 4096, 65536]
                let word = words.randomElement(using: &generator) ?? 0
                bytes.patch(word, at: min(index & ~3, (bytes.count - 4) & ~3))
            case 6: bytes.removeLast(Int.random(in: 1...8, using: &generator))
            default: bytes.append(.random(in: 0 ... .max, using: &generator))
            }
        }
        return bytes
    }
}

import Testing

@testable import Messaging

struct FramingTests {
    /// A message as it travels.
    private func wire(_ number: UInt32, _ body: [UInt8]) -> [UInt8] {
        var header = [UInt8](repeating: 0xaa, count: MessageHeader.byteCount)
        header.withUnsafeMutableBytes { MessageHeader(number: number, length: UInt64(body.count)).write(to: $0) }
        return header + body
    }

    /// Feeds `bytes` in pieces of `sizes` in turn; returns the messages.
    private func assemble(_ bytes: [UInt8], limit: Int, sizes: [Int]) throws -> [(UInt32, [UInt8])] {
        var assembler = MessageAssembler(limit: limit)
        var done = 0, turn = 0
        var received: [MessageAssembler.Received] = []
        while done < bytes.count {
            let (first, second) = assembler.targets()
            var count = min(sizes[turn % sizes.count], bytes.count - done, first.count + (second?.count ?? 0))
            turn += 1
            let inFirst = min(count, first.count)
            first.copyBytes(from: bytes[done..<done + inFirst])
            second?.copyBytes(from: bytes[done + inFirst..<done + count])
            if second == nil { count = inFirst }
            try assembler.took(count, into: &received)
            done += count
        }
        return received.map { ($0.number, Message($0.buffer).bytes()) }
    }

    @Test(arguments: [[1], [7], [16], [17, 3], [1000], [100_000], [1 << 20]])
    func messagesComeWholeHoweverTheyAreCut(sizes: [Int]) throws {
        let bodies = [0, 1, 15, 16, 17, 1000, 70_000, 200_000, 0, 3].enumerated().map { index, count in
            (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ index) }
        }
        let bytes = bodies.enumerated().flatMap { wire(UInt32($0.offset), $0.element) }
        let messages = try assemble(bytes, limit: 200_000, sizes: sizes)
        #expect(messages.map(\.0) == Array(0..<10))
        #expect(messages.map(\.1) == bodies)
    }

    @Test func aMessageBeyondTheLimitIsRefusedByItsHeaderAlone() throws {
        #expect(try assemble(wire(1, [1, 2, 3]), limit: 3, sizes: [100]).count == 1)
        var header = [UInt8](repeating: 0, count: MessageHeader.byteCount)
        for length in [UInt64(4), 1 << 40, .max] {
            header.withUnsafeMutableBytes { MessageHeader(number: 1, length: length).write(to: $0) }
            #expect(throws: FramingError.tooLong(length, limit: 3)) {
                try assemble(header, limit: 3, sizes: [100])
            }
        }
    }

    @Test(arguments: 0..<4)
    func aByteThatDoesNotBelongIsNoHeader(index: Int) throws {
        var bytes = wire(7, [1])
        bytes[index] ^= 1
        #expect(throws: FramingError.notAHeader) { try assemble(bytes, limit: 100, sizes: [1]) }
    }

    @Test func aHelloIsReadAsItWasWritten() {
        var bytes = [UInt8](repeating: 0xaa, count: Hello.byteCount)
        let hello = Hello(kind: .pull, answer: .occupied)
        bytes.withUnsafeMutableBytes { hello.write(to: $0) }
        #expect(bytes == Array("BRGD".utf8) + [Hello.version, 2, 1] + [UInt8](repeating: 0, count: 9))
        #expect(bytes.withUnsafeBytes { Hello($0) } == hello)
        for index in [0, 3, 5, 6] {
            var spoilt = bytes
            spoilt[index] = 0xee
            #expect(spoilt.withUnsafeBytes { Hello($0) } == nil)
        }
    }
}

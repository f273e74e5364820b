import Candidates

extension Frame {
    /// Reads a message. Throws ``WireError`` if it is not exactly one frame within `limits`.
    public init(decoding bytes: [UInt8], limits: WireLimits = .standard) throws(WireError) {
        self.init()
        try decode(bytes, limits: limits)
    }

    /// Reads a message into this frame and reuses the storage of `rows`. If the message is refused, the frame does not
    /// change.
    public mutating func decode(_ message: [UInt8], limits: WireLimits = .standard) throws(WireError) {
        try decode(message.span.bytes, limits: limits)
    }

    /// Reads a message into this frame and reuses the storage of `rows`. If the message is refused, the frame does not
    /// change.
    public mutating func decode(_ bytes: RawSpan, limits: WireLimits = .standard) throws(WireError) {
        let header = try Header(bytes, limits: limits)
        var offset = Self.headerSize
        let operations = try Self.loadOperations(bytes, header, at: &offset)
        let segments = try Self.loadSegments(bytes, header, limits, at: &offset)

        // Nothing can fail from here on.
        plan = header.plan
        epoch = header.epoch
        number = header.number
        width = header.width
        rowType = header.rowType
        rank = header.rank
        authenticator = header.authenticator
        self.operations = operations
        self.segments = segments
        bytes.load(header.rowCount * header.width, into: &rows, at: &offset)
    }

    /// The fixed part of a frame, with every count checked against its limit and the exact length.
    private struct Header {
        var rowType: RowType
        var rank: UInt8
        var plan: UInt32
        var epoch: UInt64
        var number: UInt64
        var authenticator: Authenticator
        var width: Int
        var rowCount: Int
        var operationCount: Int
        var segmentCount: Int
        var requestCount: Int
        var extraCount: Int
        var blockCount: Int
        var nameCount: Int

        init(_ bytes: RawSpan, limits: WireLimits) throws(WireError) {
            try checkPrologue(bytes, message: "frame", magic: Frame.magic, headerSize: Frame.headerSize, limits)
            var offset = 6
            let type = bytes.load(UInt8.self, at: &offset)
            guard let rowType = RowType(rawValue: type) else { throw .unknownRowType(found: type) }
            self.rowType = rowType
            rank = bytes.load(UInt8.self, at: &offset)
            plan = bytes.load(UInt32.self, at: &offset)
            width = bytes.loadCount(at: &offset)
            epoch = bytes.load(UInt64.self, at: &offset)
            number = bytes.load(UInt64.self, at: &offset)
            rowCount = bytes.loadCount(at: &offset)
            operationCount = bytes.loadCount(at: &offset)
            segmentCount = bytes.loadCount(at: &offset)
            requestCount = bytes.loadCount(at: &offset)
            extraCount = bytes.loadCount(at: &offset)
            blockCount = bytes.loadCount(at: &offset)
            nameCount = bytes.loadCount(at: &offset)
            let reserved = bytes.load(UInt32.self, at: &offset)
            guard reserved == 0 else {
                throw .reservedNotZero(message: "frame", field: "bytes 60 to 63", found: Int(reserved))
            }
            authenticator = bytes.loadAuthenticator(at: &offset)
            try WireLimits.check("a frame's width", width, limits.maxWidth)
            try WireLimits.check("a frame's row count", rowCount, limits.maxRows)
            try WireLimits.check("a frame's operation count", operationCount, limits.maxOperations)
            try WireLimits.check("a frame's segment count", segmentCount, limits.maxSegments)
            try WireLimits.check("a frame's output request count", requestCount, limits.maxRequests)
            // The number of extra ids in all requests needs no limit: each request is checked below, and the exact
            // length bounds the sum by the bytes received.
            try WireLimits.check("a frame's shared block count", blockCount, limits.maxOperations)
            try WireLimits.check("a frame's name count", nameCount, operationCount)
            try checkLength(
                bytes, message: "frame", header: Frame.headerSize,
                [
                    (operationCount, Frame.operationSize), (blockCount, 4), (nameCount, BlockName.byteCount),
                    (segmentCount, Frame.segmentSize),
                    (requestCount, Frame.requestSize), (extraCount, 4), (rowCount, 4 * width),
                ])
        }
    }

    private static func loadOperations(
        _ bytes: RawSpan, _ header: Header, at offset: inout Int
    ) throws(WireError) -> [CacheOperation] {
        if header.operationCount == 0 && header.blockCount == 0 { return [] }  // and so no names
        var operations = [CacheOperation]()
        operations.reserveCapacity(header.operationCount)
        var blockOffset = offset + operationSize * header.operationCount
        var nameOffset = blockOffset + 4 * header.blockCount
        let end = nameOffset + BlockName.byteCount * header.nameCount
        var blocksLeft = header.blockCount, namesLeft = header.nameCount
        for _ in 0..<header.operationCount {
            let word = bytes.load(UInt32.self, at: &offset)
            let sequence = bytes.load(UInt32.self, at: &offset)
            let first = bytes.load(UInt32.self, at: &offset)
            let second = bytes.load(UInt32.self, at: &offset)
            guard word >> 8 == 0 else {
                throw .reservedNotZero(message: "frame", field: "an operation's padding", found: Int(word >> 8))
            }
            switch word {
            case 1: operations.append(.append(sequence: sequence, block: first))
            case 2: operations.append(.truncate(sequence: sequence, length: Int(first)))
            case 3: operations.append(.copy(sequence: sequence, index: Int(first), to: second))
            case 4:
                guard Int(first) <= blocksLeft else {
                    throw .inconsistent(
                        field: "the block count of a share operation", found: Int(first), expected: blocksLeft)
                }
                blocksLeft -= Int(first)
                var blocks = [UInt32]()
                blocks.reserveCapacity(Int(first))
                for _ in 0..<first { blocks.append(bytes.load(UInt32.self, at: &blockOffset)) }
                operations.append(.share(sequence: sequence, blocks: blocks, length: Int(second)))
            case 5: operations.append(.free(sequence: sequence))
            case 6:
                guard namesLeft > 0 else {
                    throw .inconsistent(field: "the names of all seal operations", found: 0, expected: 1)
                }
                guard sequence == 0 else {
                    throw .reservedNotZero(message: "frame", field: "a seal operation's sequence", found: Int(sequence))
                }
                namesLeft -= 1
                var words = SIMD4<UInt64>()
                for i in 0..<4 { words[i] = bytes.load(UInt64.self, at: &nameOffset) }
                operations.append(.seal(block: first, name: BlockName(words: words)))
            default: throw .unknownOperation(found: UInt8(truncatingIfNeeded: word))
            }
            // Words that an operation does not use must be zero, so that a frame has only one encoding.
            let unused = word == 5 ? first | second : (word == 1 || word == 2 || word == 6 ? second : 0)
            guard unused == 0 else {
                throw .reservedNotZero(message: "frame", field: "an operation's unused word", found: Int(unused))
            }
        }
        guard blocksLeft == 0 else {
            throw .inconsistent(
                field: "the blocks of all share operations", found: header.blockCount - blocksLeft,
                expected: header.blockCount)
        }
        guard namesLeft == 0 else {
            throw .inconsistent(
                field: "the names of all seal operations", found: header.nameCount - namesLeft,
                expected: header.nameCount)
        }
        offset = end
        return operations
    }

    private static func loadSegments(
        _ bytes: RawSpan, _ header: Header, _ limits: WireLimits, at offset: inout Int
    ) throws(WireError) -> [Segment] {
        var segments = [Segment]()
        segments.reserveCapacity(header.segmentCount)
        var requestOffset = offset + segmentSize * header.segmentCount
        var extraOffset = requestOffset + requestSize * header.requestCount
        var rowsLeft = header.rowCount
        var requestsLeft = header.requestCount
        var extrasLeft = header.extraCount
        for _ in 0..<header.segmentCount {
            let sequence = bytes.load(UInt32.self, at: &offset), firstPosition = bytes.loadCount(at: &offset)
            let rowWord = bytes.load(UInt32.self, at: &offset)
            var segment = Segment(
                sequence: sequence, firstPosition: firstPosition, rowCount: Int(rowWord & ~cancelledBit),
                isCancelled: rowWord & cancelledBit != 0)
            let requestCount = bytes.loadCount(at: &offset)
            if segment.isCancelled {
                try WireLimits.check("a cancelled segment's row count", segment.rowCount, limits.maxRows)
                guard requestCount == 0 else {
                    throw .inconsistent(field: "a cancelled segment's request count", found: requestCount, expected: 0)
                }
            } else {
                guard segment.rowCount <= rowsLeft else {
                    throw .inconsistent(field: "a segment's row count", found: segment.rowCount, expected: rowsLeft)
                }
                rowsLeft -= segment.rowCount
            }
            guard requestCount <= requestsLeft else {
                throw .inconsistent(field: "a segment's request count", found: requestCount, expected: requestsLeft)
            }
            requestsLeft -= requestCount
            segment.outputs.reserveCapacity(requestCount)
            for _ in 0..<requestCount {
                let row = bytes.loadCount(at: &requestOffset)
                let top = bytes.loadCount(at: &requestOffset)
                let extraCount = bytes.loadCount(at: &requestOffset)
                guard row < segment.rowCount else {
                    throw .limitExceeded(field: "an output request's row", found: row, limit: segment.rowCount - 1)
                }
                try WireLimits.check("an output request's top", top, limits.maxTop)
                try WireLimits.check("an output request's extra id count", extraCount, limits.maxExtra)
                guard extraCount <= extrasLeft else {
                    throw .inconsistent(field: "a request's extra id count", found: extraCount, expected: extrasLeft)
                }
                extrasLeft -= extraCount
                let extra = bytes.loadIntegers(extraCount, at: &extraOffset)
                segment.outputs.append(CandidateRequest(row: row, top: top, extra: extra))
            }
            segments.append(segment)
        }
        for (field, left, total) in [
            ("the rows of all segments", rowsLeft, header.rowCount),
            ("the requests of all segments", requestsLeft, header.requestCount),
            ("the extra ids of all requests", extrasLeft, header.extraCount),
        ] where left != 0 {
            throw .inconsistent(field: field, found: total - left, expected: total)
        }
        offset = extraOffset
        return segments
    }
}

/// Checks size, magic and version, with which every binary message begins.
func checkPrologue(
    _ bytes: RawSpan, message: String, magic: UInt32, headerSize: Int, _ limits: WireLimits
) throws(WireError) {
    guard bytes.byteCount >= headerSize else {
        throw .tooShort(message: message, found: bytes.byteCount, needed: headerSize)
    }
    try WireLimits.check("a \(message)'s length", bytes.byteCount, limits.maxMessageBytes)
    var offset = 0
    let found = bytes.load(UInt32.self, at: &offset)
    guard found == magic else { throw .wrongMagic(message: message, found: found, expected: magic) }
    let version = bytes.load(UInt16.self, at: &offset)
    guard version == WireProtocol.version else {
        throw .unsupportedVersion(message: message, found: Int(version), supported: Int(WireProtocol.version))
    }
}

/// Checks that the length of the message is the sum of its parts.
func checkLength(
    _ bytes: RawSpan, message: String, header: Int, _ parts: [(count: Int, size: Int)]
) throws(WireError) {
    let expected = messageLength(header, parts) ?? .max
    guard bytes.byteCount == expected else {
        throw .wrongLength(message: message, found: bytes.byteCount, expected: expected)
    }
}

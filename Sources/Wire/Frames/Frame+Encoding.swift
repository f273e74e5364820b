extension Frame {
    /// The frame as a new message; see the layout at ``Frame``.
    public func encode() -> [UInt8] {
        var buffer = [UInt8]()
        encode(into: &buffer)
        return buffer
    }

    /// Makes `buffer` the message; its storage is reused if it is large enough. Traps if `rows` does not have
    /// `rowCount * width` elements or a number does not fit its field; both are bugs of the caller.
    public func encode(into buffer: inout [UInt8]) {
        var requestCount = 0
        var extraCount = 0
        var rowCount = 0
        for segment in segments {
            if !segment.isCancelled { rowCount += segment.rowCount }
            requestCount += segment.outputs.count
            for request in segment.outputs { extraCount += request.extra.count }
        }
        precondition(rows.count == rowCount * width, "\(rows.count) elements for \(rowCount) rows of width \(width)")
        var blockCount = 0, nameCount = 0
        for operation in operations {
            switch operation {
            case .share(_, let blocks, _): blockCount += blocks.count
            case .seal: nameCount += 1
            default: break
            }
        }

        let length =
            Self.headerSize + Self.operationSize * operations.count + 4 * blockCount
            + BlockName.byteCount * nameCount + Self.segmentSize * segments.count + Self.requestSize * requestCount + 4
            * extraCount + 4 * rows.count
        resize(&buffer, to: length, filler: 0)
        var span = buffer.mutableSpan
        var bytes = span.mutableBytes
        var offset = 0

        bytes.store(Self.magic, at: &offset)
        bytes.store(WireProtocol.version, at: &offset)
        bytes.store(rowType.rawValue, at: &offset)
        bytes.store(rank, at: &offset)
        bytes.store(plan, at: &offset)
        bytes.store(UInt32(width), at: &offset)
        bytes.store(epoch, at: &offset)
        bytes.store(number, at: &offset)
        for count in [rowCount, operations.count, segments.count, requestCount, extraCount, blockCount, nameCount, 0] {
            bytes.store(UInt32(count), at: &offset)
        }
        bytes.store(authenticator, at: &offset)
        for operation in operations { Self.store(operation, in: &bytes, at: &offset) }
        for case .share(_, let blocks, _) in operations {
            for block in blocks { bytes.store(block, at: &offset) }
        }
        for case .seal(_, let name) in operations {
            for i in 0..<4 { bytes.store(name.words[i], at: &offset) }
        }
        for segment in segments {
            bytes.store(segment.sequence, at: &offset)
            bytes.store(UInt32(segment.firstPosition), at: &offset)
            bytes.store(UInt32(segment.rowCount) | (segment.isCancelled ? Self.cancelledBit : 0), at: &offset)
            bytes.store(UInt32(segment.outputs.count), at: &offset)
        }
        for segment in segments {
            for request in segment.outputs {
                bytes.store(UInt32(request.row), at: &offset)
                bytes.store(UInt32(request.top), at: &offset)
                bytes.store(UInt32(request.extra.count), at: &offset)
            }
        }
        for segment in segments {
            for request in segment.outputs { bytes.store(request.extra, at: &offset) }
        }
        bytes.store(rows, at: &offset)
    }

    private static func store(_ operation: CacheOperation, in bytes: inout MutableRawSpan, at offset: inout Int) {
        let (kind, sequence, first, second): (UInt32, UInt32, UInt32, UInt32) =
            switch operation {
            case .append(let sequence, let block): (1, sequence, block, 0)
            case .truncate(let sequence, let length): (2, sequence, UInt32(length), 0)
            case .copy(let sequence, let index, let target): (3, sequence, UInt32(index), target)
            case .share(let sequence, let blocks, let length): (4, sequence, UInt32(blocks.count), UInt32(length))
            case .free(let sequence): (5, sequence, 0, 0)
            case .seal(let block, _): (6, 0, block, 0)
            }
        // The kind is the lowest byte of a little-endian word, so the three bytes after it are zero.
        bytes.store(kind, at: &offset)
        bytes.store(sequence, at: &offset)
        bytes.store(first, at: &offset)
        bytes.store(second, at: &offset)
    }
}

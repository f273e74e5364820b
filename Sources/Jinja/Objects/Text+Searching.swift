extension Text {
    /// The first byte at or behind `start` at which another text stands, ending at or before `end`.
    ///
    /// Takes time linear in both lengths, whatever they hold: a template may come from anybody.
    func firstOffset(of needle: Text, from start: Int, to end: Int) -> Int? {
        Self.find(needle.bytes, in: bytes, start: start, end: end)
    }

    /// The last such byte.
    func lastOffset(of needle: Text, from start: Int, to end: Int) -> Int? {
        let length = needle.bytes.count
        guard start <= end, end - start >= length else { return nil }
        guard length > 0 else { return end }
        // The same search, from the end to the start and from the needle's last byte to its first.
        let last = length - 1, pattern = needle.bytes
        var borders = [0], matched = 0
        for i in 1..<max(length, 1) {
            while matched > 0, pattern[last - i] != pattern[last - matched] { matched = borders[matched - 1] }
            if pattern[last - i] == pattern[last - matched] { matched += 1 }
            borders.append(matched)
        }
        matched = 0
        for place in (start..<end).reversed() {
            while matched > 0, bytes[place] != pattern[last - matched] { matched = borders[matched - 1] }
            if bytes[place] == pattern[last - matched] { matched += 1 }
            if matched == length { return place }
        }
        return nil
    }

    func contains(_ needle: Text) -> Bool { firstOffset(of: needle, from: 0, to: bytes.count) != nil }

    /// The plain search as long as it hardly ever compares more than one byte in a place, as is usual; from there on
    /// Knuth, Morris and Pratt's.
    private static func find(_ needle: [UInt8], in bytes: [UInt8], start: Int, end: Int) -> Int? {
        let length = needle.count
        guard start <= end, end - start >= length else { return nil }
        guard length > 0 else { return start }
        let first = needle[0]
        var place = start, patience = 256
        while place <= end - length, patience > 0 {
            if bytes[place] == first {
                var i = 1
                while i < length, bytes[place + i] == needle[i] { i += 1 }
                if i == length { return place }
                patience -= i
            }
            place += 1
        }
        return place > end - length ? nil : findStubbornly(needle, in: bytes, start: place, end: end)
    }

    private static func findStubbornly(_ needle: [UInt8], in bytes: [UInt8], start: Int, end: Int) -> Int? {
        let length = needle.count
        var borders = [0], matched = 0
        borders.reserveCapacity(length)
        for i in 1..<length {
            while matched > 0, needle[i] != needle[matched] { matched = borders[matched - 1] }
            if needle[i] == needle[matched] { matched += 1 }
            borders.append(matched)
        }
        matched = 0
        for place in start..<end {
            while matched > 0, bytes[place] != needle[matched] { matched = borders[matched - 1] }
            if bytes[place] == needle[matched] { matched += 1 }
            if matched == length { return place - length + 1 }
        }
        return nil
    }

    func hasPrefix(_ prefix: Text, at offset: Int = 0) -> Bool {
        guard bytes.count - offset >= prefix.bytes.count else { return false }
        for (i, byte) in prefix.bytes.enumerated() where bytes[offset + i] != byte { return false }
        return true
    }

    func hasSuffix(_ suffix: Text) -> Bool {
        bytes.count >= suffix.bytes.count && hasPrefix(suffix, at: bytes.count - suffix.bytes.count)
    }
}

extension Text {
    /// The bytes at which a part stands, none of them inside of the one before. The part must not be empty.
    func offsets(
        of part: Text, in range: Range<Int>, atMost limit: Int = .max, _ budget: inout Budget
    ) throws(Failure) -> [Int] {
        var offsets: [Int] = [], place = range.lowerBound
        while offsets.count < limit, let found = firstOffset(of: part, from: place, to: range.upperBound) {
            try budget.allocate(16)
            offsets.append(found)
            place = found + part.bytes.count
        }
        return offsets
    }

    /// A slice that has been paid for.
    func piece(_ range: Range<Int>, _ budget: inout Budget) throws(Failure) -> Text {
        try budget.allocate(range.count + 96)
        let piece = slice(range)
        try budget.allocate(16 * piece.runs.count)
        return piece
    }

    func parts(at separator: Text, atMost cuts: Int, _ budget: inout Budget) throws(Failure) -> [Text] {
        var parts: [Text] = [], start = 0
        while parts.count < cuts, let found = firstOffset(of: separator, from: start, to: bytes.count) {
            parts.append(try piece(start..<found, &budget))
            start = found + separator.bytes.count
        }
        parts.append(try piece(start..<bytes.count, &budget))
        return parts
    }

    func partsFromEnd(at separator: Text, atMost cuts: Int, _ budget: inout Budget) throws(Failure) -> [Text] {
        var parts: [Text] = [], end = bytes.count
        while parts.count < cuts, let found = lastOffset(of: separator, from: 0, to: end) {
            parts.append(try piece(found + separator.bytes.count..<end, &budget))
            end = found
        }
        parts.append(try piece(0..<end, &budget))
        return parts.reversed()
    }
}

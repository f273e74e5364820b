extension Unicode.Scalar {
    /// Whether Python's `str.isspace` holds for it: what `strip` and `split` take for white space.
    var isPythonSpace: Bool {
        switch value {
        case 0x09...0x0D, 0x1C...0x20, 0x85, 0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000: true
        default: false
        }
    }

    /// Whether `str.splitlines` ends a line at it.
    var isLineBreak: Bool {
        switch value {
        case 0x0A...0x0D, 0x1C...0x1E, 0x85, 0x2028, 0x2029: true
        default: false
        }
    }
}

extension Text {
    /// Without the characters at the ends for which a condition holds.
    func stripped(
        left: Bool = true, right: Bool = true, where isStripped: (Unicode.Scalar) -> Bool = { $0.isPythonSpace }
    ) -> Text {
        var start = 0, end = bytes.count
        while left, start < end, isStripped(scalar(at: start)) { start += Self.width(ofLead: bytes[start]) }
        while right, end > start {
            let last = offset(before: end)
            guard isStripped(scalar(at: last)) else { break }
            end = last
        }
        return slice(start..<end)
    }

    /// The lines, with the breaks that end them if asked for.
    func lines(keepingEnds: Bool = false, _ budget: inout Budget) throws(Failure) -> [Text] {
        var result: [Text] = [], start = 0, place = 0
        while place < bytes.count {
            let scalar = scalar(at: place)
            guard scalar.isLineBreak else {
                place += Self.width(ofLead: bytes[place])
                continue
            }
            let end = place
            place += Self.width(ofLead: bytes[place])
            if scalar == "\r", place < bytes.count, bytes[place] == UInt8(ascii: "\n") { place += 1 }
            result.append(try piece(start..<(keepingEnds ? place : end), &budget))
            start = place
        }
        if start < bytes.count { result.append(try piece(start..<bytes.count, &budget)) }
        return result
    }

    /// The words between stretches of white space; the rest stays whole behind the given number of cuts.
    func words(atMost cuts: Int = .max, _ budget: inout Budget) throws(Failure) -> [Text] {
        var result: [Text] = [], place = 0
        while true {
            while place < bytes.count, scalar(at: place).isPythonSpace { place += Self.width(ofLead: bytes[place]) }
            guard place < bytes.count else { return result }
            if result.count == cuts {
                result.append(try piece(place..<bytes.count, &budget))
                return result
            }
            let start = place
            while place < bytes.count, !scalar(at: place).isPythonSpace { place += Self.width(ofLead: bytes[place]) }
            result.append(try piece(start..<place, &budget))
        }
    }

    /// The words, cut from the end.
    func wordsFromEnd(atMost cuts: Int = .max, _ budget: inout Budget) throws(Failure) -> [Text] {
        var result: [Text] = [], end = bytes.count
        while true {
            while end > 0, scalar(at: offset(before: end)).isPythonSpace { end = offset(before: end) }
            guard end > 0 else { break }
            if result.count == cuts {
                result.append(try piece(0..<end, &budget))
                break
            }
            let last = end
            while end > 0, !scalar(at: offset(before: end)).isPythonSpace { end = offset(before: end) }
            result.append(try piece(end..<last, &budget))
        }
        return result.reversed()
    }
}

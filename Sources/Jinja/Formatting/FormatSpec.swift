/// What stands behind the colon in a replacement field of Python's `str.format`.
struct FormatSpec {
    var fill: Text = " "
    var align: Unicode.Scalar?
    var sign: Unicode.Scalar = "-"
    var isAlternate = false
    var isZeroPadded = false
    var width = 0
    var grouping: Unicode.Scalar?
    var precision: Int?
    var type: Unicode.Scalar?

    /// Reads `[[fill]align][sign][z][#][0][width][,_][.precision][type]`.
    init(_ text: Text) throws(Failure) {
        let scalars = text.scalars.map { $0 }
        var place = 0
        func scalar(_ offset: Int = 0) -> Unicode.Scalar? {
            place + offset < scalars.count ? scalars[place + offset].scalar : nil
        }
        func isAlign(_ scalar: Unicode.Scalar?) -> Bool { scalar.map { ["<", ">", "=", "^"].contains($0) } ?? false }
        func number() throws(Failure) -> Int? {
            var value: Int?
            while let digit = scalar(), ("0"..."9").contains(digit) {
                value = (value ?? 0) * 10 + Int(digit.value - 0x30)
                if value! > 1 << 31 { throw Failure(.value, "a format has too large a number") }
                place += 1
            }
            return value
        }
        var hasFill = false
        if isAlign(scalar(1)), let first = scalars.first {
            hasFill = true
            fill = text.slice(first.offset..<scalars[1].offset)
            align = scalar(1)
            place = 2
        } else if isAlign(scalar()) {
            align = scalar()
            place = 1
        }
        if let mark = scalar(), ["+", "-", " "].contains(mark) {
            sign = mark
            place += 1
        }
        if scalar() == "#" {
            isAlternate = true
            place += 1
        }
        if scalar() == "0", !hasFill {
            fill = "0"
            isZeroPadded = align == nil
            place += 1
        }
        width = try number() ?? 0
        if let mark = scalar(), mark == "," || mark == "_" {
            grouping = mark
            place += 1
        }
        if scalar() == "." {
            place += 1
            guard let digits = try number() else { throw Failure(.value, "a format's precision is missing") }
            precision = digits
        }
        if let mark = scalar() {
            type = mark
            place += 1
        }
        guard place == scalars.count else { throw Failure(.value, "a format is not valid: '\(text.string)'") }
        if fill == "0", align == "=" { isZeroPadded = true }
    }
}

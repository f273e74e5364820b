/// Python's `strftime` in the C locale, for a time that names no zone.
struct DateFormat {
    let time: LocalTime

    private static let days = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]
    private static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ]

    /// How a number is filled up to its width, or a name is written.
    private enum Flag: Unicode.Scalar {
        case none = "-", spaces = "_", zeros = "0", uppercase = "^", swapped = "#"
    }

    /// The format with each conversion replaced; what is put in has the trust of its `%`.
    func text(_ format: Text, _ renderer: Renderer) throws(Failure) -> Text {
        var builder = TextBuilder(), place = 0
        let bytes = format.bytes
        try renderer.budget.allocate(bytes.count)
        try renderer.budget.examine(bytes.count * 8)
        while place < bytes.count {
            let start = place
            while place < bytes.count, bytes[place] != UInt8(ascii: "%") { place += 1 }
            builder.append(format, start..<place)
            guard place < bytes.count else { break }
            let percent = place
            place += 1
            var flag: Flag?, width: Int?
            while place < bytes.count, let next = Flag(rawValue: Unicode.Scalar(bytes[place])) {
                flag = next
                place += 1
            }
            while place < bytes.count, bytes[place].isDigit {
                width = min((width ?? 0) * 10 + Int(bytes[place] - UInt8(ascii: "0")), 1 << 20)
                place += 1
            }
            if place < bytes.count, [UInt8(ascii: "E"), UInt8(ascii: "O")].contains(bytes[place]) { place += 1 }
            guard place < bytes.count else {
                builder.append(format, percent..<bytes.count)
                break
            }
            let conversion = format.scalar(at: place)
            place += Text.width(ofLead: bytes[place])
            if let string = string(conversion, flag, width) {
                try renderer.budget.allocate(string.utf8.count)
                try renderer.budget.examine(string.utf8.count)
                builder.append(string, isTrusted: format.isTrusted(at: percent))
            } else {
                builder.append(format, percent..<place)
            }
        }
        return builder.text()
    }

    private func number(_ value: Int, _ width: Int, _ flag: Flag?, _ asked: Int?, fill: String = "0") -> String {
        let digits = String(value.magnitude), sign = value < 0 ? "-" : ""
        let fill = flag == .spaces ? " " : flag == .zeros ? "0" : fill
        let total = flag == Flag.none && asked == nil ? 0 : asked ?? width
        return sign + String(repeating: fill, count: max(0, total - digits.utf8.count - sign.utf8.count)) + digits
    }

    private func name(_ name: String, _ flag: Flag?, _ asked: Int?, swapsToUpper: Bool = true) -> String {
        let cased =
            switch flag {
            case .uppercase: name.uppercased()
            case .swapped: swapsToUpper ? name.uppercased() : name.lowercased()
            default: name
            }
        let fill = flag == .zeros ? "0" : " "
        return String(repeating: fill, count: max(0, (asked ?? 0) - cased.utf8.count)) + cased
    }

    private func string(_ conversion: Unicode.Scalar, _ flag: Flag?, _ width: Int?) -> String? {
        let hour12 = time.hour % 12 == 0 ? 12 : time.hour % 12
        let half = time.hour < 12 ? "AM" : "PM"
        func all(_ format: String) -> String {
            var result = "", isConversion = false
            for scalar in format.unicodeScalars {
                if isConversion { result += string(scalar, nil, nil) ?? "" }
                if !isConversion, scalar != "%" { result.unicodeScalars.append(scalar) }
                isConversion = scalar == "%" && !isConversion
            }
            return name(result, flag, width)
        }
        switch conversion {
        case "a": return name(String(Self.days[time.weekday].prefix(3)), flag, width)
        case "A": return name(Self.days[time.weekday], flag, width)
        case "b", "h": return name(String(month.prefix(3)), flag, width)
        case "B": return name(month, flag, width)
        case "c": return all("%a %b %e %H:%M:%S %Y")
        case "C": return number(time.year / 100, 2, flag, width)
        case "d": return number(time.day, 2, flag, width)
        case "D", "x": return all("%m/%d/%y")
        case "e": return number(time.day, 2, flag, width, fill: " ")
        case "f": return Self.padded(time.microsecond, 6)
        case "F": return all("%Y-%m-%d")
        case "g": return number(time.isoWeek.year % 100, 2, flag, width)
        case "G": return number(time.isoWeek.year, 1, flag, width)
        case "H": return number(time.hour, 2, flag, width)
        case "I": return number(hour12, 2, flag, width)
        case "j": return number(time.dayOfYear + 1, 3, flag, width)
        case "k": return number(time.hour, 2, flag, width, fill: " ")
        case "l": return number(hour12, 2, flag, width, fill: " ")
        case "m": return number(time.month, 2, flag, width)
        case "M": return number(time.minute, 2, flag, width)
        case "n": return "\n"
        case "p": return name(half, flag, width, swapsToUpper: false)
        case "P": return name(half.lowercased(), flag, width)
        case "r": return all("%I:%M:%S %p")
        case "R": return all("%H:%M")
        case "S": return number(time.second, 2, flag, width)
        case "t": return "\t"
        case "T", "X": return all("%H:%M:%S")
        case "u": return number(time.weekday == 0 ? 7 : time.weekday, 1, flag, width)
        case "U": return number((time.dayOfYear + 7 - time.weekday) / 7, 2, flag, width)
        case "V": return number(time.isoWeek.week, 2, flag, width)
        case "w": return number(time.weekday, 1, flag, width)
        case "W": return number((time.dayOfYear + 7 - (time.weekday + 6) % 7) / 7, 2, flag, width)
        case "y": return number(time.year % 100, 2, flag, width)
        case "Y": return number(time.year, 1, flag, width)
        case "z", "Z": return ""
        case "%": return "%"
        default: return nil
        }
    }

    private var month: String { Self.months[time.month - 1] }

    private static func padded(_ value: Int, _ width: Int) -> String {
        let digits = String(max(0, value))
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
}

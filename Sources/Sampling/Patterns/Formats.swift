/// The formats of JSON Schema that are enforced, each as a pattern.
///
/// What comes out satisfies the RFCs and the checks of Python's `jsonschema`: where these differ, both. So a time has a
/// zone and no leap second, a year is not 0000, and an address has an `@` and a domain that could exist.
enum Formats {
    /// The pattern of a format, and how long its texts may be; nil for one that is not known and says nothing.
    static func pattern(_ name: String) -> (pattern: String, most: Int?)? {
        switch name {
        case "date": (whole(date), nil)
        case "time": (whole(time), nil)
        case "date-time": (whole(date + "T" + time), nil)
        case "duration": (whole(duration), nil)
        case "uuid": (whole("\(hex){8}-\(hex){4}-\(hex){4}-\(hex){4}-\(hex){12}"), nil)
        case "uuid1", "uuid3", "uuid4", "uuid5", "uuid6", "uuid7", "uuid8":
            (whole("\(hex){8}-\(hex){4}-\(name.dropFirst(4))\(hex){3}-[89abAB]\(hex){3}-\(hex){12}"), nil)
        case "email", "idn-email": (email, nil)
        case "hostname": (whole("\(label)(?:\\.\(label))*"), 253)
        // Two hyphens in the third and fourth place would announce an encoded name.
        case "idn-hostname": (whole("[a-z][a-z0-9]{0,62}(?:\\.[a-z][a-z0-9]{0,62})*"), 253)
        case "ipv4": (whole(ipv4), nil)
        case "ipv6": (whole(ipv6), nil)
        case "uri", "iri": (whole(uri), nil)
        case "uri-reference", "iri-reference": (whole("(?:\(uri)|\(relativeReference))"), nil)
        case "uri-template": (whole("(?:[:/?#@\(subDelimiters)\(unreserved)]|\\{[+#./;?&]?\(variables)\\})*"), nil)
        case "json-pointer": (whole("(?:/(?:[^~/]|~[01])*)*"), nil)
        case "relative-json-pointer": (whole("(?:0|[1-9]{1,3})(?:#|(?:/(?:[^~/]|~[01])*)*)"), nil)
        case "regex": (whole(regex), nil)
        default: nil
        }
    }

    private static func whole(_ pattern: String) -> String { "^(?:\(pattern))$" }

    private static let hex = "[0-9a-fA-F]"

    // RFC 3339; the last day of February by the leap years of the Gregorian calendar.
    private static let date = """
        (?:(?!0000)\\d{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\\d|30)|\
        02-(?:0[1-9]|1\\d|2[0-8]))|(?:\\d\\d(?:0[48]|[2468][048]|[13579][26])|(?:0[48]|[2468][048]|\
        [13579][26])00)-02-29)
        """
    private static let time = """
        (?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(?:\\.\\d{1,9})?(?:Z|[+-](?:[01]\\d|2[0-3]):[0-5]\\d)
        """
    // RFC 3339, appendix A.
    private static let duration: String = {
        let number = "\\d{1,6}"
        let time = "T(?:\(number)H(?:\(number)M(?:\(number)S)?)?|\(number)M(?:\(number)S)?|\(number)S)"
        let date = "(?:\(number)Y(?:\(number)M(?:\(number)D)?)?|\(number)M(?:\(number)D)?|\(number)D)"
        return "P(?:\(number)W|\(date)(?:\(time))?|\(time))"
    }()

    // RFC 1123: letters, digits and inner hyphens.
    private static let label = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
    // RFC 5321: a local part without quotes, of at most 64 characters. With domains of at most five labels of 30
    // characters and a top level no address is longer than the 254 that are allowed.
    private static let email: String = {
        let atom = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+", label = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,28}[A-Za-z0-9])?"
        return "^(?=.{1,64}@)\(atom)(?:\\.\(atom))*@(?:\(label)\\.){1,5}[A-Za-z]{2,24}$"
    }()

    private static let ipv4 = "(?:\(octet)\\.){3}\(octet)"
    private static let octet = "(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)"
    // RFC 3986: by how many groups stand before the double colon.
    private static let ipv6: String = {
        let group = "\(hex){1,4}", last = "(?:\(group):\(group)|\(ipv4))"
        var forms = ["(?:\(group):){6}\(last)", "::(?:\(group):){5}\(last)"]
        for before in 1...5 {
            let front = before == 1 ? "(?:\(group))?" : "(?:(?:\(group):){0,\(before - 1)}\(group))?"
            forms.append("\(front)::" + (before < 5 ? "(?:\(group):){\(5 - before)}" : "") + last)
        }
        forms.append("(?:(?:\(group):){0,5}\(group))?::\(group)")
        forms.append("(?:(?:\(group):){0,6}\(group))?::")
        return "(?:" + forms.joined(separator: "|") + ")"
    }()

    // RFC 3986, appendix A.
    private static let unreserved = "A-Za-z0-9._~-", subDelimiters = "!$&'()*+,;="
    private static let percent = "%\(hex){2}"
    private static func characters(_ more: String) -> String { "(?:[\(more)\(subDelimiters)\(unreserved)]|\(percent))" }
    private static let segments = "(?:/\(characters(":@"))*)*"
    private static let authority = """
        (?:\(characters(":"))*@)?(?:\\[\(ipv6)\\]|\(characters(""))*)(?::\\d{1,5})?
        """
    private static let tail = "(?:\\?\(characters(":@/?"))*)?(?:#\(characters(":@/?"))*)?"
    private static let absolutePath = "/(?:\(characters(":@"))+\(segments))?"
    private static let uri = """
        [A-Za-z][A-Za-z0-9+.-]*:(?://\(authority)\(segments)|\(absolutePath)|\(characters(":@"))+\(segments)|)\(tail)
        """
    private static let relativeReference = """
        (?://\(authority)\(segments)|\(absolutePath)|\(characters("@"))+\(segments)|)\(tail)
        """
    private static let variables = "[A-Za-z0-9_]+(?:,[A-Za-z0-9_]+)*"

    // Not all regular expressions, but those with up to two levels of groups, which every dialect reads alike.
    private static let regex: String = {
        let plain = "[A-Za-z0-9 _,;:!@#%&=~`'\"<>/-]", escaped = "\\\\[dDwWsStnrf.*+?^$|()\\[\\]{}/-]"
        let member = "(?:[A-Za-z0-9 _,;:!@#%=~`'\"<>/.*+?()|{}$]|\\\\[dwstnrf\\]\\[\\\\^-]|a-z|A-Z|0-9|a-f|A-F)"
        let quantifier = "(?:(?:[*+?]|\\{\\d{1,3}\\}|\\{\\d{1,3},\\}|\\{[01],[1-9]\\d{0,2}\\})\\??)?"
        var atom = "(?:\(plain)|\(escaped)|\\.|\\[\\^?\(member)+\\])"
        for _ in 0..<2 {
            let sequence = "(?:\(atom)\(quantifier))*"
            atom = "(?:\(atom)|\\((?:\\?:)?\(sequence)(?:\\|\(sequence))*\\))"
        }
        let sequence = "\\^?(?:\(atom)\(quantifier))*\\$?"
        return "\(sequence)(?:\\|\(sequence))*"
    }()
}

extension Formats {
    /// Whether every check of the format refuses what its pattern refuses.
    static func isExact(_ name: String) -> Bool {
        ["date", "time", "date-time", "uuid", "ipv4", "ipv6"].contains(name)
    }
}

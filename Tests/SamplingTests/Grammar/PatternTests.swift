import Testing

@testable import Sampling

struct PatternTests {
    /// The texts of a pattern, as JSON Schema searches for it.
    static func language(_ pattern: String) throws -> TextLanguage? {
        var effort = 1 << 22
        return try TextLanguage.matching([Pattern(parsing: pattern)], effort: &effort)
    }

    @Test(
        arguments: [
            ("abc", ["abc", "xabcx"], ["ab", "acb", ""]), ("^abc$", ["abc"], ["xabc", "abcx"]),
            ("^a|b$", ["ax", "xb"], ["xa", "bx"]), ("", ["", "x"], []), ("^$", [""], [" "]),
            ("^[a-c]+$", ["abc"], ["", "abd"]), ("^[^a-c]$", ["d", "é", "\n"], ["a", "dd"]),
            ("^[-a]$", ["-", "a"], ["b"]), ("^[a\\]\\-b]$", ["]", "-"], ["\\"]),
            ("^.$", ["x", "ä", "😀"], ["\n", "", "\u{2028}"]),
            ("^\\d{2,3}$", ["12", "123"], ["1", "1234", "١٢"]), ("^\\w+$", ["a_9"], ["é", "a b"]),
            ("^\\s$", [" ", "\t", "\u{3000}"], ["x", "\u{FEFF}"]), ("^\\S$", ["x", "é"], [" ", "\u{FEFF}"]),
            ("^\\D$", ["x"], ["1", "٣"]), ("^\\W$", ["-", "€"], ["x", "_", "é"]), ("^[\\d-]+$", ["1-2"], ["a"]),
            ("^[^\\s]+$", ["ab"], ["a b"]), ("^a*?b+?c??$", ["b", "aabbc"], ["a", "abcc"]),
            ("^x{3}$", ["xxx"], ["xx", "xxxx"]),
            ("^x{2,}$", ["xx", "xxxxx"], ["x"]), ("^x{0}$", [""], ["x"]), ("^a{,$", ["a{,"], ["a"]),
            ("^{x}$", ["{x}"], ["x"]),
            ("^(?:ab|cd)(e|f)?(?<n>g)(?P<m>h)$", ["abgh", "cdfgh"], ["abcdgh"]),
            ("^(a(b(c)?)?)?$", ["", "a", "abc"], ["ac"]),
            ("^\\u00e4\\x41\\u{1F600}\\ud83d\\ude00\\t\\n\\.$", ["äA😀😀\t\n."], ["äA😀\t\n."]),
            ("^\\cJ\\0$", ["\n\0"], ["J"]),
            ("^\\p{Lu}\\p{L}*\\P{L}$", ["Äb1", "A-"], ["ab1", "A"]), ("^[\\p{Nd}_]+$", ["١_"], ["x"]),
            ("^(?=.*[A-Z])(?=.*\\d).{4,6}$", ["aB1c", "1Bcdef"], ["ab1c", "aBcd", "aB1", "aB1cdefg"]),
            ("^(?!\\.)(?!.*\\.\\.)[a.]+$", ["a.a"], [".a", "a..a"]),
            ("^(?!^[-+.]*$)[+-]?0*\\d*\\.?\\d*$", ["1", "-0.5", ".5"], ["", "-", ".", "1e5"]),
            ("^(?:(?!no)[a-z])+$", ["nx", "on"], ["no", "ano"]), ("^a(?=b)bc$", ["abc"], ["ac"]),
            ("(?!x)$", ["", "x"], []),
            ("\\bcat\\b", ["cat", "a cat!"], ["cats", "scat", "écat"]), ("^a\\Bb$", ["ab"], ["a b"]),
            ("\\Ax\\Z", ["x"], ["xx"]),
            ("^(a|a|a)*$", ["", "aaaa"], ["b"]), ("^(a*)*$", ["", "aa"], ["b"]), ("^\\/\\-\\_\\@$", ["/-_@"], ["/"]),
        ] as [(String, [String], [String])])
    func aPatternHoldsItsTexts(pattern: String, texts: [String], others: [String]) throws {
        let language = try #require(try Self.language(pattern))
        for text in texts { #expect(language.label(of: text) == 0, "\(text)") }
        for text in others { #expect(language.label(of: text) == -1, "\(text)") }
    }

    @Test(arguments: ["a^", "$a", "^(?=a)b$", "a\\bb", "^(?!)$", "^a$b"])
    func aPatternOfNothingHasNoLanguage(pattern: String) throws {
        #expect(try Self.language(pattern) == nil)
    }

    @Test(arguments: [
        ("(a)\\1", "refers back"), ("(?<x>a)\\k<x>", "refers back"), ("(?P<x>a)(?P=x)", "refers back"),
        ("(?<=a)b", "behind"), ("(?<!a)b", "behind"), ("(?i)a", "unknown kind"), ("(?>a)", "unknown kind"),
        ("(a", "lacks a )"), ("a)", "too many"), ("[a", "lacks a ]"), ("[]", "empty class"), ("[^]", "empty class"),
        ("[z-a]", "range"), ("[\\d-z]", "range"), ("*a", "nothing to repeat"), ("{2}", "nothing to repeat"),
        ("a**", "repeats"),
        ("a++", "repeats"), ("^*", "no length"), ("(?=a)+", "no length"), ("a{3,2}", "wrong way round"),
        ("a{99999}", "above"), ("a{,5}", "{0,m}"), ("\\", "backslash"), ("\\q", "unknown escape"), ("\\x4", "too few"),
        ("\\u{110000}", "no character"), ("\\ud800", "no character"), ("\\01", "octal"), ("\\p{Greek}", "property"),
    ])
    func aPatternThatCannotBeFollowedSaysWhy(pattern: String, part: String) throws {
        let error = try #require(throws: PatternError.self) { try Pattern(parsing: pattern) }
        #expect(error.problem.contains(part), "\(error.problem)")
    }

    /// Without limits these take hours or all memory.
    @Test(
        .timeLimit(.minutes(10)),
        arguments: [
            "(a|b)*a(a|b){40}", "((((a{1,99}){1,99}){1,99}){1,99}){1,99}", "(x?){9000}(y?){9000}",
            "^(?=(.*a){30})(?=(.*b){30})(?=(.*c){30})",
            String(repeating: "(?=.*a.{12})", count: 40), "^(?:(?=.*a.{9}b)(?=.*c.{9}d).)*$",
        ])
    func aHostilePatternIsRefusedSoon(pattern: String) {
        #expect(throws: PatternError.tooLarge) { try Self.language(pattern) }
    }

    @Test func groupsNestOnlySoDeep() {
        #expect(throws: PatternError.self) { try Pattern(parsing: String(repeating: "(", count: 100_000)) }
    }

    /// Random patterns of small letters, against the standard library's matcher.
    @Test func randomPatternsFindWhatOthersFind() throws {
        var numbers = SeededNumbers(5), found = 0, tried = 0
        func pick(_ count: Int) -> Int { Int(numbers.next() % UInt64(count)) }
        func make(_ depth: Int) -> String {
            switch pick(depth > 3 ? 4 : 12) {
            case 0: return "a"
            case 1: return "b"
            case 2: return "[ab]"
            case 3: return "[^a]"
            case 4, 5: return make(depth + 1) + make(depth + 1)
            case 6: return "(?:\(make(depth + 1))|\(make(depth + 1)))"
            case 7: return "(?:\(make(depth + 1)))" + ["*", "+", "?", "{2}", "{1,2}", "*?"][pick(6)]
            case 8: return "^" + make(depth + 1)
            case 9: return make(depth + 1) + "$"
            case 10: return "(?=\(make(depth + 1)))" + make(depth + 1)
            default: return "(?!\(make(depth + 1)))" + make(depth + 1)
            }
        }
        while tried < 400 {
            let pattern = make(0)
            let language: TextLanguage?
            do { language = try Self.language(pattern) } catch { continue }  // too large
            let regex = try Regex(pattern).matchingSemantics(.unicodeScalar)
            tried += 1
            for _ in 0..<40 {
                let text = String((0..<pick(7)).map { _ in ["a", "b", "c"][pick(3)] })
                let expected = text.firstMatch(of: regex) != nil
                #expect((language?.label(of: text) ?? -1) == (expected ? 0 : -1), "\(pattern) in \(text)")
                if expected { found += 1 }
            }
        }
        #expect(found > 2000)
    }

    @Test func lengthsAndCapacitiesAreExact() throws {
        let finite = try #require(try Self.language("^(a[bc]?|de{1,3})$"))
        #expect(finite.shortest[0] == 1 && finite.longest[0] == 4 && finite.capacities()[0] == 6)
        let endless = try #require(try Self.language("^(a|b+)$"))
        #expect(endless.longest[0] == TextLanguage.unlimited && endless.capacities()[0] == Int.max)
        #expect(try Self.language("^[a-zé]{2}$")?.capacities()[0] == 27 * 27)
    }
}

import Jinja
import Testing

struct LocalTimeTests {
    @Test(arguments: [
        (0, 0, "1970-01-01 00:00:00 Thu"), (951_782_400, 0, "2000-02-29 00:00:00 Tue"),
        (1_785_067_199, 3600, "2026-07-26 12:59:59 Sun"), (-1, 0, "1969-12-31 23:59:59 Wed"),
        (4_107_542_400, -43200, "2100-02-28 12:00:00 Sun"), (Int.max, Int.max, "9999-12-31 23:59:59 Fri"),
        (Int.min, 0, "1-01-01 00:00:00 Mon"),
    ])
    func secondsBecomeADate(seconds: Int, offset: Int, expected: String) throws {
        let now = LocalTime(secondsSinceEpoch: seconds, offset: offset)
        #expect(try Template("{{ strftime_now('%Y-%m-%d %H:%M:%S %a') }}").render([], now: now).text == expected)
    }

    @Test(arguments: [(2021, 1, 3, "53 2020 01 00"), (2024, 12, 30, "01 2025 52 53"), (2020, 12, 31, "53 2020 52 52")])
    func weeksFollowTheirOwnYears(year: Int, month: Int, day: Int, expected: String) throws {
        let now = LocalTime(year: year, month: month, day: day)
        #expect(try Template("{{ strftime_now('%V %G %U %W') }}").render([], now: now).text == expected)
    }

    @Test func withoutAClockTheFunctionIsNotDefined() throws {
        #expect(try Template("{{ strftime_now is defined }}").render([]).text == "False")
        #expect(throws: TemplateError.self) { try Template("{{ strftime_now('%d') }}").render([]) }
    }
}

/// A moment as a clock on the wall shows it, for templates that write a date (`strftime_now`). Reading the clock is
/// the caller's part: what a template writes depends on nothing but what it is given.
public struct LocalTime: Sendable, Equatable {
    /// The year from 1 to 9999; the month from 1 and the day from 1.
    public let year: Int, month: Int, day: Int
    /// The time of day.
    public let hour: Int, minute: Int, second: Int, microsecond: Int

    /// A moment by its parts; what is out of range is taken for the nearest in it.
    public init(
        year: Int, month: Int, day: Int, hour: Int = 0, minute: Int = 0, second: Int = 0, microsecond: Int = 0
    ) {
        self.year = min(max(year, 1), 9999)
        self.month = min(max(month, 1), 12)
        self.day = min(max(day, 1), 31)
        self.hour = min(max(hour, 0), 23)
        self.minute = min(max(minute, 0), 59)
        self.second = min(max(second, 0), 60)
        self.microsecond = min(max(microsecond, 0), 999_999)
    }

    /// A moment by the seconds since 1970-01-01 00:00 UTC and those that the local clock is ahead of UTC.
    public init(secondsSinceEpoch seconds: Int, offset: Int = 0) {
        let local = min(max(seconds.addingSaturating(offset), -62_135_596_800), 253_402_300_799)
        let days = local >= 0 ? local / 86400 : (local + 1) / 86400 - 1
        let rest = local - days * 86400
        // Days since 0000-03-01 in eras of 400 years, after Howard Hinnant, "chrono-compatible low-level date algorithms".
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        self.init(
            year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month: month,
            day: dayOfYear - (153 * monthFromMarch + 2) / 5 + 1, hour: rest / 3600, minute: rest / 60 % 60,
            second: rest % 60)
    }

    private var isLeapYear: Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }

    /// The day in the year, from 0.
    var dayOfYear: Int {
        let before = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334]
        return before[month - 1] + day - 1 + (isLeapYear && month > 2 ? 1 : 0)
    }

    /// Days since 1970-01-01.
    var daysSinceEpoch: Int {
        let before = year - 1
        return before * 365 + before / 4 - before / 100 + before / 400 + dayOfYear - 719_162
    }

    /// The day of the week, Sunday being 0.
    var weekday: Int { ((daysSinceEpoch + 4) % 7 + 7) % 7 }

    /// ISO 8601's week and the year it belongs to.
    var isoWeek: (year: Int, week: Int) {
        let fromMonday = (weekday + 6) % 7
        let week = (dayOfYear - fromMonday + 10) / 7
        if week < 1 {
            let last = LocalTime(year: year - 1, month: 12, day: 31)
            return (year - 1, last.isoWeek.week)
        }
        if week == 53 {
            let next = LocalTime(year: year + 1, month: 1, day: 1)
            if (next.weekday + 6) % 7 <= 3 { return (year + 1, 1) }
        }
        return (year, week)
    }
}

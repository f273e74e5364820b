/// Progress as one line of text; knows neither clock nor terminal.
struct ProgressState: Equatable, Sendable {
    /// What is counted; `none`: only the share matters.
    enum Unit: Equatable, Sendable { case tokens, bytes, count, none }

    /// What is going on.
    let label: String
    private var start: Duration?
    private var firstDone = 0
    private var lastDrawn: Duration?
    /// The least time between two lines.
    static let interval = Duration.milliseconds(100)

    /// Nothing done yet.
    init(label: String) { self.label = label }

    /// Notes progress at the time `now`; returns the line to show, or nil when the last one is too recent. What is
    /// done at the first call counts for the share, not for the rate.
    mutating func update(done: Int, total: Int, unit: Unit, at now: Duration, columns: Int) -> String? {
        if start == nil {
            start = now
            firstDone = done
        }
        if let lastDrawn, now - lastDrawn < Self.interval { return nil }
        lastDrawn = now
        let elapsed = start.map { (now - $0) / .seconds(1) } ?? 0
        // In the first moments a rate says nothing.
        let rate = elapsed >= 0.5 ? max(Double(done) - Double(firstDone), 0) / elapsed : 0
        return line(done: Double(done), total: Double(total), unit: unit, rate: rate, columns: columns)
    }

    private func line(done: Double, total: Double, unit: Unit, rate: Double, columns: Int) -> String {
        let share = total > 0 ? min(max(done / total, 0), 1) : 0
        let percent = "\(Int(share * 100))%"
        var right = String(repeating: " ", count: max(4 - percent.count, 0)) + percent
        if unit == .count { right += "  \(Self.decimal(done, places: 0))/\(Self.decimal(total, places: 0))" }
        if rate > 0 {
            switch unit {
            case .bytes: right += "  \(Self.bytes(rate))/s"
            case .tokens: right += "  \(Self.decimal(rate)) tokens/s"
            case .count, .none: break
            }
            right += "  \(Self.time(max(total - done, 0) / rate))"
        }
        let columns = max(columns - 1, 10)  // the last column is left alone: some terminals wrap there
        let room = columns - displayWidth(label) - displayWidth(right) - 4
        guard room >= 5 else {
            let short = displayWidth(label) + 1 + displayWidth(right) <= columns ? label + " " + right : right
            return String(short.prefix(columns))
        }
        let width = min(room, 40)
        let filled = Int(share * Double(width))
        return
            "\(label) [" + String(repeating: "#", count: filled) + String(repeating: " ", count: width - filled)
            + "] \(right)"
    }

    /// "1.5 GB": decimal units, one decimal below 100.
    static func bytes(_ count: Double) -> String {
        for (unit, name) in [(1e9, "GB"), (1e6, "MB"), (1e3, "kB")] where count >= unit {
            return "\(decimal(count / unit)) \(name)"
        }
        return "\(decimal(count, places: 0)) B"
    }

    /// "40s", "3m20s", "2h05m"; "--" beyond four days.
    static func time(_ seconds: Double) -> String {
        guard seconds < 345_600 else { return "--" }
        let s = Int(seconds.rounded(.up))
        func two(_ n: Int) -> String { n < 10 ? "0\(n)" : "\(n)" }
        if s < 60 { return "\(s)s" }
        return s < 3600 ? "\(s / 60)m\(two(s % 60))s" : "\(s / 3600)h\(two(s % 3600 / 60))m"
    }

    private static func decimal(_ value: Double, places: Int = 1) -> String {
        guard abs(value) < 1e15 else { return "--" }
        if value >= 100 || places == 0 { return "\(Int(value.rounded()))" }
        let tenths = Int((value * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }
}

/// One line on standard error that shows how far something is; silent when that is not a terminal. May be used from
/// any thread.
struct ProgressLine: Sendable {
    private let label: String
    private let lines = ProgressLines()

    /// A line that appears with the first update.
    init(label: String) { self.label = label }

    /// Shows that `done` of `total` is done.
    func update(done: Int, total: Int, unit: ProgressState.Unit) {
        lines.update(label, done: done, total: total, unit: unit)
    }

    /// Takes the line away.
    func finish() { lines.finish() }
}

/// Parses a number of bytes as people write it: `6GiB`, `512M`, `2000000000`. K, M and G alone are binary; KB, MB and
/// GB are decimal. Nil for other text, for an amount that is not positive, and for 10^15 or more.
public func byteCount(_ text: some StringProtocol) -> Int? {
    let units: [(String, Int)] = [
        ("gib", 1 << 30), ("mib", 1 << 20), ("kib", 1 << 10), ("gb", 1_000_000_000), ("mb", 1_000_000), ("kb", 1000),
        ("g", 1 << 30), ("m", 1 << 20), ("k", 1 << 10), ("b", 1), ("", 1),
    ]
    let lower = text.lowercased()
    for (suffix, factor) in units where lower.hasSuffix(suffix) {
        guard let number = Double(lower.dropLast(suffix.count)), number > 0, number * Double(factor) < 1e15 else {
            return nil
        }
        return Int(number * Double(factor))
    }
    return nil
}

/// How long a model stays in memory while unused.
public enum KeepAlive: Equatable, Sendable, CustomStringConvertible {
    /// A length of time, or without limit.
    case time(Duration), forGood

    /// Parses Ollama's notation, which is Go's: `5m`, `1h30m`, `.5h`, `300` (seconds), `0` (not at all), `-1` or any
    /// other negative time (without limit). Nil for other text and for a hundred years or more.
    public init?(_ text: some StringProtocol) {
        let lower = text.lowercased()
        guard
            let match = lower.wholeMatch(
                of: /([-+]?)(?:([0-9]+\.?[0-9]*|\.[0-9]+)|((?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[nuµμm]?s|m|h))+))/)
        else { return nil }
        var seconds = match.2.flatMap { Double($0) } ?? 0
        for part in (match.3 ?? "").matches(of: /([0-9.]+)([nuµμm]?s|m|h)/) {
            guard let number = Double("0" + part.1), let unit = Self.units[String(part.2)] else { return nil }
            seconds += number * unit
        }
        guard seconds < 100 * 365 * 86400 else { return nil }
        self = match.1 != "-" || seconds == 0 ? .time(.seconds(seconds)) : .forGood
    }

    private static let units = ["ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3, "s": 1, "m": 60, "h": 3600]

    /// The time; nil for no limit.
    public var duration: Duration? { if case .time(let duration) = self { duration } else { nil } }

    /// In the notation that `init` parses, rounded up to a millisecond.
    public var description: String { duration.map { "\(Int(($0 / .milliseconds(1)).rounded(.up)))ms" } ?? "-1" }
}

/// Reads a number of bytes as people write it: `6GiB`, `512M`, `2000000000`. K, M and G alone are binary, KB, MB and GB
/// decimal. Nil when it is none, is not above 0, or is 10^15 or more.
public func byteCount(_ text: some StringProtocol) -> Int? {
    let units: [(String, Int)] = [
        ("gib", 1 << 30), ("mib", 1 << 20), ("kib", 1 << 10), ("gb", 1_000_000_000), ("mb", 1_000_000), ("kb", 1000),
        ("g", 1 << 30), ("m", 1 << 20), ("k", 1 << 10), ("b", 1), ("", 1),
    ]
    let lower = text.lowercased()
    for (suffix, factor) in units where lower.hasSuffix(suffix) {
        guard let number = Double(lower.dropLast(suffix.count)), number > 0, number * Double(factor) < 1e15 else { return nil }
        return Int(number * Double(factor))
    }
    return nil
}

/// Reads how long a model stays in memory, as Ollama writes it: `5m`, `1h30m`, `300` (seconds), `0` (not at all), `-1` or any
/// other negative time (for good). Nil when it is none, or is a hundred years or more.
public func keepAlive(_ text: some StringProtocol) -> KeepAlive? {
    let lower = text.lowercased()
    guard let match = lower.wholeMatch(of: /(-?)(?:([0-9]+(?:\.[0-9]+)?)|((?:[0-9]+(?:\.[0-9]+)?(?:ms|s|m|h))+))/) else { return nil }
    var seconds = match.2.flatMap { Double($0) } ?? 0
    for part in (match.3 ?? "").matches(of: /([0-9.]+)(ms|s|m|h)/) {
        guard let number = Double(part.1) else { return nil }
        seconds += number * (["ms": 0.001, "s": 1, "m": 60, "h": 3600][part.2] ?? 0)
    }
    guard seconds < 100 * 365 * 86400 else { return nil }
    return match.1.isEmpty ? .time(.milliseconds(Int(seconds * 1000))) : .forGood
}

/// How long a model stays in memory when nobody uses it.
public enum KeepAlive: Equatable, Sendable {
    case time(Duration), forGood

    /// The time; nil: for good.
    public var duration: Duration? { if case .time(let duration) = self { duration } else { nil } }
}

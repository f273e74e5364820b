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

import Foundation

/// The time of a step by its rows.
public enum StepTime {
    /// Seconds of `rows` rows: one takes `least`, very many take `perRow` each. In between, reading weights and
    /// computing overlap, but not completely. The cube root of the sum of third powers, for the blocks and for the
    /// head, is within a tenth of measurements on a Zen 4 and a Zen 5 with one and two threads.
    public static func seconds(of rows: Int, least: Double, perRow: Double) -> Double {
        guard rows > 1 else { return rows == 1 ? least : 0 }
        let work = Double(rows) * perRow
        return cbrt(least * least * least + work * work * work)
    }
}

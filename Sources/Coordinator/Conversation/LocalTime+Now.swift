import Foundation
import Tokenizer

extension LocalTime {
    /// What the clock of this machine shows, in its time zone.
    public static var now: LocalTime {
        let date = Date()
        return LocalTime(
            secondsSinceEpoch: Int(date.timeIntervalSince1970.rounded(.down)),
            offset: TimeZone.current.secondsFromGMT(for: date))
    }
}

import Logging
import Synchronization

/// Logs, once for each, the fields that are accepted without effect.
final class FieldNotice: Sendable {
    private let told = Mutex<Set<String>>([])
    private let logger: Logger
    /// Limit on names, since some come from clients.
    private static let most = 500

    init(_ logger: Logger) { self.logger = logger }

    /// Logs those of `names` that were not logged before.
    func note(_ names: [String], client: String) {
        guard !names.isEmpty else { return }
        let new = told.withLock { told in
            names.filter { told.count < Self.most && told.insert(String($0.prefix(80))).inserted }
        }
        guard !new.isEmpty else { return }
        logger.warning(
            "fields are accepted without effect; see Serving in the manual",
            metadata: [
                "fields": "\(new.map { String($0.prefix(80)) }.joined(separator: ", "))", "client": "\(client)",
            ])
    }
}

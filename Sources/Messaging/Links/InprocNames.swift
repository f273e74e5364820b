import Synchronization

/// Who listens under which name in this process.
enum InprocNames {
    private static let names = Mutex<[String: Listening]>([:])

    /// Notes a listener. Throws `addressInUse`.
    static func add(_ listening: Listening, _ name: String, _ url: NodeURL) throws(MessagingError) {
        let isFree = names.withLock { names in
            if names[name] != nil { return false }
            names[name] = listening
            return true
        }
        guard isFree else {
            throw MessagingError(
                code: .addressInUse, operation: "listen", url: url.description,
                detail: "another socket of this process has the name")
        }
    }

    static func remove(_ listening: Listening, _ name: String) {
        names.withLock { if $0[name] === listening { $0[name] = nil } }
    }

    static func find(_ name: String) -> Listening? { names.withLock { $0[name] } }
}

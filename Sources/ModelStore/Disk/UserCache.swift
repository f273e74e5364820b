import Foundation

/// Where a user's caches are. An empty environment variable counts as not set, since an empty directory name would mean
/// the root directory.
public enum UserCache {
    /// The user's cache directory: `XDG_CACHE_HOME`, or else `.cache` in the home directory.
    public static func directory(_ environment: [String: String] = ProcessInfo.processInfo.environment) -> String {
        variable("XDG_CACHE_HOME", environment) ?? (variable("HOME", environment) ?? NSHomeDirectory()) + "/.cache"
    }

    /// The value of an environment variable; nil when it is not set or empty.
    public static func variable(_ name: String, _ environment: [String: String] = ProcessInfo.processInfo.environment)
        -> String?
    {
        environment[name].flatMap { $0.isEmpty ? nil : $0 }
    }
}

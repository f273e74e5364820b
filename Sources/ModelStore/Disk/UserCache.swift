import Foundation

/// Where a user's caches are kept. A variable that is set to nothing counts as not set, everywhere: a directory of no
/// name would be one at the root.
public enum UserCache {
    /// The user's cache directory: `XDG_CACHE_HOME`, or `.cache` at home.
    public static func directory(_ environment: [String: String] = ProcessInfo.processInfo.environment) -> String {
        variable("XDG_CACHE_HOME", environment) ?? (variable("HOME", environment) ?? NSHomeDirectory()) + "/.cache"
    }

    /// What a variable of the environment says; nil when it is not set, or to nothing.
    public static func variable(_ name: String, _ environment: [String: String] = ProcessInfo.processInfo.environment)
        -> String?
    {
        environment[name].flatMap { $0.isEmpty ? nil : $0 }
    }
}

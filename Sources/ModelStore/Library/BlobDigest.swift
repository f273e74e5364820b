/// The SHA-256 that names a blob, written `sha256:` and 64 hexadecimal digits.
///
/// Manifests are hostile until checked: only such a text becomes a digest, so a digest can be a file's name and a part
/// of a URL.
public struct BlobDigest: Hashable, Sendable, CustomStringConvertible {
    /// The digits, in small letters.
    public let hex: String

    /// Reads `sha256:<64 digits>`.
    public init(_ text: String) throws(ModelStoreError) {
        guard text.hasPrefix("sha256:"), let digest = BlobDigest(hex: String(text.dropFirst(7))) else {
            throw ModelStoreError("\(shown(text)) is no digest, expected sha256: and 64 hexadecimal digits.")
        }
        self = digest
    }

    /// The digest with these digits; nil when they are not 64 hexadecimal ones.
    public init?(hex: String) {
        let isDigit = { (c: UInt8) in
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(c) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(c)
        }
        let small = hex.lowercased()
        guard small.utf8.count == 64, small.utf8.allSatisfy(isDigit) else { return nil }
        self.hex = small
    }

    /// `sha256:…`, as manifests and registries write it.
    public var description: String { "sha256:" + hex }

    /// `sha256-…`, as stores name the file.
    var fileName: String { "sha256-" + hex }
}

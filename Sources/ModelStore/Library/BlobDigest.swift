/// The SHA-256 that names a blob, written `sha256:` and 64 hexadecimal digits.
///
/// Manifests are untrusted. Because only this form is accepted, a digest is safe as a file name and as a part of a URL.
public struct BlobDigest: Hashable, Sendable, CustomStringConvertible {
    /// The 64 hexadecimal digits, in lower case.
    public let hex: String

    /// Parses `sha256:<64 digits>`; digits may be in either case.
    ///
    /// - Throws: when the text has another form.
    public init(_ text: String) throws(ModelStoreError) {
        guard text.hasPrefix("sha256:"), let digest = BlobDigest(hex: String(text.dropFirst(7))) else {
            throw ModelStoreError("\(shown(text)) is no digest, expected sha256: and 64 hexadecimal digits.")
        }
        self = digest
    }

    /// The digest with these digits; nil unless there are exactly 64 hexadecimal ones.
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

    /// `sha256-…`: the blob's file name in a store.
    var fileName: String { "sha256-" + hex }
}

import Crypto
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// The page's files, read once when the server starts. Files added later are never served.
struct StaticFiles: Sendable {
    struct File: Sendable {
        var bytes: ByteBuffer, type: String, tag: String
    }

    let files: [String: File]

    /// Reads all files under `folder`, except hidden ones; none when the folder does not exist.
    init(folder: String?) {
        var files: [String: File] = [:]
        if let folder, let names = try? FileManager.default.subpathsOfDirectory(atPath: folder) {
            for name in names where !name.split(separator: "/").contains(where: { $0.hasPrefix(".") }) {
                let path = folder + "/" + name
                var isFolder: ObjCBool = false
                guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), !isFolder.boolValue,
                    let data = FileManager.default.contents(atPath: path)
                else { continue }
                let tag = SHA256.hash(data: data).prefix(12).map { String(format: "%02x", $0) }.joined()
                files["/" + name] = File(bytes: ByteBuffer(bytes: data), type: Self.type(of: name), tag: "\"\(tag)\"")
            }
        }
        self.files = files
    }

    /// The folder of the page's files, beside this program, where a build or a package puts them; nil when there is
    /// none.
    static var folder: String? {
        let program =
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? Bundle.main.executablePath
            ?? ""
        let place = (program as NSString).deletingLastPathComponent
        let candidates = [
            place + "/brigade_Serving.resources/Resources",
            place + "/brigade_Serving.bundle/Contents/Resources/Resources",
            place + "/../share/brigade/page",
        ]
        return candidates.first { FileManager.default.fileExists(atPath: $0 + "/index.html") }
    }

    /// The answer for a path; nil when there is no such file.
    func response(_ path: String, ifNoneMatch: String?) -> Response? {
        guard let file = files[path == "/" ? "/index.html" : path] else {
            return path == "/" ? Self.withoutPage : nil
        }
        var headers = Self.headers
        headers[.eTag] = file.tag
        if ifNoneMatch?.contains(file.tag) == true { return Response(status: .notModified, headers: headers) }
        headers[.contentType] = file.type
        headers[.contentLength] = "\(file.bytes.readableBytes)"
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: file.bytes))
    }

    /// Allows only the page's own files, nothing from other sites, and no frame of another site around it.
    private static let headers: HTTPFields = [
        .contentSecurityPolicy:
            """
        default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; \
        connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'
        """,
        .cacheControl: "no-cache", HTTPField.Name("referrer-policy")!: "no-referrer",
    ]

    private static var withoutPage: Response {
        .text(
            """
            <!doctype html><html lang="en"><meta charset="utf-8"><title>Brigade</title><p>Brigade is running, but its \
            page's files are not beside the program (brigade_Serving.resources). The APIs are at /v1 and /api; \
            /openapi.json describes them.</p></html>\n
            """,
            type: "text/html; charset=utf-8")
    }

    static func type(of name: String) -> String {
        switch (name as NSString).pathExtension.lowercased() {
        case "html": "text/html; charset=utf-8"
        case "css": "text/css; charset=utf-8"
        case "js", "mjs": "text/javascript; charset=utf-8"
        case "json", "map", "webmanifest": "application/json"
        case "svg": "image/svg+xml"
        case "png": "image/png"
        case "ico": "image/x-icon"
        case "woff2": "font/woff2"
        case "woff": "font/woff"
        case "ttf": "font/ttf"
        case "txt", "md": "text/plain; charset=utf-8"
        default: name.contains("LICENSE") ? "text/plain; charset=utf-8" : "application/octet-stream"
        }
    }
}

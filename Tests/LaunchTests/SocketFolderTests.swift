import Foundation
import Messaging
import Testing

@testable import Launch

struct SocketFolderTests {
    @Test func aFolderWithALongNameIsPassedOver() throws {
        let base = NSTemporaryDirectory(), long = base + String(repeating: "x", count: 120)
        try FileManager.default.createDirectory(atPath: long, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: long) }
        let path = try SocketFolder.freshPath(room: 10, in: [long, "", "relative", "/nonexistent", "/tmp"])
        #expect(path.hasPrefix("/tmp/brigade-"))
        #expect(throws: Never.self) { try NodeURL("ipc://\(path)/9999.data") }
        #expect(try SocketFolder.freshPath(room: 10, in: ["/tmp/"]).hasPrefix("/tmp/brigade-"))
        let error = #expect(throws: LaunchError.self) { try SocketFolder.freshPath(room: 10, in: [long]) }
        #expect(error?.description.contains("too long") == true)
    }

    @Test func noTwoPathsAreTheSame() throws {
        #expect(try SocketFolder.freshPath(room: 10) != SocketFolder.freshPath(room: 10))
    }
}

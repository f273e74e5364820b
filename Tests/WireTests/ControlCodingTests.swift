import Testing

@testable import Wire

struct ControlCodingTests {
    @Test(arguments: Sample.requests)
    func aRequestComesBackAsItWas(_ request: ControlRequest) throws {
        #expect(try ControlRequest(decoding: request.encode()) == request)
    }

    @Test(arguments: Sample.replies)
    func aReplyComesBackAsItWas(_ reply: ControlReply) throws {
        #expect(try ControlReply(decoding: reply.encode()) == reply)
    }

    @Test func theHeaderIsTheDocumentedOne() throws {
        let json = Array(#"{"kind":"stop"}"#.utf8)
        let header = ControlHeader(
            counter: 0x0807_0605_0403_0201,
            authenticator: Authenticator(words: [0x0807_0605_0403_0201, 0x100f_0e0d_0c0b_0a09]))
        var expected = Array("BRGC".utf8) + [3, 0, 0, 0] + [UInt8(json.count), 0, 0, 0] + [0, 0, 0, 0]
        expected += (1...8).map { UInt8($0) } + (1...16).map { UInt8($0) } + json
        let bytes = try ControlRequest.stop.encode(header)
        #expect(bytes == expected)
        #expect(try ControlHeader(of: bytes.span.bytes) == header)
    }

    /// The error names both protocol versions.
    @Test func anotherProtocolVersionIsRefusedWithBothNamed() throws {
        for bytes in [try ControlRequest.health.encode(), try ControlReply.ok.encode()] {
            var foreign = bytes
            foreign[4] = 9
            #expect(throws: WireError.self) { try ControlHeader(of: foreign.span.bytes) }
        }
        var request = try ControlRequest.health.encode()
        request[4] = 9
        #expect(Self.refusal(of: request).contains("protocol version 9 arrived, this build reads version 3"))
    }

    /// A newer version of the program may send fields that this one does not know; they are ignored.
    @Test func whatANewerVersionSaysBesidesIsPassedOver() throws {
        let json = Array(#"{"kind":"hello","greeting":{"version":"9.1.0","colour":"blue"},"mood":"good"}"#.utf8)
        var bytes = try ControlRequest.stop.encode().prefix(ControlCoding.headerSize) + json
        bytes[8] = UInt8(json.count)
        #expect(try ControlRequest(decoding: Array(bytes)) == .hello(Greeting(version: "9.1.0")))
    }

    @Test func aRateThatIsNoNumberDoesNotStopAHealthReport() throws {
        var report = HealthReport(state: .ready, version: "1", cpu: "x", cpuFeatures: [], threads: 1, memoryBudget: 1)
        report.millisecondsPerToken = .infinity
        #expect(try ControlReply(decoding: ControlReply.health(report).encode()) == .health(report))
    }

    @Test(arguments: [Double.infinity, .nan, 1e300, 1.01, -0.5])
    func rejectsALoadProgressThatIsNoShare(_ share: Double) throws {
        var report = HealthReport(
            state: .loading, version: "1", cpu: "x", cpuFeatures: [], threads: 1, memoryBudget: 1)
        report.loadProgress = share
        let error = #expect(throws: WireError.self) { try ControlReply(decoding: ControlReply.health(report).encode()) }
        #expect(error.map { "\($0)" }?.contains("loadProgress") == true)
    }

    @Test func rejectsForeignAndDamagedHeaders() throws {
        let bytes = try ControlRequest.health.encode()
        var magic = bytes
        magic[0] = UInt8(ascii: "X")
        #expect(Self.refusal(of: magic).contains("begins with \"BRGC\", found \"XRGC\""))
        var version = bytes
        version[4] = 1
        #expect(Self.refusal(of: version).contains("protocol version 1 arrived, this build reads version 3"))
        var reserved = bytes
        reserved[6] = 1
        #expect(Self.refusal(of: reserved).contains("expected 0"))
        #expect(
            throws: WireError.limitExceeded(
                field: "a control request's JSON length", found: (1 << 20) + 1, limit: 1 << 20)
        ) { try ControlRequest(decoding: bytes.patched((1 << 20) + 1, at: 8)) }
    }

    @Test func rejectsEveryTruncation() throws {
        for request in Sample.requests {
            let bytes = try request.encode()
            // A payload ends where the message ends, so the decoder cannot notice a cut there; the receiver's offset
            // check does.
            var end = bytes.count
            if case .weights(_, let payload) = request { end -= payload.count }
            for length in 0..<end {
                #expect(throws: WireError.self) { try ControlRequest(decoding: Array(bytes[..<length])) }
            }
        }
        for reply in Sample.replies {
            let bytes = try reply.encode()
            for length in 0..<bytes.count {
                #expect(throws: WireError.self) { try ControlReply(decoding: Array(bytes[..<length])) }
            }
        }
    }

    @Test func rejectsBytesBehindTheEnd() throws {
        for request in Sample.requests {
            if case .weights = request { continue }
            let bytes = try request.encode()
            #expect(
                throws: WireError.wrongLength(message: "control request", found: bytes.count + 1, expected: bytes.count)
            ) { try ControlRequest(decoding: bytes + [0]) }
        }
        let reply = try ControlReply.ok.encode()
        #expect(
            throws: WireError.wrongLength(message: "control reply", found: reply.count + 1, expected: reply.count)
        ) { try ControlReply(decoding: reply + [0]) }
    }

    @Test func rejectsAPayloadThatRunsPastTheWhole() throws {
        let chunk = WeightsChunk(fingerprint: "a", shard: "head", totalBytes: 10, offset: 8)
        let bytes = try ControlRequest.weights(chunk, payload: [1, 2, 3]).encode()
        #expect(throws: WireError.limitExceeded(field: "a weights chunk's end", found: 11, limit: 10)) {
            try ControlRequest(decoding: bytes)
        }
    }

    @Test func rejectsOversizedJSONBeforeItIsSent() {
        let message = String(repeating: "x", count: 1 << 20)
        #expect(throws: WireError.self) { try ControlReply.failure(code: "c", message: message).encode() }
    }

    @Test(arguments: [
        (#"{"kind":"dance"}"#, "kind"), (#"{}"#, "\"kind\" is missing"), (#"[]"#, "JSON"), (#""#, "JSON"),
        (#"{"kind":"assign"}"#, "\"assignment\" that its kind needs is missing"),
        (#"{"kind":"locate"}"#, "\"query\""),
        (
            #"{"kind":"locate","query":{"modelFingerprint":"a","shards":[{"name":"head","byteCount":-1}]}}"#,
            "byteCount is -1, expected 0 or more"
        ),
        (#"{"kind":"release","epoch":-1}"#, "outside its field's range"),
        (#"{"kind":"release","epoch":18446744073709551616}"#, "outside its field's range"),
        (#"{"kind":"release","epoch":1.5}"#, "outside its field's range"), (#"{"kind":"release"}"#, "\"epoch\""),
        (
            #"{"kind":"weights","chunk":{"fingerprint":"a","shard":"head","totalBytes":-5,"offset":0}}"#,
            "is -5, expected 0 or more"
        ),
        (
            #"""
            {"kind":"weights","chunk":{"fingerprint":"a","shard":"head","totalBytes":1,\#
            "offset":9223372036854775807}}
            """#,
            "the limit is"
        ),
        (
            #"""
            {"kind":"weights","chunk":{"fingerprint":"a","shard":"head","totalBytes":99999999999999999999,\#
            "offset":0}}
            """#,
            "outside its field's range"
        ),
        (
            #"{"kind":"discard","byteCount":9223372036854775807}"#,
            "a discard request's byteCount is 9223372036854775807, the limit is"
        ),
        (#"{"kind":"discard","byteCount":-1}"#, "is -1, expected 0 or more"),
    ])
    func rejectsJSONThatIsNoRequest(json: String, reason: String) {
        let text = Self.refusal(of: Self.message(json))
        #expect(text.contains(reason), "\(text)")
        #expect(text.utf8.count < 600)
    }

    @Test func rejectsAnAssignmentOutsideItsRange() throws {
        func refusal(_ change: (inout Assignment) -> Void) throws -> String {
            var assignment = Sample.assignment
            change(&assignment)
            return Self.refusal(of: try ControlRequest.assign(assignment).encode())
        }
        #expect(try refusal { $0.firstLayer = -1 }.contains("firstLayer is -1, expected 0 or more"))
        #expect(try refusal { $0.layerCount = .max }.contains("layerCount is \(Int.max)"))
        #expect(try refusal { $0.width = 65537 }.contains("width is 65537, the limit is 65536"))
        #expect(try refusal { $0.vocabulary = 1 << 21 }.contains("vocabulary"))
        #expect(try refusal { $0.contextLength = .max }.contains("contextLength"))
        #expect(try refusal { $0.kvBlockCount = .min }.contains("kvBlockCount"))
        #expect(try refusal { $0.rope.originalContext = -1 }.contains("rope.originalContext is -1"))
        #expect(try refusal { $0.rope.originalContext = .max }.contains("rope.originalContext"))
        #expect(try refusal { $0.rowType = "q8" }.contains("rowType is \"q8\", expected f32"))
    }

    @Test func rejectsASessionOrderThatNamesNoDigest() throws {
        func refusal(_ change: (inout SessionOrder) -> Void) throws -> String {
            var order = SessionOrder(
                epoch: 1, number: 2, action: .load, session: Sample.digest, blocks: [1], digests: [Sample.digest])
            change(&order)
            return Self.refusal(of: try ControlRequest.session(order).encode())
        }
        #expect(try refusal { _ in }.hasPrefix("accepted"))
        for name in [
            "", "../" + Sample.digest.dropFirst(3), Sample.digest.uppercased(), Sample.digest + "0",
            String(repeating: "é", count: 32),
        ] {
            #expect(try refusal { $0.session = name }.contains("expected 64 hexadecimal digits"))
            #expect(try refusal { $0.digests[0] = name }.contains("expected 64 hexadecimal digits"))
        }
        #expect(try refusal { $0.blocks = Array(repeating: 1, count: 65537) }.contains("the limit is 65536"))
        #expect(try refusal { $0.digests = Array(repeating: Sample.digest, count: 4097) }.contains("the limit is 4096"))
        // The largest allowed order can be sent.
        #expect(
            try refusal {
                $0.blocks = Array(repeating: 16_777_215, count: 65536)
                $0.digests = Array(repeating: Sample.digest, count: 4096)
            }.hasPrefix("accepted"))
        let unknown =
            #"{"kind":"session","order":{"epoch":1,"number":1,"action":"run","session":"","blocks":[],"digests":[]}}"#
        #expect(Self.refusal(of: Self.message(unknown)).contains("order.action"))
    }

    @Test func deeplyNestedJSONIsRefusedAndNotFollowed() {
        for open in ["[", #"{"kind":"#, #"{"kind":"hello","x":["#] {
            let json = String(repeating: open, count: 100_000)
            #expect(Self.refusal(of: Self.message(String(json.prefix(1 << 20)))).contains("JSON"))
        }
    }

    private static func message(_ json: String) -> [UInt8] {
        let bytes = Array(json.utf8)
        var header = Array("BRGC".utf8) + [UInt8](repeating: 0, count: ControlCoding.headerSize - 4)
        header[4] = UInt8(WireProtocol.version)
        return header.patched(UInt32(bytes.count), at: 8) + bytes
    }

    private static func refusal(of bytes: [UInt8]) -> String {
        do throws(WireError) {
            return "accepted \(try ControlRequest(decoding: bytes))"
        } catch { return "\(error)" }
    }
}

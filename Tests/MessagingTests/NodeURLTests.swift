import Testing

@testable import Messaging

struct NodeURLTests {
    @Test(arguments: [
        ("tcp://10.0.0.1:7751", "tcp://10.0.0.1:7751"), ("tcp://pi-4.local", "tcp://pi-4.local:7750"),
        ("pi4", "tcp://pi4:7750"), ("pi4:80", "tcp://pi4:80"), ("TCP://*:0", "tcp://*:0"),
        ("tcp://[::1]:9", "tcp://[::1]:9"), ("[fe80::1]", "tcp://[fe80::1]:7750"),
        ("ipc:///run/brigade.sock", "ipc:///run/brigade.sock"), ("inproc://stage-1", "inproc://stage-1"),
    ])
    func readsAndWritesAddresses(text: String, canonical: String) throws {
        let url = try NodeURL(text)
        #expect(url.description == canonical)
        #expect(try NodeURL(canonical) == url)
    }

    @Test(arguments: [
        ("http://x:1", "the scheme is \"http\""), ("tcp://", "not a host"), ("", "not a host"),
        ("tcp://a b:1", "spaces"), ("tcp://a\n:1", "control characters"), ("tcp://a:65536", "the port is \"65536\""),
        ("tcp://a:", "the port is \"\""), ("tcp://a:-1", "the port is \"-1\""), ("tcp://a:1:2", "brackets"),
        ("tcp://::1", "brackets"), ("tcp://[::1", "not closed"), ("tcp://[::1]x", "expected :port"),
        ("tcp://[abc]:1", "not an IPv6 address"), ("tcp://a/b:1", "not a host"), ("ipc://relative", "absolute"),
        ("ipc:///dir/", "name a file"), ("inproc://", "the name is empty"),
    ])
    func saysWhatIsWrongWithAnAddress(text: String, reason: String) {
        do throws(MessagingError) {
            Issue.record("accepted as \(try NodeURL(text))")
        } catch {
            #expect(error.code == .invalidURL)
            #expect(error.description.contains(reason), "\(error)")
            #expect(error.description.contains("write tcp://host:port"))
        }
    }

    @Test func refusesPathsThatDoNotFitASocketAddress() throws {
        let room = NodeURL.longestPath
        let path = "/" + String(repeating: "a", count: room - 6)
        let url = try NodeURL("ipc://" + path)
        #expect(try NodeURL(url.dataURL.description) == url.dataURL)
        for text in ["ipc://\(path)b", "inproc://" + String(repeating: "a", count: 123)] {
            let error = #expect(throws: MessagingError.self) { try NodeURL(text) }
            #expect(error?.detail.contains("choose a shorter one") == true)
        }
    }

    @Test func anErrorQuotesOnlyTheBeginningOfALongAddress() {
        let error = #expect(throws: MessagingError.self) { try NodeURL(String(repeating: "x", count: 100_000) + "://") }
        #expect((error?.description.utf8.count ?? 0) < 1000)
    }

    @Test(arguments: [
        ("tcp://a:7750", "tcp://a:7751"), ("tcp://a:0", "tcp://a:0"), ("tcp://a:65535", "tcp://a:65534"),
        ("ipc:///run/b.sock", "ipc:///run/b.sock.data"), ("inproc://n", "inproc://n.data"),
    ])
    func theDataSocketStandsBesideTheControlSocket(control: String, data: String) throws {
        let dataURL = try NodeURL(control).dataURL
        #expect(dataURL.description == data)
        #expect(try NodeURL(data) == dataURL)
    }

    @Test(arguments: [
        ("tcp://localhost:1", true), ("tcp://LOCALHOST", true), ("tcp://127.0.0.1", true), ("tcp://127.1.2.3:9", true),
        ("tcp://[::1]:9", true), ("ipc:///a", true), ("inproc://a", true), ("tcp://127.evil.example.com", false),
        ("tcp://127.0.0.1.example.com", false), ("tcp://127.0.0.999", false), ("tcp://*:1", false),
        ("tcp://0.0.0.0:1", false), ("tcp://10.0.0.1", false), ("tcp://[fe80::1]:9", false), ("tcp://node", false),
    ])
    func knowsWhatStaysOnTheMachine(text: String, loopback: Bool) throws {
        #expect(try NodeURL(text).isLoopback == loopback)
    }

    @Test func portAndHostCanBeReplaced() throws {
        let bound = try NodeURL("tcp://*:0").withPort(4000)
        #expect(bound.description == "tcp://*:4000")
        #expect(bound.withHost(of: try NodeURL("tcp://10.0.0.5:1")).description == "tcp://10.0.0.5:4000")
        let file = try NodeURL("ipc:///a")
        #expect(file.withPort(1).withHost(of: bound) == file)
    }
}

struct MessagingErrorTests {
    @Test func aMessageSaysWhatFailedWhereAndWhatToDo() {
        let error = MessagingError(nng: 6, operation: "connect to", url: "tcp://a:1")
        #expect(error.code == .refused)
        #expect(
            error.description
                == "connect to tcp://a:1 failed: Connection refused; start the node that should listen there, "
                + "or correct the address")
        #expect(MessagingError(nng: 30, operation: "x").code == .other(30))
        #expect(MessagingError(nng: -5, operation: "x").code == .other(-5))
    }

    @Test(arguments: [
        (Duration.zero, 0 as Int32), (.milliseconds(-5), 0), (.nanoseconds(1), 1), (.milliseconds(1), 1),
        (.microseconds(1001), 2), (.seconds(3), 3000), (.seconds(1 << 40), Int32.max), (.nanoseconds(-1), 0),
    ])
    func deadlinesAreRoundedUpAndNeverNegative(duration: Duration, milliseconds: Int32) {
        #expect(duration.nngMilliseconds == milliseconds)
    }
}

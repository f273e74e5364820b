import Control
import Testing

struct NodeNamesTests {
    @Test(arguments: [
        (["ipc:///tmp/brigade-1/1", "ipc:///tmp/brigade-1/2"], ["worker 1", "worker 2"]),
        (["tcp://10.0.0.2:7750", "tcp://10.0.0.3:7750", "ipc:///run/x"], ["10.0.0.2", "attic", "worker 3"]),
        (
            ["tcp://127.0.0.1:7750", "tls+tcp://127.0.0.1:7751", "tcp://[::1]:7752"],
            ["127.0.0.1:7750", "127.0.0.1:7751", "[::1]"]
        ),
    ])
    func nodesHaveNamesThatPeopleRead(urls: [String], names: [String]) {
        #expect(NodeNames(of: urls, given: ["tcp://10.0.0.3:7750": "attic"]).all == names)
    }

    @Test func aNodeIsFoundByItsAddress() {
        let names = NodeNames(of: ["ipc:///tmp/a", "tcp://10.0.0.2:7750"])
        #expect(names["tcp://10.0.0.2:7750"] == "10.0.0.2" && names["ipc:///tmp/a"] == "worker 1")
        #expect(names["tcp://elsewhere:1"] == "tcp://elsewhere:1")
    }
}

import Foundation
import Kernels
import Messaging
import Planning
import Testing
import Transformer

@testable import Launch

struct ClusterFileTests {
    static let text = """
        name: home          # comments are fine
        model: models/qwq.gguf
        num_ctx: 8192
        kv: q8_0
        optimize: throughput
        layers: [30, 34]
        links: {round_trip: 0.5, throughput: 110}
        nodes:
          - name: desk
            url: tcp://10.0.0.1:7750
            local: true
            threads: 4
            memory: 6GiB
            bandwidth: 40
            int8: 900.5
          - name: "shed-2"
            url: tcp://10.0.0.2:7750
            listen: tcp://0.0.0.0:7750
            ssh: me@shed.lan
            binary: ~/bin/brigade
            model: /srv/it's here.gguf
            cache: /srv/cache
            round_trip: 3
            keep_alive: 90m

        """

    @Test func everyKeyIsRead() throws {
        let file = try ClusterFile(text: Self.text, path: "/etc/brigade/home.yaml")
        #expect(file.name == "home" && file.model == "models/qwq.gguf" && file.contextLength == 8192)
        #expect(file.modelReference == "/etc/brigade/models/qwq.gguf")
        #expect(file.kvType == .q8_0 && file.objective == .throughput && file.layers == [30, 34])
        let desk = file.nodes[0], shed = file.nodes[1]
        #expect(desk.name == "desk" && desk.url.description == "tcp://10.0.0.1:7750" && desk.isLocal && desk.ssh == nil)
        #expect(desk.threads == 4 && desk.memory == 6 << 30 && desk.bandwidth == 40 && desk.int8 == 900.5)
        #expect(shed.keepAlive == .time(.seconds(5400)) && desk.keepAlive == nil)
        #expect(desk.link == .init(roundTrip: 0.5, throughput: 110))
        #expect(shed.ssh == "me@shed.lan" && !shed.isLocal && shed.listen?.description == "tcp://0.0.0.0:7750")
        #expect(shed.binary == "~/bin/brigade" && shed.model == "/srv/it's here.gguf" && shed.cache == "/srv/cache")
        #expect(shed.threads == nil && shed.memory == nil && shed.link == .init(roundTrip: 3, throughput: 110))
    }

    @Test func ropeScalingIsRead() throws {
        let keys = "rope_scaling: yarn\nrope_factor: 4\nrope_original: 32768"
        let file = try ClusterFile(text: Self.changed("kv: q8_0", "kv: q8_0\n" + keys), path: "/x/a.yaml")
        #expect(file.rope == RopeRequest(.yarn, factor: 4, original: 32768))
        #expect(
            try ClusterFile(text: Self.changed("kv: q8_0", "rope_scaling: none"), path: "/x/a.yaml").rope
                == RopeRequest(.none))
    }

    @Test(arguments: [("500:100:4", Workload(promptTokens: 500, answerTokens: 100, streams: 4)), ("latency", .latency)])
    func theExpectedWorkIsRead(text: String, workload: Workload) throws {
        let file = try ClusterFile(text: Self.changed("optimize: throughput", "expect: \(text)"), path: "/x/a.yaml")
        #expect(file.objective == .time(of: workload))
    }

    @Test func anEvenPipelineCanBeAskedFor() throws {
        #expect(
            try ClusterFile(text: Self.changed("optimize: throughput", "optimize: even"), path: "/x/a.yaml").objective
                == .even)
    }

    @Test func aFileThatCannotBeReadIsRefusedWithTheSystemsReason() {
        for (path, reason) in [
            ("/nowhere/a.yaml", "No such file or directory"), (NSTemporaryDirectory(), "Is a directory"),
        ] {
            let error = #expect(throws: ClusterFileError.self) { try ClusterFile(path: path) }
            #expect(error?.problem.contains(reason) == true, "\(error?.description ?? "")")
        }
    }

    @Test func whatIsLeftOutIsNotInvented() throws {
        let file = try ClusterFile(text: "nodes:\n  - {name: a, url: 'ipc:///tmp/a'}\n", path: "/x/small.test.yaml")
        #expect(file.name == "small" && file.model == nil && file.modelReference == nil && file.contextLength == nil)
        #expect(file.kvType == nil && file.objective == nil && file.layers == nil && file.rope == nil)
        #expect(file.nodes == [ClusterFile.Node(name: "a", url: try NodeURL("ipc:///tmp/a"))])
    }

    @Test func localNodesAloneGetSocketsOfTheirOwn() throws {
        let text = "nodes:\n  - {name: a, local: true}\n  - {name: b, local: true}\n"
        let one = try ClusterFile(text: text, path: "/x/one.yaml"),
            two = try ClusterFile(text: text, path: "/x/two/one.yaml")
        #expect(Set((one.nodes + two.nodes).map(\.url)).count == 4)
        #expect(one.nodes[0].url.description.hasPrefix("ipc:///"))
    }

    static func changed(_ old: String, _ new: String) -> String { text.replacing(old, with: new) }

    /// Each text has one error; the message has its line and says what was found and expected.
    static let refusals: [(text: String, line: Int?, words: [String])] = [
        ("", nil, ["empty"]),
        (changed("kv: q8_0", "kv: q8_0: x"), 4, ["not YAML"]),
        (changed("kv: q8_0", "kv: \tq8_0\n\t- x"), 5, ["not YAML"]),
        ("- a\n- b\n", 1, ["the file is a list", "expected keys"]),
        ("name: x\n", 1, ["no \"nodes\""]),
        ("nodes: []\n", 1, ["0 nodes", "1 to 64"]),
        ("nodes: three\n", 1, ["\"three\" as \"nodes\"", "a list"]),
        ("nodes:\n  - desk\n", 2, ["node 1 is \"desk\"", "expected keys"]),
        ("nodes:\n  - {url: 'tcp://10.0.0.1'}\n", 2, ["node 1 has no \"name\""]),
        (changed("kv: q8_0", "kv: q4_0"), 4, ["\"q4_0\" as \"kv\"", "f16 or q8_0"]),
        (changed("kv: q8_0", "kvtype: q8_0"), 4, ["unknown key \"kvtype\"", "kv, layers"]),
        (changed("num_ctx: 8192", "num_ctx: many"), 3, ["\"many\" as \"num_ctx\"", "whole number from 8"]),
        (changed("num_ctx: 8192", "num_ctx: '8192'"), 3, ["\"8192\" as \"num_ctx\"", "whole number"]),
        (changed("num_ctx: 8192", "num_ctx: 8192\nnum_ctx: 1"), 3, ["twice", "\"num_ctx\""]),
        (changed("kv: q8_0", "rope_scaling: ntk"), 4, ["\"ntk\" as \"rope_scaling\"", "yarn, linear or none"]),
        (changed("kv: q8_0", "rope_scaling: yarn\nrope_factor: 0.5"), 5, ["\"0.5\" as \"rope_factor\"", "from 1"]),
        (
            changed("kv: q8_0", "rope_scaling: yarn\nrope_original: 0"), 5,
            ["\"0\" as \"rope_original\"", "whole number from 1"]
        ),
        (changed("kv: q8_0", "rope_factor: 4"), 1, ["\"rope_scaling\" beside them"]),
        (changed("optimize: throughput", "optimize: speed"), 5, ["\"speed\"", "latency, throughput, even"]),
        (changed("[30, 34]", "[30, no]"), 6, ["\"no\" in the list as \"layers\""]),
        (changed("[30, 34]", "[30, 20, 14]"), 6, ["3 numbers for 2 nodes"]),
        (
            changed("round_trip: 0.5", "roundtrip: 0.5"), 7,
            ["\"links\" has the unknown key \"roundtrip\"", "round_trip, throughput"]
        ),
        (changed("throughput: 110", "throughput: -1"), 7, ["\"-1\" as \"throughput\"", "megabytes a second above 0"]),
        (changed("name: desk", "name: desk/../x"), 9, ["\"desk/../x\" as \"name\"", "letters, digits"]),
        (changed("name: desk", "name: -rf"), 9, ["letters, digits"]),
        (changed("\"shed-2\"", "desk"), 16, ["two nodes are called \"desk\""]),
        (
            changed("tcp://10.0.0.1:7750\n", "http://10.0.0.1\n"), 10,
            ["node \"desk\" has \"http://10.0.0.1\" as \"url\"", "tcp://host:port"]
        ),
        (changed("tcp://10.0.0.1:7750\n", "10.0.0.1\n"), 10, ["expected tcp://host:port"]),
        (changed("tcp://10.0.0.1:7750\n", "tcp://10.0.0.1:port\n"), 10, ["the port is \"port\""]),
        (changed("tcp://10.0.0.1:7750\n", "tcp://10.0.0.2:7751\n"), 16, ["\"desk\" and \"shed-2\"", "two ports"]),
        (
            changed("tcp://10.0.0.1:7750\n", "tcp://127.0.0.1:7750\n"), 9,
            ["node \"desk\"", "only its own machine can reach"]
        ),
        (changed("tcp://10.0.0.1:7750\n", "tcp://0.0.0.0:7750\n"), 9, ["\"listen\""]),
        (changed("local: true", "local: maybe"), 11, ["\"maybe\" as \"local\"", "true or false"]),
        (changed("local: true", "local: true\n    ssh: x"), 9, ["local and has \"ssh\" as well"]),
        (changed("threads: 4", "threads: 0"), 12, ["\"0\" as \"threads\"", "1 to 256"]),
        (changed("memory: 6GiB", "memory: lots"), 13, ["\"lots\" as \"memory\"", "6GiB"]),
        (changed("memory: 6GiB", "memory: [6, 8]"), 13, ["a list as \"memory\""]),
        (changed("keep_alive: 90m", "keep_alive: soon"), 24, ["\"soon\" as \"keep_alive\"", "5m"]),
        (changed("me@shed.lan", "-oProxyCommand=reboot"), 19, ["as \"ssh\"", "letters, digits"]),
        (changed("me@shed.lan", "-v"), 19, ["as \"ssh\""]),
        (changed("me@shed.lan", "'shed; reboot'"), 19, ["as \"ssh\""]),
        (changed("~/bin/brigade", "bin/brigade"), 20, ["\"bin/brigade\" as \"binary\"", "absolute"]),
        (changed("~/bin/brigade", "\"/bin/a\\nb\""), 20, ["as \"binary\""]),
        (changed("    url: tcp://10.0.0.1:7750\n", ""), 9, ["node \"desk\" is local and has no \"url\""]),
        (changed("    url: tcp://10.0.0.2:7750\n", ""), 16, ["node \"shed-2\" has no \"url\""]),
    ]

    @Test(arguments: refusals.indices)
    func refusesWithLineFoundAndExpected(index: Int) throws {
        let (text, line, words) = Self.refusals[index]
        let error = #expect(throws: ClusterFileError.self) { try ClusterFile(text: text, path: "/x/home.yaml") }
        #expect(error?.line == line, "\(error?.description ?? "")")
        for word in words { #expect(error?.description.contains(word) == true, "\(error?.description ?? "")") }
        #expect(error?.description.contains("\n") == false)
    }

    @Test(arguments: ["one-machine", "three-equal", "four-unequal"])
    func theExamplesAreRead(name: String) throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let file = try ClusterFile(path: root.appending(path: "Configs/\(name).yaml").path)
        #expect(file.name == name && file.model != nil && file.contextLength != nil && file.kvType != nil)
        #expect(file.nodes.allSatisfy { $0.memory != nil && $0.threads != nil && $0.isManaged })
        if name == "four-unequal" { #expect(file.nodes.map { ($0.memory ?? 0) >> 30 } == [6, 8, 10, 16]) }
        if name != "one-machine" {
            #expect(
                file.nodes.allSatisfy {
                    $0.bandwidth != nil && $0.int8 != nil && $0.link.roundTrip != nil && $0.link.throughput != nil
                })
        }
    }

    @Test func localNodesShareTheMemoryOfTheirMachine() {
        #expect(LocalWorkers.budgets([nil, nil], of: 100) == [50, 50])
        #expect(LocalWorkers.budgets([40, nil, nil], of: 100) == [40, 30, 30])
        #expect(LocalWorkers.budgets([200, nil], of: 100) == [200, 1])
        #expect(
            LocalWorkers.budgets([nil], of: 100) == [nil] && LocalWorkers.budgets([nil, nil], of: nil) == [nil, nil])
    }

    @Test func timesAreReadAsOllamaWritesThem() {
        #expect(
            KeepAlive("5m") == .time(.seconds(300)) && KeepAlive("300") == .time(.seconds(300))
                && KeepAlive("0") == .time(.zero))
        #expect(
            KeepAlive("1h30m") == .time(.seconds(5400)) && KeepAlive("1.5H") == .time(.seconds(5400))
                && KeepAlive("250ms") == .time(.milliseconds(250)))
        #expect(KeepAlive("-1") == .forGood && KeepAlive("-5m") == .forGood && KeepAlive("-0s") == .time(.zero))
        for text in ["90m", "500ms", "0", "-1"] { #expect(KeepAlive(KeepAlive(text)!.description) == KeepAlive(text)) }
        for wrong in ["", "m", "5 m", "five", "5d", "1e3", "--1", "5m-1s", "9999999h"] {
            #expect(KeepAlive(wrong) == nil, "\(wrong)")
        }
    }

    @Test func amountsAreReadAsPeopleWriteThem() {
        #expect(byteCount("6GiB") == 6 << 30 && byteCount("1.5g") == 3 << 29 && byteCount("2GB") == 2_000_000_000)
        #expect(byteCount("512M") == 512 << 20 && byteCount("10kB") == 10_000 && byteCount("77") == 77)
        for wrong in ["", "GiB", "-1G", "0", "1e30", "six", "6 apples", "nan", "inf"] {
            #expect(byteCount(wrong) == nil, "\(wrong)")
        }
    }
}

import Foundation
import Testing

@testable import Kernels

/// Limits of control groups, of both versions, in folders that look like the system's.
struct ControlGroupTests {
    private static let mebibyte = 1 << 20

    /// A root folder with these files.
    private static func root(_ files: [String: String], _ body: (String) throws -> Void) throws {
        let root = FileManager.default.temporaryDirectory.appending(path: "groups-\(UInt64.random(in: 0...UInt64.max))")
        defer { try? FileManager.default.removeItem(at: root) }
        for (path, text) in files {
            let file = root.appending(path: path)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try text.write(to: file, atomically: true, encoding: .utf8)
        }
        try body(root.path)
    }

    @Test func theSecondVersionsLimitsCount() throws {
        try Self.root([
            "proc/self/cgroup": "0::/system.slice/brigade.service\n",
            "proc/meminfo": "MemTotal: 32000000 kB\nMemAvailable:   24000000 kB\n",
            "sys/fs/cgroup/system.slice/brigade.service/memory.max": "419430400\n",
            "sys/fs/cgroup/system.slice/brigade.service/memory.current": "104857600\n",
            "sys/fs/cgroup/system.slice/brigade.service/memory.stat":
                "anon 1\nactive_file 10485760\ninactive_file 41943040\n",
            "sys/fs/cgroup/system.slice/brigade.service/cpu.max": "150000 100000\n",
            "sys/fs/cgroup/system.slice/memory.max": "max\n",
            "sys/fs/cgroup/system.slice/cpu.max": "max 100000\n",
        ]) { root in
            let group = ControlGroup(root: root)
            // 400 MiB, of which 100 are used, 50 of these for cached files.
            #expect(group.availableMemory == 350 * Self.mebibyte && group.processors == 1.5)
            #expect(MachineMemory.budget(root: root) == 350 * Self.mebibyte / 10 * 9)
        }
    }

    @Test func groupsAroundAreBindingToo() throws {
        try Self.root([
            "proc/self/cgroup": "0::/pod/container\n",
            "sys/fs/cgroup/pod/memory.max": "\(200 * Self.mebibyte)",
            "sys/fs/cgroup/pod/memory.current": "\(150 * Self.mebibyte)",
            "sys/fs/cgroup/pod/cpu.max": "400000 100000",
            "sys/fs/cgroup/pod/container/memory.max": "\(180 * Self.mebibyte)",
            "sys/fs/cgroup/pod/container/memory.high": "\(100 * Self.mebibyte)",
            "sys/fs/cgroup/pod/container/memory.current": "\(10 * Self.mebibyte)",
            "sys/fs/cgroup/pod/container/cpu.max": "800000 100000",
        ]) { root in
            #expect(ControlGroup(root: root).availableMemory == 50 * Self.mebibyte)
            #expect(ControlGroup(root: root).processors == 4)
        }
    }

    /// In a container the path is often the host's, and the container's own folder is mounted at the top.
    @Test func aPathThatCannotBeSeenStandsForTheTop() throws {
        try Self.root([
            "proc/self/cgroup": "0::/../docker/0123abcd\n",
            "sys/fs/cgroup/memory.max": "\(100 * Self.mebibyte)", "sys/fs/cgroup/memory.current": "0",
            "sys/fs/cgroup/cpu.max": "50000 100000",
        ]) { root in
            #expect(ControlGroup(root: root).availableMemory == 100 * Self.mebibyte)
            #expect(ControlGroup(root: root).processors == 0.5)
        }
    }

    @Test func theFirstVersionsLimitsCount() throws {
        try Self.root([
            "proc/self/cgroup": "4:memory:/user\n3:cpu,cpuacct:/user\n2:pids:/user\n1:name=systemd:/user\n",
            "proc/meminfo": "MemAvailable:   2048 kB\n",
            "sys/fs/cgroup/memory/user/memory.limit_in_bytes": "\(300 * Self.mebibyte)\n",
            "sys/fs/cgroup/memory/user/memory.usage_in_bytes": "\(200 * Self.mebibyte)\n",
            "sys/fs/cgroup/memory/user/memory.stat":
                "inactive_file 1\ntotal_inactive_file \(60 * Self.mebibyte)\ntotal_active_file \(40 * Self.mebibyte)\n",
            "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
            "sys/fs/cgroup/memory/memory.usage_in_bytes": "\(900 * Self.mebibyte)\n",
            "sys/fs/cgroup/cpu,cpuacct/user/cpu.cfs_quota_us": "200000\n",
            "sys/fs/cgroup/cpu,cpuacct/user/cpu.cfs_period_us": "100000\n",
            "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "-1\n",
            "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000\n",
        ]) { root in
            let group = ControlGroup(root: root)
            #expect(group.availableMemory == 200 * Self.mebibyte && group.processors == 2)
            // The machine itself has even less.
            #expect(MachineMemory.budget(root: root) == 2 * Self.mebibyte / 10 * 9)
        }
    }

    @Test(
        arguments: [
            [:], ["proc/self/cgroup": "0::/\n"], ["proc/self/cgroup": "\n:\n0:\nx"],
            [
                "proc/self/cgroup": "0::/a\n", "sys/fs/cgroup/a/memory.max": "lots",
                "sys/fs/cgroup/a/memory.current": "1",
            ],
            ["proc/self/cgroup": "0::/a\n", "sys/fs/cgroup/a/cpu.max": "0 0", "sys/fs/cgroup/a/memory.max": "max"],
        ] as [[String: String]]) func withoutLimitsThereAreNone(files: [String: String]) throws
    {
        try Self.root(files) { root in
            #expect(ControlGroup(root: root).availableMemory == nil && ControlGroup(root: root).processors == nil)
            #expect(MachineMemory.budget(root: root) > 1 << 20)
        }
    }

    @Test(arguments: [(8, nil, 8), (8, 2.9, 2), (8, 0.3, 1), (2, 16.0, 2)] as [(Int, Double?, Int)])
    func aShareOfTimeIsWorthWholeThreads(all: Int, share: Double?, threads: Int) {
        #expect(MachineProcessors.count(of: all, share) == threads)
    }
}

// swift-tools-version: 6.2
import PackageDescription

let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let log = Target.Dependency.product(name: "Logging", package: "swift-log")
let nio: [Target.Dependency] = [
    .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
    .product(name: "NIOHTTP1", package: "swift-nio"),
]
// HTTP/1 itself, for what Hummingbird does not do: it came with it, and is named since it is imported.
let nioHTTP: [Target.Dependency] = [
    .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOHTTP1", package: "swift-nio"),
    .product(name: "NIOEmbedded", package: "swift-nio"),
    .product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras"),
    .product(name: "NIOHTTPCompression", package: "swift-nio-extras"),
]

let package = Package(
    name: "brigade",
    platforms: [.macOS(.v15)],
    products: [.executable(name: "brigade", targets: ["brigade"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-extras.git", from: "1.30.0"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // MARK: Floor 0: what is not Swift, and plain values
        .systemLibrary(name: "CNNG", providers: [.apt(["libnng-dev"]), .brew(["nng"])]),
        .target(name: "CKernels"),
        .target(name: "Candidates"),
        .target(name: "JSON"),

        // MARK: Floor 1: values and formats
        .target(name: "GGUF"),
        .target(name: "Jinja", dependencies: ["JSON"]),
        .target(name: "Sampling", dependencies: ["Candidates", "JSON"]),
        .target(name: "Planning"),
        .target(name: "Wire", dependencies: ["Candidates"]),
        .target(name: "Messaging", dependencies: ["CNNG"]),

        // MARK: Floor 2: kernels, a node's control connection, text, the schedule
        .target(name: "Kernels", dependencies: ["CKernels", "Candidates", "GGUF"]),
        .target(name: "Control", dependencies: ["Messaging", "Wire"]),
        .target(name: "Tokenizer", dependencies: ["JSON", "Jinja"]),
        .target(name: "Scheduling", dependencies: ["Candidates", "Sampling", "Wire"]),

        // MARK: Floor 3: the model, and where models are
        .target(name: "Transformer", dependencies: ["Candidates", "GGUF", "Kernels"]),
        .target(
            name: "ModelStore",
            dependencies: [
                "GGUF", "JSON", "Sampling", "Tokenizer", crypto,
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
            ] + nio),

        // MARK: Floor 4: what a cluster needs before it runs
        .target(
            name: "Simulation",
            dependencies: ["Candidates", "ModelStore", "Planning", "Sampling", "Scheduling", "Transformer", "Wire"]),
        .target(
            name: "Launch",
            dependencies: [
                "Control", "Kernels", "Messaging", "ModelStore", "Planning", "Transformer", "Wire",
                .product(name: "Subprocess", package: "swift-subprocess"), .product(name: "Yams", package: "Yams"),
            ]),

        // MARK: Floor 5: the cluster
        .target(
            name: "Worker",
            dependencies: [
                "Candidates", "GGUF", "Kernels", "Messaging", "ModelStore", "Planning", "Transformer", "Wire", crypto,
                log,
            ]),
        .target(
            name: "Coordinator",
            dependencies: [
                "Candidates", "Control", "GGUF", "JSON", "Kernels", "Launch", "Messaging", "ModelStore", "Planning",
                "Sampling", "Scheduling", "Simulation", "Tokenizer", "Transformer", "Wire", crypto, log,
            ]),

        // MARK: Floor 6: HTTP
        .target(
            name: "Serving",
            dependencies: [
                "Control", "Coordinator", "GGUF", "JSON", "Kernels", "ModelStore", "Planning", "Sampling", "Scheduling",
                "Tokenizer", crypto, log,
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ] + nioHTTP,
            exclude: ["Documentation"], resources: [.copy("Resources")]),

        // MARK: Floor 7: the command line
        .executableTarget(
            name: "brigade",
            dependencies: [
                "Control", "Coordinator", "GGUF", "JSON", "Kernels", "Launch", "ModelStore", "Planning", "Sampling",
                "Scheduling", "Serving", "Simulation", "Tokenizer", "Transformer", "Wire", "Worker", log,
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),

        // MARK: Tests
        .target(name: "TinyModel", dependencies: ["GGUF"], path: "Tests/TinyModel"),
        .target(name: "ChildProcess", path: "Tests/ChildProcess"),
        .target(name: "LoopbackRegistry", dependencies: [crypto] + nio, path: "Tests/LoopbackRegistry"),
        .testTarget(name: "JSONTests", dependencies: ["JSON"]),
        .testTarget(name: "GGUFTests", dependencies: ["GGUF"], resources: [.copy("Fixtures")]),
        .testTarget(name: "JinjaTests", dependencies: ["JSON", "Jinja"], resources: [.copy("Fixtures")]),
        .testTarget(name: "SamplingTests", dependencies: ["Candidates", "JSON", "Sampling"]),
        .testTarget(name: "PlanningTests", dependencies: ["Planning"]),
        .testTarget(name: "WireTests", dependencies: ["Candidates", "Wire"]),
        .testTarget(name: "MessagingTests", dependencies: ["Messaging"]),
        .testTarget(
            name: "KernelsTests", dependencies: ["Kernels", "GGUF", "ChildProcess"], exclude: ["Equality"]),
        .testTarget(name: "TokenizerTests", dependencies: ["GGUF", "JSON", "Tokenizer"], exclude: ["Oracle"]),
        .testTarget(
            name: "SchedulingTests",
            dependencies: ["Candidates", "Sampling", "Scheduling", "Transformer", "Wire", "Worker"]),
        .testTarget(
            name: "TransformerTests", dependencies: ["Candidates", "Transformer", "Kernels", "GGUF", "TinyModel"],
            exclude: ["Oracle"]),
        .testTarget(
            name: "ModelStoreTests",
            dependencies: ["ModelStore", "GGUF", "Sampling", "TinyModel", "Tokenizer", "LoopbackRegistry", crypto]),
        .testTarget(
            name: "SimulationTests",
            dependencies: ["Planning", "Sampling", "Scheduling", "Simulation", "Transformer", "Wire"]),
        .testTarget(
            name: "LaunchTests",
            dependencies: ["Kernels", "Launch", "Messaging", "ModelStore", "Planning", "Transformer"]),
        .testTarget(name: "WorkerTests", dependencies: ["Candidates", "Worker", "Wire", "Transformer"]),
        .testTarget(
            name: "CoordinatorTests",
            dependencies: [
                "Candidates", "ChildProcess", "Control", "Coordinator", "GGUF", "Kernels", "Launch", "Messaging",
                "ModelStore", "Planning", "Sampling", "Scheduling", "TinyModel", "Tokenizer", "Transformer", "Wire",
                "Worker", crypto, log,
            ]),
        .testTarget(
            name: "ServingTests",
            dependencies: [
                "Coordinator", "JSON", "ModelStore", "Sampling", "Scheduling", "Serving", "TinyModel", "Tokenizer",
                .product(name: "HummingbirdTesting", package: "hummingbird"),
            ]),
        .testTarget(
            name: "brigadeTests",
            dependencies: [
                "brigade", "ChildProcess", "Control", "JSON", "LoopbackRegistry", "Messaging", "ModelStore", "Sampling",
                "TinyModel", "Tokenizer",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),
    ],
    swiftLanguageModes: [.v6]
)

// swift-tools-version: 6.2
import PackageDescription

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
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // MARK: Floor 0: what is not Swift
        .systemLibrary(name: "CNNG", providers: [.apt(["libnng-dev"]), .brew(["nng"])]),
        .target(name: "CKernels"),
        .target(name: "JSON"),

        // MARK: Floor 1: values and formats
        .target(name: "GGUF"),
        .target(name: "Tokenizer"),
        .target(name: "Sampling", dependencies: ["JSON"]),
        .target(name: "Planning"),
        .target(name: "Wire"),
        .target(name: "Messaging", dependencies: ["CNNG"]),

        // MARK: Floor 2: kernels and files
        .target(name: "Kernels", dependencies: ["CKernels", "GGUF"]),
        .target(
            name: "ModelStore",
            dependencies: [
                "GGUF", "Tokenizer", "Sampling", .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ]),

        // MARK: Floor 3: the model
        .target(name: "Transformer", dependencies: ["GGUF", "Kernels"]),

        // MARK: Floor 4: the cluster
        .target(
            name: "Worker",
            dependencies: [
                "GGUF", "Kernels", "Messaging", "ModelStore", "Planning", "Transformer", "Wire",
                .product(name: "Crypto", package: "swift-crypto"), .product(name: "Logging", package: "swift-log"),
            ]),
        .target(
            name: "Coordinator",
            dependencies: [
                "GGUF", "Kernels", "Messaging", "ModelStore", "Planning", "Sampling", "Tokenizer", "Transformer",
                "Wire",
                .product(name: "Crypto", package: "swift-crypto"), .product(name: "Logging", package: "swift-log"),
                .product(name: "Subprocess", package: "swift-subprocess"), .product(name: "Yams", package: "Yams"),
            ]),

        // MARK: Floor 5: HTTP
        .target(
            name: "Serving",
            dependencies: [
                "Coordinator", "GGUF", "JSON", "Kernels", "ModelStore", "Planning", "Sampling", "Tokenizer",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            exclude: ["Documentation"], resources: [.copy("Resources")]),

        // MARK: Floor 6: the command line
        .executableTarget(
            name: "brigade",
            dependencies: [
                "Coordinator", "GGUF", "Kernels", "ModelStore", "Planning", "Sampling", "Serving", "Tokenizer",
                "Worker",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ]),

        // MARK: Tests
        .target(name: "TinyModel", dependencies: ["GGUF"], path: "Tests/TinyModel"),
        .target(name: "ChildProcess", path: "Tests/ChildProcess"),
        .target(
            name: "LoopbackRegistry",
            dependencies: [
                .product(name: "Crypto", package: "swift-crypto"), .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"), .product(name: "NIOHTTP1", package: "swift-nio"),
            ],
            path: "Tests/LoopbackRegistry"),
        .testTarget(name: "GGUFTests", dependencies: ["GGUF"], resources: [.copy("Fixtures")]),
        .testTarget(name: "TokenizerTests", dependencies: ["Tokenizer", "GGUF"], exclude: ["Oracle"]),
        .testTarget(name: "JSONTests", dependencies: ["JSON"]),
        .testTarget(name: "SamplingTests", dependencies: ["Sampling", "JSON"]),
        .testTarget(name: "PlanningTests", dependencies: ["Planning"]),
        .testTarget(name: "WireTests", dependencies: ["Wire"]),
        .testTarget(name: "MessagingTests", dependencies: ["Messaging"]),
        .testTarget(name: "KernelsTests", dependencies: ["Kernels", "GGUF", "ChildProcess"], exclude: ["Equality"]),
        .testTarget(
            name: "TransformerTests", dependencies: ["Transformer", "Kernels", "GGUF", "TinyModel"], exclude: ["Oracle"]
        ),
        .testTarget(
            name: "ModelStoreTests",
            dependencies: [
                "ModelStore", "GGUF", "Sampling", "TinyModel", "LoopbackRegistry",
                .product(name: "Crypto", package: "swift-crypto"),
            ]),
        .testTarget(name: "WorkerTests", dependencies: ["Worker", "Wire", "Transformer"]),
        .testTarget(
            name: "CoordinatorTests",
            dependencies: [
                "Coordinator", "Worker", "ModelStore", "Messaging", "Planning", "Sampling", "Tokenizer", "Transformer",
                "Wire", "TinyModel", "GGUF",
                "Kernels", "ChildProcess",
                .product(name: "Crypto", package: "swift-crypto"), .product(name: "Logging", package: "swift-log"),
            ]),
        .testTarget(
            name: "ServingTests",
            dependencies: [
                "Serving", "Coordinator", "JSON", "ModelStore", "Sampling", "Tokenizer", "TinyModel",
                .product(name: "HummingbirdTesting", package: "hummingbird"),
            ]),
        .testTarget(
            name: "brigadeTests",
            dependencies: [
                "brigade", "TinyModel", "ChildProcess", "LoopbackRegistry", "Messaging", "ModelStore", "Sampling",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),
    ],
    swiftLanguageModes: [.v6]
)

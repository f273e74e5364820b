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
    ],
    targets: [
        // MARK: Floor 0: what is not Swift
        .systemLibrary(name: "CNNG", providers: [.apt(["libnng-dev"]), .brew(["nng"])]),
        .target(name: "CKernels"),

        // MARK: Floor 1: values and formats
        .target(name: "GGUF"),
        .target(name: "Tokenizer"),
        .target(name: "Sampling"),
        .target(name: "Planning"),
        .target(name: "Wire"),
        .target(name: "Messaging", dependencies: ["CNNG"]),

        // MARK: Floor 2: kernels and files
        .target(name: "Kernels", dependencies: ["CKernels", "GGUF"]),
        .target(
            name: "ModelStore",
            dependencies: ["GGUF", "Tokenizer", "Sampling", .product(name: "Crypto", package: "swift-crypto")]),

        // MARK: Floor 3: the model
        .target(name: "Transformer", dependencies: ["GGUF", "Kernels"]),

        // MARK: Floor 4: the cluster
        .target(
            name: "Worker",
            dependencies: [
                "GGUF", "Kernels", "Messaging", "ModelStore", "Transformer", "Wire",
                .product(name: "Logging", package: "swift-log"),
            ]),
        .target(
            name: "Coordinator",
            dependencies: [
                "GGUF", "Kernels", "Messaging", "ModelStore", "Planning", "Sampling", "Tokenizer", "Transformer", "Wire",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Subprocess", package: "swift-subprocess"), .product(name: "Yams", package: "Yams"),
            ]),

        // MARK: Floor 6: the command line
        .executableTarget(
            name: "brigade",
            dependencies: [
                "Coordinator", "GGUF", "Kernels", "ModelStore", "Planning", "Sampling", "Tokenizer", "Worker",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ]),

        // MARK: Tests
        .target(name: "TinyModel", dependencies: ["GGUF"], path: "Tests/TinyModel"),
        .testTarget(name: "GGUFTests", dependencies: ["GGUF"], resources: [.copy("Fixtures")]),
        .testTarget(name: "TokenizerTests", dependencies: ["Tokenizer", "GGUF"], exclude: ["Oracle"]),
        .testTarget(name: "SamplingTests", dependencies: ["Sampling"]),
        .testTarget(name: "PlanningTests", dependencies: ["Planning"]),
        .testTarget(name: "WireTests", dependencies: ["Wire"]),
        .testTarget(name: "MessagingTests", dependencies: ["Messaging"]),
        .testTarget(name: "KernelsTests", dependencies: ["Kernels", "GGUF"], exclude: ["Equality"]),
        .testTarget(
            name: "TransformerTests", dependencies: ["Transformer", "Kernels", "GGUF", "TinyModel"], exclude: ["Oracle"]),
        .testTarget(name: "WorkerTests", dependencies: ["Worker", "Wire", "Transformer"]),
        .testTarget(
            name: "CoordinatorTests",
            dependencies: [
                "Coordinator", "Worker", "ModelStore", "Messaging", "Sampling", "Tokenizer", "Wire", "TinyModel", "GGUF", "Kernels",
                .product(name: "Crypto", package: "swift-crypto"), .product(name: "Logging", package: "swift-log"),
            ]),
        .testTarget(name: "brigadeTests", dependencies: ["brigade", "TinyModel", "Messaging"]),
    ],
    swiftLanguageModes: [.v6]
)

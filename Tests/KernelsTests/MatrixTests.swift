import Foundation
import GGUF
import Testing

@testable import Kernels

/// Compares products in the shared arithmetic with exact products of the dequantized weights, and more.
struct MatrixTests {
    static let types = GGUFTensorType.allCases

    /// Blocks with random quants and small scales.
    static func randomBytes(_ type: GGUFTensorType, weights: Int, seed: UInt64) -> [UInt8] {
        var state = seed
        func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state >> 33
        }
        if type == .f32 {
            return (0..<weights).flatMap { _ -> [UInt8] in
                let bits = (Float(next() % 2001) / 1000 - 1).bitPattern
                return (0..<4).map { UInt8(truncatingIfNeeded: bits >> (8 * $0)) }
            }
        }
        var bytes = (0..<weights / type.blockSize * type.bytesPerBlock).map { _ in UInt8(truncatingIfNeeded: next()) }
        let halves: [Int] =
            switch type {
            case .q2_K: [80, 82]
            case .q3_K: [108]
            case .q6_K: [208]
            case .q4_1, .q5_1, .q4_K, .q5_K: [0, 2]
            default: [0]
            }
        for block in stride(from: 0, to: bytes.count, by: type.bytesPerBlock) {
            for half in halves {
                bytes[block + half + 1] = type == .bf16 ? 0x3c : 0x20 | bytes[block + half + 1] & 0x83
            }
        }
        return bytes
    }

    @Test(arguments: types)
    func productsAreNearThoseOfTheDequantizedWeights(type: GGUFTensorType) throws {
        let n = 37, k = 512, rows = 5
        var writer = GGUFWriter()
        try writer.set("general.architecture", .string("qwen2"))
        try writer.add("w", type, shape: [k, n], bytes: Self.randomBytes(type, weights: n * k, seed: 7))
        let file = try GGUFFile(bytes: writer.serialized()), tensor = try file.tensor("w")
        let weights = try file.floats(of: tensor), engine = try ComputeEngine(threads: 2)
        let matrix = try PackedMatrix(file, tensor, engine: engine)
        let x = try FloatRows("x", rows: rows, width: k), y = try FloatRows("y", rows: rows, width: n)
        let quantized = try QuantizedRows(rows: rows, width: k)
        for r in 0..<rows { for i in 0..<k { x[r, i] = Float(sin(Double(r * 131 + i * 17))) } }
        engine.quantize(x, rows: rows, to: quantized)
        engine.multiply(quantized, rows: rows, Product(matrix, to: y))
        for r in 0..<rows {
            for o in 0..<n {
                var exact = 0.0, magnitude = 0.0
                for i in 0..<k {
                    let term = Double(weights[o * k + i]) * Double(x[r, i])
                    exact += term
                    magnitude += term * term
                }
                // Each activation is off by at most 1/254 of its group's greatest; errors add like random steps.
                let tolerance = (type.blockSize == 1 ? 1e-5 : 0.02) * magnitude.squareRoot() + 1e-6
                #expect(abs(Double(y[r, o]) - exact) <= tolerance, "\(type.name) row \(r) output \(o)")
            }
        }
    }

    @Test func aMatrixPackedInPartsIsThatPackedWhole() throws {
        let n = 200, k = 512, type = GGUFTensorType.q4_K
        var writer = GGUFWriter()
        try writer.set("general.architecture", .string("qwen2"))
        try writer.add("w", type, shape: [k, n], bytes: Self.randomBytes(type, weights: n * k, seed: 7))
        let file = try GGUFFile(bytes: writer.serialized()), tensor = try file.tensor("w"),
            engine = try ComputeEngine(threads: 2)
        func packed(partBytes: Int) throws -> [UInt8] {
            let matrix = try PackedMatrix(file, tensor, engine: engine, partBytes: partBytes)
            return [UInt8](UnsafeRawBufferPointer(start: matrix.raw.data, count: matrix.byteCount))
        }
        let whole = try packed(partBytes: n * tensor.bytesPerRow)
        // A panel is 16 rows, so parts are 1 (the least), 2, 3 and 12 of the 13 panels.
        for rows in [1, 32, 48, 199] {
            #expect(try packed(partBytes: rows * tensor.bytesPerRow) == whole, "\(rows) rows")
        }
    }

    @Test func aMatrixWhoseRowsAreNoWholeBlocksIsRefused() throws {
        var writer = GGUFWriter()
        try writer.set("general.architecture", .string("qwen2"))
        try writer.add("cube", .f32, shape: [4, 4, 4], bytes: [UInt8](repeating: 0, count: 256))
        let file = try GGUFFile(bytes: writer.serialized()), engine = try ComputeEngine(threads: 1)
        #expect(throws: KernelError.self) { try PackedMatrix(file, file.tensor("cube"), engine: engine) }
    }

    @Test func anUnknownInstructionSetIsRefused() {
        #expect(throws: KernelError.cpu("this machine has no sparc kernels")) {
            try ComputeEngine(threads: 1, cpu: "sparc")
        }
    }

    @Test func theBestAreFoundWithTheirOrderAndSum() throws {
        let engine = try ComputeEngine(threads: 2)
        let values = (0..<9000).map { Float(($0 * 7919) % 4501) / 500 }  // every value but one twice
        let logits = try FloatRows("logits", values)
        let best = engine.best(50, of: logits, row: 0, count: values.count)
        let order = values.indices.sorted { (values[$1], $0) < (values[$0], $1) }
        #expect(best.ids == order.prefix(50).map(Int32.init))
        #expect(best.values == order.prefix(50).map { values[$0] })
        let sum = log(values.reduce(0.0) { $0 + exp(Double($1)) })
        #expect(abs(Double(best.logSumExp) - sum) < 1e-5)
    }

    @Test func aMachineIsMeasuredOverSeveralMatrices() throws {
        let speed = try MachineSpeed(threads: 2, byteCount: 30 << 20)
        let all = [speed.readBandwidth, speed.weightBandwidth, speed.int8Rate, speed.multiplyAddRate]
        #expect(all.allSatisfy { $0.isFinite && $0 > 1e6 }, "\(speed)")
    }
}

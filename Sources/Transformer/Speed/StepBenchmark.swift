import Candidates
import GGUF
import Kernels

/// Measures the speed of steps of a whole model by their rows, and compares it with the limits of the machine.
///
/// The probes run right before and right after every step, with the same threads, and a step is compared with the mean
/// of both, because on a shared machine the memory's speed changes from second to second. All figures are medians of
/// the rounds.
public struct StepBenchmark {
    /// Steps of `rows` rows. Up to 16 rows are decode steps: they follow 512 positions, and all rows have logits. More
    /// rows are prefill steps: they begin at position 0, and only the last row has logits.
    public struct Step: Sendable, Encodable {
        /// Rows of a step.
        public var rows: Int
        /// Rows per second.
        public var tokensPerSecond: Double
        /// Weights read, in billions of bytes per second, and as a fraction of the probe's bandwidth.
        public var weightGBs: Double, bandwidthShare: Double
        /// Multiply-adds with weights, in billions per second, and as a fraction of the probe's int8 rate.
        public var gmacs: Double, int8Share: Double
        /// The time of the step, in steps of one row.
        public var timeOfOneRow: Double
    }

    /// A step of one row, the last of a context.
    public struct Context: Sendable, Encodable {
        /// Positions of the context.
        public var context: Int
        /// Rows per second.
        public var tokensPerSecond: Double
        /// The speed in relation to the first context, and the same if only reading weights and KV cache took time.
        public var ratio: Double, memoryBound: Double
    }

    /// All measurements.
    public struct Report: Sendable, Encodable {
        /// Compute threads.
        public var threads: Int
        /// The probes: bytes read and int8 multiply-adds, in billions per second.
        public var readBandwidthGBs: Double, int8Gmacs: Double
        /// Steps by rows, and steps of one row by context.
        public var steps: [Step], contexts: [Context]
    }

    /// The rows of the steps.
    public static let rowCounts = [1, 2, 4, 8, 16, 64, 512]

    private let slice: Slice
    private let engine: ComputeEngine
    private let layerMultiplyAdds: Double, headMultiplyAdds: Double
    private let contexts: [Int]
    private let table: [Int32]

    /// Loads the whole model.
    ///
    /// - Parameters:
    ///   - contexts: lengths of contexts whose last row is measured, ascending.
    ///   - ropeScaling: nil for that of the file.
    /// - Throws: an error about the file, a tensor, the threads or the memory.
    public init(
        _ file: GGUFFile, threads: Int, contexts: [Int], kvType: KVType, ropeScaling: RopeScaling? = nil
    ) throws(ModelError) {
        let c = try ModelConfiguration(file)
        do { engine = try ComputeEngine(threads: threads) } catch { throw .kernel(error) }
        let positions = max(contexts.max() ?? 0, 1024) + 64
        let blocks = (positions + KVLayer.blockTokens - 1) / KVLayer.blockTokens
        slice = try Slice(
            file,
            SliceDescription(
                layers: 0..<c.layers, hasHead: true, kvBlocks: blocks, kvType: kvType, ropeScaling: ropeScaling),
            engine: engine)
        var sum = 0.0
        for layer in 0..<c.layers {
            for m in c.matrices(ofLayer: layer) { sum += Double(m.shape[0]) * Double(m.shape[1]) }
        }
        layerMultiplyAdds = sum
        headMultiplyAdds = Double(c.width) * Double(c.vocabulary)
        self.contexts = contexts
        table = (0..<Int32(blocks)).map { $0 }
    }

    /// Measures everything `rounds` times.
    ///
    /// - Parameter progress: called before each measurement with the number of those done and of all.
    /// - Throws: `kernel` if there is no memory for the probe.
    public func run(rounds: Int, progress: (Int, Int) -> Void) throws(ModelError) -> Report {
        let count = Self.rowCounts.count + contexts.count
        var seconds = [[Double]](repeating: [], count: count), bandwidths = seconds, rates = seconds
        do {
            _ = time(rows: 512, from: 0)  // fills the first eight KV blocks, which are copied to the others
            for block in 8..<table.count { slice.copyBlock(block % 8, to: block) }
            var before = try Roofline(engine: engine, seconds: 0.05)
            for round in 0..<rounds {
                for i in 0..<count {
                    progress(round * count + i, rounds * count)
                    if i < Self.rowCounts.count {
                        let rows = Self.rowCounts[i]
                        seconds[i].append(time(rows: rows, from: rows > 16 ? 0 : 512))
                    } else {
                        seconds[i].append(time(rows: 1, from: contexts[i - Self.rowCounts.count] - 1))
                    }
                    let after = try Roofline(engine: engine, seconds: 0.05)
                    bandwidths[i].append((before.readBandwidth + after.readBandwidth) / 2)
                    rates[i].append((before.int8Rate + after.int8Rate) / 2)
                    before = after
                }
            }
        } catch { throw .kernel(error) }
        return report(seconds, bandwidths, rates)
    }

    private func report(_ seconds: [[Double]], _ bandwidths: [[Double]], _ rates: [[Double]]) -> Report {
        let bytes = Double(slice.weightBytes), kv = Double(slice.configuration.kvBlockBytes(slice.description.kvType))
        var steps: [Step] = [], oneRow = seconds[0]
        for (i, rows) in Self.rowCounts.enumerated() {
            let outputs = rows > 16 ? 1 : rows
            let work = layerMultiplyAdds * Double(rows) + headMultiplyAdds * Double(outputs)
            let each = zip(seconds[i], zip(bandwidths[i], rates[i])).map { (bytes / $0 / $1.0, work / $0 / $1.1) }
            let t = Self.median(seconds[i])
            steps.append(
                Step(
                    rows: rows, tokensPerSecond: Double(rows) / t, weightGBs: bytes / t / 1e9,
                    bandwidthShare: Self.median(each.map(\.0)), gmacs: work / t / 1e9,
                    int8Share: Self.median(each.map(\.1)),
                    timeOfOneRow: Self.median(zip(seconds[i], oneRow).map { $0 / $1 })))
        }
        oneRow = contexts.isEmpty ? [] : seconds[Self.rowCounts.count]
        func read(_ context: Int) -> Double {
            bytes + kv * Double(slice.configuration.layers) * Double(context) / Double(KVLayer.blockTokens)
        }
        let deep = contexts.enumerated().map { i, context in
            let s = seconds[Self.rowCounts.count + i]
            return Context(
                context: context, tokensPerSecond: 1 / Self.median(s),
                ratio: Self.median(zip(oneRow, s).map { $0 / $1 }),
                memoryBound: read(contexts[0]) / read(context))
        }
        return Report(
            threads: engine.threads, readBandwidthGBs: Self.median(bandwidths.flatMap { $0 }) / 1e9,
            int8Gmacs: Self.median(rates.flatMap { $0 }) / 1e9, steps: steps, contexts: deep)
    }

    /// Seconds of one step; the mean of four if it has few rows, because these are short.
    private func time(rows: Int, from position: Int) -> Double {
        let width = slice.configuration.width, run = RowRun(table: table, firstPosition: position, count: rows)
        let requests = (rows > 16 ? rows - 1..<rows : 0..<rows).map { CandidateRequest(row: $0, top: 40) }
        // The values do not matter: the time does not depend on them.
        let input = (0..<rows * width).map { Float(($0 &* 7919 &+ 13) % 2003) / 1001 - 1 }
        let repeats = rows > 16 ? 1 : 4
        let start = ContinuousClock.now
        for _ in 0..<repeats {
            var x = input
            slice.forward([run], rows: &x)
            _ = slice.logits(requests, rows: x)
        }
        return (ContinuousClock.now - start) / .seconds(1) / Double(repeats)
    }

    private static func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        return sorted.isEmpty ? 0 : (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
    }
}

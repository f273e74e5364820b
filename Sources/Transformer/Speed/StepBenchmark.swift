import Candidates
import GGUF
import Kernels

/// How fast a whole model computes steps of so many rows, and how near that comes to what the machine can do.
///
/// The probes run right before and right after every step, with the same threads, and a step is compared with the mean
/// of both: on a machine shared with others memory is fast one second and slow the next. All figures are medians of the
/// rounds.
public struct StepBenchmark {
    /// Steps of `rows` rows, behind 512 positions where there are few of them. Up to 16 rows each has its logits
    /// computed, as in decoding; beyond only the last, as in a prompt.
    public struct Step: Sendable, Encodable {
        public var rows: Int
        public var tokensPerSecond: Double
        /// Weights read, in billions of bytes a second, and as a share of the bandwidth that the probe reaches.
        public var weightGBs: Double, bandwidthShare: Double
        /// Multiply-adds with weights, in billions a second, and as a share of the probe's int8 rate.
        public var gmacs: Double, int8Share: Double
        /// Time of the step, against that of one row.
        public var timeOfOneRow: Double
    }

    /// The last row of a context of so many positions.
    public struct Context: Sendable, Encodable {
        public var context: Int
        public var tokensPerSecond: Double
        /// Against the first context, and what that would be if reading weights and cache were all.
        public var ratio: Double, memoryBound: Double
    }

    /// What was measured with so many threads.
    public struct Report: Sendable, Encodable {
        public var threads: Int
        public var readBandwidthGBs: Double, int8Gmacs: Double
        public var steps: [Step], contexts: [Context]
    }

    /// The rows of the steps.
    public static let rowCounts = [1, 2, 4, 8, 16, 64, 512]

    private let slice: Slice
    private let engine: ComputeEngine
    private let layerMultiplyAdds: Double, headMultiplyAdds: Double
    private let contexts: [Int]
    private let table: [Int32]

    /// Loads the whole model. `contexts`: positions before the row, ascending. `ropeScaling`: nil as the file says.
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

    /// Measures everything `rounds` times. `progress` hears how many of the measurements are done.
    public func run(rounds: Int, progress: (Int, Int) -> Void) throws(ModelError) -> Report {
        let count = Self.rowCounts.count + contexts.count
        var seconds = [[Double]](repeating: [], count: count), bandwidths = seconds, rates = seconds
        do {
            _ = time(rows: 512, from: 0)  // the cache's first positions
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

    /// Seconds of one step, the mean of enough of them to last a while.
    private func time(rows: Int, from position: Int) -> Double {
        let width = slice.configuration.width, run = RowRun(table: table, firstPosition: position, count: rows)
        let requests = (rows > 16 ? rows - 1..<rows : 0..<rows).map { CandidateRequest(row: $0, top: 40) }
        // Any rows will do: the work does not depend on them.
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

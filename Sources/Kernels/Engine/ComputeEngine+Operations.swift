import CKernels

/// A matrix product with its bias and its target, to which it may be added.
public struct Product {
    let weights: PackedMatrix
    let bias: FloatRows?
    let output: FloatRows
    let adds: Bool

    /// output = input * weights^T + bias, or += when `adds`. Rows of `output` may be wider than `weights.outputs`.
    public init(_ weights: PackedMatrix, bias: FloatRows? = nil, to output: FloatRows, adds: Bool = false) {
        precondition(
            weights.outputs <= output.width && (bias?.width ?? weights.outputs) == weights.outputs, "shapes differ")
        self.weights = weights
        self.bias = bias
        self.output = output
        self.adds = adds
    }

    fileprivate func withRaw<R>(_ body: (bk_product) -> R) -> R {
        withExtendedLifetime((weights, bias, output)) {
            withUnsafePointer(to: &weights.raw) { w in
                body(bk_product(w: w, bias: bias?.pointer, out: output.pointer, stride: Int32(output.width), add: adds))
            }
        }
    }
}

// `withExtendedLifetime` is needed because the compiler may release an object before its pointer is last used.
extension ComputeEngine {
    /// One matrix product with the first `rows` rows.
    public func multiply(_ input: QuantizedRows, rows: Int, _ product: Product) {
        check(input, rows, product)
        product.withRaw { p in
            var p = p
            bk_matmul(&raw, &input.raw, Int32(rows), &p, 1)
        }
    }

    /// Two products with the same rows, divided among the threads together.
    public func multiply(_ input: QuantizedRows, rows: Int, _ a: Product, _ b: Product) {
        check(input, rows, a)
        check(input, rows, b)
        a.withRaw { a in
            b.withRaw { b in
                var both = (a, b)
                withUnsafePointer(to: &both) { pointer in
                    pointer.withMemoryRebound(to: bk_product.self, capacity: 2) {
                        bk_matmul(&raw, &input.raw, Int32(rows), $0, 2)
                    }
                }
            }
        }
    }

    /// Three products with the same rows, divided among the threads together.
    public func multiply(_ input: QuantizedRows, rows: Int, _ a: Product, _ b: Product, _ c: Product) {
        check(input, rows, a)
        check(input, rows, b)
        check(input, rows, c)
        a.withRaw { a in
            b.withRaw { b in
                c.withRaw { c in
                    var all = (a, b, c)
                    withUnsafePointer(to: &all) { pointer in
                        pointer.withMemoryRebound(to: bk_product.self, capacity: 3) {
                            bk_matmul(&raw, &input.raw, Int32(rows), $0, 3)
                        }
                    }
                }
            }
        }
    }

    private func check(_ input: QuantizedRows, _ rows: Int, _ product: Product) {
        precondition(
            rows <= input.rows && rows <= product.output.rows && product.weights.inputs == input.width, "shapes differ")
    }

    /// output = quantize(x / sqrt(mean(x²) + epsilon) * weight), row by row.
    public func normalize(_ x: FloatRows, rows: Int, weight: FloatRows, epsilon: Float, to output: QuantizedRows) {
        precondition(
            rows <= x.rows && rows <= output.rows && x.width == output.width && weight.width == x.width, "shapes differ"
        )
        withExtendedLifetime((x, weight)) {
            bk_rmsnorm_quantize(&raw, x.pointer, Int32(x.width), weight.pointer, epsilon, &output.raw, Int32(rows))
        }
    }

    /// output = quantize(x), row by row.
    public func quantize(_ x: FloatRows, rows: Int, to output: QuantizedRows) {
        precondition(rows <= x.rows && rows <= output.rows && x.width == output.width, "shapes differ")
        withExtendedLifetime(x) { bk_quantize(&raw, x.pointer, Int32(x.width), &output.raw, Int32(rows)) }
    }

    /// output = quantize(silu(gate) * up), row by row, with silu(x) = x / (1 + e^-x).
    public func gate(_ gate: FloatRows, _ up: FloatRows, rows: Int, to output: QuantizedRows) {
        precondition(
            rows <= gate.rows && rows <= up.rows && rows <= output.rows && gate.width == output.width
                && up.width == output.width, "shapes differ")
        withExtendedLifetime((gate, up)) { bk_silu_quantize(&raw, gate.pointer, up.pointer, &output.raw, Int32(rows)) }
    }

    /// The `top` greatest of the first `count` values of a row, greatest first and the lower id first among equals, and
    /// log(sum(e^value)) over all `count` values.
    public func best(_ top: Int, of logits: FloatRows, row: Int, count: Int) -> (
        ids: [Int32], values: [Float], logSumExp: Float
    ) {
        precondition(row < logits.rows && count <= logits.width && count > 0 && count <= 4096 * 1024, "shapes differ")
        let top = min(max(top, 0), count)
        var ids = [Int32](repeating: 0, count: top), values = [Float](repeating: 0, count: top)
        var logSumExp: Float = 0
        withExtendedLifetime(logits) {
            bk_best(&raw, logits.pointer + row * logits.width, Int32(count), Int32(top), &ids, &values, &logSumExp)
        }
        return (ids, values, logSumExp)
    }
}

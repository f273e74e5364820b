import CKernels

/// Zeroed memory, page-aligned, in huge pages if the system provides them. It is freed with this object.
final class Memory: @unchecked Sendable {
    // Unchecked: a plain region. Its owner decides who may write it and when.
    let base: UnsafeMutableRawPointer
    let byteCount: Int
    /// The region this one is a part of; the reference keeps it alive.
    private let whole: Memory?

    init(_ what: String, byteCount: Int) throws(KernelError) {
        guard byteCount >= 0, let p = bk_alloc(max(byteCount, 1)) else {
            throw .outOfMemory(what: what, bytes: byteCount)
        }
        base = p
        whole = nil
        self.byteCount = max(byteCount, 1)
    }

    /// A part of another region.
    init(partOf whole: Memory, from offset: Int, byteCount: Int) {
        precondition(offset >= 0 && byteCount >= 0 && offset <= whole.byteCount - byteCount, "outside the region")
        base = whole.base + offset
        self.whole = whole
        self.byteCount = byteCount
    }

    deinit { if whole == nil { bk_free(base, byteCount) } }

    func at<T>(_ type: T.Type, _ byteOffset: Int = 0) -> UnsafeMutablePointer<T> {
        (base + byteOffset).assumingMemoryBound(to: type)
    }
}

/// A matrix of floats, `[rows][width]`, row by row.
public final class FloatRows: @unchecked Sendable {
    // Unchecked is safe: one slice owns this, and only its thread uses it.
    /// The number of rows there is room for, and the floats in each.
    public let rows: Int, width: Int
    let memory: Memory
    var pointer: UnsafeMutablePointer<Float> { memory.at(Float.self) }

    /// Zeroed rows.
    ///
    /// - Parameter what: names the rows in an error.
    /// - Throws: `outOfMemory`.
    public init(_ what: String, rows: Int, width: Int) throws(KernelError) {
        self.rows = rows
        self.width = width
        memory = try Memory(what, byteCount: rows * width * MemoryLayout<Float>.stride)
    }

    /// A single row with these values.
    public convenience init(_ what: String, _ values: [Float]) throws(KernelError) {
        try self.init(what, rows: 1, width: values.count)
        load(values, firstRow: 0, count: 1)
    }

    /// The bytes these rows take.
    public var byteCount: Int { memory.byteCount }

    /// Copies `count` rows of `source`, from its row `firstRow` on, to the first rows here.
    public func load(_ source: [Float], firstRow: Int, count: Int) {
        precondition(count <= rows && (firstRow + count) * width <= source.count, "rows beyond the buffer")
        source.withUnsafeBufferPointer {
            pointer.update(from: $0.baseAddress! + firstRow * width, count: count * width)
        }
    }

    /// Copies the first `count` rows here to `target`, from its row `firstRow` on.
    public func store(_ count: Int, to target: inout [Float], firstRow: Int) {
        precondition(count <= rows && (firstRow + count) * width <= target.count, "rows beyond the buffer")
        target.withUnsafeMutableBufferPointer {
            ($0.baseAddress! + firstRow * width).update(from: pointer, count: count * width)
        }
    }

    /// Copies row `sourceRow` of `source`, whose rows have this width, to row `row` here.
    public func load(_ source: [Float], sourceRow: Int, row: Int) {
        precondition(row < rows && sourceRow >= 0 && (sourceRow + 1) * width <= source.count, "rows beyond the buffer")
        source.withUnsafeBufferPointer {
            (pointer + row * width).update(from: $0.baseAddress! + sourceRow * width, count: width)
        }
    }

    /// One value.
    public subscript(row: Int, column: Int) -> Float {
        get {
            precondition(row >= 0 && row < rows && column >= 0 && column < width, "outside the rows")
            return pointer[row * width + column]
        }
        set {
            precondition(row >= 0 && row < rows && column >= 0 && column < width, "outside the rows")
            pointer[row * width + column] = newValue
        }
    }

    /// One whole row.
    public func row(_ index: Int) -> [Float] {
        precondition(index >= 0 && index < rows, "outside the rows")
        return Array(UnsafeBufferPointer(start: pointer + index * width, count: width))
    }
}

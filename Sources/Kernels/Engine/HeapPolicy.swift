import CKernels

/// How the process's allocator treats memory that is free.
public enum HeapPolicy {
    /// Has it given back to the system rather than kept by each thread; for programs that run for weeks. To be called
    /// before threads start.
    public static func keepLittle() { bk_keep_little() }
}

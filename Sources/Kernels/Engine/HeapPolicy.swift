import CKernels

/// What the process's allocator does with free memory.
public enum HeapPolicy {
    /// Makes the allocator return it to the system instead of keeping it for each thread, for programs that run for
    /// weeks. Call it before other threads start.
    public static func returnFreedMemory() { bk_return_freed_memory() }
}

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The bytes of one file, mapped or in memory, for as long as the object lives.
///
/// The mapping is read-only and private. When another process shortens a mapped file, reading the lost pages raises
/// SIGBUS. So replace a model file by renaming a new one over it.
final class FileBytes: @unchecked Sendable {
    // Unchecked is safe: nothing writes the bytes after `init`.
    let bytes: UnsafeRawBufferPointer
    private let isMapped: Bool

    /// Maps the regular file at `path`.
    init(path: String) throws(GGUFError.Problem) {
        // Without O_NONBLOCK, opening a named pipe would block until another process opens it for writing.
        let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { throw systemProblem("open the file") }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw systemProblem("read the file's size") }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw .system(operation: "read the file", reason: "it is not a regular file; give the path of a .gguf file")
        }
        isMapped = true
        let count = Int(status.st_size)
        guard count > 0 else {
            bytes = UnsafeRawBufferPointer(start: nil, count: 0)
            return
        }
        guard let start = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0), start != MAP_FAILED else {
            throw systemProblem("map the file's \(count) bytes")
        }
        bytes = UnsafeRawBufferPointer(start: start, count: count)
    }

    /// Copies `array`.
    init(_ array: [UInt8]) {
        isMapped = false
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: array.count, alignment: 64)
        copy.copyBytes(from: array)
        bytes = UnsafeRawBufferPointer(copy)
    }

    deinit {
        if !isMapped {
            bytes.deallocate()
        } else if let start = bytes.baseAddress {
            munmap(UnsafeMutableRawPointer(mutating: start), bytes.count)
        }
    }

    /// Gives the memory of the pages that lie wholly in `range` back to the system. They are read again when touched.
    func releasePages(in range: Range<Int>) {
        guard isMapped, let start = bytes.baseAddress else { return }
        let page = Int(sysconf(Int32(_SC_PAGESIZE)))
        let first = (range.lowerBound + page - 1) / page * page
        let end = range.upperBound / page * page
        guard first < end else { return }
        // This is only advice: if the system does not follow it, the pages stay until it needs their memory.
        madvise(UnsafeMutableRawPointer(mutating: start + first), end - first, MADV_DONTNEED)
    }
}

/// The failure of the last system call, as `errno` has it.
func systemProblem(_ operation: String) -> GGUFError.Problem {
    .system(operation: operation, reason: String(cString: strerror(errno)))
}

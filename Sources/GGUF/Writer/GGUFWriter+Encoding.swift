#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

extension GGUFWriter {
    /// The whole file as bytes.
    public func serialized() -> [UInt8] {
        var out = header()
        for tensor in tensors {
            switch tensor.source {
            case .bytes(let bytes): out += bytes
            case .file(let file, let tensor): file.withBytes(of: tensor) { out += $0 }
            }
            out.padWithZeros(toMultipleOf: alignment)
        }
        return out
    }

    /// Writes the file to `path`, first as `path.partial`, which is renamed when complete. So no reader sees half a
    /// file, and an older file at that path that is mapped stays whole.
    ///
    /// - Throws: `system` with the operation that failed and the reason.
    public func write(to path: String) throws(GGUFError) {
        let partial = path + ".partial"
        do throws(GGUFError.Problem) {
            let descriptor = open(partial, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
            guard descriptor >= 0 else { throw systemProblem("create \(partial)") }
            do throws(GGUFError.Problem) {
                defer { close(descriptor) }
                try writeAll(to: descriptor)
                guard fsync(descriptor) == 0 else { throw systemProblem("bring \(partial) to the disk") }
            } catch {
                unlink(partial)
                throw error
            }
            guard rename(partial, path) == 0 else {
                let problem = systemProblem("rename \(partial)")
                unlink(partial)
                throw problem
            }
        } catch { throw GGUFError(file: path, problem: error) }
    }

    private func writeAll(to descriptor: Int32) throws(GGUFError.Problem) {
        try Self.write(header(), to: descriptor)
        for tensor in tensors {
            switch tensor.source {
            case .bytes(let bytes): try Self.write(bytes, to: descriptor)
            case .file(let file, let tensor):
                if let problem = file.withBytes(of: tensor, { Self.failure(writing: $0, to: descriptor) }) {
                    throw problem
                }
            }
            let padding = (alignment - tensor.byteCount % alignment) % alignment
            try Self.write([UInt8](repeating: 0, count: padding), to: descriptor)
        }
    }

    private static func write(_ bytes: [UInt8], to descriptor: Int32) throws(GGUFError.Problem) {
        if let problem = bytes.withUnsafeBytes({ failure(writing: $0, to: descriptor) }) { throw problem }
    }

    /// Writes all the bytes; returns the problem if that fails. It returns and does not throw, because the closure of
    /// `withUnsafeBytes` cannot throw a typed error.
    private static func failure(writing bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> GGUFError.Problem? {
        guard let start = bytes.baseAddress else { return nil }
        var written = 0
        while written < bytes.count {
            #if canImport(Glibc)
                let count = Glibc.write(descriptor, start + written, bytes.count - written)
            #elseif canImport(Musl)
                let count = Musl.write(descriptor, start + written, bytes.count - written)
            #else
                let count = Darwin.write(descriptor, start + written, bytes.count - written)
            #endif
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return systemProblem("write \(bytes.count) bytes") }
            written += count
        }
        return nil
    }

    /// The bytes from the magic to the end of the tensor table, and the zeros before the data.
    func header() -> [UInt8] {
        var out = [UInt8]("GGUF".utf8)
        out.appendInteger(version)
        out.appendInteger(UInt64(tensors.count))
        out.appendInteger(UInt64(metadata.count))
        for (key, value) in metadata {
            out.appendString(key)
            out.appendInteger(value.type.rawValue)
            out.appendValue(value)
        }
        var offset: UInt64 = 0
        for tensor in tensors {
            out.appendString(tensor.name)
            out.appendInteger(UInt32(tensor.shape.count))
            for dimension in tensor.shape { out.appendInteger(UInt64(dimension)) }
            out.appendInteger(tensor.type.rawValue)
            out.appendInteger(offset)
            let mask = UInt64(alignment) - 1
            offset = (offset + UInt64(tensor.byteCount) + mask) & ~mask
        }
        out.padWithZeros(toMultipleOf: alignment)
        return out
    }
}

extension [UInt8] {
    mutating func appendInteger<T: FixedWidthInteger>(_ value: T) {
        Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
    }

    mutating func appendString(_ string: String) {
        appendInteger(UInt64(string.utf8.count))
        append(contentsOf: string.utf8)
    }

    mutating func padWithZeros(toMultipleOf alignment: Int) {
        append(contentsOf: repeatElement(0, count: (alignment - count % alignment) % alignment))
    }

    fileprivate mutating func appendValue(_ value: GGUFValue) {
        switch value {
        case .uint8(let v): append(v)
        case .int8(let v): appendInteger(v)
        case .uint16(let v): appendInteger(v)
        case .int16(let v): appendInteger(v)
        case .uint32(let v): appendInteger(v)
        case .int32(let v): appendInteger(v)
        case .float32(let v): appendInteger(v.bitPattern)
        case .bool(let v): append(v ? 1 : 0)
        case .string(let v): appendString(v)
        case .array(let v): appendArray(v)
        case .uint64(let v): appendInteger(v)
        case .int64(let v): appendInteger(v)
        case .float64(let v): appendInteger(v.bitPattern)
        }
    }

    private mutating func appendArray(_ array: GGUFArray) {
        appendInteger(array.elementType.rawValue)
        appendInteger(UInt64(array.count))
        switch array {
        case .uint8(let v): append(contentsOf: v)
        case .int8(let v): v.forEach { appendInteger($0) }
        case .uint16(let v): v.forEach { appendInteger($0) }
        case .int16(let v): v.forEach { appendInteger($0) }
        case .uint32(let v): v.forEach { appendInteger($0) }
        case .int32(let v): v.forEach { appendInteger($0) }
        case .float32(let v): v.forEach { appendInteger($0.bitPattern) }
        case .bool(let v): v.forEach { append($0 ? 1 : 0) }
        case .string(let v): v.forEach { appendString($0) }
        case .array(let v): v.forEach { appendArray($0) }
        case .uint64(let v): v.forEach { appendInteger($0) }
        case .int64(let v): v.forEach { appendInteger($0) }
        case .float64(let v): v.forEach { appendInteger($0.bitPattern) }
        }
    }
}

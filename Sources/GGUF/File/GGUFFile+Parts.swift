/// Split files: `name-00001-of-00003.gguf`. Every part is a GGUF file with its own tensors; the first has the metadata.
/// `split.no` counts parts from 0, `split.count` is the number of parts, `split.tensors.count` the number of tensors in
/// all parts together.
extension GGUFFile {
    /// Opens the file at `path` and, if its metadata says that it is a part, all other parts.
    static func openAllParts(_ path: String) throws(GGUFError) -> [GGUFPart] {
        let opened = try openPart(path, number: 0)
        let count = try splitValue("split.count", of: opened) ?? 1
        guard count > 1 else { return [opened] }
        let number = try splitValue("split.no", of: opened)
        guard let name = SplitName(path), name.count == count, name.number - 1 == number else {
            let expected = (number ?? -1) + 1
            throw GGUFError(
                file: path,
                problem: .wrongPart(
                    field: "the file's name", found: quoted(path.split(separator: "/").last.map(String.init) ?? path),
                    expected: "a name that ends in \(SplitName.suffix(max(expected, 1), of: count))"))
        }
        var parts: [GGUFPart] = []
        for part in 1...count { parts.append(try openPart(name.path(ofPart: part), number: part - 1)) }
        return parts
    }

    /// Reads one part; errors name it.
    static func readPart(
        _ path: String, number: Int, _ open: () throws(GGUFError.Problem) -> FileBytes
    ) throws(GGUFError) -> GGUFPart {
        do {
            return try GGUFPart(path: path, file: open(), number: number)
        } catch {
            throw GGUFError(file: path, problem: error)
        }
    }

    static func openPart(_ path: String, number: Int) throws(GGUFError) -> GGUFPart {
        try readPart(path, number: number) { () throws(GGUFError.Problem) in try FileBytes(path: path) }
    }

    /// Checks that the parts make one whole model: their number, their order and the number of tensors.
    static func checkParts(_ parts: [GGUFPart]) throws(GGUFError) {
        for (index, part) in parts.enumerated() {
            func demand(_ key: String, _ expected: Int, orElse missing: Int? = nil) throws(GGUFError) {
                let found = try splitValue(key, of: part) ?? missing
                guard found == expected else {
                    throw GGUFError(
                        file: part.path,
                        problem: .wrongPart(
                            field: "key \(quoted(key))", found: found.map { "\($0)" } ?? "missing",
                            expected: "\(expected)"))
                }
            }
            if parts.count > 1 {
                try demand("split.count", parts.count)
                try demand("split.no", index)
            } else if let count = try splitValue("split.count", of: part), count > 1 {
                try demand("split.count", 1)
            }
        }
        let tensors = parts.reduce(0) { $0 + $1.tensors.count }
        for part in parts {
            if let expected = try splitValue("split.tensors.count", of: part), expected != tensors {
                throw GGUFError(
                    file: part.path,
                    problem: .wrongPart(
                        field: "the number of tensors in \(parts.count == 1 ? "the file" : "all parts")",
                        found: "\(tensors)", expected: "\(expected) as key \"split.tensors.count\" says"))
            }
        }
    }

    private static func splitValue(_ key: String, of part: GGUFPart) throws(GGUFError) -> Int? {
        part.entryIndex[key] == nil ? nil : try part.int(key)
    }
}

/// The pieces of a part's path: `dir/name-00002-of-00005.gguf` is `dir/name`, 2, 5.
struct SplitName: Equatable {
    let stem: Substring
    let number: Int
    let count: Int

    /// Nil when the path does not end like that of a part.
    init?(_ path: String) {
        // The suffix is 20 ASCII characters, so counting characters is counting bytes.
        let suffix = path.suffix(20)
        guard suffix.count == 20, suffix.utf8.count == 20, let number = Int(suffix.dropFirst().prefix(5)),
            let count = Int(suffix.dropFirst(10).prefix(5)), number >= 1, count >= 1, number <= count,
            suffix == Self.suffix(number, of: count)
        else { return nil }
        stem = path.dropLast(20)
        self.number = number
        self.count = count
    }

    /// The path of another part of the same model.
    func path(ofPart number: Int) -> String { stem + Self.suffix(number, of: count) }

    /// `-00002-of-00005.gguf`
    static func suffix(_ number: Int, of count: Int) -> String {
        func five(_ n: Int) -> String { String(repeating: "0", count: max(0, 5 - "\(n)".count)) + "\(n)" }
        return "-\(five(number))-of-\(five(count)).gguf"
    }
}

import AsyncHTTPClient
import NIOCore

/// Fetches one blob, as `BlobParts` and `RetryBudget` direct.
actor BlobDownload {
    private let client: RegistryClient, url: String
    private let file: PartialBlob
    private let options: PullOptions
    private let onProgress: @Sendable (Int) -> Void
    private var parts: BlobParts

    /// A download that continues from `parts`. `onProgress` is told how many bytes of the blob are here.
    init(
        _ file: PartialBlob, parts: BlobParts, from url: String, client: RegistryClient, options: PullOptions,
        onProgress: @escaping @Sendable (Int) -> Void
    ) {
        self.file = file
        self.parts = parts
        self.url = url
        self.client = client
        self.options = options
        self.onProgress = onProgress
    }

    /// Fetches the missing bytes. What has arrived is saved, also when this throws.
    func run() async throws {
        onProgress(parts.completed)
        do {
            do { try await fetchParts() } catch is RangesIgnored { try await fetchWhole() }
        } catch {
            try? await file.save(parts)
            throw error
        }
        try await file.save(parts)
    }

    // MARK: In parts

    private func fetchParts() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<min(options.parallel, parts.incomplete) {
                group.addTask {
                    while let part = await self.claim() { try await self.fetch(part) }
                }
            }
            for try await _ in group {}  // the first error cancels the others
        }
    }

    private func claim() -> Int? { parts.claim() }

    /// Fetches one part, with as many requests as it takes.
    private nonisolated func fetch(_ part: Int) async throws {
        try await persist(within: options.requestTimeout, enough: { min(options.partSize / 64, $0) }) {
            let missing = await self.parts.missing(of: part)
            guard !missing.isEmpty else { return nil }
            return (
                missing.count,
                {
                    try await self.transfer(missing) { await self.add($0, to: part) }
                }
            )
        }
        if await !parts.isComplete { try await file.save(parts) }
    }

    private func add(_ count: Int, to part: Int) {
        parts.add(count, to: part)
        onProgress(parts.completed)
    }

    /// Makes one request for a range of bytes. `note` is told how many bytes each write stored.
    private nonisolated func transfer(_ range: Range<Int>, note: (Int) async throws -> Void) async throws {
        let isWhole = range == 0..<file.blob.size
        let response = try await client.get(url, range: isWhole ? nil : range)
        switch response.status.code {
        case 200:
            guard isWhole else { throw RangesIgnored() }
            try checkLength(response)
        case 206: try checkRange(response, range)
        default: throw refusal(response)
        }
        let writer = try RunWriter(file.path, at: range.lowerBound)
        var left = range.count
        do {
            for try await bytes in response.body {
                let count = min(bytes.readableBytes, left)
                left -= count
                try await note(writer.write(bytes.readableBytesView.prefix(count)))
                if left == 0 { break }
            }
        } catch {
            try await note(writer.flush())
            throw error
        }
        try await note(writer.flush())
        try Task.checkCancellation()
        if left > 0 { throw TransferFailure("\(left) of \(range.count) bytes did not come") }
    }

    // MARK: As a whole, where the server ignores ranges

    private nonisolated func fetchWhole() async throws {
        try await persist(
            within: options.wholeTimeout(bytes: file.blob.size), enough: { _ in self.options.partSize / 64 }
        ) {
            let first = await self.parts.firstMissing
            guard first < self.file.blob.size else { return nil }
            return (self.file.blob.size - first, { try await self.transferWhole(from: first) })
        }
    }

    /// Makes one request for the whole blob, and skips the bytes before `first`, which are already here.
    private nonisolated func transferWhole(from first: Int) async throws {
        let response = try await client.get(url)
        guard response.status == .ok else { throw refusal(response) }
        try checkLength(response)
        let writer = try RunWriter(file.path, at: first)
        var position = 0, written = first
        do {
            for try await bytes in response.body where position < file.blob.size {
                let count = min(bytes.readableBytes, file.blob.size - position),
                    known = min(count, max(0, first - position))
                position += count
                let news = bytes.getSlice(at: bytes.readerIndex + known, length: count - known) ?? ByteBuffer()
                written += try await writer.write(news.readableBytesView)
                await add(allBefore: written)
            }
        } catch {
            written += try await writer.flush()
            await add(allBefore: written)
            throw error
        }
        written += try await writer.flush()
        await add(allBefore: written)
        try Task.checkCancellation()
        if written < file.blob.size {
            throw TransferFailure("\(file.blob.size - written) of \(file.blob.size) bytes did not come")
        }
    }

    private func add(allBefore position: Int) {
        parts.add(allBefore: position)
        onProgress(parts.completed)
    }

    // MARK: Shared

    /// Makes attempts until all bytes are here or the retry budget is used up.
    ///
    /// - Parameters:
    ///   - limit: how long a single attempt may take.
    ///   - enough: given the number of missing bytes, how many of them an attempt must bring to count as a success.
    ///   - next: how many bytes are missing, and how to fetch them; nil when all are here.
    private nonisolated func persist(
        within limit: Duration, enough: @Sendable (Int) -> Int,
        next: @Sendable () async throws -> (missing: Int, attempt: @Sendable () async throws -> Void)?
    ) async throws {
        var budget: RetryBudget?, began = ContinuousClock.now
        while let (missing, attempt) = try await next() {
            let failure: TransferFailure
            do {
                try await withDeadline(limit, attempt)
                began = .now
                continue
            } catch { failure = try TransferFailure(error, options: options) }
            let left = try await next()?.missing ?? 0
            var now =
                budget
                ?? RetryBudget(
                    attempts: options.attempts, firstPause: options.firstPause, enough: max(1, enough(missing)),
                    silence: options.silence, now: began)
            guard let pause = now.failed(after: missing - left, asked: failure.pause) else {
                throw ModelStoreError(
                    """
                    \(url) was tried \(now.failures) times: \(failure.reason). What has come is kept; the same command \
                    goes on from there.
                    """
                )
            }
            budget = now
            try await Task.sleep(for: pause)
        }
    }

    private nonisolated func refusal(_ response: HTTPClientResponse) -> any Error {
        switch response.status.code {
        case 401, 403, 408, 429, 500...: TransferFailure(response)
        case 404: ModelStoreError("the registry has no blob at \(url), though its manifest names it.")
        default: ModelStoreError("\(url) is answered with status \(response.status.code).")
        }
    }

    private nonisolated func checkLength(_ response: HTTPClientResponse) throws {
        if let text = response.headers.first(name: "content-length"), let length = Int(text), length != file.blob.size {
            throw ModelStoreError("\(url) has \(length) bytes, but the manifest says \(file.blob.size).")
        }
    }

    /// Checks `Content-Range: bytes 0-99/1000`, where the total may be `*`.
    private nonisolated func checkRange(_ response: HTTPClientResponse, _ range: Range<Int>) throws {
        let text = response.headers.first(name: "content-range") ?? "nothing"
        let pieces = text.split(separator: "/"),
            bounds = pieces.first?.split(separator: " ").last?.split(separator: "-") ?? []
        guard pieces.count == 2, bounds.count == 2, Int(bounds[0]) == range.lowerBound else {
            throw ModelStoreError(
                """
                \(url) was asked for bytes \(range.lowerBound)-\(range.upperBound - 1) and answers with \(shown(text)).
                """
            )
        }
        guard pieces[1] == "*" || Int(pieces[1]) == file.blob.size else {
            throw ModelStoreError(
                "\(url) has \(shown(String(pieces[1]))) bytes, but the manifest says \(file.blob.size).")
        }
    }
}

/// The requests that have not ended, by number.
///
/// The scheduler's lists (waiting, serving, preempted) name only requests that are in the store. So a number from such
/// a list is looked up with the subscript, which stops the program if the scheduler has a bug. A number from elsewhere,
/// such as a late result, is looked up with `find`.
struct JobStore: Sendable {
    private var jobs: [Int: Job] = [:]

    /// Whether every request has ended.
    var isEmpty: Bool { jobs.isEmpty }
    /// All requests, in no order.
    var all: some Sequence<Job> { jobs.values }

    /// A request from one of the scheduler's lists.
    subscript(id: Int) -> Job {
        get {
            guard let job = jobs[id] else { preconditionFailure("request \(id) stands in a list but has ended") }
            return job
        }
        _modify {
            guard let index = jobs.index(forKey: id) else {
                preconditionFailure("request \(id) stands in a list but has ended")
            }
            yield &jobs.values[index]
        }
    }

    /// A request that may have ended.
    func find(_ id: Int) -> Job? { jobs[id] }

    /// Adds a request, or puts back one that was taken out.
    mutating func insert(_ job: Job) { jobs[job.id] = job }

    /// Takes out a request from one of the scheduler's lists, to put it back or end it. Outside of the store it can be
    /// changed without copying its tokens.
    mutating func takeOut(_ id: Int) -> Job {
        guard let job = jobs.removeValue(forKey: id) else {
            preconditionFailure("request \(id) stands in a list but has ended")
        }
        return job
    }

    /// Takes a request out; nil if it has ended.
    mutating func remove(_ id: Int) -> Job? { jobs.removeValue(forKey: id) }
}

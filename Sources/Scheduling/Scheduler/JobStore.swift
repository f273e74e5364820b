/// The requests that have not ended, by their numbers.
///
/// The schedule's lists (who waits, who is served, who was preempted) hold numbers of requests that are in the store: a
/// number from such a list is looked up with the subscript, which stops the program at a fault of the schedule instead
/// of going on with a wrong answer. A number from elsewhere, such as a result that comes late, is looked up with `find`.
struct JobStore: Sendable {
    private var jobs: [Int: Job] = [:]

    /// Whether every request has ended.
    var isEmpty: Bool { jobs.isEmpty }
    /// All of them, in no order.
    var all: some Sequence<Job> { jobs.values }

    /// A request that one of the schedule's lists names.
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

    /// Takes up a request, or puts back one that was taken out.
    mutating func insert(_ job: Job) { jobs[job.id] = job }

    /// Takes out a request that one of the schedule's lists names, to be put back or to end: changed apart, its tokens
    /// need not be copied.
    mutating func takeOut(_ id: Int) -> Job {
        guard let job = jobs.removeValue(forKey: id) else {
            preconditionFailure("request \(id) stands in a list but has ended")
        }
        return job
    }

    /// Takes a request out; nil when it has ended.
    mutating func remove(_ id: Int) -> Job? { jobs.removeValue(forKey: id) }
}

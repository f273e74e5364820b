import Dispatch
import Synchronization

/// Calls functions when their time has come, on one thread for the whole process. They must return at once.
///
/// A deadline that is met costs no thread switch: the thread is only woken for one that is earlier than all others, and
/// what was cancelled is forgotten when it is passed, or when most of the list is such.
final class Deadlines: Sendable {
    static let shared = Deadlines()

    fileprivate struct Entry {
        var time: ContinuousClock.Instant
        var number: UInt64
    }

    fileprivate struct State {
        var next: UInt64 = 1
        var bodies: [UInt64: @Sendable () -> Void] = [:]
        /// A heap, earliest first.
        var heap: [Entry] = []
        var isRunning = false
    }

    private let state = Mutex(State())
    private let earlier = DispatchSemaphore(value: 0)

    /// Calls `body` at `time`; returns a number for `cancel`.
    @discardableResult
    func schedule(at time: ContinuousClock.Instant, _ body: @escaping @Sendable () -> Void) -> UInt64 {
        let (number, isFirst, starts) = state.withLock { state in
            let number = state.next, starts = !state.isRunning
            state.next += 1
            state.isRunning = true
            state.bodies[number] = body
            state.push(Entry(time: time, number: number))
            return (number, state.heap[0].number == number, starts)
        }
        if starts { start() } else if isFirst { earlier.signal() }
        return number
    }

    /// Forgets an entry. It may be called once more when it is just being called.
    func cancel(_ number: UInt64) {
        state.withLock { state in
            state.bodies[number] = nil
            if state.heap.count > 64 + 2 * state.bodies.count { state.compact() }
        }
    }

    private func start() {
        let result = onDetachedThread { [self] in
            while true {
                let (due, next) = state.withLock { $0.due(at: .now) }
                for body in due { body() }
                if due.isEmpty { _ = earlier.wait(timeout: .now() + (next - .now).dispatchInterval) }
            }
        }
        // The next one tries again.
        if result != 0 { state.withLock { $0.isRunning = false } }
    }
}

extension Deadlines.State {
    /// What is due, and when to look again.
    fileprivate mutating func due(
        at now: ContinuousClock.Instant
    ) -> ([@Sendable () -> Void], ContinuousClock.Instant) {
        var due: [@Sendable () -> Void] = []
        while let first = heap.first {
            let body = bodies[first.number]
            if body != nil && first.time > now { return (due, first.time) }
            pop()
            if let body {
                bodies[first.number] = nil
                due.append(body)
            }
        }
        return (due, now + .seconds(3600))
    }

    fileprivate mutating func compact() {
        heap = heap.filter { bodies[$0.number] != nil }.sorted { $0.time < $1.time }
    }

    fileprivate mutating func push(_ entry: Deadlines.Entry) {
        heap.append(entry)
        var index = heap.count - 1
        while index > 0, heap[index].time < heap[(index - 1) / 2].time {
            heap.swapAt(index, (index - 1) / 2)
            index = (index - 1) / 2
        }
    }

    private mutating func pop() {
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        var index = 0
        while true {
            var least = index
            for child in [2 * index + 1, 2 * index + 2]
            where child < heap.count && heap[child].time < heap[least].time { least = child }
            if least == index { return }
            heap.swapAt(index, least)
            index = least
        }
    }
}

import Synchronization
import Testing

@testable import Messaging

@Suite(.timeLimit(.minutes(1)))
struct DeadlinesTests {
    @Test func theyComeInOrderWhateverTheOrderTheyWereMadeIn() async {
        let deadlines = Deadlines(), start = ContinuousClock.now
        let (stream, continuation) = AsyncStream<Int>.makeStream()
        for index in [7, 2, 9, 0, 4, 8, 1, 3, 6, 5] {
            deadlines.schedule(at: start + .milliseconds(30 + index)) { continuation.yield(index) }
        }
        var order: [Int] = []
        for await index in stream {
            order.append(index)
            if order.count == 10 { break }
        }
        #expect(order == Array(0..<10))
    }

    @Test func whatIsCancelledIsForgotten() async {
        let deadlines = Deadlines(), called = Mutex<Set<Int>>([])
        let end = ContinuousClock.now + .milliseconds(50)
        let (stream, continuation) = AsyncStream<Void>.makeStream()
        for index in 0..<1000 {
            let number = deadlines.schedule(at: end) { called.withLock { _ = $0.insert(index) } }
            if index % 10 != 0 { deadlines.cancel(number) }
        }
        deadlines.schedule(at: end + .milliseconds(1)) { continuation.yield() }
        for await _ in stream { break }
        #expect(called.withLock { $0 } == Set(stride(from: 0, to: 1000, by: 10)))
    }

    @Test func theFirstToSettleDecides() async {
        let waiter = Waiter<Int>("test")
        #expect(waiter.settle(.success(1)))
        #expect(!waiter.fail(.closed))
        #expect(await (try? waiter.value(until: .now)) == 1)
        let late = Waiter<Int>("test")
        let error = await #expect(throws: MessagingError.self) { try await late.value(until: .now) }
        #expect(error?.code == .timedOut)
        #expect(!late.settle(.success(2)))
    }
}

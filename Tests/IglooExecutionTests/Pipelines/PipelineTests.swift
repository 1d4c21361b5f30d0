// SPDX-License-Identifier: MIT

import Glibc
import IglooArrow
import IglooContracts
import IglooPlan
import Synchronization
import Testing

@testable import IglooExecution

/// Pipelines over a scripted source: what is read, what an error leaves behind, who waits for whom.
@Suite struct PipelineTests {
    typealias Script = ScriptedConnector.Script

    private let executor = Executor(threadCount: 3)

    private func context(
        _ cancellation: CancellationToken = CancellationToken(), milliseconds: Int64? = nil
    ) -> QueryContext {
        let deadline = milliseconds.map { MonotonicClock.nanoseconds() + $0 * 1_000_000 }
        return QueryContext(
            CallContext(cancellation: cancellation, deadlineNanoseconds: deadline))
    }

    private func numbers(_ query: RunningQuery) throws(IglooError) -> [Int64] {
        var numbers: [Int64] = []
        while let batch = try query.next(CallContext()) {
            for row in 0..<batch.rowCount {
                if case .int(let number) = batch.columns[0].scalar(at: row) {
                    numbers.append(number)
                }
            }
        }
        return numbers
    }

    /// Waits for what other threads do within a second or two.
    private func eventually(_ condition: () -> Bool) -> Bool {
        for _ in 0..<10_000 {
            if condition() { return true }
            usleep(1_000)
        }
        return false
    }

    private func error(_ body: () throws(IglooError) -> Void) -> IglooError? {
        do throws(IglooError) {
            try body()
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: [true, false])
    func everyRowIsReadOnce(isComputing: Bool) throws {
        let connector = ScriptedConnector(Script(splitCount: 70, batchCount: 3, rowCount: 700))
        let query = try executor.execute(
            Plans.scan(connector, isComputing: isComputing), context())
        #expect(try numbers(query).sorted() == (0..<connector.count).map(Int64.init))
        #expect(query.metrics.progress.splitsDone == 70)
        #expect(query.metrics.progress.isSplitCountFinal)
    }

    @Test(arguments: [true, false])
    func errorsEndTheWholeQuery(isComputing: Bool) throws {
        let scripts = [
            ("the list is torn", Script(splitCount: 50, failsListing: true)),
            ("split 7 is gone", Script(splitCount: 50, unopenable: 7)),
            ("row 123456 is torn", Script(splitCount: 50, failingNumber: 123_456)),
            ("row 3 is torn", Script(splitCount: 50, failingNumber: 3, blockedSplit: 1)),
        ]
        for (message, script) in scripts {
            let connector = ScriptedConnector(script)
            let plan = Plans.countAndSum(Plans.scan(connector, isComputing: isComputing))
            let query = try executor.execute(plan, context())
            let failure = error { () throws(IglooError) in _ = try numbers(query) }
            #expect(failure?.message == message)
            // The end is the end: the same error again, no rows, nothing held open.
            let again = error { () throws(IglooError) in _ = try numbers(query) }
            #expect(again?.message == message)
            #expect(eventually { connector.alive.load(ordering: .relaxed) == 0 }, "\(message)")
        }
    }

    @Test(arguments: [true, false])
    func cancellingEndsABlockedRead(isComputing: Bool) throws {
        let connector = ScriptedConnector(Script(blockedSplit: 0))
        let token = CancellationToken()
        let plan = Plans.countAndSum(Plans.scan(connector, isComputing: isComputing))
        let query = try executor.execute(plan, context(token))
        usleep(20_000)
        token.cancel()
        let failure = error { () throws(IglooError) in _ = try numbers(query) }
        #expect(failure?.code == .cancelled)
        #expect(eventually { connector.alive.load(ordering: .relaxed) == 0 })
    }

    @Test(arguments: [true, false])
    func aDeadlineEndsABlockedRead(isComputing: Bool) throws {
        let connector = ScriptedConnector(Script(blockedSplit: 2))
        let plan = Plans.scan(connector, isComputing: isComputing)
        let query = try executor.execute(plan, context(milliseconds: 50))
        let failure = error { () throws(IglooError) in _ = try numbers(query) }
        #expect(failure?.code == .deadlineExceeded)
        #expect(failure?.sqlState == .queryCanceled)
        #expect(eventually { connector.alive.load(ordering: .relaxed) == 0 })
    }

    @Test(arguments: [true, false])
    func aSlowReaderHoldsTheSourceBack(isComputing: Bool) throws {
        let connector = ScriptedConnector(Script(splitCount: 500, batchCount: 10, rowCount: 4_000))
        let query = try executor.execute(
            Plans.scan(connector, isComputing: isComputing), context())
        _ = try query.next(CallContext())
        usleep(100_000)
        // The result's queue, what is read ahead, and a batch a thread.
        #expect(connector.batchesRead.load(ordering: .relaxed) < 80)
        #expect(try numbers(query).count == connector.count - 4_000)
    }

    @Test(arguments: [true, false])
    func aDroppedResultEndsTheQuery(isComputing: Bool) throws {
        let connector = ScriptedConnector(Script(splitCount: 500, blockedSplit: 11))
        var query: RunningQuery? = try executor.execute(
            Plans.scan(connector, isComputing: isComputing), context())
        _ = try query?.next(CallContext())
        query = nil
        #expect(eventually { connector.alive.load(ordering: .relaxed) == 0 })
    }

    @Test func resultsLeftUnreadKeepNoThreads() throws {
        let left = ScriptedConnector(Script(splitCount: 500, batchCount: 10))
        var unread: [RunningQuery] = []
        for _ in 0..<100 {
            let query = try executor.execute(Plans.scan(left, isComputing: false), context())
            _ = try query.next(CallContext())
            unread.append(query)
        }
        let connector = ScriptedConnector(Script())
        let query = try executor.execute(
            Plans.scan(connector, isComputing: false), context(milliseconds: 20_000))
        #expect(try numbers(query).count == connector.count)
        #expect(try numbers(unread[99]).count == left.count - 1_000)
    }

    @Test(arguments: [true, false])
    func aLimitStopsTheSource(isComputing: Bool) throws {
        let connector = ScriptedConnector(Script(splitCount: 500, batchCount: 10))
        let scan = Plans.scan(connector, isComputing: isComputing)
        let plan = PhysicalPlan(
            id: 2, .limit(scan, count: 2_500, offset: 100), columns: scan.columns)
        let query = try executor.execute(plan, context())
        #expect(try numbers(query).count == 2_500)
        #expect(connector.batchesRead.load(ordering: .relaxed) < 200)
        #expect(eventually { connector.alive.load(ordering: .relaxed) == 0 })
    }

    @Test func queriesShareTheThreads() throws {
        // A query that blocks fewer threads than there are leaves room for others.
        let blocked = ScriptedConnector(Script(splitCount: 1, blockedSplit: 0))
        let stuck = try executor.execute(Plans.scan(blocked, isComputing: true), context())
        let connector = ScriptedConnector(Script(splitCount: 20))
        let plan = Plans.countAndSum(Plans.scan(connector, isComputing: true))
        let query = try executor.execute(plan, context(milliseconds: 20_000))
        #expect(try numbers(query) == [Int64(connector.count)])
        stuck.cancel()
        #expect(eventually { blocked.alive.load(ordering: .relaxed) == 0 })
    }

    @Test func manyQueriesAtOnceGiveTheirOwnRows() throws {
        let connector = ScriptedConnector(Script(splitCount: 9, batchCount: 5, rowCount: 300))
        var queries: [RunningQuery] = []
        for index in 0..<40 {
            let scan = Plans.scan(connector, isComputing: index % 2 == 0)
            let plan = index % 3 == 0 ? scan : Plans.countAndSum(scan)
            queries.append(try executor.execute(plan, context()))
        }
        for (index, query) in queries.enumerated().reversed() {
            let rows = try numbers(query)
            #expect(rows.count == (index % 3 == 0 ? connector.count : 1))
        }
    }

    @Test func memoryGoesBackWithTheQuery() throws {
        let connector = ScriptedConnector(Script(splitCount: 20))
        let scan = Plans.scan(connector, isComputing: true)
        let plan = PhysicalPlan(
            id: 3, .aggregate(scan, keys: [.input(0, .int64)], calls: []), columns: scan.columns)
        var query: RunningQuery? = try executor.execute(plan, context())
        #expect(try numbers(query!).count == connector.count)
        #expect(query!.peakMemoryByteCount > connector.count * 8)
        query = nil
        #expect(eventually { executor.memory.used == 0 })

        // The groups find no room, but their rows do in a file.
        executor.memory.limit = 300_000
        #expect(try numbers(try executor.execute(plan, context())).count == connector.count)
        #expect(eventually { executor.memory.used == 0 })
    }
}

/// The limits that control groups set.
@Suite struct MachineLimitTests {
    @Test func quotasRoundUp() {
        #expect(ControlGroup.processorCount("max 100000") == nil)
        #expect(ControlGroup.processorCount("150000 100000") == 2)
        #expect(ControlGroup.processorCount("50000 100000") == 1)
        #expect(ControlGroup.processorCount("9223372036854775807 1") == Int.max)
        #expect(ControlGroup.processorCount("0 0") == nil)
        #expect(ControlGroup.processorCount("") == nil)
    }

    @Test func pathsAreTakenApart() {
        #expect(ControlGroup.ownPath("0::/user.slice/a.scope") == ["user.slice", "a.scope"])
        #expect(ControlGroup.ownPath("0::/") == [])
        #expect(ControlGroup.ownPath("1:cpu:/x") == [])
        #expect(ControlGroup.ownPath("0::/../..") == [])
        #expect(ControlGroup.ownPath(nil) == [])
    }
}

// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// A scan whose readers wait: threads of the I/O pool read ahead, within bounds.
///
/// A reader whose rows nobody takes gives its thread back, so that results left unread keep no
/// thread from other queries.
final class WaitingScanSource: Source, @unchecked Sendable {
    // SAFETY: everything mutable is guarded by `lock`.
    let isOrdered = false
    private let open: OpenScan
    let metrics: OperatorMetrics
    private let lock = Monitor()
    /// Whom to tell of new rows, while the scan runs.
    private var job: PipelineJob?
    private var ready: [RecordBatch] = []
    private var readyByteCount = 0
    /// Readings that have yet to end, those that are parked included.
    private var readingCount = 0
    private var parkedCount = 0
    private var isStopped = false
    private static let readyByteCountMax = 64 << 20
    private static let readyCountMax = 32

    init(
        _ scan: PhysicalScan, _ types: [DataType], _ query: QueryExecution,
        _ metrics: OperatorMetrics, _ targets: [RuntimeFilterTarget]
    ) {
        open = OpenScan(scan, types, query, metrics, targets)
        self.metrics = metrics
    }

    func makeCursor() throws(IglooError) -> any SourceCursor { Cursor(self) }

    func begin(_ job: PipelineJob) throws(IglooError) {
        lock.withLock {
            self.job = job
            readingCount = 1
        }
        try IOPool.shared.run { [self] in
            open.query.run { () throws(IglooError) in
                try open.begin()
                for _ in 1..<max(open.query.scheduler.threadCount, 1) {
                    lock.withLock { readingCount += 1 }
                    try startReading()
                }
            }
            readAll()
        }
    }

    private func startReading() throws(IglooError) {
        try IOPool.shared.run { [self] in readAll() }
    }

    private func notify() {
        if let job = lock.withLock({ job }) { open.query.scheduler.notify(job) }
    }

    /// Reads until there are no rows left, or too many wait for someone to take them.
    private func readAll() {
        var isParked = false
        open.query.run { () throws(IglooError) in
            while !isParked && !isOver, let reader = try open.take() {
                isParked = try readOn(reader)
            }
        }
        if isParked { return }
        lock.withLock { readingCount -= 1 }
        notify()
    }

    /// True when the reading was parked: whoever takes rows starts it again.
    private func readOn(_ reader: OpenReader) throws(IglooError) -> Bool {
        while !isOver {
            guard let batch = try open.read(reader) else {
                open.end(reader)
                return false
            }
            lock.withLock {
                ready.append(batch)
                readyByteCount += batch.byteCount
            }
            notify()
            guard lock.withLock({ isFull }) else { continue }
            // Given back first: whoever starts the reading again must find it.
            open.giveBack(reader)
            return lock.withLock {
                if isFull { parkedCount += 1 }
                return isFull
            }
        }
        return false
    }

    private var isOver: Bool { lock.withLock { isStopped } || open.query.isStopped }
    private var isFull: Bool {
        ready.count >= Self.readyCountMax || readyByteCount >= Self.readyByteCountMax
    }

    func stop() {
        lock.withLock {
            isStopped = true
            job = nil
            ready = []
            readyByteCount = 0
        }
        open.stop()
    }

    private enum Taken {
        case batch(RecordBatch, wakes: Int)
        case nothingYet
        case end
    }

    private func take() -> Taken {
        lock.withLock {
            guard !ready.isEmpty else { return readingCount == 0 ? .end : .nothingYet }
            let batch = ready.removeFirst()
            readyByteCount -= batch.byteCount
            if isFull { return .batch(batch, wakes: 0) }
            defer { parkedCount = 0 }
            return .batch(batch, wakes: parkedCount)
        }
    }

    private final class Cursor: SourceCursor {
        private let source: WaitingScanSource

        init(_ source: WaitingScanSource) { self.source = source }

        func advance(_ head: PushOperator) throws(IglooError) -> Step {
            switch source.take() {
            case .batch(let batch, let wakes):
                for _ in 0..<wakes { try source.startReading() }
                return try head.pushAll(try source.open.normalised(batch), source.metrics)
            case .nothingYet: return .waiting
            case .end: return .done
            }
        }
    }
}

// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan
import Synchronization

/// The splits of a scan and the readers that are open, shared by all who read them.
///
/// - Threads: any.
final class OpenScan: @unchecked Sendable {
    // SAFETY: everything mutable is guarded by `lock`; a reader is used by whoever took it.
    let scan: PhysicalScan
    let query: QueryExecution
    private let lock = Monitor()
    private var source: (any SplitSource)?
    private var pending: [Split] = []
    private var isListed = false
    private var idle: [any BatchReader] = []
    private var busy: [any BatchReader] = []
    private var isStopped = false
    private static let splitPageCount = 64

    init(_ scan: PhysicalScan, _ query: QueryExecution) {
        self.scan = scan
        self.query = query
        query.metrics.unlistedScans.wrappingAdd(1, ordering: .relaxed)
    }

    /// Asks the connector for the splits. May block.
    func begin() throws(IglooError) {
        let source = try scan.table.connector.splits(
            handle: scan.answer.handle,
            targetByteCount: query.context.settings.splitByteCount, query.context.call)
        lock.withLock { self.source = source }
    }

    /// A reader with rows left: one that was given back, else of the next split; `nil` when there
    /// is none right now. May block.
    func take() throws(IglooError) -> (any BatchReader)? {
        lock.lock()
        defer { lock.unlock() }
        if isStopped { return nil }
        if let reader = idle.popLast() {
            busy.append(reader)
            return reader
        }
        guard let split = try nextSplit() else { return nil }
        lock.unlock()
        let opened = Result { () throws(IglooError) in
            try scan.table.connector.open(
                handle: scan.answer.handle, split: split.payload, query.context.call)
        }
        lock.lock()
        let reader = try opened.get()
        busy.append(reader)
        return reader
    }

    private func nextSplit() throws(IglooError) -> Split? {
        while pending.isEmpty && !isListed {
            guard let source else { return nil }
            if let page = try source.next(countMax: Self.splitPageCount, query.context.call) {
                pending.append(contentsOf: page.reversed())
                query.metrics.splitsTotal.wrappingAdd(Int64(page.count), ordering: .relaxed)
            } else {
                noteListed()
            }
        }
        return pending.popLast()
    }

    private func noteListed() {
        if isListed { return }
        isListed = true
        query.metrics.unlistedScans.wrappingSubtract(1, ordering: .relaxed)
    }

    /// Gives a reader back, to be read on by anyone.
    func giveBack(_ reader: any BatchReader) {
        lock.withLock {
            busy.removeAll { $0 === reader }
            if !isStopped { idle.append(reader) }
        }
    }

    /// The reader is at its end.
    func end(_ reader: any BatchReader) {
        lock.withLock { busy.removeAll { $0 === reader } }
        query.metrics.splitsDone.wrappingAdd(1, ordering: .relaxed)
    }

    /// Breaks what is running and lets go of what is open.
    func stop() {
        let (readers, source) = lock.withLock {
            isStopped = true
            pending = []
            noteListed()
            idle = []
            defer { self.source = nil }
            return (busy, self.source)
        }
        for reader in readers { reader.cancel() }
        source?.cancel()
    }

    /// The next rows of a reader as engine types; `nil` at its end.
    func read(_ reader: any BatchReader) throws(IglooError) -> RecordBatch? {
        try reader.next(query.context.call)
    }

    /// The source's arrays as engine types.
    func normalised(_ batch: RecordBatch) throws(IglooError) -> Batch {
        query.metrics.rowsRead.wrappingAdd(Int64(batch.rowCount), ordering: .relaxed)
        var columns: [ArrayData] = []
        columns.reserveCapacity(batch.columns.count)
        for column in batch.columns { columns.append(try Normalizer.canonical(column)) }
        return Batch(columns: columns, rowCount: batch.rowCount)
    }
}

/// A scan whose readers compute: the compute threads read them themselves.
final class ComputingScanSource: Source {
    let isOrdered = false
    private let open: OpenScan
    private let metrics: OperatorMetrics

    init(_ scan: PhysicalScan, _ query: QueryExecution, _ metrics: OperatorMetrics) {
        open = OpenScan(scan, query)
        self.metrics = metrics
    }

    func begin(_ job: PipelineJob) throws(IglooError) { try open.begin() }
    func stop() { open.stop() }
    func makeCursor() throws(IglooError) -> any SourceCursor { Cursor(open, metrics) }

    /// Any thread may read on with any open reader, so the cursor itself holds nothing.
    private final class Cursor: SourceCursor {
        private let open: OpenScan
        private let metrics: OperatorMetrics

        init(_ open: OpenScan, _ metrics: OperatorMetrics) {
            self.open = open
            self.metrics = metrics
        }

        func advance(_ head: PushOperator) throws(IglooError) -> Step {
            guard let reader = try open.take() else { return .done }
            guard let batch = try open.read(reader) else {
                open.end(reader)
                return .more
            }
            let step = try head.pushAll(try open.normalised(batch), metrics)
            open.giveBack(reader)
            return step
        }
    }
}

/// A scan whose readers wait: threads of the I/O pool read ahead, within bounds.
final class WaitingScanSource: Source, @unchecked Sendable {
    // SAFETY: everything mutable is guarded by `monitor`.
    let isOrdered = false
    private let open: OpenScan
    private let metrics: OperatorMetrics
    private let monitor = Monitor()
    private var ready: [RecordBatch] = []
    private var readyByteCount = 0
    private var readingCount = 0
    private var isStopped = false
    private static let readyByteCountMax = 64 << 20
    private static let readyCountMax = 32

    init(_ scan: PhysicalScan, _ query: QueryExecution, _ metrics: OperatorMetrics) {
        open = OpenScan(scan, query)
        self.metrics = metrics
    }

    func makeCursor() throws(IglooError) -> any SourceCursor { Cursor(self) }

    func begin(_ job: PipelineJob) throws(IglooError) {
        let threadCount = max(1, open.query.scheduler.threadCount)
        monitor.withLock { readingCount = 1 }
        IOPool.shared.run { [self] in
            open.query.run { () throws(IglooError) in try open.begin() }
            monitor.withLock { readingCount += threadCount - 1 }
            for _ in 1..<max(threadCount, 1) { IOPool.shared.run { [self] in readAll(job) } }
            readAll(job)
        }
    }

    private func readAll(_ job: PipelineJob) {
        open.query.run { () throws(IglooError) in
            while !isOver, let reader = try open.take() { try readAll(of: reader, job) }
        }
        monitor.withLock { readingCount -= 1 }
        open.query.scheduler.notify(job)
    }

    private func readAll(of reader: any BatchReader, _ job: PipelineJob) throws(IglooError) {
        while !isOver, let batch = try open.read(reader) { put(batch, job) }
        open.end(reader)
    }

    private var isOver: Bool { monitor.withLock { isStopped } || open.query.isStopped }

    private func put(_ batch: RecordBatch, _ job: PipelineJob) {
        monitor.withLock {
            while !isStopped && !open.query.isStopped
                && (ready.count >= Self.readyCountMax || readyByteCount >= Self.readyByteCountMax)
            {
                monitor.wait(milliseconds: 50)
            }
            ready.append(batch)
            readyByteCount += batch.byteCount
        }
        open.query.scheduler.notify(job)
    }

    func stop() {
        monitor.withLock {
            isStopped = true
            ready = []
            readyByteCount = 0
            monitor.broadcast()
        }
        open.stop()
    }

    private enum Taken {
        case batch(RecordBatch)
        case nothingYet
        case end
    }

    private func take() -> Taken {
        monitor.withLock {
            guard !ready.isEmpty else { return readingCount == 0 ? .end : .nothingYet }
            let batch = ready.removeFirst()
            readyByteCount -= batch.byteCount
            monitor.signal()
            return .batch(batch)
        }
    }

    private final class Cursor: SourceCursor {
        private let source: WaitingScanSource
        init(_ source: WaitingScanSource) { self.source = source }

        func advance(_ head: PushOperator) throws(IglooError) -> Step {
            switch source.take() {
            case .batch(let batch):
                return try head.pushAll(try source.open.normalised(batch), source.metrics)
            case .nothingYet: return .waiting
            case .end: return .done
            }
        }
    }
}

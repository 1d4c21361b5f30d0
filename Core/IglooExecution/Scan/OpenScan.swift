// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan
import Synchronization

/// A reader of a split, and what it was told.
///
/// - Threads: one at a time.
final class OpenReader: @unchecked Sendable {
    // SAFETY: used by whoever took it; readers may be cancelled by anyone.
    let reader: any BatchReader
    /// The versions of the bounds that it knows.
    fileprivate var boundVersions: [Int]
    fileprivate var isRefinable = true

    fileprivate init(_ reader: any BatchReader, boundCount: Int) {
        self.reader = reader
        boundVersions = Array(repeating: 0, count: boundCount)
    }
}

/// The splits of a scan and the readers that are open, shared by all who read them.
///
/// No call into the connector is made with the lock held, so that `stop` never waits for one.
///
/// - Threads: any.
final class OpenScan: @unchecked Sendable {
    // SAFETY: everything mutable is guarded by `lock`; a reader is used by whoever took it.
    let scan: PhysicalScan
    let query: QueryExecution
    /// The plan's types of the columns.
    private let types: [DataType]
    private let metrics: OperatorMetrics
    private let lock = Monitor()
    private var source: (any SplitSource)?
    private var pending: [Split] = []
    private var isListing = false
    private var pageCount = 2
    private var isListed = false
    private var idle: [OpenReader] = []
    private var busy: [OpenReader] = []
    private var isStopped = false
    /// Columns that joins above know more of.
    private let targets: [RuntimeFilterTarget]
    /// Columns of which an order above wants the first rows only, and knows more and more.
    private let bounds: [(bound: OrderBound, column: Int)]
    /// What is last in a source is likely to come first in a descending order: the sooner its rows
    /// are found, the more of the others are left out.
    private let isReversed: Bool
    /// What the readers are told of joins; `nil` = not asked for yet.
    private var filters: [RuntimeFilter]?
    private static let splitPageCount = 64
    private static let pendingCountMax = 1_024
    /// How long to leave a source alone that has no split to give right now.
    private static let listingPauseMilliseconds: Int64 = 10

    init(
        _ scan: PhysicalScan, _ types: [DataType], _ query: QueryExecution,
        _ metrics: OperatorMetrics, _ targets: [RuntimeFilterTarget]
    ) {
        self.scan = scan
        self.types = types
        self.query = query
        self.metrics = metrics
        self.targets = targets
        bounds = targets.compactMap { target in
            if case .order(let bound) = target.origin { (bound, target.column) } else { nil }
        }
        isReversed = bounds.first?.bound.isDescending ?? false
        if isReversed { pageCount = Self.splitPageCount }
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
    func take() throws(IglooError) -> OpenReader? {
        lock.lock()
        defer { lock.unlock() }
        while !isStopped {
            if let reader = idle.popLast() {
                busy.append(reader)
                return reader
            }
            if let split = pending.popLast() { return try open(split) }
            if isListed { return nil }
            if isListing { lock.wait() } else { try listMore() }
        }
        return nil
    }

    /// Called and returns with the lock held, as `listMore`.
    private func open(_ split: Split) throws(IglooError) -> OpenReader? {
        let filters = takeFilters()
        lock.unlock()
        let opened = Result { () throws(IglooError) in
            let reader = try scan.table.connector.open(
                handle: scan.answer.handle, split: split.payload, query.context.call)
            let open = OpenReader(reader, boundCount: bounds.count)
            try refine(open, filters)
            return open
        }
        lock.lock()
        let reader = try opened.get()
        metrics.splitBytes.wrappingAdd(max(0, split.byteCount ?? 0), ordering: .relaxed)
        if isStopped { return nil }
        busy.append(reader)
        return reader
    }

    /// Asked for with the lock held, when the joins' tables are built.
    private func takeFilters() -> [RuntimeFilter] {
        if let filters { return filters }
        var new: [RuntimeFilter] = []
        for target in targets {
            guard let (sink, key) = target.join, let filter = sink.sourceFilter(of: key),
                sink.join.buildSide.isReduced || filter.isSparse
            else { continue }
            new.append(filter.filter(of: target.column))
            note(target.column, filter.description)
        }
        filters = new
        return new
    }

    /// For EXPLAIN, once a column and kind of filter.
    private func note(_ column: Int, _ description: String) {
        let text = "\(scan.answer.schema.fields[column].name): \(description)"
        metrics.runtimeFilters.withLock { if !$0.contains(text) { $0.append(text) } }
    }

    /// A reader that makes nothing of the filters is none the worse.
    private func refine(_ open: OpenReader, _ filters: [RuntimeFilter]) throws(IglooError) {
        if filters.isEmpty || !open.isRefinable { return }
        do throws(IglooError) {
            try open.reader.refine(filters, query.context.call)
        } catch  where error.code == .unsupported {
            // Of an order's column more will be known, but nothing else.
            open.isRefinable = false
        }
    }

    /// Tells a reader what is known of orders since it was told last.
    private func refineByBounds(_ open: OpenReader) throws(IglooError) {
        var filters: [RuntimeFilter] = []
        for (index, (bound, column)) in bounds.enumerated() {
            let version = bound.version
            guard version != open.boundVersions[index], let filter = bound.filter(of: column)
            else { continue }
            open.boundVersions[index] = version
            filters.append(filter)
            note(column, "first rows of an order")
        }
        try refine(open, filters)
    }

    /// Lists ahead, so that the number of splits is known early; others read meanwhile.
    private func listMore() throws(IglooError) {
        guard let source else {
            isListed = true
            return
        }
        isListing = true
        defer {
            isListing = false
            lock.broadcast()
        }
        repeat {
            guard let page = try nextPage(of: source) else { return noteListed() }
            try query.poll()
            if isStopped { return }
            // The last one is taken first.
            if isReversed {
                pending += page
            } else {
                pending.insert(contentsOf: page.reversed(), at: 0)
            }
            query.metrics.splitsTotal.wrappingAdd(Int64(page.count), ordering: .relaxed)
            if page.isEmpty {
                lock.wait(milliseconds: Self.listingPauseMilliseconds)
                return
            }
            lock.broadcast()
        } while pending.count < Self.pendingCountMax
    }

    private func nextPage(of source: any SplitSource) throws(IglooError) -> [Split]? {
        // Few at first: finding them may take reading, for which the other threads need not wait.
        let countMax = pageCount
        pageCount = min(2 * pageCount, Self.splitPageCount)
        lock.unlock()
        let listed = Result { () throws(IglooError) in
            try source.next(countMax: countMax, query.context.call)
        }
        lock.lock()
        return try listed.get()
    }

    private func noteListed() {
        if isListed { return }
        isListed = true
        query.metrics.unlistedScans.wrappingSubtract(1, ordering: .relaxed)
    }

    /// Gives a reader back, to be read on by anyone.
    func giveBack(_ reader: OpenReader) {
        lock.withLock {
            busy.removeAll { $0 === reader }
            if !isStopped { idle.append(reader) }
        }
    }

    /// The reader is at its end.
    func end(_ reader: OpenReader) {
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
            lock.broadcast()
            defer {
                self.source = nil
                busy = []
            }
            return (busy, self.source)
        }
        for open in readers { open.reader.cancel() }
        source?.cancel()
    }

    /// The next rows of a reader; `nil` at its end.
    func read(_ open: OpenReader) throws(IglooError) -> RecordBatch? {
        if !bounds.isEmpty { try refineByBounds(open) }
        return try metrics.timed { () throws(IglooError) in
            try open.reader.next(query.context.call)
        }
    }

    /// The source's arrays as engine types.
    func normalised(_ batch: RecordBatch) throws(IglooError) -> Batch {
        query.metrics.rowsRead.wrappingAdd(Int64(batch.rowCount), ordering: .relaxed)
        var columns: [ArrayData] = []
        columns.reserveCapacity(batch.columns.count)
        for (column, type) in zip(batch.columns, types) {
            columns.append(try Normalizer.stored(column, as: type))
        }
        return Batch(columns: columns, rowCount: batch.rowCount)
    }
}

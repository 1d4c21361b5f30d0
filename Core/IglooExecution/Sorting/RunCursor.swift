// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// A place in a sorted run.
///
/// - Threads: one at a time.
class RunCursor {
    /// The current row's key; not there at the end.
    fileprivate(set) final var key: UnsafeRawBufferPointer?
    /// Its first eight bytes: most comparisons need no more.
    fileprivate(set) final var prefix: UInt64 = 0

    /// All rows of the run.
    final let rowCount: Int

    init(rowCount: Int) { self.rowCount = rowCount }

    /// Goes to the next row.
    func advance() throws(IglooError) {}

    /// The rows passed since the last call, in pieces.
    func takePassed() throws(IglooError) -> [[ArrayData]] { [] }

    final func isBefore(_ other: RunCursor) -> Bool {
        if prefix != other.prefix { return prefix < other.prefix }
        guard let key, let otherKey = other.key else { return other.key == nil }
        return SortRun.compare(key, otherKey) < 0
    }
}

/// A place in a run in a temporary file, one block of which is in memory.
final class SpilledRunCursor: RunCursor {
    private let run: SpillRun
    private let target: SpillTarget
    private let keepsKeys: Bool
    private var nextBlock = 0
    private var columns: [ArrayData] = []
    private var keys: ArrayData?
    private var row = 0
    private var taken = 0
    private var blockRowCount = 0
    private var passed: [[ArrayData]] = []

    /// - Parameter keepsKeys: whether the keys are among the columns.
    init(_ run: SpillRun, _ target: SpillTarget, keepsKeys: Bool) throws(IglooError) {
        self.run = run
        self.target = target
        self.keepsKeys = keepsKeys
        super.init(rowCount: run.rowCount)
        try loadBlock()
    }

    private func loadBlock() throws(IglooError) {
        key = nil
        guard nextBlock < run.blocks.count else { return }
        let batch = try target.store.take(run.blocks[nextBlock], types: target.types)
        nextBlock += 1
        keys = batch.columns.last
        columns = keepsKeys ? batch.columns : Array(batch.columns.dropLast())
        blockRowCount = batch.rowCount
        row = 0
        taken = 0
        loadKey()
    }

    private func loadKey() {
        guard let keys else { return }
        let bytes = keys.withViewBytes(row) { $0 }
        key = bytes
        prefix = NormalizedKeys.prefix(bytes)
    }

    override func advance() throws(IglooError) {
        row += 1
        if row < blockRowCount {
            loadKey()
        } else {
            pass()
            try loadBlock()
        }
    }

    private func pass() {
        guard row > taken else { return }
        let (start, count) = (taken, row - taken)
        passed.append(columns.map { $0.slice(start, count: count) })
        taken = row
    }

    override func takePassed() throws(IglooError) -> [[ArrayData]] {
        if key != nil { pass() }
        defer { passed = [] }
        return passed
    }
}

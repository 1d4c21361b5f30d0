// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import Synchronization

/// Rows that are kept to be read any number of times: in memory as far as there was room for them,
/// else in the query's temporary file.
///
/// - Threads: any.
final class KeptRows: Sendable {
    fileprivate enum Piece: Sendable { case held(Batch), stored(SpillBlock) }

    private let pieces: [Piece]
    private let target: SpillTarget
    private let memory: OperatorMemory
    private let reserved: Int
    /// By batch: the number of its first row among all.
    let firstRows: [Int]
    let rowCount: Int
    /// Whether reading them takes more than looking.
    let areStored: Bool

    /// Takes over what was reserved for those in memory.
    fileprivate init(
        _ pieces: [Piece], _ target: SpillTarget, _ memory: OperatorMemory, reserved: Int
    ) {
        self.pieces = pieces
        self.target = target
        self.memory = memory
        self.reserved = reserved
        var firstRows: [Int] = []
        var (rowCount, areStored) = (0, false)
        for piece in pieces {
            firstRows.append(rowCount)
            switch piece {
            case .held(let batch): rowCount += batch.rowCount
            case .stored(let block):
                rowCount += block.rowCount
                areStored = true
            }
        }
        self.firstRows = firstRows
        self.rowCount = rowCount
        self.areStored = areStored
    }

    deinit {
        for case .stored(let block) in pieces { target.store.free(block) }
        try? memory.reserve(-reserved)
    }

    var batchCount: Int { pieces.count }

    func batch(_ index: Int) throws(IglooError) -> Batch {
        switch pieces[index] {
        case .held(let batch): batch
        case .stored(let block): try target.store.read(block, types: target.types)
        }
    }
}

/// Collects rows that are to be kept, each thread by a part of its own.
///
/// - Threads: any; each part one at a time.
final class RowKeeper: Sendable {
    private let target: SpillTarget
    private let memory: OperatorMemory
    private let reserved = Atomic<Int>(0)
    private let pieces = Locked<[KeptRows.Piece]>([])

    init(_ target: SpillTarget, _ memory: OperatorMemory) {
        self.target = target
        self.memory = memory
    }

    deinit { try? memory.reserve(-reserved.load(ordering: .relaxed)) }

    func makePart() -> Part { Part(self) }

    /// The rows of all parts, which have ended.
    func finish() -> KeptRows {
        let pieces = pieces.withLock { pieces in
            defer { pieces = [] }
            return pieces
        }
        return KeptRows(
            pieces, target, memory, reserved: reserved.exchange(0, ordering: .relaxed))
    }

    /// One thread's rows.
    final class Part {
        private let keeper: RowKeeper
        private var pending: [Batch] = []
        private var pendingRowCount = 0
        private var writer: SpillWriter?

        fileprivate init(_ keeper: RowKeeper) { self.keeper = keeper }

        /// Keeps rows; once there is no room, those that follow go to the file.
        func append(_ batch: Batch) throws(IglooError) {
            if batch.rowCount == 0 { return }
            let memory = keeper.memory
            let batch = memory.isTight ? try batch.compacted() : batch
            if let writer { return try writer.append(batch) }
            let byteCount = batch.byteCount
            guard memory.canReserve(2 * byteCount) else {
                return try startWriting().append(batch)
            }
            try memory.reserve(byteCount)
            keeper.reserved.wrappingAdd(byteCount, ordering: .relaxed)
            pending.append(batch)
            pendingRowCount += batch.rowCount
            if pendingRowCount >= Batch.rowCountMax { try flush() }
            if memory.shouldSpill() { _ = startWriting() }
        }

        private func startWriting() -> SpillWriter {
            let new = SpillWriter(keeper.target)
            writer = new
            return new
        }

        private func flush() throws(IglooError) {
            let held = try Batch.merged(pending).map { KeptRows.Piece.held($0) }
            keeper.pieces.withLock { $0 += held }
            pending = []
            pendingRowCount = 0
        }

        /// Hands the rows over. Called once.
        func finish() throws(IglooError) {
            try flush()
            guard let writer else { return }
            let stored = try writer.finish().blocks.map { KeptRows.Piece.stored($0) }
            keeper.pieces.withLock { $0 += stored }
        }
    }
}

// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// Rows of a join's build side, as one thread collects them.
///
/// - Threads: one at a time.
final class JoinBuild {
    let keyTypes: [DataType]
    let payloadTypes: [DataType]
    private(set) var keys: [[ArrayData]] = []
    private(set) var batches: [Batch] = []
    private(set) var rowCount = 0
    private(set) var payloadByteCount = 0
    private let memory: any MemoryAccount
    private var reserved = 0

    init(keyTypes: [DataType], payloadTypes: [DataType], reserve memory: any MemoryAccount) {
        self.keyTypes = keyTypes
        self.payloadTypes = payloadTypes
        self.memory = memory
    }

    deinit { try? memory.reserve(-reserved) }

    /// - Parameter byteCount: of the payload, where it is known.
    func append(
        keys: [ArrayData], payload: Batch, byteCount: Int? = nil
    ) throws(IglooError) {
        let byteCount = byteCount ?? payload.byteCount
        let wanted = byteCount + 16 * keys.count * payload.rowCount
        try memory.reserve(wanted)
        reserved += wanted
        payloadByteCount += byteCount
        self.keys.append(keys)
        batches.append(payload)
        rowCount += payload.rowCount
    }

    /// What a table takes beside rows of so many bytes: their copy in one piece, entries, marks and
    /// places.
    static func tableByteCount(rowCount: Int, payloadByteCount: Int) -> Int {
        payloadByteCount + 56 * rowCount
    }

    /// Hands the rows over, to be written out.
    func takeRows() -> [(keys: [ArrayData], payload: Batch)] {
        defer {
            keys = []
            batches = []
            rowCount = 0
            payloadByteCount = 0
        }
        return Array(zip(keys, batches))
    }

    /// Says that the rows that were taken are gone.
    func release() throws(IglooError) {
        try memory.reserve(-reserved)
        reserved = 0
    }
}

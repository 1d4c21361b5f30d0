// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// A scan that was planned and read.
struct ScannedRows {
    var answer: ScanAnswer
    /// The rows of each split.
    var splits: [[Row]]

    var rows: [Row] { splits.flatMap { $0 } }
}

extension ConnectorInstance {
    /// Plans a request, and reads all splits to their end.
    func scan(
        _ request: ScanRequest, targetByteCount: Int64 = 64 << 20, _ call: Call = Call()
    ) throws -> ScannedRows {
        let answer = try plan(request, call)
        return try read(answer, targetByteCount: targetByteCount, call)
    }

    func read(
        _ answer: ScanAnswer, targetByteCount: Int64 = 64 << 20, _ call: Call = Call()
    ) throws -> ScannedRows {
        let source = try splits(answer.handle, targetByteCount: targetByteCount, call)
        // A host keeps the source of splits as long as it reads them.
        defer { withExtendedLifetime(source) {} }
        var result = ScannedRows(answer: answer, splits: [])
        for split in try source.all(call) {
            result.splits.append(try rows(answer, split.payload, call))
        }
        return result
    }

    /// The rows of one split.
    func rows(
        _ answer: ScanAnswer, _ split: [UInt8], _ call: Call = Call()
    ) throws -> [Row] {
        try open(answer.handle, split, call).rows(call)
    }
}

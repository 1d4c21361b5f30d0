// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// A scan from end to end: open, plan, all splits, all rows.
struct Scan {
    var answer: ScanAnswer
    var rows: [[Scalar]]

    init(
        _ connector: any Connector, _ table: String, columns: [Int]? = nil,
        conjuncts: [PushdownExpression] = [], targetByteCount: Int = 1 << 40,
        in context: CallContext = CallContext(), adjust: (inout ScanRequest) -> Void = { _ in }
    ) throws {
        let opened = try connector.openTable(schema: "", name: table, context)
        var request = ScanRequest(
            table: opened.handle, columns: columns ?? Array(opened.schema.fields.indices),
            conjuncts: conjuncts)
        adjust(&request)
        answer = try connector.plan(request, context)
        rows = try Self.rows(connector, answer, targetByteCount, context).rows
    }

    static func rows(
        _ connector: any Connector, _ answer: ScanAnswer, _ targetByteCount: Int,
        _ context: CallContext = CallContext()
    ) throws -> (rows: [[Scalar]], splitCount: Int) {
        var rows: [[Scalar]] = []
        var splitCount = 0
        let splits = try connector.splits(
            handle: answer.handle, targetByteCount: targetByteCount, context)
        while let page = try splits.next(countMax: 7, context) {
            for split in page {
                splitCount += 1
                let reader = try connector.open(
                    handle: answer.handle, split: split.payload, context)
                while let batch = try reader.next(context) {
                    try batch.validate()
                    for row in 0..<batch.rowCount {
                        rows.append(batch.columns.map { $0.scalar(at: row) })
                    }
                }
            }
        }
        return (rows, splitCount)
    }
}

// SPDX-License-Identifier: MIT

import Foundation
import IglooArrow
import IglooConnectorTesting
import IglooContracts
import Testing

@testable import ParquetConnector

extension Folder {
    /// Copies one of the files of `generate.py` here.
    func add(_ source: String, as name: String) throws {
        let data = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Data/Parquet")
        try copy(data.appendingPathComponent(source + ".parquet").path, as: name)
    }
}

/// A table, opened through the connector as the host would.
struct ScannedTable {
    let connector: any Connector
    let table: OpenedTable
    /// Kept as long as the table.
    var folder: Folder?

    init(_ path: String, _ options: [String: OptionValue] = [:]) throws {
        connector = try parquetConnector.create(OptionValues(options), CallContext())
        table = try connector.openTable(schema: "", name: path, CallContext())
    }

    func column(_ name: String) -> Int { table.schema.index(of: name)! }

    func condition(
        _ operation: PushdownOperation, _ name: String, _ literals: Scalar...
    ) -> PushdownExpression {
        let type = table.schema.fields[column(name)].type
        return .call(
            operation, [.column(column(name), type)] + literals.map { .literal($0, type) }, .bool)
    }

    func plan(
        _ columns: [String], _ conjuncts: [PushdownExpression] = [], limit: Int64? = nil
    ) throws -> ScanAnswer {
        let request = ScanRequest(
            table: table.handle, columns: columns.map(column), conjuncts: conjuncts, limit: limit)
        return try connector.plan(request, CallContext())
    }

    func splits(_ answer: ScanAnswer, targetByteCount: Int = 1 << 20) throws -> [Split] {
        let source = try connector.splits(
            handle: answer.handle, targetByteCount: targetByteCount, CallContext())
        var splits: [Split] = []
        while let page = try source.next(countMax: 3, CallContext()) { splits += page }
        return splits
    }

    func read(_ answer: ScanAnswer, targetByteCount: Int = 1 << 20) throws -> [RecordBatch] {
        var batches: [RecordBatch] = []
        for split in try splits(answer, targetByteCount: targetByteCount) {
            let reader = try connector.open(
                handle: answer.handle, split: split.payload, CallContext())
            while let batch = try reader.next(CallContext()) {
                try batch.validate(.full)
                batches.append(batch)
            }
        }
        return batches
    }

    func rowCount(_ answer: ScanAnswer) throws -> Int {
        try read(answer).map(\.rowCount).reduce(0, +)
    }
}

// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// The rows that `list` answered with.
struct ListedRows {
    let schema: Schema
    let batches: [RecordBatch]
    let call: PluginCall

    func texts(_ name: String) throws(IglooError) -> [String?] {
        try column(name, isFit: \.isText).map {
            if case .text(let text) = $0 { text } else { nil }
        }
    }

    func integers(_ name: String) throws(IglooError) -> [Int64?] {
        try column(name, isFit: \.isSignedInteger).map {
            if case .int(let number) = $0, number >= 0 { number } else { nil }
        }
    }

    private func column(
        _ name: String, isFit: (DataType) -> Bool
    ) throws(IglooError) -> [Scalar] {
        guard let index = schema.index(of: name) else {
            throw call.broken("gave a list without the column \(name)")
        }
        let type = schema.fields[index].type
        guard isFit(type.valueType) else {
            throw call.broken("gave a list whose column \(name) is of type \(type)")
        }
        return batches.flatMap { batch in
            (0..<batch.rowCount).map { batch.columns[index].scalar(at: $0) }
        }
    }
}

extension DataType {
    /// Of a dictionary, the type of its values.
    fileprivate var valueType: DataType {
        if case .dictionary(_, let value, _) = self { value } else { self }
    }
}

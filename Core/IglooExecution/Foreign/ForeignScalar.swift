// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// A plugin's function of values as a kernel.
struct ForeignScalar {
    private let call: ForeignCall
    private let function: any ScalarFunction
    private let arguments: ForeignArguments
    private let context: CallContext

    init(_ call: ForeignCall, _ function: any ScalarFunction, _ context: CallContext) {
        self.call = call
        self.function = function
        self.context = context
        arguments = ForeignArguments(call)
    }

    func kernel(_ kernelCall: KernelCall) throws(IglooError) -> ArrayData {
        var columns: [ArrayData] = []
        for argument in kernelCall.arguments {
            columns.append(try flattened(try argument.expanded(to: kernelCall.count)))
        }
        guard let rows = arguments.wantedRows(columns, rowCount: kernelCall.count) else {
            return try evaluate(columns, rowCount: kernelCall.count)
        }
        if rows.isEmpty { return try .nulls(call.result, count: kernelCall.count) }
        let values = try evaluate(
            try Vectors.gather(columns, rows[...]), rowCount: rows.count)
        var places = [UInt32](repeating: missingIndex, count: kernelCall.count)
        for (place, row) in rows.enumerated() { places[Int(row)] = UInt32(place) }
        return try gatherOrNull(values, indexes: places, count: kernelCall.count)
    }

    private func evaluate(
        _ columns: [ArrayData], rowCount: Int
    ) throws(IglooError) -> ArrayData {
        try context.checkCancelled()
        let values = try function.evaluate(
            try arguments.batch(columns, rowCount: rowCount), context)
        return try flattened(try Normalizer.canonical(values))
    }
}

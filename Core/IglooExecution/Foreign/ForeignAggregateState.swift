// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// The groups of a plugin's aggregate.
///
/// States of several threads are merged by their partial values, which never leave memory: an
/// aggregation that spills writes rows.
final class ForeignAggregateState: AggregateState {
    private let state: any AggregateFunctionState
    private let arguments: ForeignArguments
    private let argumentTypes: [DataType]
    private let context: CallContext
    private var groupCount = 0
    /// The groups that the plugin knows of.
    private var toldGroupCount = 0
    private var partials: ArrayData?
    private var results: ArrayData?

    init(_ call: ForeignCall, _ context: CallContext) throws(IglooError) {
        guard case .aggregate(let function) = call.function else {
            throw IglooError(.internalError, "\(call.name) is no aggregate")
        }
        self.context = context
        arguments = ForeignArguments(call)
        argumentTypes = call.parameters
        state = try function.makeState(context)
    }

    override var passesOverNulls: Bool { true }

    override func resize(_ groupCount: Int) { self.groupCount = max(self.groupCount, groupCount) }

    override func update(
        _ groups: UnsafePointer<UInt32>, _ columns: [ArrayData], _ rowCount: Int
    ) throws(IglooError) {
        let columns = Array(columns.prefix(argumentTypes.count))
        let all = UnsafeBufferPointer(start: groups, count: rowCount)
        guard let rows = arguments.wantedRows(columns, rowCount: rowCount) else {
            return try update(Array(all), columns)
        }
        if rows.isEmpty { return }
        try update(rows.map { all[Int($0)] }, try Vectors.gather(columns, rows[...]))
    }

    private func update(_ groups: [UInt32], _ columns: [ArrayData]) throws(IglooError) {
        try context.checkCancelled()
        try state.update(
            try arguments.batch(columns, rowCount: groups.count), groups: groups,
            groupCount: groupCount, context)
        toldGroupCount = groupCount
        partials = nil
        results = nil
    }

    /// Tells of groups without a row of theirs.
    private func tellGroups() throws(IglooError) {
        if toldGroupCount == groupCount { return }
        try update([], try Vectors.nulls(argumentTypes, count: 0))
    }

    private func checked(_ values: ArrayData) throws(IglooError) -> ArrayData {
        guard values.count == groupCount else {
            throw IglooError(
                .internalError,
                "an aggregate gave \(values.count) values for \(groupCount) groups")
        }
        return values
    }

    override func prepareForMerge() throws(IglooError) {
        try tellGroups()
        partials = try checked(try state.partials(context))
    }

    override func merge(
        _ other: AggregateState, _ sources: [UInt32], _ targets: [UInt32]
    ) throws(IglooError) {
        guard let other = other as? ForeignAggregateState, let partials = other.partials else {
            throw IglooError(.internalError, "a state is merged that was not made ready")
        }
        let moved = try arrow { () throws(ArrowError) in
            try partials.take(sources.map { Int($0) })
        }
        try state.merge(moved, groups: targets, groupCount: groupCount, context)
        toldGroupCount = groupCount
        results = nil
    }

    override func finish(_ range: Range<Int>) throws(IglooError) -> ArrayData {
        if let results { return results.slice(range.lowerBound, count: range.count) }
        try tellGroups()
        let values = try checked(try state.results(context))
        let all = try flattened(try Normalizer.canonical(values))
        results = all
        return all.slice(range.lowerBound, count: range.count)
    }
}

// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// Makes a value of each group's rows, which come group by group, in the aggregate's order: what
/// `CollectedResults` does where all rows are at hand.
///
/// - Threads: one at a time.
class GroupFold {
    final let call: AggregateCall
    private let memory: any MemoryAccount
    private var reserved = 0

    init(_ call: AggregateCall, reserve memory: any MemoryAccount) {
        self.call = call
        self.memory = memory
    }

    deinit { try? memory.reserve(-reserved) }

    static func make(
        _ call: AggregateCall, reserve memory: any MemoryAccount
    ) -> GroupFold {
        switch call.function {
        case "array_agg": ListFold(call, reserve: memory)
        case "string_agg": TextFold(call, reserve: memory)
        case "median", "quantile_cont", "quantile_disc": QuantileFold(call, reserve: memory)
        case "mode", "histogram", "entropy": RunFold(call, reserve: memory)
        case "mad": DeviationFold(call, reserve: memory)
        default: PickFold(call, reserve: memory)
        }
    }

    /// Announces what results take.
    final func reserve(_ byteCount: Int) throws(IglooError) {
        try memory.reserve(byteCount)
        reserved += byteCount
    }

    /// Rows of the current group, which has `presentCount` ones that are not NULL.
    func take(
        _ columns: [ArrayData], _ rows: Range<Int>, presentCount: Int
    ) throws(IglooError) {}

    /// No more rows of the group come; it may have had none.
    func endGroup() throws(IglooError) {}

    func finish() throws(IglooError) -> ArrayData {
        preconditionFailure("a fold without results")
    }
}

/// Values that were picked out of rows, for results that consist of such.
struct PickedValues {
    private var parts: [ArrayData] = []
    private var places: [UInt32] = []

    /// A row of a column, copied: blocks that are done with shall go.
    static func copy(_ column: ArrayData, _ row: Int) throws(IglooError) -> ArrayData {
        try Vectors.gather(column, [UInt32(row)][...])
    }

    /// - Parameter value: one row; `nil` for NULL.
    mutating func append(_ value: ArrayData?) {
        guard let value else { return places.append(missingIndex) }
        places.append(UInt32(parts.count))
        parts.append(value)
    }

    func array(_ type: DataType) throws(IglooError) -> ArrayData {
        if parts.isEmpty { return try Vectors.nulls(type, count: places.count) }
        let values = try Vectors.concatenate(parts)
        let result = places.withUnsafeBufferPointer { buffer in
            Result { () throws(IglooError) in
                guard let base = buffer.baseAddress else { return values.slice(0, count: 0) }
                return try gatherOrNull(values, indexes: base, count: buffer.count)
            }
        }
        return try result.get()
    }
}

/// Lists.
private final class ListFold: GroupFold {
    private var parts: [ArrayData] = []
    private var counts: [Int] = []
    private var count = 0

    override func take(
        _ columns: [ArrayData], _ rows: Range<Int>, presentCount: Int
    ) throws(IglooError) {
        let piece = Batch(columns: [columns[0]], rowCount: columns[0].count)
            .slice(rows.lowerBound, count: rows.count)
        // The items are put into one piece at the end.
        try reserve(2 * piece.byteCount)
        parts.append(try piece.compacted().columns[0])
        count += rows.count
    }

    override func endGroup() {
        counts.append(count)
        count = 0
    }

    override func finish() throws(IglooError) -> ArrayData {
        let items =
            parts.isEmpty
            ? try Vectors.nulls(call.arguments[0].storedType, count: 0)
            : try Vectors.concatenate(parts)
        return try ListLayout.list(
            call.type, counts: counts,
            validity: Bits.make(counts.count) { [counts] in counts[$0] > 0 },
            items: items)
    }
}

/// Texts put together.
private final class TextFold: GroupFold {
    private var writer = ViewWriter(count: 1)
    private var isPresent: [Bool] = []
    private var isFirst = true

    override func take(
        _ columns: [ArrayData], _ rows: Range<Int>, presentCount: Int
    ) throws(IglooError) {
        let before = writer.openByteCount
        let texts = ViewReader(Vector(columns[0]))
        let separators =
            call.arguments.count > 1 ? ViewReader(Vector(columns[1])) : nil
        for row in rows where !columns[0].isNull(row) {
            if !isFirst, let separators, !columns[1].isNull(row) { writer.write(separators[row]) }
            writer.write(texts[row])
            isFirst = false
        }
        try reserve(2 * (writer.openByteCount - before))
        try CollectedResults.checkText(writer.openByteCount)
    }

    override func endGroup() {
        writer.close()
        isPresent.append(!isFirst)
        isFirst = true
    }

    override func finish() -> ArrayData {
        writer.finish(
            .utf8View, count: isPresent.count,
            validity: Bits.make(isPresent.count) { [isPresent] in isPresent[$0] })
    }
}

/// The first or the last row, or the first that is not NULL.
private final class PickFold: GroupFold {
    private var values = PickedValues()
    private var found: ArrayData?

    override func take(
        _ columns: [ArrayData], _ rows: Range<Int>, presentCount: Int
    ) throws(IglooError) {
        switch call.function {
        case "last": found = try PickedValues.copy(columns[0], rows.upperBound - 1)
        case "any_value":
            if found != nil { return }
            guard let row = rows.first(where: { !columns[0].isNull($0) }) else { return }
            found = try PickedValues.copy(columns[0], row)
        default:
            if found == nil { found = try PickedValues.copy(columns[0], rows.lowerBound) }
        }
    }

    override func endGroup() {
        values.append(found)
        found = nil
    }

    override func finish() throws(IglooError) -> ArrayData {
        try values.array(call.arguments[0].storedType)
    }
}

// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// AND and OR in three-valued logic. Rows that earlier arguments decide do not reach later ones
/// that can fail, nor those that cost more than picking the others out.
final class LogicNode: ExpressionNode {
    private let arguments: [ExpressionNode]
    private let isAnd: Bool
    private var order: ArgumentOrder

    init(_ arguments: [ExpressionNode], isAnd: Bool) {
        self.arguments = arguments
        self.isAnd = isAnd
        order = ArgumentOrder(arguments)
        super.init(
            type: .bool, canFail: arguments.contains(where: \.canFail),
            inputs: Self.inputs(of: arguments))
    }

    /// Where the result is known to be true, and where it is known to be false.
    private struct Truth {
        var yes: Buffer
        var no: Buffer
    }

    override var isVolatile: Bool { arguments.contains(where: \.isVolatile) }

    override func evaluate(_ batch: Batch) throws(IglooError) -> Vector {
        let count = batch.rowCount
        var state = Truth(
            yes: Bits.filled(isAnd, count: count), no: Bits.filled(!isAnd, count: count))
        for (step, place) in order.places.enumerated() {
            let decided = isAnd ? state.no : state.yes
            let truth =
                order.isOpen
                ? try observed(place, isFirst: step == 0, batch, decided)
                : try evaluate(arguments[place], batch, isFirst: step == 0, decided)
            if isAnd {
                state.yes = Bits.and(state.yes, truth.yes, count: count)
                state.no = Bits.or(state.no, truth.no, count: count)
            } else {
                state.yes = Bits.or(state.yes, truth.yes, count: count)
                state.no = Bits.and(state.no, truth.no, count: count)
            }
        }
        if order.isOpen { order.rearrange() }
        let known = Bits.or(state.yes, state.no, count: count)
        return Vector(
            ArrayData(type: .bool, count: count, validity: known, buffers: [state.yes]))
    }

    private func evaluate(
        _ argument: ExpressionNode, _ batch: Batch, isFirst: Bool, _ decided: Buffer
    ) throws(IglooError) -> Truth {
        if argument.canFail && !isFirst { return try evaluate(argument, batch, decided: decided) }
        return Self.truth(try argument.evaluate(batch), batch.rowCount)
    }

    /// Evaluates an argument, and sees what it takes and decides.
    private func observed(
        _ place: Int, isFirst: Bool, _ batch: Batch, _ decided: Buffer
    ) throws(IglooError) -> Truth {
        let argument = arguments[place]
        let count = batch.rowCount
        let openCount =
            isFirst ? count : count - Bitmap.countOnes(decided.pointer(), offset: 0, count: count)
        let isPicking =
            !isFirst
            && (argument.canFail || order.isPicking(place, openCount: openCount, of: count))
        let start = MonotonicClock.nanoseconds()
        let truth =
            isPicking
            ? try evaluate(argument, batch, decided: decided)
            : Self.truth(try argument.evaluate(batch), count)
        let end = MonotonicClock.nanoseconds()
        order.note(
            place, nanoseconds: end - start, rowCount: isPicking ? openCount : count,
            decidedCount: Bitmap.countOnes(
                (isAnd ? truth.no : truth.yes).pointer(), offset: 0, count: count))
        return truth
    }

    private static func truth(_ vector: Vector, _ count: Int) -> Truth {
        if vector.isConstant {
            let isNull = vector.array.isNull(0)
            let value = Bits.values(of: vector, count: count)
            return Truth(
                yes: value, no: isNull ? value : Bits.not(value, count: count))
        }
        if vector.array.type == .null {
            let none = Bits.filled(false, count: count)
            return Truth(yes: none, no: none)
        }
        let value = Bits.values(of: vector.array)
        guard let validity = Bits.validity(of: vector.array) else {
            return Truth(yes: value, no: Bits.not(value, count: count))
        }
        return Truth(
            yes: Bits.and(value, validity, count: count),
            no: Bits.andNot(validity, value, count: count))
    }

    /// Evaluates the rows that are open still; the others count as unknown.
    private func evaluate(
        _ argument: ExpressionNode, _ batch: Batch, decided: Buffer
    ) throws(IglooError) -> Truth {
        let count = batch.rowCount
        let open = setBits(Bits.not(decided, count: count), count: count)
        if open.count == count { return Self.truth(try argument.evaluate(batch), count) }
        if open.isEmpty {
            let none = Bits.filled(false, count: count)
            return Truth(yes: none, no: none)
        }
        let part = Self.truth(try argument.evaluate(batch, at: open), open.count)
        return Truth(
            yes: Self.scattered(part.yes, open, count), no: Self.scattered(part.no, open, count))
    }

    private static func scattered(_ bits: Buffer, _ indexes: [UInt32], _ count: Int) -> Buffer {
        var builder = BufferBuilder(zeroed: Bitmap.byteCount(forBits: count))
        let to = builder.pointer(as: UInt8.self)
        let from = bits.pointer(as: UInt8.self)
        var i = 0
        while i < indexes.count {
            if Bitmap.isSet(from, i) { Bitmap.set(to, Int(indexes[i])) }
            i &+= 1
        }
        return builder.finish()
    }
}

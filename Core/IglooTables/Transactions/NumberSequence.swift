// SPDX-License-Identifier: MIT

public import IglooContracts
public import IglooPlan

/// Numbers one after another. What was given stays given: transactions do not take numbers back.
///
/// - Threads: any.
public final class NumberSequence: Sendable {
    private struct State: Sendable {
        var last: Int64
        /// Whether `last` was given, so that the next number follows it.
        var isGiven: Bool
    }

    public let definition: SequenceDefinition
    private let state: Locked<State>

    public init(_ definition: SequenceDefinition) {
        self.definition = definition
        state = Locked(State(last: definition.start, isGiven: false))
    }

    /// The same numbers by another definition.
    public init(_ definition: SequenceDefinition, continuing old: NumberSequence) {
        self.definition = definition
        state = Locked(old.state.withLock { $0 })
    }

    /// The number given or set last, and whether it was given.
    public var lastValue: (value: Int64, isGiven: Bool) {
        state.withLock { ($0.last, $0.isGiven) }
    }

    /// - Parameter name: as errors call the sequence.
    /// - Throws: 2200H when all numbers were given.
    public func next(_ name: String) throws(IglooError) -> Int64 {
        try state.withLock { (state) throws(IglooError) in
            guard state.isGiven else {
                state.isGiven = true
                return state.last
            }
            let (next, overflow) = state.last.addingReportingOverflow(definition.increment)
            if !overflow, definition.range.contains(next) {
                state.last = next
                return next
            }
            let isAscending = definition.increment > 0
            guard definition.cycles else {
                let (word, bound) =
                    isAscending
                    ? ("maximum", definition.range.upperBound)
                    : ("minimum", definition.range.lowerBound)
                throw IglooError(
                    .outOfRange,
                    "nextval: reached \(word) value of sequence \"\(name)\" (\(bound))",
                    sqlState: SQLState(rawValue: "2200H"))
            }
            state.last =
                isAscending ? definition.range.lowerBound : definition.range.upperBound
            return state.last
        }
    }

    /// - Throws: 22003 for a number that the sequence does not have.
    public func set(_ value: Int64, isGiven: Bool, _ name: String) throws(IglooError) {
        guard definition.range.contains(value) else {
            throw IglooError(
                .outOfRange,
                "setval: value \(value) is out of bounds for sequence \"\(name)\" "
                    + "(\(definition.range.lowerBound)..\(definition.range.upperBound))")
        }
        state.withLock { $0 = State(last: value, isGiven: isGiven) }
    }
}

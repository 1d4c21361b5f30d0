// SPDX-License-Identifier: MIT

import IglooContracts
import IglooExecution
import IglooSQL
import IglooTables

/// The numbers that a session got of sequences.
///
/// - Threads: any.
final class SessionSequences: Sendable {
    private struct State: Sendable {
        /// By the sequences' ids.
        var numbers: [Int: Int64] = [:]
        var last: Int64?
    }

    private let state = Locked(State())

    /// - Throws: 42P01 and 42809 for what is no sequence; 55000 before the first number.
    func number(
        _ request: SequenceRequest, _ memory: MemoryCatalog
    ) throws(IglooError) -> Int64 {
        switch request {
        case .next(let name):
            let (id, sequence) = try find(name, memory)
            let number = try sequence.next(name)
            state.withLock { state in
                state.numbers[id] = number
                state.last = number
            }
            return number
        case .current(let name?):
            let (id, _) = try find(name, memory)
            if let number = state.withLock({ $0.numbers[id] }) { return number }
            throw notReady("currval of sequence \"\(name)\" is not yet defined in this session")
        case .current(nil):
            if let number = state.withLock({ $0.last }) { return number }
            throw notReady("lastval is not yet defined in this session")
        case .set(let name, let value, let isGiven):
            let (id, sequence) = try find(name, memory)
            try sequence.set(value, isGiven: isGiven, name)
            if isGiven { state.withLock { $0.numbers[id] = value } }
            return value
        }
    }

    private func notReady(_ message: String) -> IglooError {
        IglooError(
            .invalidState, message, hint: "nextval gives the first number",
            sqlState: .objectNotReady)
    }

    private func find(
        _ name: String, _ memory: MemoryCatalog
    ) throws(IglooError) -> (id: Int, sequence: NumberSequence) {
        let parts = try SQLParser.name(name).parts.map(\.name)
        guard let found = memory.find(parts) else {
            throw IglooError(
                .notFound, "relation \"\(name)\" does not exist",
                hint: "CREATE SEQUENCE makes a sequence", sqlState: .undefinedTable)
        }
        guard case .sequence(let sequence) = found.relation.entry else {
            throw IglooError(
                .invalidArgument, "\"\(name)\" is not a sequence", sqlState: .wrongObjectType)
        }
        return (found.relation.id, sequence)
    }
}

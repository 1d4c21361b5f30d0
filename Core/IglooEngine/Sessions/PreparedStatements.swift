// SPDX-License-Identifier: MIT

import IglooContracts
import IglooPlan
import IglooSQL

/// A session's prepared statements, by name.
///
/// - Threads: any.
final class PreparedStatements: Sendable {
    struct Prepared: Sendable {
        var statement: Statement
        var types: [TypeName]
        var parameterCount: Int
    }

    private let statements = Locked<[String: Prepared]>([:])

    var names: [String] { statements.withLock { $0.keys.sorted() } }

    /// - Throws: 42P05 when the name is taken.
    func add(_ prepare: Prepare) throws(IglooError) {
        let count = max(SQLParser.parameterCount(of: prepare.statement), prepare.types.count)
        let new = Prepared(
            statement: prepare.statement, types: prepare.types, parameterCount: count)
        let isTaken = statements.withLock { statements in
            if statements[prepare.name.name] != nil { return true }
            statements[prepare.name.name] = new
            return false
        }
        guard isTaken else { return }
        throw IglooError(
            .alreadyExists, "prepared statement \"\(prepare.name)\" already exists",
            hint: "DEALLOCATE \(prepare.name) removes it",
            sqlState: SQLState(rawValue: "42P05"), position: prepare.name.range.start)
    }

    func find(_ name: Identifier) throws(IglooError) -> Prepared {
        if let found = statements.withLock({ $0[name.name] }) { return found }
        throw missing(name)
    }

    func remove(_ name: Identifier?) throws(IglooError) {
        guard let name else { return statements.withLock { $0 = [:] } }
        guard statements.withLock({ $0.removeValue(forKey: name.name) }) == nil else { return }
        throw missing(name)
    }

    private func missing(_ name: Identifier) -> IglooError {
        IglooError(
            .notFound, "prepared statement \"\(name)\" does not exist",
            hint: NearestName.among(names, to: name.name).map { "did you mean \"\($0)\"?" },
            sqlState: SQLState(rawValue: "26000"), position: name.range.start)
    }
}

// SPDX-License-Identifier: MIT

import IglooContracts
import IglooSQL

extension StatementRunner {
    /// What PostgreSQL warns of is a notice here as well.
    func control(_ control: TransactionControl) throws(IglooError) -> StatementResult {
        let transactions = session.transactions
        switch control {
        case .begin(let isReadOnly):
            try transactions.checkUsable()
            if !transactions.begin(isReadOnly: isReadOnly) {
                session.notices.add(Notice("there is already a transaction in progress"))
            }
            return .done(tag: "BEGIN")
        case .commit:
            let end = try transactions.commit()
            if case .nothing = end { warnOfNoTransaction() }
            if case .rolledBack = end { return .done(tag: "ROLLBACK") }
            return .done(tag: "COMMIT")
        case .rollback:
            if case .nothing = transactions.rollback() { warnOfNoTransaction() }
            return .done(tag: "ROLLBACK")
        case .savepoint(let name):
            try transactions.checkUsable()
            try transactions.savepoint(name.name)
            return .done(tag: "SAVEPOINT")
        case .release(let name):
            try transactions.checkUsable()
            try transactions.release(name.name)
            return .done(tag: "RELEASE")
        case .rollbackTo(let name):
            try transactions.rollback(to: name.name)
            return .done(tag: "ROLLBACK")
        }
    }

    private func warnOfNoTransaction() {
        session.notices.add(Notice("there is no transaction in progress"))
    }
}

// SPDX-License-Identifier: MIT

import IglooContracts

/// Leases, within a transaction of the database.
extension StoreConnection {
    func hasDueLease() throws(IglooError) -> Bool {
        try number(
            "SELECT EXISTS (SELECT 1 FROM leases WHERE expires <= ?)",
            [.integer(Clock.sinceBoot)]) != 0
    }

    /// Ends the leases whose time is over, all in one revision.
    func expireLeases() throws(IglooError) {
        guard try hasDueLease() else { return }
        try end("expires <= ?", .integer(Clock.sinceBoot))
    }

    func grantLease(_ lifetime: Int64) throws(IglooError) -> Int64 {
        try run(
            "INSERT INTO leases (lifetime, expires) VALUES (?, ?)",
            [.integer(lifetime), .integer(expiry(lifetime))])
        return try number("SELECT last_insert_rowid()")
    }

    func renewLease(_ lease: Int64) throws(IglooError) -> Int64 {
        try checkLease(lease)
        let lifetime = try number("SELECT lifetime FROM leases WHERE id = ?", [.integer(lease)])
        try run(
            "UPDATE leases SET expires = ? WHERE id = ?",
            [.integer(expiry(lifetime)), .integer(lease)])
        return lifetime
    }

    func revokeLease(_ lease: Int64) throws(IglooError) {
        try checkLease(lease)
        try end("id = ?", .integer(lease))
    }

    /// - Throws: `notFound` when there is no such lease, or no more.
    func checkLease(_ lease: Int64) throws(IglooError) {
        let isThere = try number(
            "SELECT EXISTS (SELECT 1 FROM leases WHERE id = ?)", [.integer(lease)])
        guard isThere != 0 else {
            throw IglooError(.notFound, "there is no lease \(lease), or it has expired")
        }
    }

    private func expiry(_ lifetime: Int64) -> Int64 {
        let (sum, overflow) = Clock.sinceBoot.addingReportingOverflow(lifetime)
        return overflow ? .max : sum
    }

    /// Deletes leases and their keys.
    private func end(_ condition: String, _ value: Statement.Value) throws(IglooError) {
        let rows = try statement(
            "SELECT key FROM items WHERE lease <> 0 AND lease IN "
                + "(SELECT id FROM leases WHERE \(condition)) ORDER BY key", [value])
        var keys: [[UInt8]] = []
        while try rows.step() { keys.append(rows.bytes(0)) }
        var step = WriteStep(revision: try state().revision + 1)
        for key in keys { try delete(key, &step) }
        if !keys.isEmpty { try finish(step) }
        try run("DELETE FROM leases WHERE \(condition)", [value])
    }
}

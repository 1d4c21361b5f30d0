// SPDX-License-Identifier: MIT

import CIgloo
import IglooABI
import IglooContracts

/// The host that a plugin under test is given: it writes down what the plugin does with it.
enum TestHost {
    struct Record {
        /// Targets and messages of the log.
        var lines: [String] = []
        /// What is reserved under each account.
        var balances: [UInt64: Int64] = [:]
        /// What was ever reserved.
        var reserved: Int64 = 0
        /// Requests beyond it are refused.
        var limit = Int64.max
        /// Refuses some requests at random.
        var refusesAtRandom = false
        /// More was given back than taken.
        var overdrafts: [String] = []
        var random = Random(seed: 0)
    }

    static let record = Locked(Record())

    /// A table that says it is of this epoch and minor; it lives as long as the process.
    static func table(
        epoch: UInt32 = IGLOO_EPOCH, minor: UInt32 = IGLOO_MINOR
    ) -> UnsafePointer<igloo_host> {
        let table = UnsafeMutablePointer<igloo_host>.allocate(capacity: 1)
        table.initialize(
            to: igloo_host(
                epoch: epoch, minor: minor,
                log: { _, target, message in
                    let line = "\(String(target)): \(String(message))"
                    TestHost.record.withLock { record in
                        if record.lines.count < 10_000 { record.lines.append(line) }
                    }
                },
                reserve: { account, delta in TestHost.reserve(account, delta) },
                facet: { _ in nil }))
        return UnsafePointer(table)
    }

    private static func reserve(_ account: UInt64, _ delta: Int64) -> igloo_status {
        record.withLock { record in
            let (sum, overflow) = record.balances[account, default: 0]
                .addingReportingOverflow(delta)
            if overflow || (delta > 0 && sum > record.limit)
                || (delta > 0 && record.refusesAtRandom && record.random.chance(1, in: 3))
            {
                return igloo_status(IGLOO_E_EXHAUSTED)
            }
            if sum < 0 {
                record.overdrafts.append("account \(account) stands at \(sum) bytes")
            }
            record.balances[account] = sum
            if delta > 0 { record.reserved &+= delta }
            return igloo_status(IGLOO_OK)
        }
    }
}

// SPDX-License-Identifier: MIT

import CIgloo
import IglooArrow
import IglooContracts

/// Many queries, and queries whose host refuses memory.
enum EnduranceChecks {
    static let all: [Check] = [
        Check("soak.1000_queries_flat_rss_fds_threads", limit: 300, soak),
        Check("fuzz.host_callback_faults", limit: 120, callbackFaults),
    ]

    private static func soak(_ bench: Bench) throws {
        let instance = try bench.connector()
        let fixture = try bench.hostile(instance)
        var generator = RequestGenerator(fixture, bench.random(61))
        let requests = (0..<50).map { _ in
            var request = generator.request()
            request.table = fixture.table.handle
            return request
        }
        func round() throws {
            for request in requests { _ = try instance.scan(request) }
        }
        for _ in 0..<4 { try round() }
        let resident = PlatformResources.residentByteCount()
        let descriptors = PlatformResources.descriptors().count
        let threads = PlatformResources.threadCount()
        for _ in 0..<16 { try round() }
        let grown = PlatformResources.residentByteCount() - resident
        if grown > 16 << 20 {
            throw CheckEnd.leaked("800 queries grew the process by \(grown >> 10) KiB")
        }
        let moreDescriptors = PlatformResources.descriptors().count - descriptors
        if moreDescriptors > 4 {
            throw CheckEnd.leaked("800 queries left \(moreDescriptors) descriptors open")
        }
        let moreThreads = PlatformResources.threadCount() - threads
        if moreThreads > 4 { throw CheckEnd.leaked("800 queries left \(moreThreads) threads") }
    }

    /// Memory that is refused at random: each call succeeds with the right rows or fails cleanly.
    private static func callbackFaults(_ bench: Bench) throws {
        let instance = try bench.connector()
        let fixture = try bench.hostile(instance)
        let call = Call()
        call.account = 4_711
        TestHost.record.withLock {
            $0.refusesAtRandom = true
            $0.random = bench.random(62)
        }
        let request = ScanRequest(table: fixture.table.handle, columns: fixture.allColumns)
        for _ in 0..<100 {
            do {
                let rows = try instance.scan(request, call).rows
                try RowComparison.requireSame(rows, fixture.rows, "with memory refused at random")
            } catch let failure as CallFailure {
                try require(
                    failure.status == IGLOO_E_EXHAUSTED,
                    "when memory is refused, \(failure): not EXHAUSTED")
            }
        }
        TestHost.record.withLock { $0.refusesAtRandom = false }
        let rows = try instance.scan(request).rows
        try RowComparison.requireSame(rows, fixture.rows, "after memory was refused at random")
    }
}

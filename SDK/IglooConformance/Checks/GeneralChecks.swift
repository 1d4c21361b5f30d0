// SPDX-License-Identifier: MIT

import CIgloo
import IglooABI
import IglooArrow
import IglooContracts
import IglooPlugins

/// The plugin as a whole.
enum GeneralChecks {
    static let all: [Check] = [
        Check("negative.undeclared_facets_null", undeclaredFacets),
        Check("soak.1000_queries_flat_rss_fds_threads", limit: 300, soak),
        Check("fuzz.host_callback_faults", limit: 120, callbackFaults),
        Check("report.capabilities_documented", documented),
    ]

    private static let knownCapabilities = UInt64(
        IGLOO_CAP_CPU_BOUND | IGLOO_CAP_READS_FILES)

    /// Facets with a capability bit are there when it is set and only then; those that nobody has
    /// defined are not there.
    private static func undeclaredFacets(_ bench: Bench) throws {
        let instance = try bench.instance()
        let capabilities = instance.kind.pointee.caps
        for facet in DeclaredFacet.all {
            let isDeclared = capabilities & facet.capability != 0
            try require(
                (instance.facet(facet.id) != nil) == isDeclared,
                isDeclared
                    ? "the facet \(facet.name) is declared and not there"
                    : "the facet \(facet.name) is there and not declared")
        }
        let known = Set(DeclaredFacet.all.map(\.id))
        var random = bench.random(60)
        let ids = (0x0100...0x010F).map { UInt32($0) } + [0, 1, 0x0200, .max]
        for id in ids + (0..<50).map({ _ in UInt32(truncatingIfNeeded: random.next()) })
        where !known.contains(id) {
            try require(
                instance.facet(id) == nil,
                "the facet 0x\(String(id, radix: 16)) is there, which nobody has defined")
        }
    }

    private static func soak(_ bench: Bench) throws {
        let instance = try bench.instance()
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
        let instance = try bench.instance()
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

    private static func documented(_ bench: Bench) throws {
        let kind = try bench.kind()
        let unknown = kind.pointee.caps & ~knownCapabilities & ~DeclaredFacet.capabilities
        try require(
            unknown == 0, "capabilities are declared that there are none of: \(unknown)")
        let note = try bench.note()
        try require(!note.license.isEmpty, "the note does not say license=")
        try require(!note.runtime.isEmpty, "the note does not say runtime=")
        try require(kind.pointee.rank == 0, "the kind's rank is \(kind.pointee.rank), not 0")
        for option in KindOptions.specifications(kind) {
            try require(
                option.documentation.hasSuffix("."),
                "the word on the option \"\(option.name)\" is no sentence: \(option.documentation)")
        }
        let reasons = bench.configuration.lost.filter { $0.value.isEmpty }.keys.sorted()
        try require(reasons.isEmpty, "conformance.toml declares \(reasons) lost without a reason")
    }
}

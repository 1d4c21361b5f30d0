// SPDX-License-Identifier: MIT

import CIgloo

/// What a plugin need not have: when it is not there, it must say so.
enum FacetChecks {
    static let all: [Check] = [
        facet("fresh.token_changes_iff_data_changes", changes),
        facet("fresh.plan_snapshot_is_what_is_read", changes),
        facet("changes.replay_equals_diff", changes),
        facet("changes.compacted_reported", changes),
        facet("wait.wakes_on_commit", changes),
    ]

    private static let changes = Reserved(id: 0x0104, name: "changes")

    /// A facet that igloo.h reserves and does not define yet.
    private struct Reserved {
        var id: UInt32
        var name: String
    }

    private static func facet(_ name: String, _ reserved: Reserved) -> Check {
        let (id, word) = (reserved.id, reserved.name)
        return Check(name) { bench in
            try require(
                try bench.instance().facet(id) == nil,
                "there is a facet of \(word), which this minor of the ABI has not")
            throw CheckEnd.skipped("the facet of \(word) is not part of this minor of the ABI")
        }
    }
}

/// A facet that this minor of the ABI defines, with the capability that declares it.
struct DeclaredFacet {
    let name: String
    let id: UInt32
    let capability: UInt64

    static let all = [
        DeclaredFacet(
            name: "statistics", id: IGLOO_FACET_STATS_1, capability: UInt64(IGLOO_CAP_STATS)),
        DeclaredFacet(name: "writes", id: IGLOO_FACET_WRITE_1, capability: UInt64(IGLOO_CAP_WRITE)),
        DeclaredFacet(
            name: "transactions", id: IGLOO_FACET_TXN_1, capability: UInt64(IGLOO_CAP_TXN)),
    ]

    static let capabilities = all.reduce(0) { $0 | $1.capability }
}

// SPDX-License-Identifier: MIT

import CIgloo

/// A facet that this minor of the ABI defines, with the capability that declares it, if one does.
struct DeclaredFacet: Sendable {
    let name: String
    let id: UInt32
    let capability: UInt64?

    static let ofConnectors = [
        DeclaredFacet(
            name: "statistics", id: IGLOO_FACET_STATS_1, capability: UInt64(IGLOO_CAP_STATS)),
        DeclaredFacet(name: "writes", id: IGLOO_FACET_WRITE_1, capability: UInt64(IGLOO_CAP_WRITE)),
        DeclaredFacet(
            name: "transactions", id: IGLOO_FACET_TXN_1, capability: UInt64(IGLOO_CAP_TXN)),
        DeclaredFacet(
            name: "changes", id: IGLOO_FACET_CHANGES_1, capability: UInt64(IGLOO_CAP_CHANGES)),
        DeclaredFacet(name: "joins", id: IGLOO_FACET_JOIN_1, capability: UInt64(IGLOO_CAP_JOIN)),
        DeclaredFacet(
            name: "runtime filters", id: IGLOO_FACET_RUNTIME_FILTER_1,
            capability: UInt64(IGLOO_CAP_RUNTIME_FILTER)),
    ]

    static let ofTransports = [
        DeclaredFacet(name: "batches", id: IGLOO_FACET_BATCH_1, capability: nil)
    ]
}

// SPDX-License-Identifier: MIT

import CIgloo
import IglooContracts

/// The facets of a connector's instance; statistics only where the kind declares them.
func connectorFacet(_ instance: UnsafeMutableRawPointer?, _ id: UInt32) -> UnsafeRawPointer? {
    guard let exported = try? ExportedConnector.instance(at: instance) else { return nil }
    let connector = exported.connector
    switch id {
    case UInt32(IGLOO_FACET_STATS_1):
        return exported.capabilities.contains(.hasStatistics) ? FacetTables.shared.statistics : nil
    case UInt32(IGLOO_FACET_WRITE_1):
        return connector.writing == nil ? nil : FacetTables.shared.write
    case UInt32(IGLOO_FACET_TXN_1):
        return connector.transactions == nil ? nil : FacetTables.shared.transactions
    case UInt32(IGLOO_FACET_CHANGES_1):
        return connector.changes == nil ? nil : FacetTables.shared.changes
    case UInt32(IGLOO_FACET_JOIN_1):
        return connector.joining == nil ? nil : FacetTables.shared.join
    default: return nil
    }
}

// SAFETY: written by init only.
private final class FacetTables: @unchecked Sendable {
    static let shared = FacetTables()

    let statistics = constant(exportedStatisticsTable)
    let write = constant(exportedWriteTable)
    let transactions = constant(exportedTransactionTable)
    let changes = constant(exportedChangesTable)
    let join = constant(exportedJoinTable)

    /// A copy that is never freed.
    private static func constant<Table: BitwiseCopyable>(_ table: Table) -> UnsafeRawPointer {
        let place = UnsafeMutablePointer<Table>.allocate(capacity: 1)
        place.initialize(to: table)
        return UnsafeRawPointer(place)
    }
}

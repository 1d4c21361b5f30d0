// SPDX-License-Identifier: MIT

import CIgloo
import IglooABI
import IglooContracts

/// The facets of a connector's instance; statistics only where the kind declares them.
func connectorFacet(_ instance: UnsafeMutableRawPointer?, _ id: UInt32) -> UnsafeRawPointer? {
    guard let exported = try? ExportedValue<ExportedConnector>.at(instance) else { return nil }
    let connector = exported.connector
    switch id {
    case UInt32(IGLOO_FACET_STATS_1):
        return exported.capabilities.contains(.hasStatistics) ? statisticsFacet.pointer : nil
    case UInt32(IGLOO_FACET_WRITE_1):
        return connector.writing == nil ? nil : writeFacet.pointer
    case UInt32(IGLOO_FACET_TXN_1):
        return connector.transactions == nil ? nil : transactionFacet.pointer
    case UInt32(IGLOO_FACET_CHANGES_1):
        return connector.changes == nil ? nil : changesFacet.pointer
    case UInt32(IGLOO_FACET_JOIN_1):
        return connector.joining == nil ? nil : joinFacet.pointer
    case UInt32(IGLOO_FACET_RUNTIME_FILTER_1):
        return exported.capabilities.contains(.takesRuntimeFilters)
            ? runtimeFilterFacet.pointer : nil
    default: return nil
    }
}

private let runtimeFilterFacet = ConstantTable(exportedRuntimeFiltersTable)
private let statisticsFacet = ConstantTable(exportedStatisticsTable)
private let writeFacet = ConstantTable(exportedWriteTable)
private let transactionFacet = ConstantTable(exportedTransactionTable)
private let changesFacet = ConstantTable(exportedChangesTable)
private let joinFacet = ConstantTable(exportedJoinTable)

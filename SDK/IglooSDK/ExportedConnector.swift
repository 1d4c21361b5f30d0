// SPDX-License-Identifier: MIT

import CIgloo
import IglooABI
import IglooArrow
import IglooContracts

/// A connector behind the host's opaque pointer, with what its kind says of it.
struct ExportedConnector: Sendable {
    let connector: any Connector
    let capabilities: ConnectorCapabilities

    static func at(_ pointer: UnsafeMutableRawPointer?) throws(IglooError) -> any Connector {
        try ExportedValue<ExportedConnector>.at(pointer).connector
    }
}

extension ConnectorKind: ExportableKind {
    private static let table = ConstantTable(exportedConnectorTable)

    var form: KindForm {
        KindForm(
            number: UInt32(IGLOO_CONNECTOR), capabilities: capabilities.rawValue,
            table: Self.table, create: createConnector,
            destroy: { ExportedValue<ExportedConnector>.release($0) }, facet: connectorFacet)
    }
}

let exportedConnectorTable = igloo_connector(
    list: listTables, open_table: openTable, plan: planScan, splits: splitScan, open: openSplit,
    ping: pingConnector)

// MARK: - Life

private func createConnector(
    _ kind: UnsafePointer<igloo_kind>?, _ values: UnsafePointer<igloo_value>?, _ count: Int,
    _ context: UnsafePointer<igloo_ctx>?, _ out: UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
    _ error: UnsafeMutablePointer<igloo_error>?
) -> igloo_status {
    createInstance(of: ConnectorKind.self, kind, values, count, context, out, error) {
        ExportedConnector(connector: $1, capabilities: $0.capabilities)
    }
}

// MARK: - Tables

private func listTables(
    _ instance: UnsafeMutableRawPointer?, _ context: UnsafePointer<igloo_ctx>?, _ what: UInt32,
    _ schema: igloo_str, _ prefix: igloo_str, _ out: UnsafeMutablePointer<igloo_reader>?,
    _ error: UnsafeMutablePointer<igloo_error>?
) -> igloo_status {
    exported(error) { () throws(IglooError) in
        let connector = try ExportedConnector.at(instance)
        let context = CallContext(context)
        let batch: RecordBatch
        switch what {
        case UInt32(IGLOO_LIST_SCHEMAS):
            batch = Listings.schemas(
                try connector.listSchemas(context).filter { $0.hasPrefix(String(prefix)) })
        case UInt32(IGLOO_LIST_TABLES):
            let schema = String(schema)
            let tables = try connector.listTables(
                schema: schema, prefix: String(prefix), context)
            batch = Listings.tables(tables, schema: schema)
        default:
            throw IglooError(.unsupported, "this connector has no list of kind \(what)")
        }
        let reader = ArrayBatchReader(schema: batch.schema, batches: [batch])
        try required(out).pointee = ExportedReader.export(reader)
    }
}

private func openTable(
    _ instance: UnsafeMutableRawPointer?, _ context: UnsafePointer<igloo_ctx>?,
    _ schema: igloo_str, _ name: igloo_str, _ handle: UnsafeMutablePointer<igloo_blob>?,
    _ out: UnsafeMutablePointer<ArrowSchema>?, _ error: UnsafeMutablePointer<igloo_error>?
) -> igloo_status {
    exported(error) { () throws(IglooError) in
        let handle = try required(handle)
        let out = try required(out)
        let table = try ExportedConnector.at(instance).openTable(
            schema: String(schema), name: String(name), CallContext(context))
        handle.pointee = igloo_blob(exporting: table.handle)
        table.schema.export(to: out)
    }
}

private func pingConnector(
    _ instance: UnsafeMutableRawPointer?, _ context: UnsafePointer<igloo_ctx>?,
    _ error: UnsafeMutablePointer<igloo_error>?
) -> igloo_status {
    exported(error) { () throws(IglooError) in
        try ExportedConnector.at(instance).ping(CallContext(context))
    }
}

// MARK: - Scans

private func planScan(
    _ instance: UnsafeMutableRawPointer?, _ context: UnsafePointer<igloo_ctx>?,
    _ request: UnsafePointer<igloo_scan_request>?, _ schema: UnsafeMutablePointer<ArrowSchema>?,
    _ out: UnsafeMutablePointer<igloo_scan_answer>?, _ error: UnsafeMutablePointer<igloo_error>?
) -> igloo_status {
    exported(error) { () throws(IglooError) in
        let schema = try required(schema)
        let out = try required(out)
        guard let request else {
            throw IglooError(.invalidArgument, "the host passed no request")
        }
        let answer = try ExportedConnector.at(instance).plan(
            try ScanRequest(request.pointee), CallContext(context))
        try answer.write(to: out, conjunctCount: request.pointee.n_conjuncts)
        answer.schema.export(to: schema)
    }
}

private func splitScan(
    _ instance: UnsafeMutableRawPointer?, _ context: UnsafePointer<igloo_ctx>?,
    _ handle: igloo_bytes, _ targetByteCount: Int64,
    _ out: UnsafeMutablePointer<igloo_split_source>?, _ error: UnsafeMutablePointer<igloo_error>?
) -> igloo_status {
    exported(error) { () throws(IglooError) in
        let out = try required(out)
        let source = try ExportedConnector.at(instance).splits(
            handle: Array(handle), targetByteCount: max(1, Int(targetByteCount)),
            CallContext(context))
        out.pointee = ExportedSplitSource.export(source)
    }
}

private func openSplit(
    _ instance: UnsafeMutableRawPointer?, _ context: UnsafePointer<igloo_ctx>?,
    _ handle: igloo_bytes, _ split: igloo_bytes, _ out: UnsafeMutablePointer<igloo_reader>?,
    _ error: UnsafeMutablePointer<igloo_error>?
) -> igloo_status {
    exported(error) { () throws(IglooError) in
        let out = try required(out)
        let reader = try ExportedConnector.at(instance).open(
            handle: Array(handle), split: Array(split), CallContext(context))
        out.pointee = ExportedReader.export(reader)
    }
}

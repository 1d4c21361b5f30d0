// SPDX-License-Identifier: MIT

import CIgloo
import IglooABI
import IglooArrow
import IglooContracts

/// An instance behind the host's opaque pointer.
final class ExportedConnector: Sendable {
    let connector: any Connector
    let capabilities: ConnectorCapabilities

    init(_ connector: any Connector, _ capabilities: ConnectorCapabilities) {
        self.connector = connector
        self.capabilities = capabilities
    }

    static func at(_ pointer: UnsafeMutableRawPointer?) throws(IglooError) -> any Connector {
        try instance(at: pointer).connector
    }

    static func instance(
        at pointer: UnsafeMutableRawPointer?
    ) throws(IglooError) -> ExportedConnector {
        guard let pointer else {
            throw IglooError(.invalidArgument, "the host passed no instance")
        }
        return Unmanaged<ExportedConnector>.fromOpaque(pointer).takeUnretainedValue()
    }
}

/// Runs the body of an exported function: errors become a status.
func exported(
    _ error: UnsafeMutablePointer<igloo_error>?, _ body: () throws(IglooError) -> Void
) -> igloo_status {
    do throws(IglooError) {
        try body()
        return igloo_status(IGLOO_OK)
    } catch let failure {
        return failure.write(to: error)
    }
}

/// The pointer of an out-parameter, which a broken host may have forgotten.
func required<Value>(
    _ pointer: UnsafeMutablePointer<Value>?
) throws(IglooError) -> UnsafeMutablePointer<Value> {
    guard let pointer else {
        throw IglooError(.invalidArgument, "the host gave no place for a \(Value.self)")
    }
    return pointer
}

let exportedConnectorTable = igloo_connector(
    list: listTables, open_table: openTable, plan: planScan, splits: splitScan, open: openSplit,
    ping: pingConnector)

// MARK: - Life

func createConnector(
    _ kind: UnsafePointer<igloo_kind>?, _ values: UnsafePointer<igloo_value>?, _ count: Int,
    _ context: UnsafePointer<igloo_ctx>?, _ out: UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
    _ error: UnsafeMutablePointer<igloo_error>?
) -> igloo_status {
    exported(error) { () throws(IglooError) in
        guard let kind = Exported.plugin?.connectorKind(at: kind) else {
            throw IglooError(.invalidArgument, "the host asked for a kind this plugin has not")
        }
        let connector = try kind.create(
            OptionValues(values, count: count), CallContext(context))
        try required(out).pointee =
            Unmanaged.passRetained(ExportedConnector(connector, kind.capabilities)).toOpaque()
    }
}

func destroyConnector(_ instance: UnsafeMutableRawPointer?) {
    if let instance { Unmanaged<ExportedConnector>.fromOpaque(instance).release() }
}

extension OptionValues {
    /// The values as the host passes them.
    init(_ values: UnsafePointer<igloo_value>?, count: Int) {
        self.init()
        for value in Array(values, count: count) { self[String(value.name)] = OptionValue(value) }
    }
}

extension OptionValue {
    init(_ value: igloo_value) {
        switch Int(value.type) {
        case IGLOO_OPT_BOOL: self = .bool(value.i != 0)
        case IGLOO_OPT_INT, IGLOO_OPT_DURATION, IGLOO_OPT_SIZE:
            self = .integer(value.i)
        case IGLOO_OPT_DOUBLE: self = .double(value.d)
        case IGLOO_OPT_LIST:
            self = .list(Array(value.list, count: Int(value.n_list)).map { String($0) })
        default: self = .string(String(value.s))
        }
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

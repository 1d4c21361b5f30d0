// SPDX-License-Identifier: MIT

public import IglooArrow
public import IglooContracts

/// A connector whose tables are files.
public protocol FileConnector: Connector {
    var catalog: FileCatalog { get }
}

extension FileConnector {
    public func listSchemas(_ context: CallContext) throws(IglooError) -> [String] {
        [FileCatalog.schemaName]
    }

    public func listTables(
        schema: String, prefix: String, _ context: CallContext
    ) throws(IglooError) -> [TableListing] {
        guard schema.isEmpty || schema == FileCatalog.schemaName else { return [] }
        return try catalog.listTables(prefix: prefix, context)
    }

    public func ping(_ context: CallContext) throws(IglooError) {
        if catalog.path != nil { _ = try catalog.listTables(prefix: "", context) }
    }
}

extension ScanRequest {
    /// The columns a scan delivers for the given verdicts, each checked to be one of the table's.
    public func checkedColumns(
        _ verdicts: [Verdict], _ schema: Schema
    ) throws(IglooError) -> [Int] {
        let columns = outputColumns(verdicts)
        for column in columns where !schema.fields.indices.contains(column) {
            throw IglooError(.invalidArgument, "the table has no column \(column)")
        }
        return columns
    }

    /// The limit, where nothing that the source leaves to the host stands between it and the rows.
    public func takenLimit(_ verdicts: [Verdict]) -> Int64? {
        guard let limit, limit >= 0, verdicts.allSatisfy({ $0 == .exact }), sort.isEmpty,
            groupBy.isEmpty, aggregates.isEmpty
        else { return nil }
        return limit
    }
}

extension [FileReference] {
    /// For EXPLAIN.
    public var summary: String {
        switch count {
        case 0: "no files"
        case 1: self[0].path
        default: "\(count) files, first \(self[0].path)"
        }
    }

    public var byteCount: Double { reduce(0.0) { $0 + Double($1.identity.byteCount) } }
}

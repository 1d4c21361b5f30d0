// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

@testable import IglooSQL

/// Tables that have names and columns but no rows.
final class FakeCatalog: CatalogLookup {
    let tables: [String: TableSource]
    let views: [String: (sql: String, columnNames: [String])]

    init(views: [String: (sql: String, columnNames: [String])] = [:]) {
        var tables: [String: TableSource] = [:]
        for (name, columns) in Self.schemas {
            tables[name] = Self.source(name, columns)
        }
        self.tables = tables
        self.views = views
    }

    private static func source(_ name: String, _ columns: [(String, DataType)]) -> TableSource {
        TableSource(
            name: name, connectorName: "fake", connector: FakeConnector(), capabilities: [],
            table: OpenedTable(handle: [], schema: Schema(columns.map { Field($0.0, $0.1) })))
    }

    func relation(_ parts: [String]) throws(IglooError) -> ResolvedRelation {
        let name = Identifier.folded(parts[parts.count - 1])
        if let view = views[name] {
            return .view(sql: view.sql, columnNames: view.columnNames)
        }
        if let table = tables[name] { return .table(table) }
        let nearest = NearestName.among(tables.keys.sorted(), to: name)
        throw IglooError(
            .notFound, "table \"\(parts.joined(separator: "."))\" does not exist",
            hint: nearest.map { "did you mean \"\($0)\"?" }, sqlState: .undefinedTable)
    }

    func file(_ path: String) throws(IglooError) -> ResolvedRelation {
        .table(Self.source(path, [("x", .int32), ("y", .utf8)]))
    }

    func tableFunction(
        _ name: String, arguments: [Scalar], named: [(name: String, value: Scalar)]
    ) throws(IglooError) -> ResolvedRelation {
        guard name == "read_csv" else {
            throw IglooError(
                .notFound, "table function \(name) does not exist", sqlState: .undefinedFunction)
        }
        let columns = named.map { ("\($0.name)=\($0.value)", DataType.utf8) }
        return .table(Self.source("\(arguments)", [("x", .int64)] + columns))
    }

    private static let money = DataType.decimal128(precision: 15, scale: 2)

    static let schemas: [String: [(String, DataType)]] = [
        "t": [
            ("a", .int32), ("b", .int32), ("c", .utf8), ("d", .date32), ("m", money),
            ("f", .float64), ("ts", .timestamp(.microsecond, timeZone: nil)), ("k", .int64),
            ("ok", .bool),
        ],
        "u": [("a", .int32), ("x", .utf8), ("k", .int64)],
        "hits": [("EventTime", .int64), ("userId", .int32), ("UserID", .int64)],
        "odd": [("a", .int32), ("z", .decimal256(precision: 60, scale: 2))],
        "customer": columns(
            "c", "custkey:i name:t address:t nationkey:i phone:t acctbal:m mktsegment:t comment:t"),
        "lineitem": columns(
            "l",
            "orderkey:i partkey:i suppkey:i linenumber:i quantity:m extendedprice:m discount:m tax:m returnflag:t linestatus:t shipdate:d commitdate:d receiptdate:d shipinstruct:t shipmode:t comment:t"
        ),
        "nation": columns("n", "nationkey:i name:t regionkey:i comment:t"),
        "orders": columns(
            "o",
            "orderkey:i custkey:i orderstatus:t totalprice:m orderdate:d orderpriority:t clerk:t shippriority:i comment:t"
        ),
        "part": columns(
            "p", "partkey:i name:t mfgr:t brand:t type:t size:i container:t retailprice:m comment:t"
        ),
        "partsupp": columns("ps", "partkey:i suppkey:i availqty:i supplycost:m comment:t"),
        "region": columns("r", "regionkey:i name:t comment:t"),
        "supplier": columns(
            "s", "suppkey:i name:t address:t nationkey:i phone:t acctbal:m comment:t"),
    ]

    private static func columns(_ prefix: String, _ text: String) -> [(String, DataType)] {
        text.split(separator: " ").map { column in
            let parts = column.split(separator: ":")
            let type: DataType =
                switch parts[1] {
                case "i": .int32
                case "m": money
                case "d": .date32
                default: .utf8
                }
            return ("\(prefix)_\(parts[0])", type)
        }
    }
}

struct FakeConnector: Connector {
    private var absent: IglooError { IglooError(.unsupported, "a fake") }

    func listSchemas(_ context: CallContext) throws(IglooError) -> [String] { [] }
    func listTables(
        schema: String, prefix: String, _ context: CallContext
    ) throws(IglooError) -> [TableListing] { [] }
    func openTable(
        schema: String, name: String, _ context: CallContext
    ) throws(IglooError) -> OpenedTable { throw absent }
    func plan(_ request: ScanRequest, _ context: CallContext) throws(IglooError) -> ScanAnswer {
        throw absent
    }
    func splits(
        handle: [UInt8], targetByteCount: Int, _ context: CallContext
    ) throws(IglooError) -> any SplitSource { throw absent }
    func open(
        handle: [UInt8], split: [UInt8], _ context: CallContext
    ) throws(IglooError) -> any BatchReader { throw absent }
    func ping(_ context: CallContext) throws(IglooError) {}
}

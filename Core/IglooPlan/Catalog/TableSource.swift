// SPDX-License-Identifier: MIT

public import IglooArrow
public import IglooContracts

/// A table that the binder found: where it is and what columns it has.
public final class TableSource: Sendable {
    /// As a user would write it: `sales.public.orders`, `'events/*.parquet'`.
    public let name: String
    /// The plugin and the kind of connector, for EXPLAIN: `parquet`.
    public let connectorName: String
    public let connector: any Connector
    public let capabilities: ConnectorCapabilities
    public let table: OpenedTable
    /// Columns at the end of the schema that are found by their names and are no part of `*`.
    public let hiddenColumnCount: Int

    public init(
        name: String, connectorName: String, connector: any Connector,
        capabilities: ConnectorCapabilities, table: OpenedTable, hiddenColumnCount: Int = 0
    ) {
        self.hiddenColumnCount = hiddenColumnCount
        self.name = name
        self.connectorName = connectorName
        self.connector = connector
        self.capabilities = capabilities
        self.table = table
    }

    /// The columns as the source delivers them; not engine types.
    public var schema: Schema { table.schema }
}

extension TableSource: Hashable {
    public static func == (left: TableSource, right: TableSource) -> Bool { left === right }
    public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}

/// What a name in FROM stands for.
public enum ResolvedRelation: Sendable {
    case table(TableSource)
    /// A view: its query's text, and its columns' names if it was given any.
    case view(sql: String, columnNames: [String])
}

/// A table whose rows can be changed.
public struct WriteTarget: Sendable {
    /// What tells the rows apart.
    public enum Identity: Hashable, Sendable {
        /// The table's last column, hidden, numbers them.
        case rowNumber
        /// These columns of the definition, which are never NULL: the table is a connector's.
        case keys([Int])
        /// Nothing: rows can only be added.
        case none
    }

    /// As messages call it.
    public var name: String
    public var table: TableSource
    public var definition: TableDefinition
    public var identity: Identity

    public init(
        name: String, table: TableSource, definition: TableDefinition,
        identity: Identity = .rowNumber
    ) {
        self.name = name
        self.table = table
        self.definition = definition
        self.identity = identity
    }

    /// Whether a connector writes it.
    public var isForeign: Bool { identity != .rowNumber }
}

/// Where the binder looks names up. Implemented by the engine's catalogs.
///
/// - Threads: calls may block on a source; one at a time per statement.
public protocol CatalogLookup: Sendable {
    /// The table or view of these name parts (1 to 3: table, schema.table, catalog.schema.table or
    /// catalog.table), folded as SQL folds them.
    ///
    /// - Throws: `notFound` (42P01, 3F000, 3D000) with the nearest name as the hint.
    func relation(_ parts: [String]) throws(IglooError) -> ResolvedRelation

    /// The table of these name parts, to be written to.
    ///
    /// - Throws: as `relation`; 42809 for a view, `unsupported` for a table that only gives rows.
    func target(_ parts: [String]) throws(IglooError) -> WriteTarget

    /// `FROM 'path/*.parquet'`.
    func file(_ path: String) throws(IglooError) -> ResolvedRelation

    /// Whether a connector, or the engine itself, has a table function of this name.
    func hasTableFunction(_ name: String) -> Bool

    /// `FROM read_csv('x', delim = '|')`: positional and named arguments.
    func tableFunction(
        _ name: String, arguments: [Scalar], named: [(name: String, value: Scalar)]
    ) throws(IglooError) -> ResolvedRelation

    /// The type that CREATE TYPE made under these name parts; `nil` when there is none.
    func type(_ parts: [String]) throws(IglooError) -> DataType?

    /// The macros that CREATE MACRO made under these name parts, one a number of parameters.
    func macros(_ parts: [String]) -> [MacroDefinition]

    /// The functions of plugins of these name parts: a name, or a library's name and one.
    ///
    /// - Throws: 42725 when several libraries have one of the name, and the name tells none.
    func functions(_ parts: [String]) throws(IglooError) -> [ForeignFunction]

    /// The operator of this name; `nil` when there is none.
    func queryOperator(_ name: String) throws(IglooError) -> (any OperatorFactory)?

    /// With which plugins are called.
    var callContext: CallContext { get }

    /// The value of an expression without columns.
    ///
    /// - Throws: what the expression raises.
    func value(of expression: Expression) throws(IglooError) -> Scalar

    /// The names of plugins' functions, and a word on plugins whose functions cannot be known.
    func knownFunctions() -> (names: [String], hint: String?)
}

extension CatalogLookup {
    public func hasTableFunction(_ name: String) -> Bool { true }
    public func type(_ parts: [String]) throws(IglooError) -> DataType? { nil }
    public func macros(_ parts: [String]) -> [MacroDefinition] { [] }
    public func functions(_ parts: [String]) throws(IglooError) -> [ForeignFunction] { [] }
    public func knownFunctions() -> (names: [String], hint: String?) { ([], nil) }
    public func queryOperator(_ name: String) throws(IglooError) -> (any OperatorFactory)? { nil }
    public var callContext: CallContext { CallContext() }

    public func value(of expression: Expression) throws(IglooError) -> Scalar {
        if case .literal(let value, _) = expression { return value }
        throw IglooError(.unsupported, "only a literal can stand here")
    }

    public func target(_ parts: [String]) throws(IglooError) -> WriteTarget {
        throw IglooError(
            .unsupported, "relation \"\(parts.joined(separator: "."))\" cannot be written to")
    }
}

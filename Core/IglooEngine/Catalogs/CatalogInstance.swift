// SPDX-License-Identifier: MIT

import IglooContracts
import IglooPlan

/// A configured connector, made when it is first asked for something.
///
/// - Threads: any; the first who asks makes the instance, the others wait.
final class CatalogInstance: Sendable {
    /// The connector's kind and an instance of it.
    struct Opened: Sendable {
        var kind: ConnectorKind
        var connector: any Connector
    }

    let name: String
    private let make: @Sendable (CallContext) throws(IglooError) -> Opened
    private let opened = Locked<Opened?>(nil)

    init(
        _ name: String,
        _ make: @escaping @Sendable (CallContext) throws(IglooError) -> Opened
    ) {
        self.name = name
        self.make = make
    }

    func open(_ context: CallContext) throws(IglooError) -> Opened {
        try opened.withLock { (opened) throws(IglooError) in
            if let opened, !opened.connector.isPoisoned { return opened }
            let new = try make(context)
            opened = new
            return new
        }
    }

    /// The table of this name, as the binder wants it.
    ///
    /// - Throws: `notFound` when the connector knows none.
    func table(
        schema: String, name table: String, shownAs shown: String, _ context: CallContext
    ) throws(IglooError) -> TableSource {
        try open(context).table(schema: schema, name: table, shownAs: shown, context)
    }
}

extension CatalogInstance.Opened {
    func table(
        schema: String, name table: String, shownAs shown: String, _ context: CallContext
    ) throws(IglooError) -> TableSource {
        TableSource(
            name: shown, connectorName: kind.name, connector: connector,
            capabilities: kind.capabilities,
            table: try connector.openTable(schema: schema, name: table, context))
    }
}

// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooEngine
import IglooFormats

/// The names of a session for completion, asked for when first needed. Ctrl-C ends the asking;
/// sources that fail offer nothing.
final class SessionNames: CompletionSource {
    private let session: Session
    private let signals: Signals
    private var knownRelations: [String]?
    private var knownColumns: [String: [String]] = [:]

    init(_ session: Session, _ signals: Signals) {
        self.session = session
        self.signals = signals
    }

    /// Call when a statement may have changed what there is.
    func forget() {
        knownRelations = nil
        knownColumns = [:]
    }

    var relations: [String] {
        if let knownRelations { return knownRelations }
        let entries = try? signals.during { (token) throws(IglooError) in
            try session.relations(token).entries
        }
        let names = (entries ?? []).map { entry in
            let name = SQLName.written(entry.name)
            return entry.catalog == "memory" ? name : "\(SQLName.written(entry.catalog)).\(name)"
        }
        knownRelations = names
        return names
    }

    func columns(of relation: String) -> [String] {
        if let known = knownColumns[relation] { return known }
        let schema = try? signals.during { (token) throws(IglooError) in
            try session.describe(relation, cancellation: token)
        }
        let names = schema?.fields.map(\.name) ?? []
        knownColumns[relation] = names
        return names
    }

    func files(in folder: String) -> [String] { PlatformFiles.names(in: folder) }
}

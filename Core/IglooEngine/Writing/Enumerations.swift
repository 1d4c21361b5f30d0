// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooSQL

/// The labels of enumerated types: what CREATE TYPE and ALTER TYPE may say.
enum Enumerations {
    /// As many as storage and messages bear.
    private static let labelCountMax = 100_000
    /// As in PostgreSQL.
    private static let labelByteCountMax = 63

    static func type(_ name: String, _ labels: [String]) throws(IglooError) -> DataType {
        try check(count: labels.count)
        var known: Set<String> = []
        for label in labels {
            try check(label)
            guard known.insert(label).inserted else { throw exists(label) }
        }
        return .logical(.enumeration(EnumerationType(name: name, labels: labels)))
    }

    static func check(count: Int) throws(IglooError) {
        guard count <= labelCountMax else {
            throw IglooError(
                .resourceExhausted,
                "an enumerated type has at most \(labelCountMax) labels",
                hint: "keep that many values as text", sqlState: .statementTooComplex)
        }
    }

    private static func check(_ label: String) throws(IglooError) {
        guard label.utf8.count <= labelByteCountMax else {
            throw IglooError(
                .invalidArgument, "invalid enum label \"\(label.prefix(40))...\"",
                hint: "labels have at most \(labelByteCountMax) bytes",
                sqlState: SQLState(rawValue: "42602"))
        }
    }

    private static func exists(_ label: String) -> IglooError {
        IglooError(
            .alreadyExists, "enum label \"\(label)\" already exists", sqlState: .duplicateObject)
    }

    /// The type after ALTER TYPE; `nil` where IF NOT EXISTS leaves it as it is.
    static func changed(
        _ type: EnumerationType, _ action: AlterType.Action
    ) throws(IglooError) -> EnumerationType? {
        var type = type
        switch action {
        case .addValue(let label, let place, let ifNotExists):
            if type.labels.contains(label) {
                if ifNotExists { return nil }
                throw exists(label)
            }
            try check(label)
            try check(count: type.labels.count + 1)
            switch place {
            case .last: type.labels.append(label)
            case .before(let other): type.labels.insert(label, at: try index(of: other, type))
            case .after(let other): type.labels.insert(label, at: try index(of: other, type) + 1)
            }
        case .renameValue(let old, let new):
            try check(new)
            let index = try index(of: old, type)
            if type.labels.contains(new) { throw exists(new) }
            type.labels[index] = new
        case .rename(let name): type.name = name.name
        case .setOwner: return nil
        }
        return type
    }

    private static func index(
        of label: String, _ type: EnumerationType
    ) throws(IglooError) -> Int {
        if let index = type.labels.firstIndex(of: label) { return index }
        throw IglooError(
            .notFound, "\"\(label)\" is not an existing enum label",
            hint: NearestName.among(type.labels, to: label).map { "did you mean '\($0)'?" },
            sqlState: .invalidParameterValue)
    }
}

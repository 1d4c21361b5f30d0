// SPDX-License-Identifier: MIT

import CIgloo
import IglooContracts
import IglooPlugins

/// A kind of thing that plugins offer, as the kit tests it: the checks that are its own, and what
/// those that are everybody's need to know of it.
struct TestedKind: Sendable {
    typealias Make =
        @Sendable (UnsafePointer<igloo_kind>, OptionValues, Call) throws -> Instance

    /// `IGLOO_CONNECTOR` and so on.
    var number: Int
    /// In notes, and the key of `conformance.toml` that names which one is tested.
    var word: String
    /// In messages: "the plugin offers two connectors".
    var plural: String
    var checks: [Check]
    /// Facets that this minor of the ABI defines.
    var facets: [DeclaredFacet] = []
    /// Capabilities that declare no facet.
    var capabilities: UInt64 = 0
    var make: Make
    /// Does a little of what the kind is for; fails when that goes wrong.
    var use: @Sendable (Instance, Bench) throws -> Void
    /// Calls of every function that cannot succeed, and how many of them failed.
    var provoke: @Sendable (Instance, Bench) throws -> Int

    static let all: [TestedKind] = [
        connector, functions, queryOperator, cache, metadataStore, transport, frontEnd,
        secrets,
    ]

    /// What is tested of a plugin: what the configuration names; else what its note says there is,
    /// a connector first. A file without a note is taken for a connector, and fails as one.
    static func chosen(_ configuration: Configuration, plugin: String) -> TestedKind {
        if let word = configuration.kind, let kind = all.first(where: { $0.word == word }) {
            return kind
        }
        let offered = (try? notedKinds(plugin)) ?? []
        return all.first { offered.contains($0.word) } ?? connector
    }

    private static func notedKinds(_ path: String) throws -> [String] {
        let note = try require(
            try ELFImage(FileByteSource(path: path)).note, "the file has no Igloo note")
        return try PluginNote(note).kinds.map(\.kind)
    }

    /// Counts the calls that fail; an error other than the plugin's own ends the check.
    static func countFailures(_ calls: [() throws -> Void]) throws -> Int {
        var count = 0
        for call in calls {
            do {
                try call()
            } catch is CallFailure {
                count += 1
            }
        }
        return count
    }
}

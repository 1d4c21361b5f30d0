// SPDX-License-Identifier: MIT

import CIgloo
import IglooABI
import IglooArrow
import IglooContracts
import IglooPlugins

/// The plugin as a whole.
enum GeneralChecks {
    static let all: [Check] = [
        Check("negative.undeclared_facets_null", undeclaredFacets),
        Check("report.capabilities_documented", documented),
    ]

    /// Facets with a capability bit are there when it is set and only then; those that nobody has
    /// defined are not there.
    private static func undeclaredFacets(_ bench: Bench) throws {
        let instance = try bench.instance()
        let capabilities = instance.kind.pointee.caps
        for facet in bench.tested.facets {
            // Without a capability of its own a facet is declared by being there.
            guard let capability = facet.capability else { continue }
            let isDeclared = capabilities & capability != 0
            try require(
                (instance.facet(facet.id) != nil) == isDeclared,
                isDeclared
                    ? "the facet \(facet.name) is declared and not there"
                    : "the facet \(facet.name) is there and not declared")
        }
        let known = Set(bench.tested.facets.map(\.id))
        var random = bench.random(60)
        let ids = (0x0100...0x010F).map { UInt32($0) } + [0, 1, 0x0200, 0x0301, 0x0701, .max]
        for id in ids + (0..<50).map({ _ in UInt32(truncatingIfNeeded: random.next()) })
        where !known.contains(id) {
            try require(
                instance.facet(id) == nil,
                "the facet 0x\(String(id, radix: 16)) is there, which nobody has defined")
        }
    }

    private static func documented(_ bench: Bench) throws {
        let kind = try bench.kind()
        let known = bench.tested.facets.reduce(bench.tested.capabilities) {
            $0 | ($1.capability ?? 0)
        }
        let unknown = kind.pointee.caps & ~known
        try require(
            unknown == 0, "capabilities are declared that there are none of: \(unknown)")
        let note = try bench.note()
        try require(!note.license.isEmpty, "the note does not say license=")
        try require(!note.runtime.isEmpty, "the note does not say runtime=")
        try require(kind.pointee.rank == 0, "the kind's rank is \(kind.pointee.rank), not 0")
        for option in KindOptions.specifications(kind) {
            try require(
                option.documentation.hasSuffix("."),
                "the word on the option \"\(option.name)\" is no sentence: \(option.documentation)")
        }
        let reasons = bench.configuration.lost.filter { $0.value.isEmpty }.keys.sorted()
        try require(reasons.isEmpty, "conformance.toml declares \(reasons) lost without a reason")
    }
}

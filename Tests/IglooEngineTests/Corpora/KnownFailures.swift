// SPDX-License-Identifier: MIT

import Foundation
import IglooEngineTesting

/// The records of others' corpora that do not agree yet, each with a reason. The list may only
/// shrink: with `IGLOO_COMPLETE=1` in the environment what passes now is taken out of it.
struct KnownFailures {
    private static let path = Places.root.appendingPathComponent("Tests/SQL/corpora.failing").path

    /// Comments, and lines of a place, a tab and a reason.
    private let lines: [Substring]
    private let places: Set<Substring>

    init() throws {
        lines = try Places.text(Self.path).split(separator: "\n")
        places = Set(lines.map(Self.place))
    }

    private static func place(_ line: Substring) -> Substring { line.prefix { $0 != "\t" } }

    func contains(_ failure: Corpus.Failure) -> Bool { places.contains(failure.place[...]) }

    /// Takes out what lies in the corpus of that folder and is no failure any more.
    func shrink(to failures: [Corpus.Failure], folder: String) throws {
        let failing = Set(failures.map(\.place))
        let kept = lines.filter { line in
            !line.hasPrefix(folder + "/") || failing.contains(String(Self.place(line)))
        }
        let text = kept.joined(separator: "\n") + "\n"
        try Data(text.utf8).write(to: URL(fileURLWithPath: Self.path))
    }
}

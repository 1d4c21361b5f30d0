// SPDX-License-Identifier: MIT

import Foundation
import IglooEngineTesting
import Testing

/// How much of others' SQL comes out right.
///
/// `IGLOO_CORPUS_STEP` runs every n-th query only; `IGLOO_CORPUS_REPORT` names a file to which all
/// failures are written; with `IGLOO_COMPLETE=1` the list of what fails loses what passes now.
@Suite(
    .serialized,
    .enabled(if: Places.corpora != nil, "the shared corpora are absent: set IGLOO_SHARED"))
struct CorpusTests {
    private static let environment = ProcessInfo.processInfo.environment

    @Test(arguments: Corpus.all)
    func agrees(corpus: Corpus) throws {
        var corpus = corpus
        if let step = Self.environment["IGLOO_CORPUS_STEP"].flatMap({ Int($0) }) {
            corpus.step = max(1, step)
        }
        let outcome = try corpus.run(in: try #require(Places.corpora))
        print(
            "\(corpus.name): \(outcome.agreed) of \(outcome.run) queries agree "
                + "(\(String(format: "%.2f", outcome.share * 100)) %)")
        try report(corpus, outcome)
        if corpus.selection == .core, Self.environment["IGLOO_CORPUS_STEP"] == nil {
            let known = try KnownFailures()
            if Self.environment["IGLOO_COMPLETE"] != nil {
                try known.shrink(
                    to: outcome.failures, folder: "sqllogictest-\(corpus.source)")
            }
            for failure in outcome.failures.filter({ !known.contains($0) }).prefix(10) {
                Issue.record(
                    "not in Tests/SQL/corpora.failing: \(failure.place)\n\(failure.reason)")
            }
        }
        #expect(outcome.share >= Self.ratchet[corpus.name] ?? 0, "fewer agree than before")
    }

    private func report(_ corpus: Corpus, _ outcome: Corpus.Outcome) throws {
        guard let path = Self.environment["IGLOO_CORPUS_REPORT"] else { return }
        let refusals = outcome.refusals.map {
            "(a statement) \($0.place)\n\($0.sql)\n=> \($0.reason)\n"
        }
        let failures = outcome.failures.map { "\($0.place)\n\($0.sql)\n=> \($0.reason)\n" }
        let text = failures + refusals
        try Data(text.joined(separator: "\n").utf8).write(
            to: URL(fileURLWithPath: "\(path).\(corpus.name)"))
    }

    /// The least share that must agree, by corpus; it may only grow.
    private static let ratchet: [String: Double] = {
        let path = Places.root.appendingPathComponent("Tests/SQL/corpora.ratchet").path
        var shares: [String: Double] = [:]
        for line in ((try? Places.text(path)) ?? "").split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.count == 2, let share = Double(words[1]) { shares[String(words[0])] = share }
        }
        return shares
    }()
}

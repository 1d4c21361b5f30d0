// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan
import Testing

@testable import IglooSQL

/// Seeded; `IGLOO_SEED` replays a run.
struct BinderFuzzTests {
    /// Binds; what binds must keep the invariants of plans.
    ///
    /// - Returns: whether it binds.
    @discardableResult
    private func check(_ text: String) -> Bool {
        do throws(IglooError) {
            let plan = try Binder(catalog: FakeCatalog()).bind(try SQLParser.query(text))
            let violations = PlanInvariants.violations(of: plan)
            #expect(violations.isEmpty, "\(text): \(violations)")
            return true
        } catch {
            #expect(error.position != nil, "\(text): \(error)")
            #expect(error.code != .internalError, "\(text): \(error)")
            return false
        }
    }

    @Test("queries with pieces cut, swapped and doubled")
    func mutations() {
        var generator = ParserFuzzTests.Generator(state: ParserFuzzTests.seed &+ 3)
        let corpus = (BinderTests.queries + StatementCorpus.queries).map { text in
            Lexer.tokens(of: text).map { token in
                String(decoding: Array(text.utf8)[token.start..<token.end], as: UTF8.self)
            }
        }
        for _ in 0..<10_000 {
            guard var words = corpus.randomElement(using: &generator),
                let other = corpus.randomElement(using: &generator)
            else { continue }
            let place = Int.random(in: 0..<words.count, using: &generator)
            switch Int.random(in: 0..<4, using: &generator) {
            case 0: words.remove(at: place)
            case 1: words.insert(contentsOf: other, at: place)
            case 2: words[place] = other[Int.random(in: 0..<other.count, using: &generator)]
            default: words.swapAt(place, Int.random(in: 0..<words.count, using: &generator))
            }
            check(words.joined(separator: " "))
        }
    }

    @Test("random expressions of every function")
    func expressions() {
        var generator = ParserFuzzTests.Generator(state: ParserFuzzTests.seed &+ 4)
        var boundCount = 0
        for _ in 0..<10_000 {
            let item = expression(3, &generator)
            check("select \(item) as x from t where \(expression(2, &generator))")
            if check("select \(expression(2, &generator)) as x from t") { boundCount += 1 }
            check("select \(item), count(*) from t group by \(expression(1, &generator))")
        }
        // Else the generator makes nothing but errors, and the test proves little.
        #expect(boundCount > 100)
    }

    private func expression(_ depth: Int, _ generator: inout ParserFuzzTests.Generator) -> String {
        let leaves = [
            "a", "b", "c", "d", "m", "f", "ts", "k", "ok", "1", "2.5", "'x'", "'2024-01-01'",
            "null", "true", "interval '1 day'", "date '2024-01-01'", "-7", "'12'",
        ]
        guard depth > 0 else { return leaves.randomElement(using: &generator) ?? "1" }
        func part() -> String { expression(depth - 1, &generator) }
        switch Int.random(in: 0..<9, using: &generator) {
        case 0, 1:
            let signs = [
                "+", "-", "*", "/", "//", "%", "=", "<>", "<", "||", "&", "and", "or", "like",
                "is distinct from",
            ]
            return "(\(part()) \(signs.randomElement(using: &generator) ?? "+") \(part()))"
        case 2, 3:
            let entry = FunctionTable.entries.filter { $0.name.first?.isLetter ?? false }
                .randomElement(using: &generator)
            let count = Int.random(in: 0...3, using: &generator)
            let arguments = (0..<count).map { _ in part() }.joined(separator: ", ")
            return "\"\(entry?.name ?? "abs")\"(\(arguments))"
        case 4: return "case when \(part()) then \(part()) else \(part()) end"
        case 5: return "(\(part()) in (\(part()), \(part())))"
        case 6:
            let types = [
                "int", "text", "date", "decimal(10, 2)", "double", "timestamp", "interval", "bool",
            ]
            return "cast(\(part()) as \(types.randomElement(using: &generator) ?? "int"))"
        case 7: return "(\(part()) between \(part()) and \(part()))"
        default: return "(select max(\(part())) from u)"
        }
    }
}

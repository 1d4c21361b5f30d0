// SPDX-License-Identifier: MIT

import IglooContracts
import Testing

@testable import IglooSQL

#if canImport(Glibc)
    import Glibc
#endif

/// Seeded; `IGLOO_SEED` replays a run.
struct ParserFuzzTests {
    struct Generator: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
    }

    static let seed: UInt64 =
        getenv("IGLOO_SEED").flatMap { UInt64(String(cString: $0)) } ?? 20_261_120

    /// Parses; what parses must survive printing.
    private func check(_ text: String) {
        do throws(IglooError) {
            let tree = try SQLParser.statement(text)
            let printed = SQLPrinter.text(of: tree)
            let again = (try? SQLParser.statement(printed)) == tree
            #expect(again, "\(text) printed as \(printed)")
        } catch {
            #expect((error.position ?? 0) <= text.utf8.count)
        }
    }

    @Test("random bytes")
    func randomBytes() {
        var generator = Generator(state: Self.seed)
        for _ in 0..<20_000 {
            let count = Int.random(in: 0...60, using: &generator)
            let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
            check(String(decoding: bytes, as: UTF8.self))
        }
    }

    @Test("random words of the grammar")
    func randomWords() {
        var generator = Generator(state: Self.seed &+ 1)
        let words =
            SQLKeywords.words + Array(repeating: "a", count: 40)
            + [
                "(", ")", ",", "1", "'x'", ".", "*", "=", "+", "-", "::", "[", "]", "{", "}", ":",
                ";",
                "$1", "\"q\"", "||", "(", ")", ",", "SELECT", "FROM", "SELECT", "(SELECT", "JOIN",
                "ON",
            ]
        for _ in 0..<30_000 {
            let count = Int.random(in: 1...20, using: &generator)
            let text = (0..<count).map { _ in words.randomElement(using: &generator) ?? "" }
            check("SELECT " + text.joined(separator: " "))
        }
    }

    @Test("statements of the corpus with pieces cut, swapped and doubled")
    func mutations() {
        var generator = Generator(state: Self.seed &+ 2)
        let corpus = StatementCorpus.all.map { text in
            Lexer.tokens(of: text).map { token in
                String(decoding: Array(text.utf8)[token.start..<token.end], as: UTF8.self)
            }
        }
        for _ in 0..<30_000 {
            guard var words = corpus.randomElement(using: &generator),
                let other = corpus.randomElement(using: &generator), !words.isEmpty,
                !other.isEmpty
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
}

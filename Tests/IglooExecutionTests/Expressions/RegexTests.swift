// SPDX-License-Identifier: MIT

import IglooContracts
import Testing

@testable import IglooExecution

/// The three ways of matching agree, and what they take stays bounded.
@Suite struct RegexTests {
    private struct Patterns {
        var random = Random()

        mutating func pick(_ choices: [String]) -> String {
            choices.randomElement(using: &random) ?? "a"
        }

        mutating func atom(_ depth: Int) -> String {
            switch Int.random(in: 0..<(depth > 0 ? 10 : 7), using: &random) {
            case 0...3: pick(["a", "b", "c", "ä"])
            case 4: pick([".", "[ab]", "[^a]", "\\w", "\\d", "[[:alpha:]]"])
            case 5: pick(["^", "$", "\\b", "\\B", "\\A", "\\z"])
            case 6: pick(["ab", "a-c", "(?i)B"])
            case 7, 8: "(" + alternatives(depth - 1) + ")"
            default: "(?:" + alternatives(depth - 1) + ")"
            }
        }

        mutating func sequence(_ depth: Int) -> String {
            var text = ""
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                text += atom(depth)
                text += pick(["", "", "", "*", "+", "?", "*?", "+?", "{2}", "{1,3}"])
            }
            return text
        }

        mutating func alternatives(_ depth: Int) -> String {
            Bool.random(using: &random)
                ? sequence(depth) : sequence(depth) + "|" + sequence(depth)
        }

        mutating func text() -> String {
            (0..<Int.random(in: 0...12, using: &random)).map { _ in
                pick(["a", "b", "c", "A", "ä", " ", "1", "\n"])
            }.joined()
        }
    }

    @Test func allWaysAgree() throws {
        var patterns = Patterns()
        for _ in 0..<3_000 {
            let pattern = patterns.alternatives(2)
            let program: RegexProgram
            do throws(IglooError) {
                program = try RegexProgram(pattern, RegexFlags())
            } catch {
                continue
            }
            let (machine, backtracker) = (RegexMachine(program), RegexBacktracker(program))
            let automaton = RegexAutomaton(program)
            for _ in 0..<4 {
                var text = patterns.text()
                text.withUTF8 { bytes in
                    let bytes = UnsafeRawBufferPointer(bytes)
                    let found = machine.find(bytes, from: 0)
                    #expect(
                        backtracker.find(bytes, from: 0) == found, "\(pattern), seed \(seed)")
                    if let automaton {
                        #expect(
                            automaton.matches(bytes) == (found != nil), "\(pattern), seed \(seed)")
                    }
                }
            }
        }
    }

    @Test(arguments: ["(a+)+$", "(a|a)*b", "(a*)*c", "(.*)(.*)(.*)(.*)x", "(?:a?){30}a{30}"])
    func timeIsLinear(pattern: String) throws {
        let regex = try Regex(pattern)
        var text = String(repeating: "a", count: 20_000) + "!"
        text.withUTF8 { bytes in
            _ = regex.matches(UnsafeRawBufferPointer(bytes))
            _ = regex.find(UnsafeRawBufferPointer(bytes), from: 19_000)
        }
    }

    @Test(arguments: ["(", ")", "[", "a{2x", "*", "a{3,2}", "\\", "(?<n>", "(?=a)", "\\1", "[b-a]"])
    func malformedPatternsAreErrors(pattern: String) {
        #expect(throws: IglooError.self) { try Regex(pattern) }
    }
}

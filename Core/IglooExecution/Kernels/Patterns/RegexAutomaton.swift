// SPDX-License-Identifier: MIT

/// Says whether a text matches, one step of a table a code point: states are sets of the
/// program's threads, made when they are first reached.
///
/// - Source: R. Cox, "Regular Expression Matching Can Be Simple And Fast", 2007.
/// - Threads: one at a time.
final class RegexAutomaton {
    /// States are thrown away when their tables have more entries.
    private static let stepCountMax = 1 << 18
    private static let unknown: Int32 = -1

    private let program: RegexProgram
    private var numbers: [[Int32]: Int32] = [:]
    private var threads: [[Int32]] = []
    private var isMatch: [Bool] = []
    private var matchesAtEnd: [Bool] = []
    private var steps: [Int32] = []
    private var start: Int32 = 0
    /// The empty text begins and ends at one place.
    private var matchesEmpty = false

    /// `nil` for programs that look around themselves.
    init?(_ program: RegexProgram) {
        guard !program.looksAround else { return nil }
        self.program = program
        reset()
    }

    private func reset() {
        numbers = [:]
        threads = []
        isMatch = []
        matchesAtEnd = []
        steps = []
        steps.reserveCapacity(64 * program.classes.count)
        _ = state([])
        start = state(closure([0], isAtStart: true))
        matchesEmpty = has(closure([0], isAtStart: true, isAtEnd: true))
    }

    func matches(_ text: UnsafeRawBufferPointer) -> Bool {
        if !program.prefix.isEmpty {
            let found = program.prefix.withUnsafeBytes { TextFunctions.find($0, in: text, from: 0) }
            if found < 0 || program.isLiteral { return found >= 0 }
        }
        if text.isEmpty { return matchesEmpty }
        let classCount = program.classes.count
        var state = start
        var index = 0
        while index < text.count {
            if isMatch[Int(state)] { return true }
            let width = UTF8Bytes.characterByteCount(text, index)
            let kind = program.classes.number(of: UTF8Bytes.scalar(text, index, width))
            var next = steps[Int(state) &* classCount &+ kind]
            if next == Self.unknown { next = step(state, kind) }
            state = next
            index &+= width
        }
        return isMatch[Int(state)] || matchesAtEnd[Int(state)]
    }

    private func step(_ from: Int32, _ kind: Int) -> Int32 {
        var reached: [Int32] = []
        for thread in threads[Int(from)] {
            if case .set(let set) = program.instructions[Int(thread)],
                program.classes.members[set * program.classes.count + kind]
            {
                reached.append(thread + 1)
            }
        }
        // A match may begin at any place.
        reached.append(0)
        let found = closure(reached, isAtStart: false)
        if steps.count >= Self.stepCountMax {
            reset()
            return state(found)
        }
        let next = state(found)
        steps[Int(from) * program.classes.count + kind] = next
        return next
    }

    /// All instructions reached that take a code point, match, or wait for the text's end.
    private func closure(
        _ counters: [Int32], isAtStart: Bool, isAtEnd: Bool = false
    ) -> [Int32] {
        var seen: Set<Int32> = []
        var stack = counters
        var found: [Int32] = []
        while let counter = stack.popLast() {
            guard seen.insert(counter).inserted else { continue }
            switch program.instructions[Int(counter)] {
            case .jump(let target): stack.append(Int32(target))
            case .split(let first, let second):
                stack.append(Int32(first))
                stack.append(Int32(second))
            case .save: stack.append(counter + 1)
            case .assertion(.textEnd):
                if isAtEnd { stack.append(counter + 1) } else { found.append(counter) }
            case .assertion: if isAtStart { stack.append(counter + 1) }
            case .set, .match: found.append(counter)
            }
        }
        return found.sorted()
    }

    private func state(_ found: [Int32]) -> Int32 {
        if let number = numbers[found] { return number }
        let number = Int32(threads.count)
        numbers[found] = number
        threads.append(found)
        isMatch.append(has(found))
        matchesAtEnd.append(has(closure(found, isAtStart: false, isAtEnd: true)))
        steps.append(
            contentsOf: repeatElement(Self.unknown, count: program.classes.count))
        return number
    }

    private func has(_ found: [Int32]) -> Bool {
        found.contains { if case .match = program.instructions[Int($0)] { true } else { false } }
    }
}

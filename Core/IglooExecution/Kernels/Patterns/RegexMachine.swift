// SPDX-License-Identifier: MIT

import IglooContracts

/// Finds matches and their groups: all threads of the program step through the text together, so
/// that the time is linear in the text's length.
///
/// - Threads: one at a time.
final class RegexMachine {
    let program: RegexProgram
    private let slotCount: Int
    private var now: ThreadList
    private var next: ThreadList
    private var stack: [Step] = []

    /// Threads in the order of preference.
    private struct ThreadList {
        var counters: [Int] = []
        var slots: [Int] = []
        /// The generation in which an instruction was last added.
        var seen: [Int]
        var generation = 0

        init(_ count: Int) { seen = [Int](repeating: -1, count: count) }

        mutating func clear() {
            counters.removeAll(keepingCapacity: true)
            slots.removeAll(keepingCapacity: true)
            generation += 1
        }
    }

    private enum Step {
        case explore(Int)
        case restore(slot: Int, value: Int)
    }

    init(_ program: RegexProgram) {
        self.program = program
        slotCount = 2 * (program.groupCount + 1)
        now = ThreadList(program.instructions.count)
        next = ThreadList(program.instructions.count)
    }

    /// The leftmost match from `start` on: its bounds, then those of its groups, -1 where a group
    /// took no part. `nil` without a match.
    func find(_ text: UnsafeRawBufferPointer, from start: Int) -> [Int]? {
        var position = start
        var best: [Int]?
        now.clear()
        while true {
            if best == nil, now.counters.isEmpty {
                if program.isAnchored && position > 0 { break }
                guard let found = program.nextStart(text, position) else { break }
                if program.isLiteral { return [found, found + program.prefix.count] }
                position = found
            }
            if best == nil {
                var fresh = [Int](repeating: -1, count: slotCount)
                add(0, &fresh, position, text, &now)
            } else if now.counters.isEmpty {
                break
            }
            let width = position < text.count ? UTF8Bytes.characterByteCount(text, position) : 0
            let kind =
                width == 0 ? -1 : program.classes.number(of: scalar(text, position, width))
            next.clear()
            step(kind, position + width, text, &best)
            swap(&now, &next)
            if width == 0 { break }
            position += width
        }
        return best
    }

    private func step(
        _ kind: Int, _ after: Int, _ text: UnsafeRawBufferPointer, _ best: inout [Int]?
    ) {
        var thread = 0
        while thread < now.counters.count {
            let counter = now.counters[thread]
            switch program.instructions[counter] {
            case .match:
                best = Array(now.slots[thread * slotCount..<(thread + 1) * slotCount])
                // Threads of lower preference end here.
                return
            case .set(let set):
                if kind >= 0, program.classes.members[set * program.classes.count + kind] {
                    var slots = Array(now.slots[thread * slotCount..<(thread + 1) * slotCount])
                    add(counter + 1, &slots, after, text, &next)
                }
            default: break
            }
            thread += 1
        }
    }

    /// Adds a thread, and all that it reaches without taking a code point.
    private func add(
        _ counter: Int, _ slots: inout [Int], _ position: Int, _ text: UnsafeRawBufferPointer,
        _ list: inout ThreadList
    ) {
        stack.append(.explore(counter))
        while let step = stack.popLast() {
            switch step {
            case .restore(let slot, let value): slots[slot] = value
            case .explore(let counter):
                if list.seen[counter] == list.generation { continue }
                list.seen[counter] = list.generation
                switch program.instructions[counter] {
                case .jump(let target): stack.append(.explore(target))
                case .split(let first, let second):
                    stack.append(.explore(second))
                    stack.append(.explore(first))
                case .save(let slot):
                    stack.append(.restore(slot: slot, value: slots[slot]))
                    slots[slot] = position
                    stack.append(.explore(counter + 1))
                case .assertion(let assertion):
                    if assertion.holds(position, text) { stack.append(.explore(counter + 1)) }
                case .set, .match:
                    list.counters.append(counter)
                    list.slots.append(contentsOf: slots)
                }
            }
        }
    }

    @inline(__always)
    private func scalar(_ text: UnsafeRawBufferPointer, _ index: Int, _ width: Int) -> UInt32 {
        UTF8Bytes.scalar(text, index, width)
    }
}

extension RegexNode.Assertion {
    func holds(_ position: Int, _ text: UnsafeRawBufferPointer) -> Bool {
        switch self {
        case .textStart: position == 0
        case .textEnd: position == text.count
        case .lineStart: position == 0 || text[position - 1] == 0x0A
        case .lineEnd: position == text.count || text[position] == 0x0A
        case .wordBoundary: Self.isBoundary(position, text)
        case .noWordBoundary: !Self.isBoundary(position, text)
        }
    }

    private static func isBoundary(_ position: Int, _ text: UnsafeRawBufferPointer) -> Bool {
        let before = position > 0 && ScalarSet.words.contains(UInt32(text[position - 1]))
        let after = position < text.count && ScalarSet.words.contains(UInt32(text[position]))
        return before != after
    }
}

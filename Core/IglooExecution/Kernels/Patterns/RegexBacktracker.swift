// SPDX-License-Identifier: MIT

/// Finds matches in short texts by trying one way after the other; a place that an instruction has
/// been tried at is not tried again, so that the time is linear, too.
///
/// - Source: R. Cox, "Regular Expression Matching in the Wild", 2010 (RE2's BitState).
/// - Threads: one at a time.
final class RegexBacktracker {
    /// Instructions times places, at most: the bits to be cleared for each search.
    private static let bitCountMax = 1 << 14

    private enum Code: UInt8 { case set, split, jump, save, assertion, match }

    private struct Operation {
        var code: Code
        var x: Int32
        var y: Int32
    }

    private struct Job {
        /// An instruction, or -1 - slot of which `position` is to be put back.
        var counter: Int32
        var position: Int32
    }

    private let program: RegexProgram
    // SAFETY: made by init, freed by deinit, of the sizes below.
    private let operations: UnsafeMutablePointer<Operation>
    private let members: UnsafeMutablePointer<Bool>
    private let visited: UnsafeMutablePointer<UInt64>
    private let count: Int
    private let classCount: Int
    private var jobs: [Job] = []
    private var slots: [Int]

    init(_ program: RegexProgram) {
        self.program = program
        count = program.instructions.count
        classCount = program.classes.count
        slots = [Int](repeating: -1, count: 2 * (program.groupCount + 1))
        operations = .allocate(capacity: count)
        for (index, instruction) in program.instructions.enumerated() {
            (operations + index).initialize(to: Self.operation(instruction))
        }
        members = .allocate(capacity: max(program.classes.members.count, 1))
        for (index, member) in program.classes.members.enumerated() {
            (members + index).initialize(to: member)
        }
        visited = .allocate(capacity: Self.bitCountMax / 64 + 1)
        visited.initialize(repeating: 0, count: Self.bitCountMax / 64 + 1)
    }

    deinit {
        operations.deallocate()
        members.deallocate()
        visited.deallocate()
    }

    private static func operation(_ instruction: RegexProgram.Instruction) -> Operation {
        switch instruction {
        case .set(let set): Operation(code: .set, x: Int32(set), y: 0)
        case .split(let first, let second):
            Operation(code: .split, x: Int32(first), y: Int32(second))
        case .jump(let target): Operation(code: .jump, x: Int32(target), y: 0)
        case .save(let slot): Operation(code: .save, x: Int32(slot), y: 0)
        case .assertion: Operation(code: .assertion, x: 0, y: 0)
        case .match: Operation(code: .match, x: 0, y: 0)
        }
    }

    /// Whether a text of so many bytes is short enough.
    func takes(_ byteCount: Int) -> Bool {
        byteCount < Self.bitCountMax && (byteCount + 1) * count <= Self.bitCountMax
    }

    /// As `RegexMachine.find`.
    func find(_ text: UnsafeRawBufferPointer, from start: Int) -> [Int]? {
        visited.update(repeating: 0, count: (text.count + 1) * count / 64 + 1)
        var position = start
        while position <= text.count {
            if program.isAnchored && position > 0 { return nil }
            guard let next = program.nextStart(text, position) else { return nil }
            if program.isLiteral { return [next, next + program.prefix.count] }
            position = next
            if attempt(text, position) { return slots }
            if position == text.count { return nil }
            position += UTF8Bytes.characterByteCount(text, position)
        }
        return nil
    }

    /// Whether a match begins at `start`; its places are in `slots`.
    private func attempt(_ text: UnsafeRawBufferPointer, _ start: Int) -> Bool {
        for slot in slots.indices { slots[slot] = -1 }
        jobs.removeAll(keepingCapacity: true)
        jobs.append(Job(counter: 0, position: Int32(truncatingIfNeeded: start)))
        while let job = jobs.popLast() {
            if job.counter < 0 {
                slots[Int(-1 - job.counter)] = Int(job.position)
            } else if follow(Int(job.counter), Int(job.position), text) {
                return true
            }
        }
        return false
    }

    /// One way, until it ends; other ways are left as jobs.
    private func follow(_ from: Int, _ at: Int, _ text: UnsafeRawBufferPointer) -> Bool {
        var (counter, position) = (from, at)
        while true {
            let bit = position &* count &+ counter
            let mask = UInt64(1) << UInt64(bit & 63)
            if visited[bit >> 6] & mask != 0 { return false }
            visited[bit >> 6] |= mask
            let operation = operations[counter]
            switch operation.code {
            case .set:
                guard position < text.count else { return false }
                let width = UTF8Bytes.characterByteCount(text, position)
                let kind = program.classes.number(of: UTF8Bytes.scalar(text, position, width))
                guard members[Int(operation.x) &* classCount &+ kind] else { return false }
                position &+= width
                counter &+= 1
            case .split:
                jobs.append(
                    Job(counter: operation.y, position: Int32(truncatingIfNeeded: position)))
                counter = Int(operation.x)
            case .jump: counter = Int(operation.x)
            case .save:
                let slot = Int(operation.x)
                jobs.append(
                    Job(
                        counter: -1 - operation.x,
                        position: Int32(truncatingIfNeeded: slots[slot])))
                slots[slot] = position
                counter &+= 1
            case .assertion:
                guard case .assertion(let assertion) = program.instructions[counter],
                    assertion.holds(position, text)
                else { return false }
                counter &+= 1
            case .match: return true
            }
        }
    }
}

// SPDX-License-Identifier: MIT

import IglooContracts

/// A regular expression as instructions for a machine without a way back.
///
/// - Source: K. Thompson, "Regular Expression Search Algorithm", 1968; R. Cox, "Regular Expression
///   Matching: the Virtual Machine Approach", 2009.
struct RegexProgram {
    enum Instruction {
        /// Takes one code point of the set, and goes on.
        case set(Int)
        /// Goes on at both, the first one being preferred.
        case split(Int, Int)
        case jump(Int)
        /// Remembers the place in a slot.
        case save(Int)
        case assertion(RegexNode.Assertion)
        case match
    }

    /// Keeps matching within linear time of a small factor, and memory.
    private static let instructionCountMax = 20_000

    private(set) var instructions: [Instruction] = []
    private(set) var sets: [ScalarSet] = []
    private var setNumbers: [ScalarSet: Int] = [:]
    let groupCount: Int
    private(set) var classes: ScalarClasses
    /// Whether some assertion is about neighbours, not about the text's ends.
    private(set) var looksAround = false
    /// The bytes that every match begins with; all of it where `isLiteral`.
    private(set) var prefix: [UInt8] = []
    private(set) var isLiteral = false
    /// The bytes that a match may begin with; `nil` when it may be empty.
    private var firstBytes: [Bool]?

    /// Whether a match can only begin where the text does.
    var isAnchored: Bool {
        if case .assertion(.textStart) = instructions[1] { true } else { false }
    }

    init(_ pattern: String, _ flags: RegexFlags) throws(IglooError) {
        var parser = RegexParser(pattern, flags)
        let node = try parser.parse()
        groupCount = parser.groupCount
        classes = ScalarClasses([])
        try emit(.save(0))
        try compile(node)
        try emit(.save(1))
        try emit(.match)
        classes = ScalarClasses(sets)
        (prefix, isLiteral) = Self.prefix(of: node)
        firstBytes = possibleFirstBytes()
    }

    private func possibleFirstBytes() -> [Bool]? {
        var bytes = [Bool](repeating: false, count: 256)
        var seen: Set<Int> = []
        var stack = [0]
        while let counter = stack.popLast() {
            guard seen.insert(counter).inserted else { continue }
            switch instructions[counter] {
            case .jump(let target): stack.append(target)
            case .split(let first, let second): stack += [first, second]
            case .save, .assertion: stack.append(counter + 1)
            case .match: return nil
            case .set(let set):
                for byte in 0..<128 where sets[set].contains(UInt32(byte)) { bytes[byte] = true }
                if let last = sets[set].ranges.last, last.upperBound >= 0x80 {
                    for byte in 0xC0..<256 { bytes[byte] = true }
                }
            }
        }
        return bytes
    }

    /// Where a match may begin, from `position` on.
    func nextStart(_ text: UnsafeRawBufferPointer, _ position: Int) -> Int? {
        if !prefix.isEmpty {
            let found = prefix.withUnsafeBytes {
                TextFunctions.find($0, in: text, from: position)
            }
            return found < 0 ? nil : found
        }
        guard let firstBytes else { return position }
        return firstBytes.withUnsafeBufferPointer { isFirst in
            var index = position
            while index < text.count {
                if isFirst[Int(text[index])] { return index }
                index &+= 1
            }
            return nil
        }
    }

    private mutating func emit(_ instruction: Instruction) throws(IglooError) {
        guard instructions.count < Self.instructionCountMax else {
            throw IglooError(
                .invalidArgument, "invalid regular expression: it is too complex",
                sqlState: SQLState(rawValue: "2201B"))
        }
        instructions.append(instruction)
    }

    private mutating func compile(_ node: RegexNode) throws(IglooError) {
        switch node {
        case .empty: break
        case .set(let set):
            if setNumbers[set] == nil {
                setNumbers[set] = sets.count
                sets.append(set)
            }
            try emit(.set(setNumbers[set] ?? 0))
        case .sequence(let items): for item in items { try compile(item) }
        case .group(let inner, let index):
            try emit(.save(2 * index))
            try compile(inner)
            try emit(.save(2 * index + 1))
        case .assertion(let assertion):
            if assertion != .textStart && assertion != .textEnd { looksAround = true }
            try emit(.assertion(assertion))
        case .alternatives(let items): try compile(alternatives: items)
        case .repeated(let inner, let least, let most, let isGreedy):
            for _ in 0..<least { try compile(inner) }
            if let most {
                try compile(optional: inner, most - least, isGreedy)
            } else {
                try compile(star: inner, isGreedy)
            }
        }
    }

    private mutating func compile(alternatives items: [RegexNode]) throws(IglooError) {
        var jumps: [Int] = []
        for (number, item) in items.enumerated() {
            guard number + 1 < items.count else {
                try compile(item)
                break
            }
            let split = instructions.count
            try emit(.jump(0))
            try compile(item)
            jumps.append(instructions.count)
            try emit(.jump(0))
            instructions[split] = .split(split + 1, instructions.count)
        }
        for jump in jumps { instructions[jump] = .jump(instructions.count) }
    }

    private mutating func compile(
        optional inner: RegexNode, _ count: Int, _ isGreedy: Bool
    ) throws(IglooError) {
        var splits: [Int] = []
        for _ in 0..<count {
            splits.append(instructions.count)
            try emit(.jump(0))
            try compile(inner)
        }
        for split in splits {
            let end = instructions.count
            instructions[split] = isGreedy ? .split(split + 1, end) : .split(end, split + 1)
        }
    }

    private mutating func compile(star inner: RegexNode, _ isGreedy: Bool) throws(IglooError) {
        let split = instructions.count
        try emit(.jump(0))
        try compile(inner)
        try emit(.jump(split))
        let end = instructions.count
        instructions[split] = isGreedy ? .split(split + 1, end) : .split(end, split + 1)
    }

    /// The literal that all matches begin with.
    private static func prefix(of node: RegexNode) -> (bytes: [UInt8], isAll: Bool) {
        switch node {
        case .set(let set):
            guard let scalar = set.single.flatMap({ Unicode.Scalar($0) }) else {
                return ([], false)
            }
            return (Array(String(scalar).utf8), true)
        case .sequence(let items):
            var bytes: [UInt8] = []
            for item in items {
                let (more, isAll) = prefix(of: item)
                bytes += more
                if !isAll { return (bytes, false) }
            }
            return (bytes, true)
        case .group(let inner, _): return (prefix(of: inner).bytes, false)
        default: return ([], false)
        }
    }
}

/// Code points that no set of a program tells apart are one class.
struct ScalarClasses {
    /// Where each class but the first begins.
    private let bounds: [UInt32]
    private let ascii: [UInt16]
    let count: Int
    /// Whether a set has a class: set times count plus class.
    let members: [Bool]

    init(_ sets: [ScalarSet]) {
        var starts: Set<UInt32> = []
        for range in sets.flatMap(\.ranges) {
            starts.insert(range.lowerBound)
            starts.insert(range.upperBound + 1)
        }
        starts.remove(0)
        let bounds = starts.sorted()
        self.bounds = bounds
        count = bounds.count + 1
        ascii = (0..<128).map { value in
            UInt16(truncatingIfNeeded: Self.place(UInt32(value), bounds))
        }
        var members: [Bool] = []
        for set in sets {
            members.append(set.contains(0))
            for bound in bounds { members.append(set.contains(bound)) }
        }
        self.members = members
    }

    @inline(__always)
    func number(of scalar: UInt32) -> Int {
        scalar < 128 ? Int(ascii[Int(scalar)]) : Self.place(scalar, bounds)
    }

    private static func place(_ scalar: UInt32, _ bounds: [UInt32]) -> Int {
        var (low, high) = (0, bounds.count)
        while low < high {
            let middle = (low + high) / 2
            if bounds[middle] <= scalar { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

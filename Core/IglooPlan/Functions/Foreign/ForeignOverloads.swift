// SPDX-License-Identifier: MIT

public import IglooArrow
public import IglooContracts

/// Finds the function of a name that takes some arguments: libraries are asked, first with the
/// arguments' own types, then with those into which they turn implicitly, nearest first.
public enum ForeignOverloads {
    /// What is known of an argument.
    public struct Argument: Sendable {
        public var type: DataType
        /// A text literal whose type is open.
        public var isOpen: Bool

        public init(_ type: DataType, isOpen: Bool) {
            self.type = type
            self.isOpen = isOpen
        }
    }

    /// So often are libraries asked.
    private static let attemptCountMax = 4_096

    /// - Throws: what a library says but that a function is not for some types.
    public static func resolve(
        _ functions: [ForeignFunction], _ arguments: [Argument]
    ) throws(IglooError) -> ForeignCall? {
        let candidates = arguments.map { self.candidates($0, among: arguments) }
        var steps = Steps(candidates.map(\.count))
        var attemptsLeft = attemptCountMax
        while attemptsLeft > 0, let choice = steps.next() {
            let types = zip(candidates, choice).map { $0[$1] }
            for function in functions {
                attemptsLeft -= 1
                if let call = try function.bound(types) { return call }
            }
        }
        return nil
    }

    // MARK: - Types that an argument may have

    /// Those first that functions are written for.
    private static let numbers: [DataType] = [
        .int64, .float64, .int32, .int16, .uint64, .uint32, .uint16, EngineType.hugeInt, .float32,
    ]
    private static let moments: [DataType] = [
        .timestamp(.microsecond, timeZone: nil), .timestamp(.microsecond, timeZone: "UTC"),
    ]
    private static let openTypes: [DataType] = [
        .utf8View, .date32, .timestamp(.microsecond, timeZone: nil), .interval(.monthDayNano),
        .float64, .int64, .bool,
    ]

    private static func candidates(
        _ argument: Argument, among others: [Argument]
    ) -> [DataType] {
        var types: [DataType]
        if argument.isOpen {
            types = openTypes
        } else if argument.type == .null {
            types = others.map(\.type).filter { $0 != .null && $0.storage == $0 } + openTypes
        } else if case .logical = argument.type {
            // Plugins know the texts of such values.
            types = [.utf8View]
        } else {
            types = [argument.type]
            let wider = numbers + moments
            types += wider.filter { Coercion.isImplicit(from: argument.type, to: $0) }
        }
        var result: [DataType] = []
        for type in types {
            for layout in layouts(type) where !result.contains(layout) { result.append(layout) }
        }
        return result
    }

    /// The engine's layout of a type, and the one that more libraries understand.
    private static func layouts(_ type: DataType) -> [DataType] {
        switch type {
        case .utf8View: [type, .utf8]
        case .binaryView: [type, .binary]
        case .decimal64(let precision, let scale):
            [type, .decimal128(precision: precision, scale: scale)]
        default: [type]
        }
    }

    /// All choices of one out of each list, the sums of their places ascending.
    private struct Steps {
        private let counts: [Int]
        private var sum = 0
        private var pending: [[Int]]

        init(_ counts: [Int]) {
            self.counts = counts
            pending = Self.choices(counts[...], sum: 0, limit: attemptCountMax).reversed()
        }

        mutating func next() -> [Int]? {
            while pending.isEmpty {
                sum += 1
                guard sum <= counts.reduce(0, { $0 + $1 - 1 }) else { return nil }
                pending = Self.choices(counts[...], sum: sum, limit: attemptCountMax).reversed()
            }
            return pending.popLast()
        }

        private static func choices(_ counts: ArraySlice<Int>, sum: Int, limit: Int) -> [[Int]] {
            guard let first = counts.first else { return sum == 0 ? [[]] : [] }
            var result: [[Int]] = []
            for place in 0..<first where place <= sum && result.count < limit {
                let rest = choices(
                    counts.dropFirst(), sum: sum - place, limit: limit - result.count)
                for other in rest { result.append([place] + other) }
            }
            return result
        }
    }
}

// SPDX-License-Identifier: MIT

/// Decides whether a history of calls on one register could have happened one after the other, each
/// at a moment between its beginning and its end.
///
/// - Source: G. Lowe, "Testing for linearizability", 2017: the search of Wing and Gong, which keeps
///   the configurations that it has been in.
enum Linearizability {
    /// What a client asked of a register, and what it learnt.
    enum Action: Hashable {
        /// What was found; `nil` = nothing.
        case read(Int?)
        /// `nil` deletes.
        case write(Int?)
        /// Whether it found `from` and so put `to`.
        case compareAndSet(from: Int?, to: Int?, succeeded: Bool)
    }

    struct Operation {
        var client: Int
        var action: Action
        var begin: Int64
        /// `nil`: nobody knows whether it happened at all, or will.
        var end: Int64?
    }

    /// Whether there is an order in which all of it is true.
    static func isLinearizable(_ history: [Operation], initial: Int? = nil) -> Bool {
        let operations = history.sorted { $0.begin < $1.begin }
        var search = Search(operations)
        return search.run(initial)
    }

    private struct Configuration: Hashable {
        var done: [UInt64]
        var state: Int?
    }

    private struct Search {
        let operations: [Operation]
        /// Operations that must have happened in the end.
        let knownCount: Int
        var seen: Set<Configuration> = []

        init(_ operations: [Operation]) {
            self.operations = operations
            knownCount = operations.count { $0.end != nil }
        }

        /// Depth first, by a stack of its own: histories are long.
        mutating func run(_ initial: Int?) -> Bool {
            let none = [UInt64](repeating: 0, count: (operations.count + 63) / 64)
            var stack = [(Configuration(done: none, state: initial), 0)]
            while let (configuration, knownDone) = stack.popLast() {
                if knownDone == knownCount { return true }
                guard seen.insert(configuration).inserted else { continue }
                for index in candidates(configuration.done).reversed() {
                    guard let state = Self.step(operations[index], configuration.state) else {
                        continue
                    }
                    var next = Configuration(done: configuration.done, state: state)
                    next.done[index >> 6] |= 1 << UInt64(index & 63)
                    stack.append((next, knownDone + (operations[index].end == nil ? 0 : 1)))
                }
            }
            return false
        }

        /// Those that could be the next: begun before any that is not done had ended.
        private func candidates(_ done: [UInt64]) -> [Int] {
            var firstEnd = Int64.max
            var result: [Int] = []
            for (index, operation) in operations.enumerated() {
                if done[index >> 6] >> UInt64(index & 63) & 1 == 1 { continue }
                if operation.begin > firstEnd { break }
                result.append(index)
                firstEnd = min(firstEnd, operation.end ?? .max)
            }
            return result
        }

        /// The register after it; no answer at all when it cannot happen here.
        private static func step(_ operation: Operation, _ state: Int?) -> Int?? {
            switch operation.action {
            case .read(let value): return value == state ? .some(state) : .none
            case .write(let value): return .some(value)
            case .compareAndSet(let from, let to, let succeeded):
                // Of one whose answer is lost nobody knows whether it found what it looked for.
                if operation.end == nil { return .some(state == from ? to : state) }
                guard (state == from) == succeeded else { return .none }
                return .some(succeeded ? to : state)
            }
        }
    }
}

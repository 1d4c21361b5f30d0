// SPDX-License-Identifier: MIT

import CIgloo
import IglooContracts

/// One of the clients whose calls must seem to have happened one after the other. It works on a few
/// registers, and writes down each call before it is made and after it has answered.
struct StoreClient {
    typealias Action = Linearizability.Action

    let number: Int
    let store: MetadataStoreInstance
    /// Where lines of its history go.
    let descriptor: Int32
    var random: Random

    static let registerCount = 3

    static func key(_ register: Int) -> [UInt8] { Array("registers/\(register)".utf8) }

    /// Makes so many calls; some are cancelled in their midst.
    mutating func run(_ count: Int, cancelsCalls: Bool) {
        var known = [Int?](repeating: nil, count: Self.registerCount)
        for step in 0..<count {
            let register = random.below(Self.registerCount)
            let value = number * 100_000 + step
            let action: Action =
                switch random.below(20) {
                case 0..<8: .read(nil)
                case 8..<17: .compareAndSet(from: known[register], to: value, succeeded: false)
                case 17..<19: .write(value)
                default: .write(nil)
                }
            let call = Call()
            let isCancelled = cancelsCalls && random.chance(1, in: 25)
            let canceller =
                isCancelled
                ? HostThread { [pause = random.below(3)] in
                    Clock.sleep(milliseconds: pause)
                    call.token.cancel()
                } : nil
            note("B \(step) \(MonotonicClock.nanoseconds()) \(register) \(Self.text(action))")
            if let done = try? perform(action, Self.key(register), call) {
                note("E \(step) \(MonotonicClock.nanoseconds()) \(Self.text(done))")
                if case .read(let found) = done { known[register] = found }
                if case .compareAndSet(_, let to, true) = done { known[register] = to }
            } else if case .read = action {
                // Nothing was asked, nothing was learnt.
                note("E \(step) \(MonotonicClock.nanoseconds()) none")
            }
            try? canceller?.join()
        }
    }

    /// - Returns: the action with what came of it.
    private func perform(_ action: Action, _ key: [UInt8], _ call: Call) throws -> Action {
        switch action {
        case .read:
            let item = try store.range(.one(key), call).items.first
            return .read(item.flatMap { Int($0.text) })
        case .write(let value):
            _ = try store.commit(then: [Self.operation(key, value)], call)
            return action
        case .compareAndSet(let from, let to, _):
            let comparison =
                from.map { StoreComparison.value(key, Array("\($0)".utf8)) }
                ?? .modified(key, 0)
            let page = try store.commit([comparison], then: [Self.operation(key, to)], call)
            return .compareAndSet(from: from, to: to, succeeded: page.succeeded)
        }
    }

    private static func operation(_ key: [UInt8], _ value: Int?) -> StoreOperation {
        value.map { .put(key, Array("\($0)".utf8)) } ?? .delete(.one(key))
    }

    // MARK: - Histories as lines

    private func note(_ line: String) { PlatformIO.write("\(line)\n", to: descriptor) }

    private static func text(_ action: Action) -> String {
        func shown(_ value: Int?) -> String { value.map(String.init) ?? "-" }
        return switch action {
        case .read(let value): "read \(shown(value))"
        case .write(let value): "write \(shown(value))"
        case .compareAndSet(let from, let to, let succeeded):
            "cas \(shown(from)) \(shown(to)) \(succeeded)"
        }
    }

    private static func action(_ words: ArraySlice<Substring>) -> Action? {
        let words = Array(words)
        func value(_ index: Int) -> Int?? {
            guard words.indices.contains(index) else { return nil }
            return words[index] == "-" ? .some(nil) : Int(words[index]).map { .some($0) }
        }
        switch words.first {
        case "read": return value(1).map { .read($0) }
        case "write": return value(1).map { .write($0) }
        case "cas":
            guard let from = value(1), let to = value(2), words.count == 4 else { return nil }
            return .compareAndSet(from: from, to: to, succeeded: words[3] == "true")
        default: return nil
        }
    }

    /// The operations on each register that a history tells of. A call whose client was killed has
    /// no end, nor has a write that failed.
    static func operations(
        _ history: String, client: Int
    ) -> [Int: [Linearizability.Operation]] {
        var begun: [Substring: (register: Int, operation: Linearizability.Operation)] = [:]
        var result: [Int: [Linearizability.Operation]] = [:]
        // The last line of one that was killed may be cut off.
        for line in history.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
            let words = line.split(separator: " ")
            guard words.count >= 4, let time = Int64(words[2]) else { continue }
            if words[0] == "B", let register = Int(words[3]), let action = action(words[4...]) {
                begun[words[1]] = (
                    register,
                    Linearizability.Operation(client: client, action: action, begin: time)
                )
            } else if words[0] == "E", let (register, asked) = begun.removeValue(forKey: words[1]) {
                guard let action = action(words[3...]) else { continue }
                var operation = asked
                operation.action = action
                operation.end = time
                result[register, default: []].append(operation)
            }
        }
        for (register, operation) in begun.values {
            if case .read = operation.action { continue }
            result[register, default: []].append(operation)
        }
        return result
    }
}

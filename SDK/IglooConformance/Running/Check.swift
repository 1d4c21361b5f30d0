// SPDX-License-Identifier: MIT

/// One thing that a plugin must do, or must not do; run in a process of its own.
struct Check: Sendable {
    /// `group.what_is_claimed`.
    let name: String
    /// Seconds after which the process is ended.
    let limit: Int
    private let body: @Sendable (Bench) throws -> Void

    init(
        _ name: String, limit: Int = 60, _ body: @escaping @Sendable (Bench) throws -> Void
    ) {
        self.name = name
        self.limit = limit
        self.body = body
    }

    /// Runs it in this process.
    func run(on bench: Bench) -> Outcome {
        do {
            try body(bench)
            return .pass
        } catch let end as CheckEnd {
            switch end {
            case .failed(let what): return .fail(what)
            case .skipped(let why): return .skip(why)
            case .leaked(let what): return .leak(what)
            }
        } catch {
            return .fail("\(error)")
        }
    }
}

/// Why a check ended early. Any other error fails the check with its own words.
enum CheckEnd: Error {
    case failed(String)
    /// What it would test is not there, and the plugin does not say it is.
    case skipped(String)
    case leaked(String)
}

/// Fails the check unless `condition` holds.
func require(_ condition: Bool, _ what: @autoclosure () -> String) throws {
    if !condition { throw CheckEnd.failed(what()) }
}

/// The value, if there is one.
func require<Value>(_ value: Value?, _ what: @autoclosure () -> String) throws -> Value {
    guard let value else { throw CheckEnd.failed(what()) }
    return value
}

// SPDX-License-Identifier: MIT

public import IglooContracts

/// Counts the records of a split that could not be read as they should, and keeps the first.
public struct RecordFaults: Sendable {
    private let policy: ErrorPolicy
    private let path: String
    private var count = 0
    private var first: String?

    public init(_ policy: ErrorPolicy, path: String) {
        self.policy = policy
        self.path = path
    }

    /// Whether the next fault is to be described: finding its line reads the file up to it, so
    /// only the first is told in full.
    public var wantsDescription: Bool { policy == .fail || first == nil }

    /// - Parameter error: `nil` where no description was wanted.
    public mutating func note(_ error: IglooError?, count: Int = 1) {
        self.count += count
        if first == nil { first = error?.message }
    }

    /// What the user is told at the end; `nil` = nothing happened.
    public var notice: Notice? {
        guard count > 0 else { return nil }
        let fate = policy == .skip ? "left out" : "read with NULLs"
        let first = first ?? ""
        return Notice(
            count == 1
                ? "1 malformed record of '\(path)' was \(fate): \(first)"
                : "\(count) malformed records of '\(path)' were \(fate); the first: \(first)")
    }
}

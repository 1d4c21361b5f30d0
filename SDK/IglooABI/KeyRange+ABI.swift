// SPDX-License-Identifier: MIT

public import CIgloo
public import IglooContracts

extension KeyRange {
    /// The first key, and where to end: as the ABI has it.
    public func bounds(_ arena: Arena) -> (key: igloo_bytes, end: igloo_bytes) {
        switch self {
        case .key(let key): (arena.bytes(key), igloo_bytes())
        case .from(let first, let end): (arena.bytes(first), arena.bytes(end ?? [0]))
        }
    }

    /// - Throws: `invalidArgument` for an empty key.
    public init(key: igloo_bytes, end: igloo_bytes) throws(IglooError) {
        let first = [UInt8](key)
        let end = [UInt8](end)
        guard !first.isEmpty else { throw IglooError(.invalidArgument, "a key cannot be empty") }
        self = end.isEmpty ? .key(first) : .from(first, end: end == [0] ? nil : end)
    }
}

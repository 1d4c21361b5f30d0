// SPDX-License-Identifier: MIT

/// Compressed bytes that cannot be what they claim to be, or a buffer that cannot take the result.
public struct CompressionError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Kind: Hashable, Sendable {
        /// Malformed, cut short, or of another size than was promised.
        case invalid
        /// The compression library got no memory.
        case exhausted
    }

    public var kind: Kind
    /// One sentence without a full stop.
    public var message: String

    public init(_ kind: Kind = .invalid, _ message: String) {
        self.kind = kind
        self.message = message
    }

    public var description: String { message }
}

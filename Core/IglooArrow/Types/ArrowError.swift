// SPDX-License-Identifier: MIT

/// Arrow data that cannot be what it claims to be, or asks for what Igloo does not have.
public struct ArrowError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Kind: Hashable, Sendable {
        /// Malformed: torn, out of bounds, contradictory.
        case invalid
        /// Well formed, but of a kind this library does not read.
        case unsupported
        /// More memory than can be had.
        case exhausted
    }

    public var kind: Kind
    public var message: String
    /// Where in the stream or file, counted in bytes from its beginning.
    public var byteOffset: Int?

    public init(_ kind: Kind, _ message: String, byteOffset: Int? = nil) {
        self.kind = kind
        self.message = message
        self.byteOffset = byteOffset
    }

    public var description: String {
        byteOffset.map { "\(message) (at byte \($0))" } ?? message
    }
}

extension ArrowError {
    /// The same error, told to be found in `place`.
    package func inside(_ place: String) -> ArrowError {
        ArrowError(kind, "\(place): \(message)", byteOffset: byteOffset)
    }

    /// The same error, told to stand at `byteOffset` unless it knows better.
    package func located(at byteOffset: Int) -> ArrowError {
        ArrowError(kind, message, byteOffset: self.byteOffset ?? byteOffset)
    }
}

// SPDX-License-Identifier: MIT

/// Why a text is not read as JSON, or not as the column's type.
struct JSONFault: Error {
    enum Kind {
        /// Not JSON.
        case syntax
        /// Well formed as far as it goes, but the bytes end.
        case incomplete
        /// JSON, but not of the column's type.
        case mismatch
    }

    var kind: Kind
    var message: String
    /// Offset in the bytes given to the parser.
    var offset: Int
    var column: String?

    init(_ kind: Kind, _ message: String, offset: Int, column: String? = nil) {
        self.kind = kind
        self.message = message
        self.offset = offset
        self.column = column
    }
}

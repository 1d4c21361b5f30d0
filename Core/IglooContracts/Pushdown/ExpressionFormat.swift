// SPDX-License-Identifier: MIT

/// The numbers of the "IGX1" format, as `igloo.h` documents them: how expressions cross the ABI.
enum ExpressionFormat {
    static let magic: [UInt8] = Array("IGX1".utf8)
    static let headerByteCount = 16
    static let nodeByteCount = 32
    /// Deeper trees are not told (encoding) or refused (decoding), to bound every recursion.
    static let depthMax = 200

    static let column: UInt16 = 1
    static let literal: UInt16 = 3
    static let firstCall: UInt16 = 4
    static let opaque: UInt16 = 0xFFFF

    struct Flags: OptionSet {
        let rawValue: UInt8
        static let null = Flags(rawValue: 1)
        static let dictionary = Flags(rawValue: 2)
        static let ordered = Flags(rawValue: 4)
        static let indexShift: UInt8 = 4
    }
}

extension PushdownOperation {
    /// Something that the host cannot tell; its arguments are the columns that it reads.
    public static let opaque = PushdownOperation(rawValue: ExpressionFormat.opaque)
}

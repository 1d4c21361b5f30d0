// SPDX-License-Identifier: MIT

import IglooContracts

/// What goes over the wire: each side begins with a preface, then come frames, all little-endian.
///
/// A message of a stream is one or more DATA frames, the last with `endOfMessage`. A side sends as
/// much on a stream as the other has given it credit for: at first the window of its preface, then
/// what CREDIT frames add. A DATA frame costs its payload and `frameCost`.
enum Wire {
    /// Payload of a frame. Whoever sends more breaks the protocol.
    static let payloadByteCountMax = 1 << 18
    static let helloByteCountMax = 1 << 16
    /// So that empty frames are not free.
    static let frameCost = 64
    static let windowRange = (1 << 19)...(1 << 30)

    static let prefaceByteCount = 16
    private static let magic: [UInt8] = Array("IGLOOTP1".utf8)

    static func preface(window: Int) -> [UInt8] {
        magic + bytes(UInt32(window)) + bytes(UInt32(0))
    }

    /// The window that a peer grants.
    static func window(ofPreface preface: [UInt8]) throws(IglooError) -> Int {
        guard Array(preface.prefix(8)) == magic else {
            throw broken("speaks another protocol")
        }
        let window = Int(number(preface[8..<12]))
        guard windowRange.contains(window) else { throw broken("grants \(window) bytes") }
        return window
    }

    static func bytes(_ number: UInt32) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
    }

    /// Of four bytes.
    static func number(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        bytes.reversed().reduce(0) { $0 << 8 | UInt32($1) }
    }

    static func broken(_ what: String) -> IglooError {
        IglooError(.invalidData, "the peer broke the protocol: it \(what)")
    }
}

struct FrameHeader {
    enum Kind: UInt8 {
        case open = 1, data, credit, reset
    }

    struct Flags: OptionSet {
        let rawValue: UInt8
        static let endOfMessage = Flags(rawValue: 1)
        static let endOfStream = Flags(rawValue: 2)
        static let batch = Flags(rawValue: 4)
        static let all: Flags = [.endOfMessage, .endOfStream, .batch]
    }

    static let byteCount = 12

    var kind: Kind
    var flags: Flags = []
    var stream: UInt32
    var payloadByteCount: Int

    init(_ kind: Kind, _ flags: Flags = [], stream: UInt32, payloadByteCount: Int) {
        self.kind = kind
        self.flags = flags
        self.stream = stream
        self.payloadByteCount = payloadByteCount
    }

    /// - Throws: for what no frame can begin with, before anything is made of its numbers.
    init(_ bytes: [UInt8]) throws(IglooError) {
        let count = Int(Wire.number(bytes[0..<4]))
        guard let kind = Kind(rawValue: bytes[8]), bytes[10] == 0, bytes[11] == 0 else {
            throw Wire.broken("sent a frame of kind \(bytes[8])")
        }
        let flags = Flags(rawValue: bytes[9])
        let isPossible =
            switch kind {
            case .open: count <= Wire.helloByteCountMax && flags.isEmpty
            case .data: count <= Wire.payloadByteCountMax && flags.isSubset(of: .all)
            case .credit, .reset: count == 4 && flags.isEmpty
            }
        guard isPossible else {
            throw Wire.broken("sent a frame of kind \(kind) with \(count) bytes")
        }
        self.init(kind, flags, stream: Wire.number(bytes[4..<8]), payloadByteCount: count)
    }

    var bytes: [UInt8] {
        Wire.bytes(UInt32(payloadByteCount)) + Wire.bytes(stream)
            + [kind.rawValue, flags.rawValue, 0, 0]
    }
}

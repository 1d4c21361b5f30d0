// SPDX-License-Identifier: MIT
import IglooArrow

/// Cuts a stream into messages.
///
/// - Source: Arrow columnar format, "Encapsulated message format".
final class MessageReader {
    /// Stands before each message since version 0.15.
    static let continuation: Int32 = -1

    private let source: any IPCByteSource
    private(set) var byteOffset = 0

    init(_ source: any IPCByteSource) { self.source = source }

    /// The next message and its body, `nil` at the end of the stream.
    func next() throws(ArrowError) -> (message: Message, body: Buffer, bodyByteOffset: Int)? {
        guard let headByteCount = try nextHeadByteCount() else { return nil }
        let headByteOffset = byteOffset
        let head = try read(headByteCount, "a message's head")
        let message = try Message(head, byteOffset: headByteOffset)
        let bodyByteOffset = byteOffset
        let body = try read(message.bodyByteCount, "a message's body")
        return (message, body, bodyByteOffset)
    }

    /// A stream may end with a mark or without one.
    private func nextHeadByteCount() throws(ArrowError) -> Int? {
        let start = byteOffset
        var word = try source.read(4)
        if word.byteCount == 0 { return nil }
        try advance(word, 4, "a message's byte count")
        if Self.number(word) == Self.continuation {
            word = try read(4, "a message's byte count")
        }
        let count = Self.number(word)
        guard count >= 0 else {
            throw ArrowError(.invalid, "a message's head has \(count) bytes", byteOffset: start)
        }
        return count == 0 ? nil : Int(count)
    }

    static func number(_ word: Buffer) -> Int32 {
        Int32(littleEndian: word.baseAddress.loadUnaligned(as: Int32.self))
    }

    private func read(_ byteCount: Int, _ what: String) throws(ArrowError) -> Buffer {
        let buffer = try source.read(byteCount)
        try advance(buffer, byteCount, what)
        return buffer
    }

    private func advance(_ buffer: Buffer, _ byteCount: Int, _ what: String) throws(ArrowError) {
        byteOffset += buffer.byteCount
        guard buffer.byteCount == byteCount else {
            throw ArrowError(
                .invalid,
                "the data ends within \(what): \(buffer.byteCount) of \(byteCount) bytes are there",
                byteOffset: byteOffset)
        }
    }
}

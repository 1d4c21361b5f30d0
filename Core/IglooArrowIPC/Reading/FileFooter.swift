// SPDX-License-Identifier: MIT
import IglooArrow

/// What stands at the end of an IPC file: the schema and where each message is.
struct FileFooter {
    let schema: IPCSchema
    let dictionaries: [FileBlock]
    let batches: [FileBlock]
    let metadata: Metadata
    let byteOffset: Int

    init(_ file: Buffer) throws(ArrowError) {
        let magicByteCount = IPCFileReader.magic.count
        let tailByteCount = 4 + magicByteCount
        let size = file.byteCount
        guard size >= magicByteCount,
            file.bytes.prefix(magicByteCount).elementsEqual(IPCFileReader.magic)
        else {
            throw ArrowError(
                .invalid, "no Arrow IPC file: it does not begin with ARROW1", byteOffset: 0)
        }
        guard size >= 8 + tailByteCount,
            file.bytes.suffix(magicByteCount).elementsEqual(IPCFileReader.magic)
        else {
            throw ArrowError(
                .invalid, "the Arrow IPC file is cut off: it does not end with ARROW1",
                byteOffset: size)
        }
        let footerEnd = size - tailByteCount
        let footerByteCount = Int(MessageReader.number(file.slice(footerEnd..<footerEnd + 4)))
        guard footerByteCount > 0, footerByteCount <= footerEnd - 8 else {
            throw ArrowError(
                .invalid, "the Arrow IPC file says its footer has \(footerByteCount) bytes",
                byteOffset: footerEnd)
        }
        let start = footerEnd - footerByteCount
        byteOffset = start
        let table = try FlatBuffer(file.slice(start..<footerEnd), byteOffset: start).root()
        _ = try Message.checkedVersion(table, 0)
        schema = try IPCSchema(try table.requiredTable(1, "the file's schema"))
        dictionaries = try FileBlock.all(try table.vector(2, byteWidth: FileBlock.byteCount))
        batches = try FileBlock.all(try table.vector(3, byteWidth: FileBlock.byteCount))
        metadata = try table.metadata(4)
    }
}

/// Where in the file a message stands.
struct FileBlock: Sendable {
    static let byteCount = 24

    let offset: Int
    /// Bytes of the head and of what comes before it.
    let headByteCount: Int
    let bodyByteCount: Int

    static func all(_ vector: FlatVector) throws(ArrowError) -> [FileBlock] {
        var blocks: [FileBlock] = []
        blocks.reserveCapacity(vector.count)
        for index in 0..<vector.count {
            let offset = try vector.integer(index, as: Int64.self)
            let headByteCount = try vector.integer(index, at: 8, as: Int32.self)
            let bodyByteCount = try vector.integer(index, at: 16, as: Int64.self)
            guard offset >= 0, headByteCount >= 0, bodyByteCount >= 0 else {
                throw vector.buffer.error(
                    "a message at \(offset) of \(headByteCount) and \(bodyByteCount) bytes",
                    at: vector.place(of: index))
            }
            blocks.append(
                FileBlock(
                    offset: Int(offset), headByteCount: Int(headByteCount),
                    bodyByteCount: Int(bodyByteCount)))
        }
        return blocks
    }

    /// The message, its body, and where the body stands.
    func read(
        from file: Buffer
    ) throws(ArrowError) -> (message: Message, body: Buffer, byteOffset: Int) {
        guard offset <= file.byteCount, headByteCount <= file.byteCount - offset,
            bodyByteCount <= file.byteCount - offset - headByteCount
        else {
            throw ArrowError(
                .invalid,
                "a message of \(headByteCount) and \(bodyByteCount) bytes leads out of the file",
                byteOffset: min(offset, file.byteCount))
        }
        let head = file.slice(offset..<offset + headByteCount)
        var start = 4
        guard headByteCount >= 8 else { throw invalid("has no head") }
        var count = MessageReader.number(head)
        if count == MessageReader.continuation {
            start = 8
            count = MessageReader.number(head.slice(4..<8))
        }
        guard count > 0, Int(count) <= headByteCount - start else {
            throw invalid("has a head of \(count) bytes where the footer says \(headByteCount)")
        }
        let message = try Message(
            head.slice(start..<start + Int(count)), byteOffset: offset + start)
        let bodyStart = offset + headByteCount
        guard message.bodyByteCount <= bodyByteCount else {
            throw invalid(
                "has a body of \(message.bodyByteCount) bytes where the footer says \(bodyByteCount)"
            )
        }
        return (message, file.slice(bodyStart..<bodyStart + message.bodyByteCount), bodyStart)
    }

    private func invalid(_ message: String) -> ArrowError {
        ArrowError(.invalid, "a message \(message)", byteOffset: offset)
    }
}

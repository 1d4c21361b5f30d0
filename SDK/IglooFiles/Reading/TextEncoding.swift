// SPDX-License-Identifier: MIT

public import IglooContracts

/// How a file's bytes stand for characters.
public enum TextEncoding: UInt8, Sendable, CaseIterable {
    case utf8, utf16LittleEndian, utf16BigEndian, latin1
    /// As the mark at the beginning says, else little-endian.
    case utf16

    /// The option of connectors that read text files.
    public static let option = OptionSpecification(
        "encoding", .choice, defaultText: "auto",
        allowed: ["auto", "utf-8", "utf-16", "utf-16le", "utf-16be", "latin-1"],
        documentation: "How bytes stand for characters; 'auto' is UTF-8, or UTF-16 where the file"
            + " begins with its mark.")

    /// - Parameter name: a value of `option`; `nil` answers for "auto".
    public init?(optionName name: String?) {
        switch name {
        case "utf-8": self = .utf8
        case "utf-16": self = .utf16
        case "utf-16le": self = .utf16LittleEndian
        case "utf-16be": self = .utf16BigEndian
        case "latin-1": self = .latin1
        default: return nil
        }
    }

    /// What the mark at the beginning of a text says, given what the user said.
    static func detect(
        _ head: [UInt8], _ said: TextEncoding?, _ path: String
    ) throws(IglooError) -> TextEncoding {
        if let said, said != .utf16 { return said }
        if head.starts(with: [0xFF, 0xFE, 0, 0]) || head.starts(with: [0, 0, 0xFE, 0xFF]) {
            throw IglooError(
                .unsupported, "'\(path)' is UTF-32 text, which is not read",
                hint: "convert it: iconv -f UTF-32 -t UTF-8")
        }
        if head.starts(with: [0xFF, 0xFE]) { return .utf16LittleEndian }
        if head.starts(with: [0xFE, 0xFF]) { return .utf16BigEndian }
        return said == nil ? .utf8 : .utf16LittleEndian
    }
}

/// How the text in a file is packed: what the user said of it.
public struct FileContent: Hashable, Sendable {
    /// `nil`: told by each file's first bytes.
    public var compression: FileCompression?
    public var encoding: TextEncoding?

    public init(_ compression: FileCompression? = nil, _ encoding: TextEncoding? = nil) {
        self.compression = compression
        self.encoding = encoding
    }

    /// How the text in this file is packed.
    public func opened(_ reader: FileReader) throws(IglooError) -> OpenedContent {
        let compression = try reader.compression(compression)
        if let encoding, encoding != .utf16 {
            return OpenedContent(reader, compression, encoding)
        }
        let head = TextChunk(byteCapacity: 4)
        let count = try compression.stream(reader).read(
            into: UnsafeMutableRawBufferPointer(start: head.bytes, count: head.byteCapacity))
        let found = try TextEncoding.detect(
            Array(UnsafeBufferPointer(start: head.bytes, count: count)), encoding, reader.path)
        return OpenedContent(reader, compression, found)
    }

    func encode(into encoder: inout HandleEncoder) {
        encoder.append(compression.map { Int64($0.rawValue) })
        encoder.append(encoding.map { Int64($0.rawValue) })
    }

    init(_ decoder: inout HandleDecoder) throws(IglooError) {
        compression = try decoder.optionalChoice("compression")
        encoding = try decoder.optionalChoice("encoding")
    }
}

/// The text of an open file.
public struct OpenedContent: Sendable {
    public let reader: FileReader
    private let compression: FileCompression
    private let encoding: TextEncoding

    fileprivate init(
        _ reader: FileReader, _ compression: FileCompression, _ encoding: TextEncoding
    ) {
        self.reader = reader
        self.compression = compression
        self.encoding = encoding
    }

    /// Whether the text is the file's bytes as they stand there: reading can begin anywhere.
    public var isPlain: Bool { compression == .none && encoding == .utf8 }

    /// The text in UTF-8, from the offset `start` in it.
    public func stream(from start: Int64 = 0, to end: Int64? = nil) throws(IglooError)
        -> any ByteStream
    {
        if isPlain { return FileByteStream(reader, from: start, to: end) }
        var stream = try compression.stream(reader)
        if encoding != .utf8 { stream = TranscodingByteStream(stream, encoding, reader.path) }
        try stream.skip(start)
        return stream
    }

    /// Line ends in the first `offset` bytes of the text, and where the line at `offset` begins.
    public func lines(
        upTo offset: Int64, newline: UInt8 = 0x0A
    ) throws(IglooError) -> (count: Int64, lastStart: Int64) {
        let stream = try stream()
        let chunk = TextChunk(byteCapacity: 256 << 10)
        var (position, count, lastStart) = (Int64(0), Int64(0), Int64(0))
        while position < offset {
            let wanted = Int(min(offset - position, Int64(chunk.byteCapacity)))
            let read = try stream.read(
                into: UnsafeMutableRawBufferPointer(start: chunk.bytes, count: wanted))
            if read == 0 { break }
            count += TextBytes.count(newline, chunk.bytes, read)
            if let last = TextBytes.lastIndex(of: newline, chunk.bytes, read) {
                lastStart = position + Int64(last) + 1
            }
            position += Int64(read)
        }
        return (count, lastStart)
    }
}

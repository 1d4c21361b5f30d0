// SPDX-License-Identifier: MIT

public import IglooContracts

/// How a whole file is compressed, told by its first bytes and not by its name.
public enum FileCompression: UInt8, Sendable, CaseIterable {
    case none, gzip, zstd

    /// The option of connectors that read compressed files.
    public static let option = OptionSpecification(
        "compression", .choice, defaultText: "auto", allowed: ["auto", "none", "gzip", "zstd"],
        documentation: "How files are compressed; 'auto' looks at their first bytes.")

    /// - Parameter name: a value of `option`; `nil` answers for "auto".
    public init?(optionName name: String?) {
        switch name {
        case "none": self = .none
        case "gzip": self = .gzip
        case "zstd": self = .zstd
        default: return nil
        }
    }

    public static func detect(_ reader: FileReader) throws(IglooError) -> FileCompression {
        var head: (UInt8, UInt8, UInt8, UInt8) = (0, 0, 0, 0)
        let count: Int
        do {
            count = try withUnsafeMutableBytes(of: &head) { bytes throws(IglooError) in
                try reader.read(at: 0, into: bytes)
            }
        }
        if count >= 2 && head.0 == 0x1F && head.1 == 0x8B { return .gzip }
        if count == 4 && head.0 == 0x28 && head.1 == 0xB5 && head.2 == 0x2F && head.3 == 0xFD {
            return .zstd
        }
        return .none
    }

    /// The content of a file, from its beginning.
    public func stream(_ reader: FileReader) throws(IglooError) -> any ByteStream {
        switch self {
        case .none: return FileByteStream(reader)
        case .gzip, .zstd: return try CompressedByteStream(reader, self)
        }
    }
}

extension FileReader {
    /// How this file is compressed: as said, or as its first bytes tell.
    public func compression(_ said: FileCompression?) throws(IglooError) -> FileCompression {
        if let said { return said }
        return try FileCompression.detect(self)
    }
}

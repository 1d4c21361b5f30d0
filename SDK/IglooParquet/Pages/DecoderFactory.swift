// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// Chooses the decoder for a column's values in an encoding.
struct DecoderFactory {
    let leaf: LeafColumn
    /// What views go to.
    let sink: ViewSink

    private var isText: Bool { leaf.type == .utf8View }

    /// Any encoding but the dictionary's indexes.
    func decoder(_ encoding: Encoding, _ page: PageMemory) throws(IglooError) -> ValueDecoder {
        switch leaf.physicalType {
        case .boolean: try booleans(encoding, page)
        case .byteArray: try bytes(encoding, page)
        case .int32, .int64, .int96, .float, .double, .fixedLengthByteArray:
            try fixed(encoding, page)
        }
    }

    private func unsuited(_ encoding: Encoding) -> IglooError {
        malformed("encoding \(encoding) is not for values of type \(leaf.physicalType)")
    }

    private func booleans(
        _ encoding: Encoding, _ page: PageMemory
    ) throws(IglooError) -> ValueDecoder {
        switch encoding {
        case .plain: PlainBooleanDecoder(page)
        case .runLength: try RunBooleanDecoder(page)
        default: throw unsuited(encoding)
        }
    }

    private func fixed(
        _ encoding: Encoding, _ page: PageMemory
    ) throws(IglooError) -> ValueDecoder {
        let width = leaf.physicalByteWidth ?? 0
        switch (encoding, leaf.physicalType) {
        case (.plain, _): return PlainDecoder(page, width: width, leaf.conversion)
        case (.byteStreamSplit, let type) where type != .int96:
            return try ByteStreamSplitDecoder(page, width: width, leaf.conversion)
        case (.deltaBinaryPacked, .int32), (.deltaBinaryPacked, .int64):
            return try DeltaIntegerDecoder(page, width: width, leaf.conversion)
        case (.deltaByteArray, .fixedLengthByteArray):
            let own = ViewSink()
            return try ConvertedBytesDecoder(
                try DeltaBytesDecoder(page, own, isText: false), own, width: width,
                leaf.conversion)
        default: throw unsuited(encoding)
        }
    }

    private func bytes(
        _ encoding: Encoding, _ page: PageMemory
    ) throws(IglooError) -> ValueDecoder {
        if leaf.conversion == .views { return try views(encoding, page, sink) }
        let own = ViewSink()
        return try ConvertedBytesDecoder(
            try views(encoding, page, own), own, width: nil, leaf.conversion)
    }

    private func views(
        _ encoding: Encoding, _ page: PageMemory, _ sink: ViewSink
    ) throws(IglooError) -> ValueDecoder {
        switch encoding {
        case .plain: PlainBytesDecoder(page, sink, isText: isText)
        case .deltaLengthByteArray: try DeltaLengthDecoder(page, sink, isText: isText)
        case .deltaByteArray: try DeltaBytesDecoder(page, sink, isText: isText)
        default: throw unsuited(encoding)
        }
    }

    /// The dictionary in a dictionary page.
    func dictionary(_ header: PageHeader, _ page: PageMemory) throws(IglooError) -> ChunkDictionary
    {
        guard header.encoding == .plain || header.encoding == .plainDictionary else {
            throw malformed("a dictionary page is in encoding \(header.rawEncoding)")
        }
        // Before memory is taken for them.
        let least = leaf.physicalByteWidth ?? 4
        guard leaf.physicalType != .boolean, header.valueCount <= page.bytes.count / least else {
            throw malformed(
                "a dictionary of \(header.valueCount) values in \(page.bytes.count) bytes")
        }
        let own = ViewSink()
        let decoder = try DecoderFactory(leaf: leaf, sink: own).decoder(.plain, page)
        return try ChunkDictionary(
            decoder, own, valueCount: header.valueCount, width: leaf.outputByteWidth)
    }
}

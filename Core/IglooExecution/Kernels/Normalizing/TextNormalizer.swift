// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// Text and binary values, whose bytes stay where they are.
enum TextNormalizer {
    /// Data buffers are cut at this size, for views reach 2 GiB far.
    private static let chunkByteCount = 1 << 30

    static func views<Offset: IntegerValue>(
        _ array: ArrayData, _ type: DataType, _ offset: Offset.Type
    ) throws(IglooError) -> ArrayData {
        let count = array.count
        if count == 0 { return ArrayData(type: type, count: 0, buffers: [.empty]) }
        let offsets = array.values(as: Offset.self)
        let bytes = array.buffers[1]
        let (first, last) = (Int(offsets[0]), Int(offsets[count]))
        if last - first > chunkByteCount { return try copied(array, type) }
        let used = bytes.slice(first..<last)
        var builder = BufferBuilder(byteCapacity: count * 16)
        let views = builder.pointer(as: BinaryView.self)
        let base = used.baseAddress
        var i = 0
        while i < count {
            let start = Int(truncatingIfNeeded: offsets[i]) &- first
            let length = Int(truncatingIfNeeded: offsets[i &+ 1]) &- first &- start
            views[i] = BinaryView(
                base + start, count: length, bufferIndex: 0,
                offset: Int32(truncatingIfNeeded: start))
            i &+= 1
        }
        builder.setByteCount(count * 16)
        return ArrayData(
            type: type, count: count, validity: Bits.validity(of: array),
            buffers: [builder.finish()] + (used.byteCount > 0 ? [used] : []))
    }

    /// Columns of more than a gibibyte of text in one batch: chunks of rows, each with its buffer.
    private static func copied(
        _ array: ArrayData, _ type: DataType
    ) throws(IglooError) -> ArrayData {
        if array.count == 1 {
            throw IglooError(.unsupported, "a text of more than 1 GiB cannot be read")
        }
        let half = array.count / 2
        return try concatenate([
            Normalizer.flat(array.slice(0, count: half)),
            Normalizer.flat(array.slice(half, count: array.count - half)),
        ])
    }

    static func fixed(_ array: ArrayData, _ width: Int) -> ArrayData {
        let base = array.buffers[0].baseAddress + array.offset * width
        // Chunks of whole values.
        let perChunk = max(chunkByteCount / max(width, 1), 1)
        var builder = BufferBuilder(byteCapacity: array.count * 16)
        for i in 0..<array.count {
            let (chunk, place) = i.quotientAndRemainder(dividingBy: perChunk)
            builder.append(
                BinaryView(
                    base + i * width, count: width, bufferIndex: Int32(truncatingIfNeeded: chunk),
                    offset: Int32(truncatingIfNeeded: place * width)))
        }
        var chunks: [Buffer] = []
        if width > BinaryView.inlineByteCountMax {
            for start in stride(from: 0, to: array.count, by: perChunk) {
                let end = min(start + perChunk, array.count)
                chunks.append(
                    array.buffers[0].slice(
                        (array.offset + start) * width..<(array.offset + end) * width))
            }
        }
        return ArrayData(
            type: .binaryView, count: array.count, validity: Bits.validity(of: array),
            buffers: [builder.finish()] + chunks)
    }
}

// SPDX-License-Identifier: MIT

import IglooContracts

/// Takes a page apart: repetition levels, definition levels, values.
struct LevelSplitter {
    private let header: PageHeader
    /// What comes after the levels taken so far.
    private(set) var rest: UnsafeRawBufferPointer
    /// Levels in the retired encoding, rewritten; must live as long as their decoders.
    private(set) var rewritten: [PooledMemory] = []

    init(header: PageHeader, page: PageMemory) {
        self.header = header
        rest = page.bytes
    }

    /// The next levels. Repetition levels come first.
    mutating func next(
        _ encoding: Encoding, max: Int, isFirst: Bool
    ) throws(IglooError) -> RunDecoder {
        let width = Int.bitWidth - max.leadingZeroBitCount
        if header.kind == .dataV2 {
            let count = isFirst ? header.repetitionByteCount : header.definitionByteCount
            let bytes = try take(count)
            return max == 0 ? .zeros : RunDecoder(bytes, width: width)
        }
        if max == 0 { return .zeros }
        if encoding == .bitPacked {
            let count = BitPackedLevels.byteCount(header.valueCount, width: width)
            return try rewrite(try take(count), width)
        }
        let prefix = try take(4)
        let count = Int(UInt32(littleEndian: prefix.loadUnaligned(as: UInt32.self)))
        return RunDecoder(try take(count), width: width)
    }

    private mutating func take(_ count: Int) throws(IglooError) -> UnsafeRawBufferPointer {
        guard count <= rest.count else {
            throw malformed("a page has \(count) bytes of levels in \(rest.count) bytes")
        }
        defer { rest = UnsafeRawBufferPointer(rebasing: rest[count...]) }
        return UnsafeRawBufferPointer(rebasing: rest[..<count])
    }

    private mutating func rewrite(
        _ bytes: UnsafeRawBufferPointer, _ width: Int
    ) throws(IglooError) -> RunDecoder {
        let runs = BitPackedLevels.rewritten(bytes, header.valueCount, width: width)
        let memory = try PooledMemory(byteCapacity: runs.count)
        runs.withUnsafeBytes {
            memory.base.copyMemory(from: $0.baseAddress!, byteCount: runs.count)
        }
        rewritten.append(memory)
        return RunDecoder(
            UnsafeRawBufferPointer(start: memory.base, count: runs.count), width: width)
    }
}

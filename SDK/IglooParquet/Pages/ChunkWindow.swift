// SPDX-License-Identifier: MIT

import IglooContracts

/// The piece of a column chunk that is in memory, moving on through the file.
struct ChunkWindow {
    /// Bytes read ahead of a page: the smaller, the less is read in vain where pages are skipped.
    /// The windows of all columns of a wide table together take some 32 MB.
    static func stepByteCount(leafCount: Int) -> Int {
        min(128 << 10, max(8 << 10, (32 << 20) / max(1, leafCount)))
    }

    private let source: any ByteSource
    private let end: Int64
    private let stepByteCount: Int
    /// The offset in the file of the window's first unused byte.
    private(set) var offset: Int64
    private var memory: PooledMemory?
    private var start = 0
    private var count = 0

    init(
        _ source: any ByteSource, from offset: Int64, to end: Int64, stepByteCount: Int
    ) {
        self.stepByteCount = stepByteCount
        self.source = source
        self.offset = offset
        self.end = end
    }

    var remainingByteCount: Int64 { end - offset }

    /// The unused bytes: at least `wanted`, unless the chunk ends before.
    ///
    /// Valid until the next call of a mutating function; padded.
    mutating func bytes(_ wanted: Int) throws(IglooError) -> UnsafeRawBufferPointer {
        if count < wanted && Int64(count) < remainingByteCount { try fill(wanted) }
        guard let memory else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        return UnsafeRawBufferPointer(start: memory.base + start, count: count)
    }

    private mutating func fill(_ wanted: Int) throws(IglooError) {
        let target = Int(min(Int64(max(wanted, stepByteCount)), remainingByteCount))
        if memory == nil || memory!.byteCapacity < target {
            let larger = try PooledMemory(byteCapacity: target)
            if let memory {
                larger.base.copyMemory(from: memory.base + start, byteCount: count)
            }
            memory = larger
        } else if start > 0 {
            memory!.base.copyMemory(from: memory!.base + start, byteCount: count)
        }
        start = 0
        try source.readExactly(
            at: offset + Int64(count), target - count, into: memory!.base + count)
        count = target
    }

    /// Passes over bytes, which need not have been read.
    mutating func advance(_ byteCount: Int) {
        move(to: offset + Int64(byteCount))
    }

    mutating func move(to target: Int64) {
        let distance = target - offset
        if distance >= 0 && distance <= Int64(count) {
            start += Int(distance)
            count -= Int(distance)
        } else {
            start = 0
            count = 0
        }
        offset = target
    }
}

// SPDX-License-Identifier: MIT

/// Where the pages of a chunk stand.
struct OffsetIndex: Sendable {
    struct Location: Sendable {
        var offset: Int64 = 0
        /// Header included.
        var byteCount: Int32 = 0
        var firstRow: Int64 = 0
    }

    var pages: [Location] = []

    init(_ reader: inout ThriftReader) throws(ThriftError) {
        var pages: [Location] = []
        try reader.forEachField { reader, id, kind throws(ThriftError) in
            guard id == 1 else { return false }
            try reader.forEachElement(kind) { reader, _ throws(ThriftError) in
                var page = Location()
                try reader.forEachField { reader, id, kind throws(ThriftError) in
                    switch id {
                    case 1: page.offset = try reader.int64(kind)
                    case 2: page.byteCount = try reader.int32(kind)
                    case 3: page.firstRow = try reader.int64(kind)
                    default: return false
                    }
                    return true
                }
                pages.append(page)
            }
            return true
        }
        self.pages = pages
    }

    /// Whether the pages follow each other, begin at row 0 and end before `rowCount`.
    func isSound(rowCount: Int64, fileByteCount: Int64) -> Bool {
        guard let first = pages.first, first.firstRow == 0 else { return false }
        var previous: Location?
        for page in pages {
            guard page.offset >= 4, page.byteCount > 0, page.firstRow < rowCount,
                page.offset <= fileByteCount - Int64(page.byteCount)
            else { return false }
            if let previous {
                guard page.firstRow > previous.firstRow,
                    page.offset >= previous.offset + Int64(previous.byteCount)
                else { return false }
            }
            previous = page
        }
        return true
    }
}

/// Bounds of the values of each page of a chunk.
struct ColumnIndex: Sendable {
    var isNullPage: [Bool] = []
    var minimums: [[UInt8]] = []
    var maximums: [[UInt8]] = []
    var nullCounts: [Int64] = []

    init(_ reader: inout ThriftReader) throws(ThriftError) {
        var index = (nulls: [Bool](), minimums: [[UInt8]](), maximums: [[UInt8]]())
        var nullCounts: [Int64] = []
        try reader.forEachField { reader, id, kind throws(ThriftError) in
            switch id {
            case 1:
                try reader.forEachElement(kind) { reader, kind throws(ThriftError) in
                    index.nulls.append(try reader.boolElement(kind))
                }
            case 2:
                try reader.forEachElement(kind) { reader, kind throws(ThriftError) in
                    index.minimums.append(try reader.array(kind))
                }
            case 3:
                try reader.forEachElement(kind) { reader, kind throws(ThriftError) in
                    index.maximums.append(try reader.array(kind))
                }
            case 5:
                try reader.forEachElement(kind) { reader, kind throws(ThriftError) in
                    nullCounts.append(try reader.int64(kind))
                }
            default: return false
            }
            return true
        }
        isNullPage = index.nulls
        minimums = index.minimums
        maximums = index.maximums
        self.nullCounts = nullCounts
    }

    /// The statistics of a page, `nil` when the index has none for it.
    func statistics(page: Int) -> ChunkStatistics? {
        guard page < isNullPage.count, page < minimums.count, page < maximums.count else {
            return nil
        }
        var statistics = ChunkStatistics()
        statistics.nullCount = page < nullCounts.count ? nullCounts[page] : nil
        if !isNullPage[page] {
            statistics.minimum = minimums[page]
            statistics.maximum = maximums[page]
        }
        return statistics
    }
}

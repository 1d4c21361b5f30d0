// SPDX-License-Identifier: MIT

import IglooArrow
import IglooCompression
import IglooContracts

/// Reads a leaf of one row group, page by page: rows are appended to a batch or passed over.
///
/// - Threads: one at a time.
final class LeafReader {
    let leaf: LeafColumn
    /// Delivers int32 indexes into the dictionary instead of values.
    let keepsIndexes: Bool
    /// The row after the last one that was read or passed over.
    private(set) var position: Int64 = 0

    private let pages: PageReader
    private let factory: DecoderFactory
    private let sink = ViewSink()
    private let rowCount: Int64
    private let offsetIndex: OffsetIndex?
    private let width: Int
    private var dictionary: ChunkDictionary?
    private var dictionaryArray: ArrayData?
    private var hasData = false

    // The current page. Entries of it that are not yet in `pending` or the batch:
    private var pageRest = 0
    private var unreadCount: Int64
    private var page: PageMemory?
    private var levelMemory: [PooledMemory] = []
    private var repetitions = RunDecoder.zeros
    private var definitions = RunDecoder.zeros
    private var values: ValueDecoder?

    // Levels of a repeated column that were decoded to find where rows end.
    private static let pendingCountMax = 4096
    private var pending: (repetitions: GrowingMemory, definitions: GrowingMemory)?
    private var pendingIndex = 0
    private var pendingCount = 0

    // The batch.
    private var output: GrowingMemory
    private var outputRepetitions: GrowingMemory?
    private var outputDefinitions: GrowingMemory?
    /// A byte a slot, 1 = not null; `nil` where definitions say the same.
    private var isValid: GrowingMemory?
    private var slotCount = 0
    private var entryCount = 0
    private var nullCount = 0

    init(
        _ source: any ByteSource, _ leaf: LeafColumn, _ chunk: ColumnChunkMetadata,
        rowCount: Int64, offsetIndex: OffsetIndex?, keepsIndexes: Bool, checksPages: Bool,
        windowByteCount: Int, _ decompressor: BlockDecompressor
    ) throws(IglooError) {
        self.leaf = leaf
        self.keepsIndexes = keepsIndexes
        self.rowCount = rowCount
        self.offsetIndex = leaf.isFlat ? offsetIndex : nil
        width = keepsIndexes ? 4 : leaf.outputByteWidth
        factory = DecoderFactory(leaf: leaf, sink: sink)
        try Self.check(chunk, leaf, rowCount)
        unreadCount = chunk.valueCount
        pages = try PageReader(
            source, chunk, checksPages: checksPages, windowByteCount: windowByteCount,
            decompressor)
        output = try GrowingMemory(byteCapacity: 0)
        try beginBatch(rowCount: 0)
    }

    private static func check(
        _ chunk: ColumnChunkMetadata, _ leaf: LeafColumn, _ rowCount: Int64
    ) throws(IglooError) {
        if chunk.isEncrypted {
            throw IglooError(.unsupported, "it is encrypted, which is not supported")
        }
        if let path = chunk.filePath, !path.isEmpty {
            throw IglooError(
                .unsupported, "it stands in another file, '\(path)', which is not supported")
        }
        guard chunk.type == leaf.physicalType else {
            throw malformed("it is stored as \(chunk.type), declared as \(leaf.physicalType)")
        }
        guard chunk.valueCount >= 0, leaf.isFlat ? chunk.valueCount == rowCount : true else {
            throw malformed("it has \(chunk.valueCount) values in \(rowCount) rows")
        }
    }

    // MARK: - Rows

    /// Appends the rows `rows` to the batch, passing over those before.
    func read(_ rows: Range<Int64>) throws(IglooError) {
        try seek(rows.lowerBound)
        if leaf.isFlat {
            try appendFlat(rows.count)
        } else {
            try walkRecords(rows.count, keeps: true)
        }
        position = rows.upperBound
    }

    private func seek(_ row: Int64) throws(IglooError) {
        guard row > position else { return }
        if leaf.isFlat {
            try jump(to: row)
            try skipFlat(Int(row - position))
        } else {
            try walkRecords(Int(row - position), keeps: false)
        }
        position = row
    }

    // MARK: - Flat columns

    private func appendFlat(_ count: Int) throws(IglooError) {
        try output.reserve(count * width)
        var rest = count
        while rest > 0 {
            if pageRest == 0 { try openPage(try nextPage()) }
            let piece = min(rest, pageRest)
            let target = try output.append(piece * width)
            if leaf.definitionMax == 0 {
                try values?.decode(piece, into: target)
            } else {
                try appendNullable(piece, target)
            }
            slotCount += piece
            entryCount += piece
            pageRest -= piece
            rest -= piece
        }
    }

    private func appendNullable(
        _ count: Int, _ target: UnsafeMutableRawPointer
    ) throws(IglooError) {
        let levels = try outputDefinitions!.append(count).assumingMemoryBound(to: UInt8.self)
        let valid = try definitions.decodeLevels(count, into: levels, max: leaf.definitionMax)
        try values?.decode(valid, into: target)
        var flags = UnsafePointer(levels)
        if leaf.definitionMax > 1 {
            let bytes = try isValid!.append(count).assumingMemoryBound(to: UInt8.self)
            Self.compare(levels, count, UInt8(leaf.definitionMax), bytes)
            flags = UnsafePointer(bytes)
        }
        guard valid < count else { return }
        nullCount += count - valid
        Gather.spread(target, width: width, isValid: flags, count: count, validCount: valid)
    }

    private static func compare(
        _ levels: UnsafePointer<UInt8>, _ count: Int, _ wanted: UInt8,
        _ target: UnsafeMutablePointer<UInt8>
    ) {
        var index = 0
        while index < count {
            target[index] = levels[index] == wanted ? 1 : 0
            index &+= 1
        }
    }

    private func skipFlat(_ count: Int) throws(IglooError) {
        var rest = count
        while rest > 0 {
            if pageRest == 0 {
                let header = try nextPage()
                if header.valueCount <= rest {
                    pages.skipPage(header)
                    rest -= header.valueCount
                    continue
                }
                try openPage(header)
            }
            let piece = min(rest, pageRest)
            try values?.skip(try skipLevels(piece))
            pageRest -= piece
            rest -= piece
        }
    }

    /// Passes over levels and says how many of them are values.
    private func skipLevels(_ count: Int) throws(IglooError) -> Int {
        if leaf.definitionMax == 0 { return count }
        let scratch = try PooledMemory(byteCapacity: min(count, 1 << 16))
        let levels = scratch.base.assumingMemoryBound(to: UInt8.self)
        var done = 0
        var valid = 0
        while done < count {
            let piece = min(1 << 16, count - done)
            valid += try definitions.decodeLevels(piece, into: levels, max: leaf.definitionMax)
            done += piece
        }
        return valid
    }

    /// Goes to the page that holds `row`, where that is not the current one.
    private func jump(to row: Int64) throws(IglooError) {
        guard let offsetIndex, row - position >= Int64(pageRest) else { return }
        var low = 0
        var high = offsetIndex.pages.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if offsetIndex.pages[middle].firstRow <= row { low = middle } else { high = middle }
        }
        let page = offsetIndex.pages[low]
        guard page.firstRow > position + Int64(pageRest) else { return }
        if !hasData && dictionary == nil { try readDictionaryOnly(before: page.offset) }
        guard page.offset >= pages.offset else { return }
        pages.jump(to: page.offset)
        pageRest = 0
        position = page.firstRow
        unreadCount = rowCount - page.firstRow
    }

    /// Reads the dictionary when the chunk begins with one.
    private func readDictionaryOnly(before offset: Int64) throws(IglooError) {
        guard pages.offset < offset else { return }
        let header = try pages.nextHeader()
        if header.kind == .dictionary { try openDictionary(header) }
    }

    // MARK: - Repeated columns

    /// Takes the entries of `count` records, to the batch or to nowhere.
    private func walkRecords(_ count: Int, keeps: Bool) throws(IglooError) {
        if pending == nil {
            pending = (
                try GrowingMemory(byteCapacity: Self.pendingCountMax),
                try GrowingMemory(byteCapacity: Self.pendingCountMax)
            )
        }
        var rest = count
        var isInside = false
        while true {
            if pendingIndex == pendingCount, try !fillPending() { break }
            let levels = UnsafePointer(
                pending!.repetitions.base.assumingMemoryBound(to: UInt8.self))
            let end = pendingCount
            var index = pendingIndex
            if !isInside && rest > 0 && levels[index] != 0 {
                throw malformed("its first entry continues a row that has not begun")
            }
            while index < end && (levels[index] != 0 || rest > 0) {
                rest &-= levels[index] == 0 ? 1 : 0
                index &+= 1
            }
            isInside = isInside || index > pendingIndex
            try take(pendingIndex..<index, keeps: keeps)
            pendingIndex = index
            if index < pendingCount { return }
        }
        guard rest == 0 else { throw malformed("it ends \(rest) rows too early") }
    }

    private func fillPending() throws(IglooError) -> Bool {
        if pageRest == 0 {
            guard unreadCount > 0 else { return false }
            guard let header = try nextPageIfAny() else { return false }
            try openPage(header)
        }
        let count = min(pageRest, Self.pendingCountMax)
        let (first, second) = (pending!.repetitions.base, pending!.definitions.base)
        _ = try repetitions.decodeLevels(
            count, into: first.assumingMemoryBound(to: UInt8.self), max: leaf.repetitionMax)
        _ = try definitions.decodeLevels(
            count, into: second.assumingMemoryBound(to: UInt8.self), max: leaf.definitionMax)
        pageRest -= count
        pendingIndex = 0
        pendingCount = count
        return true
    }

    private func take(_ range: Range<Int>, keeps: Bool) throws(IglooError) {
        guard !range.isEmpty else { return }
        let levels = UnsafePointer(pending!.definitions.base.assumingMemoryBound(to: UInt8.self))
        let flags = try PooledMemory(byteCapacity: range.count)
        let bytes = flags.base.assumingMemoryBound(to: UInt8.self)
        let (slotMin, valueLevel) = (UInt8(leaf.slotDefinition), UInt8(leaf.definitionMax))
        var slots = 0
        var valid = 0
        var index = range.lowerBound
        while index < range.upperBound {
            let level = levels[index]
            bytes[slots] = level == valueLevel ? 1 : 0
            slots &+= level >= slotMin ? 1 : 0
            valid &+= level == valueLevel ? 1 : 0
            index &+= 1
        }
        guard keeps else {
            try values?.skip(valid)
            return
        }
        try keep(range, flags, slots, valid)
    }

    private func keep(
        _ range: Range<Int>, _ flags: PooledMemory, _ slots: Int, _ valid: Int
    ) throws(IglooError) {
        guard slotCount + slots <= Int(Int32.max) / max(1, width) else {
            throw IglooError(
                .resourceExhausted, "a batch has over 2 GiB of values: its lists are too long")
        }
        let target = try output.append(slots * width)
        try values?.decode(valid, into: target)
        if valid < slots {
            nullCount += slots - valid
            Gather.spread(
                target, width: width, isValid: flags.base.assumingMemoryBound(to: UInt8.self),
                count: slots, validCount: valid)
        }
        try isValid!.append(slots).copyMemory(from: flags.base, byteCount: slots)
        try outputDefinitions!.append(range.count).copyMemory(
            from: pending!.definitions.base + range.lowerBound, byteCount: range.count)
        try outputRepetitions!.append(range.count).copyMemory(
            from: pending!.repetitions.base + range.lowerBound, byteCount: range.count)
        slotCount += slots
        entryCount += range.count
    }

    // MARK: - Pages

    private func nextPage() throws(IglooError) -> PageHeader {
        guard let header = try nextPageIfAny() else {
            throw malformed("it ends after \(position + Int64(slotCount)) of \(rowCount) rows")
        }
        return header
    }

    /// The header of the next page with data; reads the dictionary on the way.
    private func nextPageIfAny() throws(IglooError) -> PageHeader? {
        while unreadCount > 0 {
            let header = try pages.nextHeader()
            switch header.kind {
            case .other: pages.skipPage(header)
            case .dictionary: try openDictionary(header)
            case .data, .dataV2:
                guard Int64(header.valueCount) <= unreadCount else {
                    throw malformed(
                        "a page has \(header.valueCount) values where \(unreadCount) are left")
                }
                unreadCount -= Int64(header.valueCount)
                hasData = true
                if header.valueCount > 0 { return header }
                pages.skipPage(header)
            }
        }
        return nil
    }

    private func openDictionary(_ header: PageHeader) throws(IglooError) {
        guard dictionary == nil, !hasData else {
            throw malformed("it has a second or a late dictionary page")
        }
        let loaded = try factory.dictionary(header, try pages.loadPage(header))
        dictionary = loaded
        sink.reset(first: loaded.data)
    }

    private func openPage(_ header: PageHeader) throws(IglooError) {
        let page = try pages.loadPage(header)
        self.page = page
        levelMemory = []
        var levels = LevelSplitter(header: header, page: page)
        repetitions = try levels.next(
            header.repetitionEncoding, max: leaf.repetitionMax, isFirst: true)
        definitions = try levels.next(
            header.definitionEncoding, max: leaf.definitionMax, isFirst: false)
        levelMemory = levels.rewritten
        page.values = levels.rest
        pageRest = header.valueCount
        values = try decoder(header, page)
    }

    private func decoder(
        _ header: PageHeader, _ page: PageMemory
    ) throws(IglooError) -> ValueDecoder? {
        if leaf.conversion == .null { return nil }
        guard let encoding = header.encoding else {
            throw IglooError(
                .unsupported, "a page is in encoding \(header.rawEncoding), which is not known")
        }
        if encoding.isDictionary {
            guard let dictionary else { throw malformed("a page lacks its dictionary") }
            return try DictionaryDecoder(page, dictionary, keepsIndexes: keepsIndexes)
        }
        guard !keepsIndexes else {
            throw malformed("a page is not dictionary-encoded, as the footer says")
        }
        return try factory.decoder(encoding, page)
    }

    // MARK: - The batch

    /// Hands over what was read and begins the next batch.
    func finishBatch() throws(IglooError) -> LeafBatch {
        let batch = LeafBatch(
            array: array(), definitions: outputDefinitions, repetitions: outputRepetitions,
            entryCount: entryCount)
        try beginBatch(rowCount: slotCount)
        return batch
    }

    private func beginBatch(rowCount: Int) throws(IglooError) {
        output = try GrowingMemory(byteCapacity: 0)
        if leaf.definitionMax > 0 { outputDefinitions = try GrowingMemory(byteCapacity: rowCount) }
        if leaf.repetitionMax > 0 { outputRepetitions = try GrowingMemory(byteCapacity: rowCount) }
        if leaf.definitionMax > 1 || !leaf.isFlat {
            isValid = try GrowingMemory(byteCapacity: rowCount)
        }
        sink.reset(first: dictionary?.data)
        slotCount = 0
        entryCount = 0
        nullCount = 0
    }

    private func array() -> ArrayData {
        if leaf.conversion == .null { return ArrayData(type: .null, count: slotCount) }
        var validity: Buffer?
        if nullCount > 0, let flags = isValid ?? outputDefinitions {
            validity = BytePacking.pack(
                flags.base.assumingMemoryBound(to: UInt8.self), slotCount)
        }
        if keepsIndexes {
            let dictionary = dictionaryValues()
            return ArrayData(
                type: .dictionary(index: .int32, value: leaf.type, isOrdered: false),
                count: slotCount, nullCount: nullCount, validity: validity,
                buffers: [output.buffer()], dictionary: dictionary)
        }
        var buffers = [output.buffer()]
        if leaf.conversion == .bits {
            let bytes = output.base.assumingMemoryBound(to: UInt8.self)
            buffers = [BytePacking.pack(bytes, slotCount)]
        } else if leaf.conversion == .views {
            buffers += sink.buffers
        }
        return ArrayData(
            type: leaf.type, count: slotCount, nullCount: nullCount, validity: validity,
            buffers: buffers)
    }

    private func dictionaryValues() -> ArrayData {
        if let dictionaryArray { return dictionaryArray }
        let values =
            dictionary?.array(leaf.type)
            ?? ArrayData(type: leaf.type, count: 0, nullCount: 0, buffers: [.empty])
        if dictionary != nil { dictionaryArray = values }
        return values
    }
}

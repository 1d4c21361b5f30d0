// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooFiles

/// Finds out how the records of files stand in them, and what columns they have.
struct JSONSniffer {
    private static let fileCountMax = 32

    let options: JSONOptions
    let context: CallContext

    func sniff(_ files: [FileReference]) throws(IglooError) -> JSONTable {
        var table = options.table
        table.files = files
        if !options.columns.isEmpty {
            table.schema = Schema(options.columns.map { Field($0.name, $0.type) })
            table.isGuessed = false
            return table
        }
        var shape = JSONShape()
        var (rowCount, byteCount) = (0, Int64(0))
        for file in files.prefix(Self.fileCountMax) where file.identity.byteCount > 0 {
            if rowCount >= options.sampleRowCount { break }
            try see(file, table, &shape, &rowCount, &byteCount)
        }
        guard rowCount > 0 else { throw noRecords(files) }
        table.averageRowByteCount = max(1, Double(byteCount) / Double(rowCount))
        table.hasObjects = shape.isObject && !shape.names.isEmpty
        table.schema = Schema(
            table.hasObjects ? shape.structureFields : [Field("json", shape.type)])
        return table
    }

    private func noRecords(_ files: [FileReference]) -> IglooError {
        let what = files.count == 1 ? "'\(files[0].path)' has" : "the \(files.count) files have"
        return IglooError(
            .invalidData, "\(what) no records: there is nothing to tell the columns from",
            hint: "say them: columns = {'a': 'BIGINT', 'b': 'VARCHAR'}")
    }

    private func see(
        _ file: FileReference, _ table: JSONTable, _ shape: inout JSONShape, _ rowCount: inout Int,
        _ byteCount: inout Int64
    ) throws(IglooError) {
        let reader = try FileReader(file)
        let compression = try reader.compression(table.compression)
        let layout = try Self.layout(reader, table, context)
        let stream = try compression.stream(reader)
        let records = JSONRecords(
            stream, layout, contentOffset: 0, byteCountMax: table.recordByteCountMax)
        func describe(_ fault: JSONFault) -> IglooError {
            let start = min(records.recordOffset, records.filledCount)
            return JSONPlace.error(
                fault, file, table.compression,
                offset: records.contentOffset + Int64(fault.offset),
                excerpt: TextBytes.excerpt(records.bytes + start, records.filledCount - start),
                isGuessed: true)
        }
        while rowCount < options.sampleRowCount {
            if rowCount & 1023 == 0 { try context.checkCancelled() }
            guard var parser = try records.next(context, describe) else { return }
            let start = parser.index
            var seen = shape
            do throws(JSONFault) {
                try seen.see(&parser)
                if layout == .lines { try parser.expectEnd() }
                try records.accept(parser)
                shape = seen
                rowCount += 1
                byteCount += Int64(parser.index - start) + 1
            } catch {
                if error.kind == .incomplete, try records.readMore(context) { continue }
                guard table.policy != .fail, layout == .lines else { throw describe(error) }
                records.skipLine()
            }
        }
    }

    /// How the records stand in a file: by its first bytes, unless the option said it.
    static func layout(
        _ reader: FileReader, _ table: JSONTable, _ context: CallContext
    ) throws(IglooError) -> JSONLayout {
        if let layout = table.layout { return layout }
        let chunk = TextChunk(byteCapacity: 64 << 10)
        let stream = try reader.compression(table.compression).stream(reader)
        let count = try stream.read(
            into: UnsafeMutableRawBufferPointer(start: chunk.bytes, count: chunk.byteCapacity))
        try refuseOtherEncodings(chunk.bytes, count, reader.path)
        let hasMark = count >= 3 && chunk.bytes[0] == 0xEF
        let isWhole = count < chunk.byteCapacity
        var parser = JSONParser(chunk.bytes, count, from: hasMark ? 3 : 0, isFinal: isWhole)
        parser.skipSpace()
        let start = parser.index
        let isArray = start < count && chunk.bytes[start] == 0x5B
        guard (try? parser.skipValue()) != nil else {
            // A line may be longer than the sample, or the file malformed.
            if isArray { return .array }
            let newline = TextBytes.firstIndex(of: 0x0A, chunk.bytes + start, count - start)
            return newline == nil ? .lines : firstLine(chunk, start, count)
        }
        let valueEnd = parser.index
        let spansLines =
            TextBytes.firstIndex(of: 0x0A, chunk.bytes + start, valueEnd - start) != nil
        parser.skipSpace()
        let isAlone = parser.index >= count && isWhole
        if isArray && (isAlone || spansLines) { return .array }
        if isArray && parser.index < count && chunk.bytes[parser.index] != 0x5B { return .array }
        if spansLines { return .values }
        return .lines
    }

    /// The layout of a file whose first value is not whole: values over several lines begin with a
    /// line that is no value.
    private static func firstLine(_ chunk: TextChunk, _ start: Int, _ count: Int) -> JSONLayout {
        var parser = JSONParser(chunk.bytes, count, from: start, isFinal: false)
        do throws(JSONFault) {
            try parser.skipValue()
            return .lines
        } catch {
            return error.kind == .incomplete ? .values : .lines
        }
    }

    private static func refuseOtherEncodings(
        _ bytes: UnsafePointer<UInt8>, _ count: Int, _ path: String
    ) throws(IglooError) {
        guard count >= 2 else { return }
        let isMarked =
            (bytes[0] == 0xFF && bytes[1] == 0xFE) || (bytes[0] == 0xFE && bytes[1] == 0xFF)
        guard isMarked || bytes[0] == 0 || bytes[1] == 0 else { return }
        throw IglooError(
            .unsupported, "'\(path)' is UTF-16 or UTF-32 text, of which only UTF-8 is read",
            hint: "convert it: iconv -f UTF-16 -t UTF-8")
    }
}

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
        var table = JSONTable(options.text.table)
        table.text.files = files
        table.layout = options.layout
        if !options.text.columns.isEmpty {
            try table.text.setColumns(
                options.text.columns.map { Field($0.name, $0.type) }, options.files)
            table.isGuessed = false
            return table
        }
        var shape = JSONShape(table.text)
        var (rowCount, byteCount) = (0, Int64(0))
        for file in files.prefix(Self.fileCountMax) where file.identity.byteCount > 0 {
            if rowCount >= options.text.sampleRowCount { break }
            try see(file, table, &shape, &rowCount, &byteCount)
        }
        if rowCount > 0 {
            table.text.averageRowByteCount = max(1, Double(byteCount) / Double(rowCount))
        }
        table.hasObjects = shape.isObject && !shape.names.isEmpty
        try table.text.setColumns(
            table.hasObjects ? shape.structureFields : [Field("json", shape.type)], options.files)
        return table
    }

    private func see(
        _ file: FileReference, _ table: JSONTable, _ shape: inout JSONShape, _ rowCount: inout Int,
        _ byteCount: inout Int64
    ) throws(IglooError) {
        let content = try table.text.content.opened(try FileReader(file))
        let layout = try Self.layout(content, table)
        let records = JSONRecords(
            try content.stream(), layout, contentOffset: 0,
            byteCountMax: table.text.recordByteCountMax)
        func describe(_ fault: JSONFault) -> IglooError {
            let start = min(records.recordOffset, records.filledCount)
            return JSONPlace.error(
                fault, file, table.text.content,
                offset: records.contentOffset + Int64(fault.offset),
                excerpt: TextBytes.excerpt(records.bytes + start, records.filledCount - start),
                isGuessed: true)
        }
        while rowCount < options.text.sampleRowCount {
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
                guard table.text.policy != .fail, layout == .lines else { throw describe(error) }
                records.skipLine()
            }
        }
    }

    /// How the records stand in a file: by its first bytes, unless the option said it.
    static func layout(
        _ content: OpenedContent, _ table: JSONTable
    ) throws(IglooError) -> JSONLayout {
        if let layout = table.layout { return layout }
        let chunk = TextChunk(byteCapacity: 64 << 10)
        let count = try content.stream().read(
            into: UnsafeMutableRawBufferPointer(start: chunk.bytes, count: chunk.byteCapacity))
        try refuseOtherEncodings(chunk.bytes, count, content.reader.path)
        let isWhole = count < chunk.byteCapacity
        var parser = JSONParser(
            chunk.bytes, count, from: TextBytes.markByteCount(chunk.bytes, count),
            isFinal: isWhole)
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
        guard count >= 2, bytes[0] == 0 || bytes[1] == 0 else { return }
        throw IglooError(
            .invalidData, "'\(path)' is not UTF-8 text: it has a zero among its first two bytes",
            hint: "UTF-16 without a mark is read with encoding = 'utf-16le' or 'utf-16be'")
    }
}

// SPDX-License-Identifier: MIT

import IglooArrow
import IglooArrowIPC
import IglooContracts

/// Rows in the body of a request.
protocol RowSource: AnyObject {
    var schema: Schema { get }
    /// A batch without rows, as soon as there is one.
    var nothing: RecordBatch? { get }
    func next() throws(IglooError) -> RecordBatch?
}

/// Arrow's stream, batch by batch.
final class ArrowRows: RowSource {
    let schema: Schema
    private(set) var nothing: RecordBatch?
    private let reader: IPCStreamReader

    init(_ body: HTTPBody) throws(IglooError) {
        var rest: ArraySlice<UInt8> = []
        let source = IPCReadingSource { memory throws(ArrowError) in
            if rest.isEmpty {
                do throws(IglooError) {
                    rest = try body.read()?[...] ?? []
                } catch {
                    throw ArrowError(.invalid, error.message)
                }
            }
            let taken = rest.prefix(memory.count)
            memory.copyBytes(from: taken)
            rest = rest.dropFirst(taken.count)
            return taken.count
        }
        do throws(ArrowError) {
            reader = try IPCStreamReader(source)
        } catch {
            throw Self.failure(error)
        }
        schema = reader.schema
    }

    func next() throws(IglooError) -> RecordBatch? {
        do throws(ArrowError) {
            let batch = try reader.next()
            if let batch, nothing == nil { nothing = batch.slice(0, count: 0) }
            return batch
        } catch {
            throw Self.failure(error)
        }
    }

    private static func failure(_ error: ArrowError) -> IglooError {
        IglooError(.invalidArgument, "the Arrow stream: \(error)")
    }
}

/// Rows of texts, put together into batches.
final class TextBatch {
    let schema: Schema
    private let columns: [Column]
    private var rowCount = 0
    private var byteCount = 0

    private static let rowCountMax = 4_096
    private static let byteCountMax = 1 << 20

    private final class Column {
        var builder = BinaryViewBuilder(.utf8View)
    }

    init(_ names: [String]) {
        schema = Schema(names.map { Field($0, .utf8View) })
        columns = names.map { _ in Column() }
    }

    var isFull: Bool { rowCount >= Self.rowCountMax || byteCount >= Self.byteCountMax }

    /// The value of a column in the row that is being made; `nil` = NULL.
    ///
    /// - Throws: 22021 for what is not UTF-8.
    func append(_ value: ArraySlice<UInt8>?, to column: Int) throws(IglooError) {
        guard let value else { return columns[column].builder.appendNull() }
        let isText = value.withUnsafeBytes { bytes in
            if let start = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self),
                !UTF8Validation.isValid(start, count: bytes.count)
            {
                return false
            }
            columns[column].builder.append(bytes)
            return true
        }
        guard isText else {
            throw IglooError(
                .invalidArgument,
                "a value of the column \"\(schema.fields[column].name)\" is not "
                    + "UTF-8", sqlState: SQLState(rawValue: "22021"))
        }
        byteCount += value.count
    }

    func endRow() { rowCount += 1 }

    /// A batch without rows, before the first row.
    func empty() -> RecordBatch {
        RecordBatch(schema: schema, columns: columns.map { $0.builder.finish() }, rowCount: 0)
    }

    /// The rows so far; `nil` for none.
    func take() -> RecordBatch? {
        guard rowCount > 0 else { return nil }
        defer { (rowCount, byteCount) = (0, 0) }
        return RecordBatch(
            schema: schema, columns: columns.map { $0.builder.finish() }, rowCount: rowCount)
    }
}

/// The bytes of a body, one by one.
struct BodyBytes {
    private let body: HTTPBody
    private var bytes: [UInt8] = []
    private var position = 0

    init(_ body: HTTPBody) { self.body = body }

    /// `nil` at the end.
    mutating func peek() throws(IglooError) -> UInt8? {
        while position == bytes.count {
            guard let more = try body.read() else { return nil }
            (bytes, position) = (more, 0)
        }
        return bytes[position]
    }

    mutating func next() throws(IglooError) -> UInt8? {
        guard let byte = try peek() else { return nil }
        position += 1
        return byte
    }

    /// A mark of the byte order at the very beginning says nothing of UTF-8.
    mutating func skipMark() throws(IglooError) {
        guard try peek() == 0xEF else { return }
        for wanted in [0xEF, 0xBB, 0xBF] as [UInt8] where try next() != wanted {
            throw IglooError(.invalidArgument, "the body does not begin with text in UTF-8")
        }
    }
}

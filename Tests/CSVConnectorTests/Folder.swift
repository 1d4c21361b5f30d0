// SPDX-License-Identifier: MIT

import Foundation
import IglooArrow
import IglooContracts
import Testing

@testable import CSVConnector

/// A folder for one test, gone with it.
final class Folder {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory
            .appendingPathComponent("igloo-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.resolvingSymlinksInPath().path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    @discardableResult
    func write(_ name: String, _ content: String) throws -> String {
        try write(name, Array(content.utf8))
    }

    @discardableResult
    func write(_ name: String, _ content: [UInt8]) throws -> String {
        let place = path + "/" + name
        try FileManager.default.createDirectory(
            atPath: (place as NSString).deletingLastPathComponent,
            withIntermediateDirectories: true)
        try Data(content).write(to: URL(fileURLWithPath: place))
        return place
    }
}

/// What a query would see of a CSV table.
struct Answer {
    var schema: Schema
    /// Values as texts, `nil` = NULL.
    var rows: [[String?]]
    var splitCount: Int
    var notices: [Notice]
}

final class NoticeList: NoticeSink, @unchecked Sendable {
    private let lock = NSLock()
    private var list: [Notice] = []
    func add(_ notice: Notice) { lock.withLock { list.append(notice) } }
    var all: [Notice] { lock.withLock { list } }
}

/// Opens, plans, splits and reads a table, as the engine does.
func readTable(
    _ name: String, _ values: [String: OptionValue] = [:], columns: [Int]? = nil,
    splitByteCount: Int = 1 << 30, limit: Int64? = nil
) throws -> Answer {
    let notices = NoticeList()
    let context = CallContext(notices: notices)
    let connector = try csvConnector.create(OptionValues(values), context)
    let table = try connector.openTable(schema: "", name: name, context)
    let wanted = columns ?? Array(table.schema.fields.indices)
    let plan = try connector.plan(
        ScanRequest(table: table.handle, columns: wanted, limit: limit), context)
    let source = try connector.splits(
        handle: plan.handle, targetByteCount: splitByteCount, context)
    var rows: [[String?]] = []
    var splitCount = 0
    while let splits = try source.next(countMax: 7, context) {
        for split in splits {
            splitCount += 1
            let reader = try connector.open(handle: plan.handle, split: split.payload, context)
            #expect(reader.schema == plan.schema)
            while let batch = try reader.next(context) {
                for row in 0..<batch.rowCount {
                    rows.append(batch.columns.map { text($0, row) })
                }
            }
            #expect(try reader.next(context) == nil)
        }
    }
    return Answer(
        schema: plan.schema, rows: rows, splitCount: splitCount, notices: notices.all)
}

func text(_ array: ArrayData, _ index: Int) -> String? {
    if array.isNull(index) { return nil }
    switch array.type {
    case .utf8View:
        let view = array.values(as: BinaryView.self)[index]
        if view.isInline {
            return withUnsafeBytes(of: view) {
                String(decoding: $0[4..<4 + view.count], as: UTF8.self)
            }
        }
        let bytes = array.buffers[1 + view.bufferIndex].bytes[
            view.offset..<view.offset + view.count]
        return String(decoding: bytes, as: UTF8.self)
    case .bool:
        return Bitmap.isSet(array.buffers[0].pointer(), array.offset + index) ? "true" : "false"
    case .float64: return "\(array.values(as: Double.self)[index])"
    case .float32: return "\(array.values(as: Float.self)[index])"
    case .int8, .uint8: return "\(array.values(as: Int8.self)[index])"
    case .int16: return "\(array.values(as: Int16.self)[index])"
    case .int32, .date32: return "\(array.values(as: Int32.self)[index])"
    case .decimal128: return "\(array.values(as: Int128.self)[index])"
    default: return "\(array.values(as: Int64.self)[index])"
    }
}

func failure(_ body: () throws -> Void) -> IglooError? {
    do { try body() } catch { return error as? IglooError }
    return nil
}

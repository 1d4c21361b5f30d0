// SPDX-License-Identifier: MIT

import Foundation
import IglooArrow
import IglooContracts
import Testing

@testable import JSONConnector

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

/// What a query would see of a JSON table.
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
    let connector = try jsonConnector.create(OptionValues(values), context)
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

func failure(_ body: () throws -> Void) -> IglooError? {
    do { try body() } catch { return error as? IglooError }
    return nil
}

/// A value as text, `nil` = NULL.
func text(_ array: ArrayData, _ index: Int) -> String? {
    let value = array.scalar(at: index)
    return value.isNull ? nil : shown(value)
}

private func shown(_ value: Scalar) -> String {
    switch value {
    case .null: "NULL"
    case .bool(let flag): "\(flag)"
    case .int(let number): "\(number)"
    case .float(let number): "\(number)"
    case .text(let text): text
    case .list(let elements): "[" + elements.map(shown).joined(separator: ", ") + "]"
    case .structure(let fields): "{" + fields.map(shown).joined(separator: ", ") + "}"
    default: "\(value)"
    }
}

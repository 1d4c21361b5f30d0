// SPDX-License-Identifier: MIT

import Foundation
public import IglooArrow
public import IglooContracts

/// What a query would see of a table.
public struct Answer {
    public var schema: Schema
    /// Values as texts, `nil` = NULL.
    public var rows: [[String?]]
    public var plan: ScanAnswer
    public var splitCount: Int
    public var notices: [Notice]

    public var names: [String] { schema.fields.map(\.name) }
}

public final class NoticeList: NoticeSink, @unchecked Sendable {
    private let lock = NSLock()
    private var list: [Notice] = []

    public init() {}
    public func add(_ notice: Notice) { lock.withLock { list.append(notice) } }
    public var all: [Notice] { lock.withLock { list } }
}

/// What is asked of a table, and how it is read.
public struct Question {
    /// `nil` = all.
    public var columns: [Int]?
    public var conjuncts: [PushdownExpression] = []
    public var sort: [PushdownSort] = []
    public var limit: Int64?
    public var splitByteCount = 1 << 30
    public var memory: any MemoryAccount = UnlimitedMemory()

    public init() {}
}

extension ConnectorKind {
    /// Opens, plans, splits and reads a table, as the engine does.
    public func answer(
        _ name: String, _ values: [String: OptionValue] = [:], _ question: Question = Question()
    ) throws -> Answer {
        let notices = NoticeList()
        let context = CallContext(memory: question.memory, notices: notices)
        let connector = try create(OptionValues(values), context)
        let table = try connector.openTable(schema: "", name: name, context)
        let request = ScanRequest(
            table: table.handle, columns: question.columns ?? Array(table.schema.fields.indices),
            conjuncts: question.conjuncts, sort: question.sort, limit: question.limit)
        let plan = try connector.plan(request, context)
        let source = try connector.splits(
            handle: plan.handle, targetByteCount: question.splitByteCount, context)
        var answer = Answer(
            schema: plan.schema, rows: [], plan: plan, splitCount: 0, notices: [])
        while let splits = try source.next(countMax: 7, context) {
            for split in splits {
                answer.splitCount += 1
                let reader = try connector.open(
                    handle: plan.handle, split: split.payload, context)
                answer.rows += try rows(reader, context, plan.schema)
            }
        }
        answer.notices = notices.all
        return answer
    }

    private func rows(
        _ reader: any BatchReader, _ context: CallContext, _ schema: Schema
    ) throws -> [[String?]] {
        guard reader.schema.isDelivered(as: schema) else {
            throw BrokenContract("the reader's schema differs")
        }
        var rows: [[String?]] = []
        while let batch = try reader.next(context) {
            try batch.validate(.full)
            for row in 0..<batch.rowCount { rows.append(batch.columns.map { text($0, row) }) }
        }
        guard try reader.next(context) == nil else { throw BrokenContract("rows after the end") }
        return rows
    }
}

extension Schema {
    /// Whether a reader may deliver this where the answer promised `other`: the same, but that
    /// texts may be encoded.
    fileprivate func isDelivered(as other: Schema) -> Bool {
        guard fields.count == other.fields.count else { return false }
        return zip(fields, other.fields).allSatisfy { own, promised in
            if case .dictionary(.int32, .utf8View, _) = own.type, promised.type == .utf8View {
                return own.name == promised.name
            }
            return own == promised
        }
    }
}

/// What a connector must not do, whatever it is asked.
public struct BrokenContract: Error {
    public var what: String
    init(_ what: String) { self.what = what }
}

/// A value as text, `nil` = NULL.
public func text(_ array: ArrayData, _ index: Int) -> String? {
    let value = array.scalar(at: index)
    return value.isNull ? nil : shown(value)
}

private func shown(_ value: Scalar) -> String {
    switch value {
    case .null: "NULL"
    case .bool(let flag): "\(flag)"
    case .int(let number): "\(number)"
    case .uint(let number): "\(number)"
    case .float(let number): "\(number)"
    case .decimal(let number): "\(number)"
    case .text(let text): text
    case .binary(let bytes): bytes.map { "\($0)" }.joined(separator: " ")
    case .list(let elements): "[" + elements.map(shown).joined(separator: ", ") + "]"
    case .structure(let fields): "{" + fields.map(shown).joined(separator: ", ") + "}"
    default: "\(value)"
    }
}

/// The error that `body` throws.
public func failure(_ body: () throws -> Void) -> IglooError? {
    do { try body() } catch { return error as? IglooError }
    return nil
}

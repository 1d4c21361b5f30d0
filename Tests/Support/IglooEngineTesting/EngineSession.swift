// SPDX-License-Identifier: MIT

import Dispatch
public import IglooArrow
public import IglooContracts
public import IglooEngine
public import IglooSQLLogic

/// An engine's session as the runner of sqllogictest files sees it.
public struct EngineSession: LogicSession {
    public let session: Session

    /// `nil` where only a session was given.
    private let engine: Engine?

    /// After so many seconds a statement is cancelled.
    public var secondsMax: Double?

    /// Whether what writes rows gives their number as a row, as in DuckDB: of `INSERT 0 5` 5.
    public var showsCounts = false

    public init() throws { self.init(try Places.makeEngine()) }

    private init(_ engine: Engine) {
        self.engine = engine
        session = engine.makeSession()
    }

    public init(_ session: Session) {
        engine = nil
        self.session = session
    }

    /// Another session of the same engine; the same where the engine is not known.
    public func another() -> EngineSession {
        var session = engine.map { EngineSession($0) } ?? self
        session.secondsMax = secondsMax
        session.showsCounts = showsCounts
        return session
    }

    public func run(_ sql: String) -> LogicOutcome {
        let cancellation = CancellationToken()
        let timer = DispatchWorkItem { cancellation.cancel() }
        if let secondsMax {
            DispatchQueue.global().asyncAfter(deadline: .now() + secondsMax, execute: timer)
        }
        defer { timer.cancel() }
        do throws(IglooError) {
            switch try session.execute(sql, cancellation: cancellation) {
            case .done(let tag):
                guard showsCounts, let count = tag.split(separator: " ").last.flatMap({ Int($0) })
                else { return .done }
                return .rows([["\(count)"]], columnCount: 1)
            case .rows(let stream):
                var rows: [[String?]] = []
                while let batch = try stream.next() { rows += try texts(of: batch) }
                return .rows(rows, columnCount: stream.schema.fields.count)
            }
        } catch {
            return .failure(state: error.sqlState.rawValue, message: error.message)
        }
    }

    public func texts(of batch: RecordBatch) throws(IglooError) -> [[String?]] {
        var columns: [ArrayData] = []
        for column in batch.columns { columns.append(try session.text(of: column)) }
        return (0..<batch.rowCount).map { row in
            columns.map { column in
                if case .text(let text) = column.scalar(at: row) { text } else { nil }
            }
        }
    }
}

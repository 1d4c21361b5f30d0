// SPDX-License-Identifier: MIT

public import IglooArrow

/// The candidate pipeline over one table, in logical order:
/// conjuncts, grouping and aggregates, sort, limit, columns.
///
/// The host offers only conjuncts that cannot raise an error, in conjunctive normal form, with
/// constants on the right; literals have the type of the column they are compared with.
public struct ScanRequest: Sendable {
    /// The handle of `openTable`.
    public var table: [UInt8]
    /// The wanted columns: indexes into the table's schema, in the wanted order. An index may
    /// repeat; none at all asks for rows without columns (to be counted).
    public var columns: [Int]
    /// Conditions that all must hold.
    public var conjuncts: [PushdownExpression]
    /// With `aggregates`, replaces the columns of the output by group keys then aggregates.
    public var groupBy: [PushdownExpression]
    public var aggregates: [PushdownAggregate]
    public var aggregateMode: AggregateMode
    /// Over the columns of the output.
    public var sort: [PushdownSort]
    public var limit: Int64?

    /// Whether, and how, rows are to be grouped.
    public enum AggregateMode: UInt32, Sendable {
        case none = 0
        /// Final groups.
        case full = 1
        /// Partial groups are welcome: the host merges them.
        case partial = 2
    }

    public init(
        table: [UInt8], columns: [Int], conjuncts: [PushdownExpression] = [],
        groupBy: [PushdownExpression] = [], aggregates: [PushdownAggregate] = [],
        aggregateMode: AggregateMode = .none, sort: [PushdownSort] = [], limit: Int64? = nil
    ) {
        self.table = table
        self.columns = columns
        self.conjuncts = conjuncts
        self.groupBy = groupBy
        self.aggregates = aggregates
        self.aggregateMode = aggregateMode
        self.sort = sort
        self.limit = limit
    }
}

/// How far a source keeps its promise for one step. Absent answers mean `unsupported`.
///
/// | step | exact | inexact |
/// |---|---|---|
/// | conjunct | exactly the rows for which Igloo's rules give TRUE | a superset of them |
/// | aggregate | final groups, each in one split only | partial groups per split |
/// | sort | a single split in exactly this order | every split in this order |
/// | limit | all splits together hold min(limit, rows) right rows | each split a superset |
///
/// Igloo's rules: text compares byte-wise; NaN equals NaN and is greater than all; -0 = 0;
/// instants compare as UTC; LIKE counts code points. A source that compares more coarsely must
/// answer `inexact` for `=` and `unsupported` for `<>`, ranges and sort.
public enum Verdict: UInt8, Hashable, Sendable, Comparable {
    case unsupported = 0
    case inexact = 1
    case exact = 2

    public static func < (left: Verdict, right: Verdict) -> Bool { left.rawValue < right.rawValue }
}

/// What the source takes over of a `ScanRequest`.
public struct ScanAnswer: Sendable {
    /// One verdict a conjunct.
    public var conjuncts: [Verdict]
    public var aggregate: Verdict
    public var sort: Verdict
    public var limit: Verdict
    /// What the readers will deliver: the requested columns in order (or group keys, then
    /// aggregates), then, ascending, every column used by a conjunct that is not exact and not
    /// among them.
    public var schema: Schema
    /// Opaque, position-independent; goes to `splits` and `open`, possibly in another process.
    public var handle: [UInt8]
    /// Names the state of the data the plan reads; empty = unknown.
    public var snapshot: [UInt8]
    public var estimatedRowCount: Double?
    public var estimatedByteCount: Double?
    /// What the source will run, for EXPLAIN: SQL text, files, row groups. Never a secret.
    public var remoteText: String?
    /// Why a step was not taken over, for EXPLAIN, in the order of the conjuncts; "" = no word.
    public var reasons: [String]

    /// An answer that takes over nothing but the columns.
    public init(schema: Schema, handle: [UInt8], conjunctCount: Int) {
        conjuncts = Array(repeating: .unsupported, count: conjunctCount)
        aggregate = .unsupported
        sort = .unsupported
        limit = .unsupported
        self.schema = schema
        self.handle = handle
        snapshot = []
        reasons = []
    }
}

extension ScanRequest {
    /// The columns a plain scan (no aggregate pushed) must deliver for the given verdicts: the
    /// requested ones, then, ascending, those used only by conjuncts that are not exact.
    public func outputColumns(_ verdicts: [Verdict]) -> [Int] {
        var present = Set(columns)
        var extra: Set<Int> = []
        for (conjunct, verdict) in zip(conjuncts, verdicts) where verdict != .exact {
            conjunct.collectColumns(into: &extra)
        }
        extra.subtract(present)
        present.formUnion(extra)
        return columns + extra.sorted()
    }
}

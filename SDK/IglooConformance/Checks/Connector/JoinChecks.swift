// SPDX-License-Identifier: MIT

import CIgloo
import IglooArrow
import IglooContracts

/// Joins that the plugin takes over: their rows, and all steps above them.
enum JoinChecks {
    typealias X = PushdownExpression

    static let all: [Check] = [
        Check("join.each_type_equals_oracle", limit: 240, eachType),
        Check("join.null_keys", limit: 120, nullKeys),
    ]

    /// Of random sides, by one condition or two, with random steps above them.
    private static func eachType(_ bench: Bench) throws {
        let (instance, joining, fixture) = try declared(bench)
        var generator = RequestGenerator(fixture, bench.random(50))
        var acceptedCount = 0
        for number in 0..<160 {
            let kind = JoinRequest.Kind.allCases[number % JoinRequest.Kind.allCases.count]
            let left = try JoinedSide(fixture, instance, &generator)
            let right = try JoinedSide(fixture, instance, &generator)
            var conjuncts = [left.equality(with: right, &generator)]
            if number % 3 == 2 {
                conjuncts.append(left.comparison(with: right, &generator))
            }
            let trial = JoinTrial(kind, left, right, conjuncts)
            guard let joined = try trial.joined(joining) else { continue }
            acceptedCount += 1
            try trial.verify(joined, fixture.set, instance, &generator)
        }
        try require(acceptedCount > 0, "it declares joins, and refuses each that it is asked for")
    }

    /// NULL is equal to nothing, except where the condition says so.
    private static func nullKeys(_ bench: Bench) throws {
        let (instance, joining, fixture) = try declared(bench)
        var generator = RequestGenerator(fixture, bench.random(51))
        for index in generator.comparable {
            let left = try JoinedSide(fixture, instance, columns: [index, 0])
            let right = try JoinedSide(fixture, instance, columns: [index])
            let type = fixture.fields[index].type
            let sides = [X.column(0, type), X.column(left.types.count, type)]
            let conditions: [X] = [
                .call(.equal, sides, .bool),
                .call(.not, [.call(.isDistinct, sides, .bool)], .bool),
            ]
            for kind in JoinRequest.Kind.allCases {
                for condition in conditions {
                    let trial = JoinTrial(kind, left, right, [condition])
                    guard let joined = try trial.joined(joining) else { continue }
                    try trial.verify(joined, fixture.set, instance, &generator, stepCount: 0)
                }
            }
        }
    }

    /// - Throws: skips the check where the plugin does not declare joins.
    private static func declared(_ bench: Bench) throws -> (ConnectorInstance, Joining, Fixture) {
        let instance = try bench.connector()
        guard instance.kind.pointee.caps & UInt64(IGLOO_CAP_JOIN) != 0 else {
            try require(
                instance.facet(IGLOO_FACET_JOIN_1) == nil,
                "there is a facet of joins, which the plugin does not declare")
            throw CheckEnd.skipped("it declares no joins")
        }
        return (instance, try Joining(instance), try bench.hostile(instance))
    }
}

/// One side of a join: a plan of rows, and what they are by the oracle.
private struct JoinedSide {
    let handle: [UInt8]
    let types: [DataType]
    let rows: [Row]
    /// What it reads, in words.
    let shown: String

    init(
        _ fixture: Fixture, _ instance: ConnectorInstance, columns: [Int],
        conjuncts: [PushdownExpression] = []
    ) throws {
        var request = ScanRequest(
            table: fixture.table.handle, columns: columns, conjuncts: conjuncts)
        var answer = try instance.plan(request)
        // The host asks for joins of sides whose conditions are all the source's.
        if answer.conjuncts.contains(where: { $0 != .exact }) {
            request.conjuncts = []
            answer = try instance.plan(request)
        }
        handle = answer.handle
        types = columns.map { fixture.fields[$0].type }
        rows = fixture.rows.filter { row in
            request.conjuncts.allSatisfy { Oracle.holds($0, row) == true }
        }.map { row in columns.map { row[$0] } }
        shown = "columns \(columns) \(Trial.shown(request))"
    }

    init(
        _ fixture: Fixture, _ instance: ConnectorInstance, _ generator: inout RequestGenerator
    ) throws {
        let columns = [generator.random.pick(generator.comparable)] + generator.columns()
        let isFiltered = generator.random.chance(2, in: 3)
        try self.init(
            fixture, instance, columns: columns,
            conjuncts: isFiltered ? [generator.condition(depth: 1)] : [])
    }

    func equality(
        with right: JoinedSide, _ generator: inout RequestGenerator
    ) -> PushdownExpression {
        comparison(with: right, &generator, .equal)
    }

    /// Of a column here and one of the same type there; TRUE where there is none.
    func comparison(
        with right: JoinedSide, _ generator: inout RequestGenerator,
        _ operation: PushdownOperation? = nil
    ) -> PushdownExpression {
        var pairs: [(Int, Int)] = []
        for (place, type) in types.enumerated() {
            guard Self.isComparable(type) else { continue }
            for (other, otherType) in right.types.enumerated() where type == otherType {
                pairs.append((place, types.count + other))
            }
        }
        guard !pairs.isEmpty else {
            return .call(.not, [.call(.isNull, [.column(0, types[0])], .bool)], .bool)
        }
        let (left, right) = generator.random.pick(pairs)
        return .call(
            operation ?? generator.random.pick(RequestGenerator.comparisons),
            [.column(left, types[left]), .column(right, types[left])], .bool)
    }

    private static func isComparable(_ type: DataType) -> Bool {
        if case .interval = type.plain { return false }
        return type.plain != .null && type.plain.childFields.isEmpty
    }
}

/// One join: what the plugin makes of it against every pair of rows.
private struct JoinTrial {
    private let kind: JoinRequest.Kind
    private let left: JoinedSide
    private let right: JoinedSide
    private let conjuncts: [PushdownExpression]

    init(
        _ kind: JoinRequest.Kind, _ left: JoinedSide, _ right: JoinedSide,
        _ conjuncts: [PushdownExpression]
    ) {
        self.kind = kind
        self.left = left
        self.right = right
        self.conjuncts = conjuncts
    }

    private var request: JoinRequest {
        JoinRequest(kind, left: left.handle, right: right.handle, conjuncts: conjuncts)
    }

    private var shown: String {
        "\(kind) join of (\(left.shown)) and (\(right.shown)) on "
            + conjuncts.map { Trial.shown($0) }.joined(separator: " and ")
    }

    /// `nil` when the plugin does not take it over.
    func joined(_ joining: Joining) throws -> OpenedTable? {
        do {
            let table = try joining.join(request)
            try require(
                table.handle == (try joining.join(request)).handle,
                "\(shown): asked again, join gives other bytes")
            return table
        } catch let failure as CallFailure where failure.status == IGLOO_E_UNSUPPORTED {
            try require(!failure.message.isEmpty, "\(shown): refused without a reason")
            return nil
        }
    }

    private var types: [DataType] {
        kind.hasRightColumns ? left.types + right.types : left.types
    }

    private var rows: [Row] {
        var rows: [Row] = []
        for row in left.rows {
            var hasMatch = false
            for other in right.rows {
                let pair = row + other
                guard conjuncts.allSatisfy({ Oracle.holds($0, pair) == true }) else { continue }
                hasMatch = true
                guard kind.hasRightColumns else { break }
                rows.append(pair)
            }
            switch kind {
            case .inner: break
            case .left:
                if !hasMatch { rows.append(row + right.types.map { _ in .null }) }
            case .semi: if hasMatch { rows.append(row) }
            case .anti: if !hasMatch { rows.append(row) }
            }
        }
        return rows
    }

    /// The join's rows, and then `stepCount` requests over it.
    func verify(
        _ table: OpenedTable, _ set: DataSet, _ instance: ConnectorInstance,
        _ generator: inout RequestGenerator, stepCount: Int = 4
    ) throws {
        do {
            try require(
                table.schema.fields.map(\.type) == types,
                "the join's columns are \(table.schema), not of the types \(types)")
            let fixture = Fixture(set, table, rows: rows)
            try Trial(
                ScanRequest(table: [], columns: fixture.allColumns), fixture, instance
            ).verify()
            var above = RequestGenerator(fixture, generator.random)
            for _ in 0..<stepCount {
                try Trial(above.request(), fixture, instance).verify()
            }
            generator.random = above.random
        } catch CheckEnd.failed(let what) {
            throw CheckEnd.failed("\(shown): \(what)")
        }
    }
}

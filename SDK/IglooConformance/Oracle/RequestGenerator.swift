// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// Makes up requests over a table, from its own values and such as are near them.
struct RequestGenerator {
    typealias X = PushdownExpression

    let fixture: Fixture
    var random: Random

    static let comparisons: [PushdownOperation] = [
        .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual, .isDistinct,
    ]

    init(_ fixture: Fixture, _ random: Random) {
        self.fixture = fixture
        self.random = random
    }

    func column(_ index: Int) -> X { .column(index, fixture.fields[index].type) }

    /// The distinct values of a column, without NULL.
    func values(_ index: Int) -> [Scalar] {
        var seen: Set<Scalar> = []
        return fixture.rows.map { $0[index] }.filter {
            !$0.isNull && seen.insert(RowComparison.canonical($0)).inserted
        }
    }

    /// Columns whose values have an order that the oracle knows.
    var comparable: [Int] {
        fixture.allColumns.filter { index in
            let type = fixture.fields[index].type.plain
            if case .interval = type { return false }
            return type != .null && type.childFields.isEmpty
        }
    }

    // MARK: - Conditions

    mutating func literal(_ index: Int) -> X {
        let type = fixture.fields[index].type
        let known = values(index)
        if type.plain.isText, random.chance(1, in: 4) {
            let others = ["", "a", "A", "a ", "b", "ab%", "\u{308}", "Z", "zz", "~"]
            return .literal(.text(random.pick(others)), type)
        }
        guard !known.isEmpty else { return .literal(.null, type) }
        return .literal(random.pick(known), type)
    }

    mutating func leaf(_ index: Int) -> X {
        let type = fixture.fields[index].type.plain
        switch random.below(12) {
        case 0: return .call(.isNull, [column(index)], .bool)
        case 1:
            let count = 1 + random.below(5)
            return .call(.isIn, [column(index)] + (0..<count).map { _ in literal(index) }, .bool)
        case 2 where type.isText:
            let patterns = ["a%", "%b", "_", "%", "", "A_", "%ä%", "a\\%b", "__", "%\u{308}"]
            return .call(
                .like,
                [
                    column(index),
                    .literal(.text(random.pick(patterns)), fixture.fields[index].type),
                ],
                .bool)
        case 3 where type.isText:
            let starts = ["", "a", "A", "ä", "日", "a ", " "]
            return .call(
                .hasPrefix,
                [column(index), .literal(.text(random.pick(starts)), fixture.fields[index].type)],
                .bool)
        case 4:
            let others = comparable.filter { fixture.fields[$0].type == fixture.fields[index].type }
            return .call(
                random.pick(Self.comparisons), [column(index), column(random.pick(others))], .bool)
        case 5 where type == .bool: return column(index)
        default:
            return .call(random.pick(Self.comparisons), [column(index), literal(index)], .bool)
        }
    }

    mutating func condition(depth: Int = 2) -> X {
        guard depth > 0, random.chance(2, in: 5) else { return leaf(random.pick(comparable)) }
        switch random.below(3) {
        case 0: return .call(.not, [condition(depth: depth - 1)], .bool)
        case 1:
            return .call(
                .or, (0..<(2 + random.below(2))).map { _ in condition(depth: depth - 1) }, .bool)
        default:
            return .call(
                .and, (0..<(2 + random.below(2))).map { _ in condition(depth: depth - 1) }, .bool)
        }
    }

    // MARK: - Other steps

    mutating func columns() -> [Int] {
        switch random.below(4) {
        case 0: return fixture.allColumns
        case 1: return [random.pick(fixture.allColumns)]
        case 2: return (0..<(1 + random.below(4))).map { _ in random.pick(fixture.allColumns) }
        default: return Array(fixture.allColumns.shuffled(using: &random).prefix(3))
        }
    }

    /// Over the columns of the output.
    mutating func sort(_ types: [DataType]) -> [PushdownSort] {
        let places = types.indices.filter { place in
            let type = types[place].plain
            if case .interval = type { return false }
            return type != .null && type.childFields.isEmpty
        }
        guard !places.isEmpty else { return [] }
        return (0..<(1 + random.below(2))).map { _ in
            let place = random.pick(places)
            return PushdownSort(
                .column(place, types[place]), isDescending: random.chance(1, in: 2),
                nullsFirst: random.chance(1, in: 2))
        }
    }

    static func sumType(_ type: DataType) -> DataType? {
        switch type.plain {
        case .int8, .int16, .int32, .uint8, .uint16: .int64
        case .uint32, .int64, .uint64: .decimal128(precision: 38, scale: 0)
        case .float32, .float64: .float64
        default:
            type.plain.decimalShape.map { .decimal128(precision: 38, scale: $0.scale) }
        }
    }

    mutating func aggregate() -> PushdownAggregate {
        let index = random.pick(comparable)
        let type = fixture.fields[index].type
        var result: PushdownAggregate
        switch random.below(6) {
        case 0: result = PushdownAggregate(.countRows, [], type: .int64)
        case 1: result = PushdownAggregate(.count, [column(index)], type: .int64)
        case 2: result = PushdownAggregate(.minimum, [column(index)], type: type)
        case 3: result = PushdownAggregate(.maximum, [column(index)], type: type)
        default:
            let numbers = comparable.filter { Self.sumType(fixture.fields[$0].type) != nil }
            guard !numbers.isEmpty else {
                result = PushdownAggregate(.count, [column(index)], type: .int64)
                break
            }
            let number = random.pick(numbers)
            result = PushdownAggregate(
                .sum, [column(number)], type: Self.sumType(fixture.fields[number].type)!)
        }
        if !result.arguments.isEmpty && random.chance(1, in: 5) { result.isDistinct = true }
        if random.chance(1, in: 6) { result.filter = condition(depth: 1) }
        return result
    }

    mutating func addGrouping(to request: inout ScanRequest) {
        let keys = (0..<random.below(3)).map { _ in random.pick(comparable) }
        request.groupBy = keys.map { column($0) }
        request.aggregates = (0..<(1 + random.below(3))).map { _ in aggregate() }
        request.aggregateMode = random.chance(3, in: 4) ? .full : .partial
    }

    /// A request with any steps.
    mutating func request() -> ScanRequest {
        var request = ScanRequest(table: [], columns: columns())
        request.conjuncts = (0..<random.below(4)).map { _ in condition() }
        if random.chance(1, in: 4) { addGrouping(to: &request) }
        let types =
            request.aggregateMode == .none
            ? request.columns.map { fixture.fields[$0].type }
            : request.groupBy.map(\.type) + request.aggregates.map(\.type)
        if random.chance(1, in: 3) { request.sort = sort(types) }
        if random.chance(1, in: 3) { request.limit = Int64(random.pick([0, 1, 3, 10, 1_000])) }
        return request
    }
}

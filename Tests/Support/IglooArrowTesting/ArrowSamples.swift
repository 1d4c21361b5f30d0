// SPDX-License-Identifier: MIT
public import IglooArrow

/// Types and random arrays to try things on.
public enum ArrowSamples {
    /// Every flat type once, those with parameters more than once.
    public static let flatTypes: [DataType] =
        [
            .null, .bool, .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32, .uint64,
            .float16, .float32, .float64,
            .decimal32(precision: 9, scale: 2), .decimal64(precision: 18, scale: 4),
            .decimal128(precision: 38, scale: 10), .decimal128(precision: 5, scale: -2),
            .decimal256(precision: 76, scale: 30),
            .utf8, .largeUtf8, .utf8View, .binary, .largeBinary, .binaryView,
            .fixedSizeBinary(byteCount: 7), .fixedSizeBinary(byteCount: 0), .date32, .date64,
            .time32(.second), .time32(.millisecond), .time64(.microsecond), .time64(.nanosecond),
        ]
        + TimeUnit.allCases.flatMap {
            [
                .timestamp($0, timeZone: nil), .timestamp($0, timeZone: "Europe/Berlin"),
                .duration($0),
            ]
        } + IntervalUnit.allCases.map { .interval($0) }

    /// Every nested and encoded type, also within one another.
    public static let nestedTypes: [DataType] = {
        let int = Field("item", .int32)
        let text = Field("item", .utf8View)
        let pair = DataType.structure([Field("a", .int64), Field("b", .utf8)])
        let map = DataType.map(
            entries: Field(
                "entries",
                .structure([Field("key", .utf8, isNullable: false), Field("value", .int16)]),
                isNullable: false),
            keysSorted: false)
        let dictionary = DataType.dictionary(index: .int8, value: .utf8, isOrdered: false)
        let members = [Field("i", .int32), Field("s", .utf8)]
        let runEnds = Field("run_ends", .int16, isNullable: false)
        return [
            .list(int), .largeList(text), .listView(int), .largeListView(text),
            .fixedSizeList(int, count: 3), .fixedSizeList(int, count: 0), pair, .structure([]),
            map, dictionary,
            .dictionary(index: .uint16, value: .utf8View, isOrdered: true),
            .dictionary(index: .int64, value: .int32, isOrdered: false),
            .runEndEncoded(runEnds: runEnds, values: Field("values", .utf8)),
            .runEndEncoded(
                runEnds: Field("run_ends", .int64, isNullable: false),
                values: Field("values", .float64)),
            .union(.sparse, typeIds: [0, 1], fields: members),
            .union(.dense, typeIds: [5, 7], fields: members),
            .list(Field("item", .list(Field("item", pair)))),
            .structure([Field("l", .list(int)), Field("m", map), Field("d", dictionary)]),
            .list(Field("item", dictionary)),
            .fixedSizeList(Field("item", pair), count: 2),
            .dictionary(index: .int32, value: .list(Field("item", .utf8)), isOrdered: false),
            .list(
                Field(
                    "item",
                    .runEndEncoded(
                        runEnds: Field("run_ends", .int32, isNullable: false),
                        values: Field("values", .int8)))),
            .list(Field("item", .union(.dense, typeIds: [0, 1], fields: members))),
            .listView(Field("item", .listView(Field("item", .binaryView)))),
        ]
    }()

    public static let types = flatTypes + nestedTypes

    /// A random array of `type`; nulls are as likely as `nullShare` says, at every level.
    public static func array(
        _ type: DataType, count: Int, nullShare: Double = 0.2,
        using generator: inout SeededGenerator
    ) throws(ArrowError) -> ArrayData {
        let builder = ArrayBuilder(type)
        for _ in 0..<count {
            try builder.append(scalar(type, nullShare: nullShare, using: &generator))
        }
        return builder.finish()
    }

    /// One column of each type.
    public static func batch(
        _ types: [DataType] = types, rowCount: Int, nullShare: Double = 0.2,
        using generator: inout SeededGenerator
    ) throws(ArrowError) -> RecordBatch {
        var columns: [ArrayData] = []
        for type in types {
            columns.append(
                try array(type, count: rowCount, nullShare: nullShare, using: &generator))
        }
        let fields = types.enumerated().map {
            Field("c\($0)", $1, metadata: $0 == 0 ? ["k": "v"] : [:])
        }
        return RecordBatch(
            schema: Schema(fields, metadata: ["table": "samples", "empty": ""]), columns: columns,
            rowCount: rowCount)
    }

    public static func scalar(
        _ type: DataType, nullShare: Double, using generator: inout SeededGenerator
    ) -> Scalar {
        if type == .null || Double.random(in: 0..<1, using: &generator) < nullShare {
            guard case .union = type else { return .null }
        }
        switch type {
        case .utf8, .largeUtf8, .utf8View: return .text(text(using: &generator))
        case .binary, .largeBinary, .binaryView:
            return .binary(bytes(Int.random(in: 0...30, using: &generator), using: &generator))
        case .fixedSizeBinary(let width): return .binary(bytes(width, using: &generator))
        case .list(let field), .largeList(let field), .listView(let field),
            .largeListView(let field):
            let count = Int.random(in: 0...4, using: &generator)
            return .list(scalars(field.type, count, nullShare, &generator))
        case .fixedSizeList(let field, let count):
            return .list(scalars(field.type, count, nullShare, &generator))
        case .structure(let fields):
            return .structure(
                fields.map { scalar($0.type, nullShare: nullShare, using: &generator) })
        case .map(let entries, _):
            let fields = entries.type.childFields
            return .map(
                (0..<Int.random(in: 0...3, using: &generator)).map { _ in
                    .structure([
                        scalar(fields[0].type, nullShare: 0, using: &generator),
                        scalar(fields[1].type, nullShare: nullShare, using: &generator),
                    ])
                })
        case .dictionary(_, let value, _):
            // Few values, so that they repeat, as a dictionary's do.
            var few = SeededGenerator(seed: UInt64.random(in: 0..<6, using: &generator))
            return scalar(value, nullShare: 0, using: &few)
        case .runEndEncoded(_, let values):
            var few = SeededGenerator(seed: UInt64.random(in: 0..<2, using: &generator))
            return scalar(values.type, nullShare: nullShare, using: &few)
        case .union(_, let typeIds, let fields):
            let member = Int.random(in: fields.indices, using: &generator)
            return .structure([
                .int(Int64(typeIds[member])),
                scalar(fields[member].type, nullShare: nullShare, using: &generator),
            ])
        default: return number(type, using: &generator)
        }
    }

    private static func scalars(
        _ type: DataType, _ count: Int, _ nullShare: Double, _ generator: inout SeededGenerator
    ) -> [Scalar] {
        (0..<count).map { _ in scalar(type, nullShare: nullShare, using: &generator) }
    }

    private static func number(
        _ type: DataType, using generator: inout SeededGenerator
    ) -> Scalar {
        func int<Value: FixedWidthInteger>(_: Value.Type) -> Value {
            // Extremes more often than chance would have them.
            switch Int.random(in: 0..<8, using: &generator) {
            case 0: .min
            case 1: .max
            case 2: 0
            default: .random(in: .min ... .max, using: &generator)
            }
        }
        switch type {
        case .bool: return .bool(.random(using: &generator))
        case .int8: return .int(Int64(int(Int8.self)))
        case .int16: return .int(Int64(int(Int16.self)))
        case .int32, .date32: return .int(Int64(int(Int32.self)))
        case .uint8: return .uint(UInt64(int(UInt8.self)))
        case .uint16: return .uint(UInt64(int(UInt16.self)))
        case .uint32: return .uint(UInt64(int(UInt32.self)))
        case .uint64: return .uint(int(UInt64.self))
        case .int64, .timestamp, .duration: return .int(int(Int64.self))
        case .date64:
            return .int(Int64.random(in: -10_000...50_000, using: &generator) * 86_400_000)
        case .time32(let unit), .time64(let unit):
            return .int(Int64.random(in: 0..<86_400 * unit.unitsPerSecond, using: &generator))
        case .float16: return .float(Double(Float16(Double.random(in: -9...9, using: &generator))))
        case .float32: return .float(Double(Float.random(in: -1e9...1e9, using: &generator)))
        case .float64: return .float(Double.random(in: -1e300...1e300, using: &generator))
        case .interval(let unit):
            return interval(unit, int(Int32.self), int(Int32.self), int(Int64.self))
        default:
            let digits = Int.random(in: 1...(type.decimalShape?.precision ?? 1), using: &generator)
            var text = Bool.random(using: &generator) ? "-" : ""
            for _ in 0..<digits { text += "\(Int.random(in: 0...9, using: &generator))" }
            return Scalar(Int256(text) ?? .zero)
        }
    }

    private static func interval(
        _ unit: IntervalUnit, _ first: Int32, _ second: Int32, _ nanoseconds: Int64
    ) -> Scalar {
        switch unit {
        case .yearMonth: .interval(months: first, days: 0, nanoseconds: 0)
        case .dayTime:
            .interval(months: 0, days: first, nanoseconds: Int64(second) * 1_000_000)
        case .monthDayNano: .interval(months: first, days: second, nanoseconds: nanoseconds)
        }
    }

    private static func text(using generator: inout SeededGenerator) -> String {
        let alphabet: [Character] = ["a", "b", "Z", "0", " ", "ä", "€", "😀", "'", "\n"]
        return String(
            (0..<Int.random(in: 0...20, using: &generator)).map { _ in
                alphabet[Int.random(in: alphabet.indices, using: &generator)]
            })
    }

    private static func bytes(_ count: Int, using generator: inout SeededGenerator) -> [UInt8] {
        (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
    }
}

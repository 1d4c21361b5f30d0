// SPDX-License-Identifier: MIT
import IglooArrow
import Testing

@Suite struct ValidationTests {
    static func array(
        _ type: DataType, count: Int = 2, offset: Int = 0, nullCount: Int? = 0,
        validity: Buffer? = nil, _ buffers: [Buffer] = [], children: [ArrayData] = [],
        dictionary: ArrayData? = nil
    ) -> ArrayData {
        ArrayData(
            type: type, count: count, offset: offset, nullCount: nullCount, validity: validity,
            buffers: buffers, children: children, dictionary: dictionary)
    }

    static let ints = array(.int32, count: 4, [Buffer(copying: [1, 2, 3, 4] as [Int32])])
    static let int16s = array(.int16, count: 2, [Buffer(copying: [3, 2] as [Int16])])
    static let item = Field("item", .int32)
    static let runs = DataType.runEndEncoded(runEnds: Field("e", .int16), values: item)
    static let words = Buffer(copying: Array("äbc".utf8))
    static let long = Buffer(copying: Array("0123456789abcdef".utf8))

    static func offsets(_ values: Int32...) -> Buffer { Buffer(copying: values) }

    static func views(_ low: UInt64, _ high: UInt64) -> Buffer { Buffer(copying: [low, high]) }

    /// Wrong to begin with: even the quick look sees it.
    static let malformed: [(String, ArrayData)] = [
        ("too few values", array(.int64, [Buffer(copying: [1] as [Int64])])),
        ("too far in", array(.int32, offset: 3, ints.buffers)),
        (
            "too many",
            array(.null, count: ArrayData.countMax + 1, nullCount: ArrayData.countMax + 1)
        ),
        ("no buffer", array(.int32)),
        ("a buffer too many", array(.null, nullCount: 2, [.empty])),
        ("short validity", array(.int32, count: 4, nullCount: 1, validity: .empty, ints.buffers)),
        ("no validity", array(.int32, nullCount: 1, ints.buffers)),
        ("more nulls than values", array(.int32, nullCount: 3, validity: words, ints.buffers)),
        (
            "validity of a union",
            array(
                .union(.sparse, typeIds: [0], fields: [item]), nullCount: 1, validity: words,
                [Buffer(copying: [0, 0] as [Int8])], children: [ints])
        ),
        ("offsets beyond the bytes", array(.utf8, [offsets(0, 2, 9), words])),
        ("negative offsets", array(.utf8, [offsets(-1, 2, 3), words])),
        ("offsets beyond the child", array(.list(item), [offsets(0, 2, 5)], children: [ints])),
        ("no child", array(.list(item), [offsets(0, 1, 2)])),
        ("a child of another type", array(.list(item), [offsets(0, 1, 2)], children: [int16s])),
        ("a short child", array(.structure([item]), count: 5, children: [ints])),
        ("a short fixed list", array(.fixedSizeList(item, count: 3), children: [ints])),
        (
            "an overflowing fixed list",
            array(
                .fixedSizeList(item, count: Int(Int32.max)), count: ArrayData.countMax,
                children: [ints])
        ),
        (
            "no dictionary",
            array(.dictionary(index: .int16, value: .int32, isOrdered: false), int16s.buffers)
        ),
        (
            "another dictionary",
            array(
                .dictionary(index: .int16, value: .utf8, isOrdered: false), int16s.buffers,
                dictionary: ints)
        ),
        ("a needless dictionary", array(.int32, ints.buffers, dictionary: ints)),
        (
            "runs that end early",
            array(runs, count: 3, children: [int16s, ints.slice(0, count: 2)])
        ),
        ("runs without values", array(runs, children: [int16s, ints])),
        ("a decimal of no digits", array(.decimal32(precision: 0, scale: 0), ints.buffers)),
    ]

    /// Wrong within: the full look sees it.
    static let deceptive: [(String, ArrayData)] = [
        (
            "miscounted nulls",
            array(
                .int32, count: 4, nullCount: 1, validity: Buffer(copying: [0] as [UInt8]),
                ints.buffers)
        ),
        ("descending offsets", array(.utf8, count: 3, [offsets(0, 3, 2, 4), words])),
        ("split character", array(.utf8, [offsets(0, 1, 4), words])),
        ("no text", array(.utf8, [offsets(0, 1, 2), Buffer(copying: [0xC0, 0x80] as [UInt8])])),
        (
            "view of no buffer",
            array(.utf8View, count: 1, [views(16 | 0x3332_3130 << 32, 1), long])
        ),
        (
            "view too far",
            array(.utf8View, count: 1, [views(16 | 0x3332_3130 << 32, 1 << 32), long])
        ),
        ("wrong prefix", array(.utf8View, count: 1, [views(16, 0), long])),
        ("negative view", array(.binaryView, count: 1, [views(0xFFFF_FFFF, 0), long])),
        ("padding not zero", array(.utf8View, count: 1, [views(1 | 0x6161 << 32, 0)])),
        (
            "index too large",
            array(
                .dictionary(index: .int16, value: .int32, isOrdered: false), int16s.buffers,
                dictionary: ints.slice(0, count: 3))
        ),
        (
            "negative index",
            array(
                .dictionary(index: .int16, value: .int32, isOrdered: false),
                [Buffer(copying: [0, -1] as [Int16])], dictionary: ints)
        ),
        ("descending runs", array(runs, children: [int16s, ints.slice(0, count: 2)])),
        (
            "list view too far",
            array(.listView(item), [offsets(0, 3), offsets(1, 2)], children: [ints])
        ),
        (
            "list view before",
            array(.listView(item), [offsets(0, -1), offsets(1, 1)], children: [ints])
        ),
        (
            "unknown member",
            array(
                .union(.sparse, typeIds: [0], fields: [item]), [Buffer(copying: [0, 1] as [Int8])],
                children: [ints])
        ),
        (
            "member too far",
            array(
                .union(.dense, typeIds: [0], fields: [item]),
                [Buffer(copying: [0, 0] as [Int8]), offsets(0, 4)], children: [ints])
        ),
    ]

    @Test(arguments: malformed.indices)
    func malformedArraysAreRefused(_ index: Int) {
        let (name, array) = Self.malformed[index]
        #expect(throws: ArrowError.self, "\(name)") { try array.validate(.structure) }
    }

    @Test(arguments: deceptive.indices)
    func deceptiveArraysAreRefused(_ index: Int) {
        let (name, array) = Self.deceptive[index]
        // Of runs the quick look sees the last.
        if name != "descending runs" {
            #expect(throws: Never.self, "\(name)") { try array.validate(.structure) }
        }
        #expect(throws: ArrowError.self, "\(name)") { try array.validate(.full) }
    }

    @Test func errorsNameTheField() {
        let inner = DataType.structure([Field("b", .utf8)])
        let text = Self.array(.utf8, [Self.offsets(0, 9, 2), Self.words])
        let struc = Self.array(inner, children: [text])
        let batch = RecordBatch(
            schema: Schema([Field("a", inner)]), columns: [struc], rowCount: 2)
        do throws(ArrowError) {
            try batch.validate()
            Issue.record("no error")
        } catch {
            #expect(error.message.hasPrefix("column \"a\": field \"b\": "))
        }
    }

    @Test func whatStandsUnderNullsIsNotLookedAt() throws {
        let type = DataType.dictionary(index: .int16, value: .int32, isOrdered: false)
        let array = Self.array(
            type, nullCount: 1, validity: Buffer(copying: [0b01] as [UInt8]),
            [Buffer(copying: [3, -1] as [Int16])], dictionary: Self.ints)
        try array.validate(.full)
        #expect(array.scalar(at: 0) == .int(4))
        #expect(array.scalar(at: 1) == .null)
    }
}

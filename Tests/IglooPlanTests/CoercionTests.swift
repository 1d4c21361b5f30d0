// SPDX-License-Identifier: MIT

import IglooArrow
import IglooPlan
import Testing

@Suite struct CoercionTests {
    @Test(arguments: [
        (DataType.int8, DataType.int64, DataType.int64),
        (.uint32, .int32, .int64), (.uint64, .int64, EngineType.hugeInt),
        (.int32, .float32, .float64), (.int16, .float32, .float32),
        (.int64, EngineType.decimal(5, 2), EngineType.decimal(21, 2)),
        (.date32, .timestamp(.microsecond, timeZone: nil), .timestamp(.microsecond, timeZone: nil)),
        (.null, .utf8View, .utf8View),
    ])
    func commonTypesAreWideEnough(left: DataType, right: DataType, common: DataType) {
        #expect(Coercion.common(left, right) == common)
        #expect(Coercion.common(right, left) == common)
    }

    @Test func textAndNumbersHaveNothingInCommon() {
        #expect(Coercion.common(.utf8View, .int64) == nil)
        #expect(!Coercion.isImplicit(from: .float64, to: .int64))
    }

    @Test func everyNameIsDeclaredOnce() {
        let names = FunctionTable.entries.map(\.name)
        #expect(Set(names).count == names.count)
    }

    @Test func sumsWiden() {
        #expect(FunctionTable.resolve("sum", [.int32])?.result == .int64)
        #expect(FunctionTable.resolve("sum", [.int64])?.result == EngineType.hugeInt)
        #expect(
            FunctionTable.resolve("sum", [EngineType.decimal(10, 2)])?.result
                == .decimal128(precision: 38, scale: 2))
    }
}

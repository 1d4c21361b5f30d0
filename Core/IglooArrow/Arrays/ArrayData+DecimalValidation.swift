// SPDX-License-Identifier: MIT

extension ArrayData {
    /// Refuses decimals of more digits than their type has.
    func checkDigits() throws(ArrowError) {
        guard let (precision, _) = type.decimalShape else { return }
        let limit = Int256.powerOfTen(precision)
        switch type {
        case .decimal32: try checkDigits(as: Int32.self, limit: Int32(truncatingIfNeeded: limit.low))
        case .decimal64: try checkDigits(as: Int64.self, limit: Int64(truncatingIfNeeded: limit.low))
        case .decimal128:
            try checkDigits(as: Int128.self, limit: Int128(truncatingIfNeeded: limit.low))
        default:
            let values = values(as: Int256.self)
            guard let lower = limit.negated else { return }
            for index in 0..<count where !isNull(index) {
                if values[index] >= limit || values[index] <= lower { throw tooLong(index) }
            }
        }
    }

    private func checkDigits<Value: FixedWidthInteger & BitwiseCopyable>(
        as type: Value.Type, limit: Value
    ) throws(ArrowError) {
        let values = values(as: Value.self)
        let lower = 0 - limit
        var index = 0
        while index < count {
            if (values[index] >= limit || values[index] <= lower) && !isNull(index) {
                throw tooLong(index)
            }
            index &+= 1
        }
    }

    private func tooLong(_ index: Int) -> ArrowError {
        invalid("has more digits at \(index) than its type allows")
    }
}

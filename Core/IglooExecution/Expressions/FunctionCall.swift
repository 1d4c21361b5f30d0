// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// One call of a function of the `FunctionTable`, all types settled.
struct FunctionCall {
    let name: String
    /// The arguments' types as arrays have them, and with their meaning.
    let parameters: [DataType]
    let declared: [DataType]
    /// What is known of the arguments beforehand.
    let constants: [ArrayData?]
    let result: DataType
    let context: EvaluationContext

    /// `nil` when there is no such function.
    func kernel() throws(IglooError) -> Kernel? {
        if let comparison = Comparison(rawValue: name), let type = parameters.first {
            return Comparisons.kernel(comparison, type)
        }
        if let kernel = NullKernels.kernel(self) { return kernel }
        if let kernel = try LogicalFunctions.kernel(self) { return kernel }
        if let kernel = arithmetic() { return kernel }
        if let kernel = NumberFunctions.kernel(self) { return kernel }
        if let kernel = try JSONFunctions.kernel(self) { return kernel }
        if let kernel = try NestedFunctions.kernel(self) { return kernel }
        if let kernel = Mathematics.kernel(self) { return kernel }
        if let kernel = try moments() {
            return InfiniteMoments.guarding(kernel, parameters, result, name)
        }
        if let kernel = try SessionFunctions.kernel(self) { return kernel }
        if let kernel = try LikeKernels.kernel(self) { return kernel }
        return try TextFunctions.kernel(self)
    }

    private func moments() throws(IglooError) -> Kernel? {
        if let kernel = try DateArithmetic.kernel(self) { return kernel }
        return try DateFunctions.kernel(self)
    }

    private func arithmetic() -> Kernel? {
        guard let first = parameters.first, parameters.allSatisfy(\.isNumeric) else { return nil }
        switch first {
        case .int8: return IntegerArithmetic.kernel(name, Int8.self, result)
        case .int16: return IntegerArithmetic.kernel(name, Int16.self, result)
        case .int32: return IntegerArithmetic.kernel(name, Int32.self, result)
        case .int64: return IntegerArithmetic.kernel(name, Int64.self, result)
        case .uint8: return IntegerArithmetic.kernel(name, UInt8.self, result)
        case .uint16: return IntegerArithmetic.kernel(name, UInt16.self, result)
        case .uint32: return IntegerArithmetic.kernel(name, UInt32.self, result)
        case .uint64: return IntegerArithmetic.kernel(name, UInt64.self, result)
        case .float32: return FloatArithmetic.kernel(name, Float.self, result)
        case .float64: return FloatArithmetic.kernel(name, Double.self, result)
        default: return DecimalArithmetic.kernel(name, parameters, result)
        }
    }

    /// Whether the kernel may throw, where the table's general answer is too careful.
    var canFail: Bool {
        switch name {
        case "+", "-", "*":
            guard let (precision, _) = result.decimalShape else { return true }
            return precision >= 38
        // A constant pattern has been checked.
        case "like", "ilike", "regexp_like", "regexp_full_match", "similar_to", "glob",
            "regexp_replace", "regexp_substr":
            return constants.dropFirst().contains { $0 == nil }
        case "date_part", "date_trunc": return constants[0] == nil || result.isTimestamp
        case "substring":
            guard parameters.count == 3, let count = constants[2] else {
                return parameters.count == 3
            }
            return !count.isNull(0) && count.values(as: Int64.self).pointee < 0
        case "/", "//", "%", "mod":
            guard let divisor = constants.last ?? nil, result.isInteger,
                case .int(let value) = divisor.scalar(at: 0)
            else { return true }
            return value == 0 || value == -1
        default: return true
        }
    }

    func constantText(_ index: Int) -> String? {
        guard index < constants.count, let constant = constants[index],
            case .text(let text) = constant.scalar(at: 0)
        else { return nil }
        return text
    }
}

extension DataType {
    var isTimestamp: Bool { if case .timestamp = self { true } else { false } }
}

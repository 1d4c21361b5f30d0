// SPDX-License-Identifier: MIT

public import IglooArrow
public import IglooContracts
import IglooPlan

/// Conversions between engine types.
enum Casts {
    /// `nil` when there is no such conversion. Arrays have their types' storage.
    static func kernel(
        from: DataType, to: DataType, _ context: EvaluationContext
    ) throws(IglooError) -> Kernel? {
        guard to.hasLogicalType else { return try plainKernel(from: from, to: to, context) }
        guard let kernel = try plainKernel(from: from, to: to, context) else { return nil }
        return { (call) throws(IglooError) in try kernel(call).stored }
    }

    private static func plainKernel(
        from: DataType, to: DataType, _ context: EvaluationContext
    ) throws(IglooError) -> Kernel? {
        if from == .null {
            let type = to.storage
            return { (call) throws(IglooError) in try .nulls(type, count: call.count) }
        }
        if from == to {
            return { (call) throws(IglooError) in
                try call.arguments[0].expanded(to: call.count)
            }
        }
        if from.hasLogicalType || to.hasLogicalType {
            if let kernel = try LogicalCasts.kernel(from, to, context) { return kernel }
        }
        if to == .utf8View { return try rendering(from, context) }
        if from == .utf8View { return try TextCasts.kernel(to, context) }
        if from.isNumeric || from == .bool, to.isNumeric || to == .bool {
            return NumberCasts.kernel(from, to)
        }
        if let kernel = try TimeCasts.kernel(from, to, context) {
            return InfiniteMoments.guarding(kernel, [from], to, "cast")
        }
        return try NestedCasts.kernel(from, to, context)
    }

    /// Whether the conversion may raise an error because of a value.
    static func canFail(_ from: DataType, _ to: DataType) -> Bool {
        if from == .null || to == .utf8View { return false }
        if from == .utf8View || from.hasLogicalType || to.hasLogicalType { return true }
        if from.isInteger && (to.isFloat || to == .bool) { return false }
        if from == .bool && !to.isDecimal { return false }
        if from.isDecimal && to.isFloat || from == .float32 && to == .float64 { return false }
        if let (precision, scale) = to.decimalShape, let source = Coercion.asDecimal(from) {
            return scale < source.scale
                || precision - scale < source.precision - source.scale
        }
        if from.isInteger && to.isInteger { return Coercion.common(from, to) != to }
        return true
    }

    /// To text, as values are shown.
    static func rendering(
        _ from: DataType, _ context: EvaluationContext
    ) throws(IglooError) -> Kernel {
        let form = try TextForm(from, timeZone: context.timeZone)
        return { (call) throws(IglooError) in
            let array = call.arguments[0].array
            var writer = ViewWriter(count: call.count)
            for row in 0..<call.count {
                if call.isValid(row) {
                    form.write(array, row, to: &writer)
                    writer.close()
                } else {
                    writer.appendEmpty()
                }
            }
            return writer.finish(call)
        }
    }
}

/// Writes columns as a shell shows them.
public enum TextRendering {
    /// Each value in PostgreSQL's text form, nulls staying null.
    ///
    /// - Parameter timeZone: in which instants are shown: `UTC` or a name such as `Europe/Berlin`.
    /// - Throws: `invalidArgument` for an unknown zone; `unsupported` for types that the engine
    ///   does not have.
    public static func text(
        of column: ArrayData, timeZone: String = "UTC"
    ) throws(IglooError) -> ArrayData {
        let flat = try flattened(Normalizer.canonical(column.stored))
        if flat.type == .utf8View { return flat }
        let context = EvaluationContext(timeZone: timeZone)
        let type = column.type.hasLogicalType ? column.type : flat.type
        let kernel = try Casts.rendering(type, context)
        return try kernel(KernelCall([Vector(flat)], count: flat.count))
    }
}

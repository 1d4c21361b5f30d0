// SPDX-License-Identifier: MIT

public import IglooArrow
public import IglooContracts
public import IglooPlan

/// An expression ready to run over batches.
///
/// - Threads: one at a time; make one program a thread.
final class ExpressionProgram {
    private let root: ExpressionNode

    /// The type of the result: that of the expression.
    var type: DataType { root.type }

    /// Whether `evaluate` may throw because of a row's values.
    var canFail: Bool { root.canFail }

    /// - Parameter shared: parts in common with other programs of the same operator.
    /// - Throws: `unsupported` for what the engine cannot compute; errors of constant patterns.
    init(
        _ expression: Expression, _ context: EvaluationContext, shared: SharedParts? = nil
    ) throws(IglooError) {
        let shared = shared ?? SharedParts([expression])
        root = try ExpressionCompiler(context, shared: shared).compile(expression)
    }

    /// One value a row; text may be dictionary-encoded.
    func evaluate(_ batch: Batch) throws(IglooError) -> ArrayData {
        let array = try root.evaluate(batch).expanded(to: batch.rowCount)
        if array.type == .null && root.type != .null {
            return try .nulls(root.type, count: batch.rowCount)
        }
        return array
    }
}

/// Computes constant expressions while planning.
public enum ConstantEvaluator {
    /// The value of an expression without inputs.
    ///
    /// - Throws: what the expression raises, such as 22012 for `1 / 0`.
    public static func evaluate(
        _ expression: Expression, _ context: EvaluationContext
    ) throws(IglooError) -> Scalar {
        let program = try ExpressionProgram(expression, context)
        return try program.evaluate(Batch(columns: [], rowCount: 1)).scalar(at: 0)
    }
}

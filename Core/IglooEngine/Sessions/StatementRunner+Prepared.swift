// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooExecution
import IglooPlan
import IglooSQL

extension StatementRunner {
    func prepare(_ prepare: Prepare) throws(IglooError) -> StatementResult {
        try binder(session.transactions.database).check(prepare.types)
        try session.prepared.add(prepare)
        return .done(tag: "PREPARE")
    }

    func deallocate(_ name: Identifier?) throws(IglooError) -> StatementResult {
        try session.prepared.remove(name)
        return .done(tag: name == nil ? "DEALLOCATE ALL" : "DEALLOCATE")
    }

    /// Runs a prepared statement with the values of its parameters.
    func execute(_ execute: Execute) throws(IglooError) -> StatementResult {
        let prepared = try session.prepared.find(execute.name)
        guard prepared.parameterCount == execute.arguments.count else {
            throw IglooError(
                .invalidArgument,
                "wrong number of parameters for prepared statement \"\(execute.name)\"",
                hint: "expected \(prepared.parameterCount) parameters but got "
                    + "\(execute.arguments.count)", sqlState: .syntaxError,
                position: execute.range.start)
        }
        var runner = self
        runner.parameters = []
        for (index, argument) in execute.arguments.enumerated() {
            let type = index < prepared.types.count ? prepared.types[index] : nil
            runner.parameters.append(try value(of: argument, type))
        }
        do throws(IglooError) {
            return try runner.run(prepared.statement)
        } catch {
            // Its place is one in the text that was prepared, which the caller does not show.
            var error = error
            error.position = nil
            throw error
        }
    }

    private func value(
        of argument: ExpressionSyntax, _ type: TypeName?
    ) throws(IglooError) -> Expression {
        let bound = try binder(session.transactions.database).bind(
            value: argument, as: type)
        if case .literal = bound { return bound }
        let scalar = try ConstantEvaluator.evaluate(bound, evaluation)
        return .literal(scalar, bound.type)
    }
}

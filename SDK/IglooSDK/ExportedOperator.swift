// SPDX-License-Identifier: MIT

import CIgloo
import IglooABI
import IglooArrow
import IglooContracts

extension OperatorKind: ExportableKind {
    private static let table = ConstantTable(
        igloo_operator(
            bind: bindOperator, push: pushBatch, next: nextBatch, spill: spillOperator,
            cancel: cancelOperator,
            release: { ExportedValue<ExportedOperator>.release($0) }))

    var form: KindForm {
        KindForm(
            number: UInt32(IGLOO_OPERATOR), table: Self.table,
            create: { createInstance(of: OperatorKind.self, $0, $1, $2, $3, $4, $5) { $1 } },
            destroy: { ExportedValue<any OperatorFactory>.release($0) })
    }
}

/// An operator behind the host's opaque pointer, with the columns of its inputs.
private struct ExportedOperator: Sendable {
    let running: any QueryOperator
    let inputs: [Schema]
}

private func bindOperator(
    _ instance: UnsafeMutableRawPointer?, _ context: UnsafePointer<igloo_ctx>?,
    _ specification: igloo_bytes, _ inputs: UnsafePointer<ArrowSchema>?, _ count: Int,
    _ needs: UnsafeMutablePointer<UInt32>?, _ out: UnsafeMutablePointer<ArrowSchema>?,
    _ result: UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
    _ error: UnsafeMutablePointer<igloo_error>?
) -> igloo_status {
    exported(error) { () throws(IglooError) in
        let (out, result) = (try required(out), try required(result))
        var schemas: [Schema] = []
        do throws(ArrowError) {
            for index in 0..<(inputs == nil ? 0 : count) {
                schemas.append(try Schema(borrowing: inputs! + index))
            }
        } catch {
            throw IglooError(error)
        }
        let running = try ExportedValue<any OperatorFactory>.at(instance).bind(
            Array(specification), inputs: schemas, CallContext(context))
        guard running.needs.count == schemas.count else {
            throw IglooError(
                .internalError,
                "an operator has \(running.needs.count) needs of \(schemas.count) inputs")
        }
        for (index, need) in running.needs.enumerated() { needs?[index] = need.rawValue }
        running.schema.export(to: out)
        result.pointee = ExportedValue.retained(
            ExportedOperator(running: running, inputs: schemas))
    }
}

private func pushBatch(
    _ pointer: UnsafeMutableRawPointer?, _ context: UnsafePointer<igloo_ctx>?, _ input: UInt32,
    _ moved: UnsafeMutablePointer<ArrowDeviceArray>?, _ error: UnsafeMutablePointer<igloo_error>?
) -> igloo_status {
    exported(error) { () throws(IglooError) in
        let exported = try ExportedValue<ExportedOperator>.at(pointer)
        guard exported.inputs.indices.contains(Int(input)) else {
            throw IglooError(
                .invalidArgument, "the host pushes to input \(input), which is not there")
        }
        var batch: RecordBatch?
        if let moved {
            do throws(ArrowError) {
                batch = try RecordBatch(importing: moved, schema: exported.inputs[Int(input)])
            } catch {
                throw IglooError(.invalidArgument, "a batch for an operator: \(error)")
            }
        }
        do throws(IglooError) {
            try exported.running.push(batch, input: Int(input), CallContext(context))
        } catch {
            // A call that is to be repeated has not taken the batch.
            if error.code == .pending, let batch, let moved { batch.export(to: moved) }
            throw error
        }
    }
}

private func nextBatch(
    _ pointer: UnsafeMutableRawPointer?, _ context: UnsafePointer<igloo_ctx>?,
    _ out: UnsafeMutablePointer<ArrowDeviceArray>?, _ error: UnsafeMutablePointer<igloo_error>?
) -> igloo_status {
    var answer = igloo_status(IGLOO_OK)
    let status = exported(error) { () throws(IglooError) in
        let out = try required(out)
        switch try ExportedValue<ExportedOperator>.at(pointer).running.next(CallContext(context)) {
        case .batch(let batch): batch.export(to: out)
        case .needsInput: answer = igloo_status(IGLOO_NEED_INPUT)
        case .end: answer = igloo_status(IGLOO_END)
        }
    }
    return status == igloo_status(IGLOO_OK) ? answer : status
}

private func spillOperator(
    _ pointer: UnsafeMutableRawPointer?, _ context: UnsafePointer<igloo_ctx>?, _ byteCount: Int64,
    _ freed: UnsafeMutablePointer<Int64>?, _ error: UnsafeMutablePointer<igloo_error>?
) -> igloo_status {
    exported(error) { () throws(IglooError) in
        let freed = try required(freed)
        let count = try ExportedValue<ExportedOperator>.at(pointer).running.spill(
            byteCount: Int(max(0, byteCount)), CallContext(context))
        freed.pointee = Int64(count)
    }
}

private func cancelOperator(_ pointer: UnsafeMutableRawPointer?) {
    try? ExportedValue<ExportedOperator>.at(pointer).running.cancel()
}

// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// A function whose result depends on its arguments' values row by row.
final class CallNode: ExpressionNode {
    private let arguments: [ExpressionNode]
    private let kernel: Kernel
    private let propagatesNull: Bool
    private let isOwnVolatile: Bool
    private let isTry: Bool
    private let kernelCanFail: Bool
    /// The last dictionary met and what the function made of its values.
    private var memo: (dictionary: ArrayData, result: ArrayData)?

    init(
        _ arguments: [ExpressionNode], type: DataType, kernelCanFail: Bool,
        propagatesNull: Bool = true, isVolatile: Bool = false, isTry: Bool = false,
        _ kernel: @escaping Kernel
    ) {
        self.arguments = arguments
        self.kernel = kernel
        self.propagatesNull = propagatesNull
        isOwnVolatile = isVolatile
        self.isTry = isTry
        self.kernelCanFail = kernelCanFail && !isTry
        super.init(
            type: type, canFail: self.kernelCanFail || arguments.contains(where: \.canFail),
            inputs: Self.inputs(of: arguments))
    }

    override var isVolatile: Bool {
        isOwnVolatile || arguments.contains(where: \.isVolatile)
    }

    override func evaluate(_ batch: Batch) throws(IglooError) -> Vector {
        var vectors: [Vector] = []
        vectors.reserveCapacity(arguments.count)
        for argument in arguments {
            let vector = try argument.evaluate(batch)
            if propagatesNull && vector.isNullConstant {
                return Vector(constant: try .nulls(type, count: 1))
            }
            vectors.append(vector)
        }
        if !isOwnVolatile && vectors.allSatisfy(\.isConstant) {
            let values = vectors.map { Vector($0.array) }
            return Vector(constant: try kernel(KernelCall(values, count: 1, isTry: isTry)))
        }
        if let result = try onDictionary(vectors, batch.rowCount) { return result }
        for index in vectors.indices where vectors[index].isDictionary {
            vectors[index] = Vector(try flattened(vectors[index].array))
        }
        return Vector(try kernel(KernelCall(vectors, count: batch.rowCount, isTry: isTry)))
    }

    /// Applies the function once to each entry of the only dictionary among the arguments, the
    /// others being constants. Not where entries that no row has could fail, or see nulls.
    private func onDictionary(_ vectors: [Vector], _ count: Int) throws(IglooError) -> Vector? {
        guard propagatesNull, !isOwnVolatile, !kernelCanFail,
            let place = vectors.firstIndex(where: \.isDictionary)
        else { return nil }
        for (index, vector) in vectors.enumerated() where index != place {
            if !vector.isConstant { return nil }
        }
        let array = vectors[place].array
        guard let dictionary = array.dictionary else { return nil }
        let result: ArrayData
        if let memo, memo.dictionary === dictionary {
            result = memo.result
        } else {
            if dictionary.count > 2 * count { return nil }
            var values = vectors
            values[place] = Vector(dictionary)
            result = try kernel(KernelCall(values, count: dictionary.count, isTry: isTry))
            memo = (dictionary, result)
        }
        if type == .utf8View, result.type == .utf8View, result.nullCount == 0 {
            return Vector(
                ArrayData(
                    type: array.type, count: count, offset: array.offset,
                    nullCount: array.nullCount, validity: array.validity, buffers: array.buffers,
                    dictionary: result))
        }
        return Vector(try decoded(array, result))
    }
}

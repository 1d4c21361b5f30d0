// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// `try(x)`: NULL where the expression's value cannot be computed.
final class TryNode: ExpressionNode {
    private let node: ExpressionNode

    init(_ node: ExpressionNode) {
        self.node = node
        super.init(type: node.type, canFail: false, inputs: node.inputs)
    }

    override var isVolatile: Bool { node.isVolatile }

    override func evaluate(_ batch: Batch) throws(IglooError) -> Vector {
        do throws(IglooError) {
            return try node.evaluate(batch)
        } catch {
            guard Self.isOfValues(error), batch.rowCount > 0 else { throw error }
        }
        // Some row fails: each on its own.
        var values: [ArrayData] = []
        for row in 0..<batch.rowCount {
            do throws(IglooError) {
                let value = try node.evaluate(batch, at: [UInt32(row)])
                values.append(try flattened(value.expanded(to: 1)))
            } catch {
                guard Self.isOfValues(error) else { throw error }
                values.append(try .nulls(type, count: 1))
            }
        }
        return Vector(try concatenate(values))
    }

    /// Data exceptions only: neither cancelling nor a lack of memory is caught.
    static func isOfValues(_ error: IglooError) -> Bool { error.sqlState.rawValue.hasPrefix("22") }
}

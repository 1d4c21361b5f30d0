// SPDX-License-Identifier: MIT

import IglooArrow
public import IglooContracts

/// A step of a plugin over whole plans: `FROM sessions(TABLE clicks, '30 min')`.
public struct ForeignOperation: Hashable, Sendable {
    public var call: OperatorCall
    public var inputs: [LogicalPlan]
    /// For each input the columns that the operator is given, in its order.
    public var inputColumns: [[PlanColumn]]
    public var columns: [PlanColumn]

    public init(
        _ call: OperatorCall, inputs: [LogicalPlan], inputColumns: [[PlanColumn]],
        columns: [PlanColumn]
    ) {
        self.call = call
        self.inputs = inputs
        self.inputColumns = inputColumns
        self.columns = columns
    }
}

/// An operator as a query names it.
public struct OperatorCall: Sendable {
    public let name: String
    public let factory: any OperatorFactory
    public let specification: [UInt8]

    public init(_ name: String, _ factory: any OperatorFactory, specification: [UInt8]) {
        self.name = name
        self.factory = factory
        self.specification = specification
    }

    /// One running operator over inputs of these types.
    public func bind(
        _ inputs: [[PlanColumn]], _ context: CallContext
    ) throws(IglooError) -> any QueryOperator {
        let schemas = inputs.map { columns in
            Schema(columns.map { Field($0.name, $0.type.storage) })
        }
        let running = try factory.bind(specification, inputs: schemas, context)
        for field in running.schema.fields where EngineType.canonical(field.type) == nil {
            throw IglooError(
                .internalError,
                "the operator \(name) gives a column of type \(field.type), which the engine has not"
            )
        }
        return running
    }
}

extension OperatorCall: Hashable {
    public static func == (left: OperatorCall, right: OperatorCall) -> Bool {
        left.factory === right.factory && left.specification == right.specification
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(ObjectIdentifier(factory))
        hasher.combine(specification)
    }
}

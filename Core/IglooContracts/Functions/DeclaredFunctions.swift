// SPDX-License-Identifier: MIT

public import IglooArrow

/// A library of functions that are declared one by one.
///
/// ```swift
/// let functions = DeclaredFunctions([
///     .init(FunctionDescription("twice", .scalar, "Its argument, doubled.")) { types in
///         types == [.float64] ? .scalar(Twice()) : nil
///     }
/// ])
/// ```
public final class DeclaredFunctions: FunctionLibrary {
    /// A function, and what it is for arguments of some types: `nil` = not for these.
    public struct Declaration: Sendable {
        public typealias Bind = @Sendable ([DataType]) -> BoundFunction?

        public var description: FunctionDescription
        public var bind: Bind

        public init(_ description: FunctionDescription, bind: @escaping Bind) {
            self.description = description
            self.bind = bind
        }
    }

    public let functions: [FunctionDescription]
    private let declarations: [Declaration]

    public init(_ declarations: [Declaration]) {
        self.declarations = declarations
        functions = declarations.map(\.description)
    }

    public func bind(
        _ index: Int, _ arguments: [DataType], _ context: CallContext
    ) throws(IglooError) -> BoundFunction {
        guard let bound = declarations[index].bind(arguments) else {
            throw IglooError(
                .unsupported, "\(functions[index].name) does not take these arguments")
        }
        return bound
    }
}

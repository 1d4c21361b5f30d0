// SPDX-License-Identifier: MIT

public import IglooArrow

/// A step of queries from outside of the engine: a configured instance of a kind OPERATOR, of which
/// queries make operators.
///
/// - Threads: any, any number at once.
public protocol OperatorFactory: AnyObject, Sendable {
    /// An operator over inputs of these columns, for one run of a query.
    ///
    /// - Parameter specification: what the query says to the operator, in its own language.
    /// - Throws: what is wrong with specification or inputs.
    func bind(
        _ specification: [UInt8], inputs: [Schema], _ context: CallContext
    ) throws(IglooError) -> any QueryOperator

    /// Of no more use: another instance is to be made.
    var isPoisoned: Bool { get }
}

extension OperatorFactory {
    public var isPoisoned: Bool { false }
}

/// What an operator must see of an input.
public enum OperatorNeed: UInt32, Sendable {
    /// Any part of its rows.
    case any = 0
    /// All rows.
    case whole = 1
}

/// What an operator has to say when it is asked for rows.
public enum OperatorOutput: Sendable {
    case batch(RecordBatch)
    /// Push first.
    case needsInput
    /// No more, after all inputs have ended.
    case end
}

/// A running step of a query.
///
/// - Threads: one call at a time, from changing threads; `cancel` from any.
public protocol QueryOperator: AnyObject, Sendable {
    /// The columns of its result.
    var schema: Schema { get }
    /// One an input.
    var needs: [OperatorNeed] { get }

    /// A batch of an input; `nil`: the input has ended.
    func push(_ batch: RecordBatch?, input: Int, _ context: CallContext) throws(IglooError)
    func next(_ context: CallContext) throws(IglooError) -> OperatorOutput
    /// Frees memory, about as much as is asked for, and tells how much.
    func spill(byteCount: Int, _ context: CallContext) throws(IglooError) -> Int
    /// Makes running and later calls return soon. Must not block.
    func cancel()
}

extension QueryOperator {
    public func spill(byteCount: Int, _ context: CallContext) throws(IglooError) -> Int { 0 }
    public func cancel() {}
}

/// A kind of operator that a plugin offers: how instances are configured and made.
public struct OperatorKind: PluginKind {
    public static let word = "operator"

    /// As a query names it: `FROM sessions(TABLE clicks, '30 min')`.
    public var name: String
    public var options: [OptionSpecification]
    /// Makes an instance. The values are complete and checked against `options`.
    public var create: Create

    public typealias Create =
        @Sendable (OptionValues, CallContext) throws(IglooError) -> any OperatorFactory

    public init(name: String, options: [OptionSpecification] = [], create: @escaping Create) {
        self.name = name
        self.options = options
        self.create = create
    }
}

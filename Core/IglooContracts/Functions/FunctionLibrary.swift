// SPDX-License-Identifier: MIT

public import IglooArrow

/// SQL functions from outside of the engine: a configured instance of a kind FUNCTIONS.
///
/// The engine binds a call once for the types of its arguments; what is bound serves any number of
/// calls, from any threads at once.
///
/// - Threads: any, any number at once.
public protocol FunctionLibrary: AnyObject, Sendable {
    /// The functions; always the same.
    var functions: [FunctionDescription] { get }

    /// Function `index` for arguments of these types, which are the engine's: text as `utf8View`,
    /// binary as `binaryView`, decimals of up to 18 digits as `decimal64`, of up to 38 as
    /// `decimal128`. Who answers `unsupported` is asked again with `utf8`, `binary`, `decimal128`,
    /// and with types into which the arguments turn implicitly.
    ///
    /// - Throws: `unsupported` when the function is not for these types.
    func bind(
        _ index: Int, _ arguments: [DataType], _ context: CallContext
    ) throws(IglooError) -> BoundFunction

    /// Of no more use: another instance is to be made.
    var isPoisoned: Bool { get }
}

extension FunctionLibrary {
    public var isPoisoned: Bool { false }
}

/// A function as its library declares it.
public struct FunctionDescription: Hashable, Sendable {
    public enum Kind: UInt32, Hashable, Sendable {
        case scalar = 1, aggregate, table
    }

    public enum Volatility: UInt32, Hashable, Sendable {
        /// The same arguments have the same result, always.
        case immutable = 1
        /// ... within a statement.
        case stable
        case volatile
    }

    public enum NullTreatment: UInt32, Hashable, Sendable {
        /// The function sees NULLs.
        case calls = 1
        /// A NULL among the arguments makes the result NULL (aggregate: the row does not count;
        /// table: there are no rows). The function never sees one.
        case strict
    }

    /// Lower case; may be there several times, for other arguments.
    public var name: String
    public var kind: Kind
    public var volatility: Volatility
    public var nulls: NullTreatment
    /// A sentence for the user.
    public var documentation: String

    public init(
        _ name: String, _ kind: Kind, volatility: Volatility = .immutable,
        nulls: NullTreatment = .strict, _ documentation: String
    ) {
        self.name = name
        self.kind = kind
        self.volatility = volatility
        self.nulls = nulls
        self.documentation = documentation
    }
}

/// A function for arguments of certain types.
public enum BoundFunction: Sendable {
    case scalar(any ScalarFunction)
    case aggregate(any AggregateFunction)
    case table(any TableValuedFunction)
}

/// A function of values of a row.
///
/// - Threads: any, any number at once.
public protocol ScalarFunction: Sendable {
    var result: DataType { get }

    /// One value of type `result` for each row of the arguments, one column an argument.
    ///
    /// - Throws: what fails the statement.
    func evaluate(
        _ arguments: RecordBatch, _ context: CallContext
    ) throws(IglooError) -> ArrayData
}

/// A function of values of many rows, group by group.
///
/// - Threads: any, any number at once.
public protocol AggregateFunction: Sendable {
    var result: DataType { get }
    /// The state of no group.
    func makeState(_ context: CallContext) throws(IglooError) -> any AggregateFunctionState
}

/// What an aggregate remembers of each group. Groups are numbered from 0.
///
/// - Threads: one at a time, not always the same.
public protocol AggregateFunctionState: AnyObject {
    /// Takes in rows: row i belongs to group `groups[i]`, which is less than `groupCount`. That
    /// never shrinks; a group may have no row at all.
    func update(
        _ arguments: RecordBatch, groups: [UInt32], groupCount: Int, _ context: CallContext
    ) throws(IglooError)

    /// As `update`, with rows that `partials` of another state gave.
    func merge(
        _ partials: ArrayData, groups: [UInt32], groupCount: Int, _ context: CallContext
    ) throws(IglooError)

    /// A value a group that another state can merge, in any process. Its type is always the same.
    func partials(_ context: CallContext) throws(IglooError) -> ArrayData

    /// A result a group.
    func results(_ context: CallContext) throws(IglooError) -> ArrayData
}

/// A function that gives rows.
///
/// - Threads: any, any number at once.
public protocol TableValuedFunction: Sendable {
    var schema: Schema { get }
    /// - Parameter arguments: one row, one column an argument.
    func open(
        _ arguments: RecordBatch, _ context: CallContext
    ) throws(IglooError) -> any BatchReader
}

// SPDX-License-Identifier: MIT

public import IglooArrow

/// An expression as it is offered to a source: columns, literals and a small, defined set of
/// operations. Its wire form in the C ABI is the "IGX1" blob.
public indirect enum PushdownExpression: Hashable, Sendable {
    /// Index into the schema of the table (in a sort: of the output).
    case column(Int, DataType)
    case literal(Scalar, DataType)
    case call(PushdownOperation, [PushdownExpression], DataType)

    public var type: DataType {
        switch self {
        case .column(_, let type), .literal(_, let type), .call(_, _, let type): type
        }
    }

    /// Adds the indexes of all columns used.
    public func collectColumns(into columns: inout Set<Int>) {
        switch self {
        case .column(let index, _): columns.insert(index)
        case .literal: break
        case .call(_, let arguments, _):
            for argument in arguments { argument.collectColumns(into: &columns) }
        }
    }
}

/// The operations of pushed-down expressions; the raw values are those of `igloo.h`.
///
/// It is open: a source answers `unsupported` to an operation it does not know.
public struct PushdownOperation: RawRepresentable, Hashable, Sendable {
    public let rawValue: UInt16
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// Any number of arguments; three-valued.
    public static let and = PushdownOperation(rawValue: 4)
    public static let or = PushdownOperation(rawValue: 5)
    public static let not = PushdownOperation(rawValue: 6)
    public static let equal = PushdownOperation(rawValue: 7)
    public static let notEqual = PushdownOperation(rawValue: 8)
    public static let less = PushdownOperation(rawValue: 9)
    public static let lessOrEqual = PushdownOperation(rawValue: 10)
    public static let greater = PushdownOperation(rawValue: 11)
    public static let greaterOrEqual = PushdownOperation(rawValue: 12)
    public static let isNull = PushdownOperation(rawValue: 13)
    public static let isDistinct = PushdownOperation(rawValue: 14)
    /// First argument among the rest, all of which are literals; NULL literals are left out.
    public static let isIn = PushdownOperation(rawValue: 15)
    /// Text, pattern literal, optional escape literal (else a backslash).
    public static let like = PushdownOperation(rawValue: 16)
    /// Text, literal that it begins with.
    public static let hasPrefix = PushdownOperation(rawValue: 17)
    public static let add = PushdownOperation(rawValue: 18)
    public static let subtract = PushdownOperation(rawValue: 19)
    public static let multiply = PushdownOperation(rawValue: 20)
    public static let divide = PushdownOperation(rawValue: 21)
    public static let modulo = PushdownOperation(rawValue: 22)
    public static let negate = PushdownOperation(rawValue: 23)
    public static let cast = PushdownOperation(rawValue: 24)
}

/// An aggregate as it is offered to a source.
public struct PushdownAggregate: Hashable, Sendable {
    public enum Function: UInt16, Hashable, Sendable {
        case countRows = 1, count, sum, minimum, maximum, boolAnd, boolOr
    }

    public var function: Function
    public var arguments: [PushdownExpression]
    public var isDistinct: Bool
    public var filter: PushdownExpression?
    public var type: DataType

    public init(
        _ function: Function, _ arguments: [PushdownExpression], isDistinct: Bool = false,
        filter: PushdownExpression? = nil, type: DataType
    ) {
        self.function = function
        self.arguments = arguments
        self.isDistinct = isDistinct
        self.filter = filter
        self.type = type
    }
}

/// One key of an order.
public struct PushdownSort: Hashable, Sendable {
    public var expression: PushdownExpression
    public var isDescending: Bool
    public var nullsFirst: Bool

    public init(_ expression: PushdownExpression, isDescending: Bool, nullsFirst: Bool) {
        self.expression = expression
        self.isDescending = isDescending
        self.nullsFirst = nullsFirst
    }
}

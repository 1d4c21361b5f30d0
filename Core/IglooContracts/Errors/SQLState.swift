// SPDX-License-Identifier: MIT

/// The five characters by which SQL clients tell errors apart.
///
/// - Source: PostgreSQL 16, appendix A, "PostgreSQL Error Codes".
public struct SQLState: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }
    public var description: String { rawValue }

    public static let featureNotSupported = SQLState(rawValue: "0A000")
    public static let cardinalityViolation = SQLState(rawValue: "21000")
    public static let numericValueOutOfRange = SQLState(rawValue: "22003")
    public static let invalidDatetimeFormat = SQLState(rawValue: "22007")
    public static let datetimeFieldOverflow = SQLState(rawValue: "22008")
    public static let divisionByZero = SQLState(rawValue: "22012")
    public static let invalidEscapeSequence = SQLState(rawValue: "22025")
    public static let invalidParameterValue = SQLState(rawValue: "22023")
    public static let invalidTextRepresentation = SQLState(rawValue: "22P02")
    public static let invalidRegularExpression = SQLState(rawValue: "2201B")
    public static let invalidAuthorization = SQLState(rawValue: "28000")
    public static let syntaxError = SQLState(rawValue: "42601")
    public static let insufficientPrivilege = SQLState(rawValue: "42501")
    public static let undefinedColumn = SQLState(rawValue: "42703")
    public static let undefinedFunction = SQLState(rawValue: "42883")
    public static let undefinedTable = SQLState(rawValue: "42P01")
    public static let undefinedObject = SQLState(rawValue: "42704")
    public static let duplicateColumn = SQLState(rawValue: "42701")
    public static let duplicateObject = SQLState(rawValue: "42710")
    public static let duplicateTable = SQLState(rawValue: "42P07")
    public static let duplicateAlias = SQLState(rawValue: "42712")
    public static let ambiguousColumn = SQLState(rawValue: "42702")
    public static let ambiguousFunction = SQLState(rawValue: "42725")
    public static let groupingError = SQLState(rawValue: "42803")
    public static let windowingError = SQLState(rawValue: "42P20")
    public static let wrongObjectType = SQLState(rawValue: "42809")
    public static let datatypeMismatch = SQLState(rawValue: "42804")
    public static let invalidColumnReference = SQLState(rawValue: "42P10")
    public static let undefinedSchema = SQLState(rawValue: "3F000")
    public static let undefinedCatalog = SQLState(rawValue: "3D000")
    public static let insufficientResources = SQLState(rawValue: "53000")
    public static let outOfMemory = SQLState(rawValue: "53200")
    public static let diskFull = SQLState(rawValue: "53100")
    public static let statementTooComplex = SQLState(rawValue: "54001")
    public static let queryCanceled = SQLState(rawValue: "57014")
    public static let ioError = SQLState(rawValue: "58030")
    public static let undefinedFile = SQLState(rawValue: "58P01")
    public static let internalError = SQLState(rawValue: "XX000")
    public static let dataCorrupted = SQLState(rawValue: "XX001")
}

// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// The errors that values raise, in PostgreSQL's words and codes.
enum Faults {
    static func outOfRange(_ type: DataType) -> IglooError {
        if type.isDecimal {
            return IglooError(
                .outOfRange, "numeric field overflow: the value does not fit \(type.sqlName)")
        }
        if type.isFloat {
            return IglooError(.outOfRange, "value out of range: overflow")
        }
        switch type {
        case .date32, .timestamp: return dateOutOfRange(type)
        case .interval:
            return IglooError(
                .outOfRange, "interval out of range", sqlState: .datetimeFieldOverflow)
        default: return IglooError(.outOfRange, "\(type.sqlName) out of range")
        }
    }

    static func dateOutOfRange(_ type: DataType) -> IglooError {
        IglooError(.outOfRange, "\(type.sqlName) out of range", sqlState: .datetimeFieldOverflow)
    }

    static let divisionByZero = IglooError(
        .outOfRange, "division by zero", sqlState: .divisionByZero)

    static func malformed(_ text: String, _ type: DataType) -> IglooError {
        if case .logical(let type) = type { return LogicalText.malformed(text, type) }
        let isTime =
            switch type {
            case .date32, .time64, .timestamp, .interval: true
            default: false
            }
        return IglooError(
            .outOfRange, "invalid input syntax for type \(type.sqlName): \"\(shortened(text))\"",
            sqlState: isTime ? .invalidDatetimeFormat : .invalidTextRepresentation)
    }

    static func textOutOfRange(_ text: String, _ type: DataType) -> IglooError {
        switch type {
        case .date32, .time64, .timestamp, .interval, .logical(.timetz):
            IglooError(
                .outOfRange, "date/time field value out of range: \"\(shortened(text))\"",
                sqlState: .datetimeFieldOverflow)
        default:
            IglooError(
                .outOfRange,
                "value \"\(shortened(text))\" is out of range for type \(type.sqlName)")
        }
    }

    static func invalid(_ message: String, _ state: SQLState = .invalidParameterValue)
        -> IglooError
    {
        IglooError(.invalidArgument, message, sqlState: state)
    }

    /// A value long enough to be recognised by.
    static func shortened(_ text: String) -> String {
        text.utf8.count <= 200 ? text : String(text.prefix(100)) + "..."
    }
}

// SPDX-License-Identifier: MIT

public import IglooArrow
public import IglooContracts

/// Values of logical types as text, one at a time.
public enum LogicalText {
    /// The value that a text means; `nil` where the type cannot tell without running: JSON, and
    /// times of day, whose zone may be the session's.
    ///
    /// - Throws: 22P02 for what is no value of the type.
    public static func value(
        _ text: String, _ type: LogicalType
    ) throws(IglooError) -> Scalar? {
        switch type {
        case .json, .jsonb, .timetz: return nil
        case .uuid:
            guard let value = UUIDText.value(text.utf8.span) else { throw malformed(text, type) }
            return .decimal(value)
        case .inet, .cidr:
            guard let address = NetworkAddress(text.utf8.span, isNetwork: type == .cidr) else {
                throw malformed(text, type)
            }
            return .binary(address.stored)
        case .enumeration(let enumeration):
            guard let place = enumeration.labels.firstIndex(of: text) else {
                throw malformed(text, type)
            }
            return .int(Int64(place))
        }
    }

    /// The text of a value; `nil` for what is none of the type's.
    public static func text(_ value: Scalar, _ type: LogicalType) -> String? {
        switch (type, value) {
        case (.uuid, .decimal(let value)):
            String(decoding: UUIDText.text(value), as: UTF8.self)
        case (.json, .text(let text)), (.jsonb, .text(let text)): text
        case (.inet, .binary(let bytes)), (.cidr, .binary(let bytes)):
            NetworkAddress(stored: bytes.span).text(isNetwork: type == .cidr)
        case (.enumeration(let enumeration), .int(let place)):
            enumeration.labels.indices.contains(Int(place)) ? enumeration.labels[Int(place)] : nil
        default: nil
        }
    }

    /// What PostgreSQL says of a text that is no value of the type.
    public static func malformed(_ text: String, _ type: LogicalType) -> IglooError {
        let shown = text.utf8.count <= 200 ? text : String(text.prefix(100)) + "..."
        let message =
            switch type {
            case .enumeration(let type): "invalid input value for enum \(type.name): \"\(shown)\""
            case .jsonb: "invalid input syntax for type json: \"\(shown)\""
            default: "invalid input syntax for type \(type): \"\(shown)\""
            }
        return IglooError(
            .outOfRange, message, hint: hint(type),
            sqlState: type == .timetz ? .invalidDatetimeFormat : .invalidTextRepresentation)
    }

    private static func hint(_ type: LogicalType) -> String? {
        switch type {
        case .cidr: "a cidr has no bits set to the right of its mask"
        case .enumeration(let type) where (1...20).contains(type.labels.count):
            "its values are " + type.labels.map { "'\($0)'" }.joined(separator: ", ")
        default: nil
        }
    }
}

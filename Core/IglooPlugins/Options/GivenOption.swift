// SPDX-License-Identifier: MIT

/// An option as someone wrote it, before it is checked against the connector's table of options.
public struct GivenOption: Hashable, Sendable {
    public enum Value: Hashable, Sendable {
        /// Text without a type of its own, as in SQL's OPTIONS or a default: read as whatever the
        /// option wants.
        case text(String)
        case string(String)
        case bool(Bool)
        case integer(Int64)
        case double(Double)
        case list([String])
        /// Something else holds the value, which is a text.
        case secret(SecretReference)
    }

    public var name: String
    public var value: Value
    /// Where it stands, `file:line:column`, for messages; `nil` when that says nothing.
    public var place: String?
    /// The folder against which a relative path is resolved; "" = the process's.
    public var folder: String

    public init(_ name: String, _ value: Value, place: String? = nil, folder: String = "") {
        self.name = name
        self.value = value
        self.place = place
        self.folder = folder
    }
}

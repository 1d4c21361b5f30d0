// SPDX-License-Identifier: MIT

/// One option of a kind, declared once: checks, help and `config explain` are made from it.
public struct OptionSpecification: Hashable, Sendable {
    public enum ValueType: UInt32, Hashable, Sendable {
        case string = 1, bool, integer, double
        /// Text such as `5s`, `200ms`, `1h`; passed on in nanoseconds.
        case duration
        /// Text such as `8MiB`, `1GB`; passed on in bytes.
        case byteCount
        /// One of `allowed`.
        case choice
        /// Several strings.
        case list
        /// A path; a relative one is resolved against the manifest's folder.
        case path
        /// As `string`, but never shown or logged.
        case secret
    }

    public struct Flags: OptionSet, Hashable, Sendable {
        public let rawValue: UInt32
        public init(rawValue: UInt32) { self.rawValue = rawValue }

        public static let required = Flags(rawValue: 1)
        public static let reloadable = Flags(rawValue: 2)
        public static let deprecated = Flags(rawValue: 4)
    }

    public var name: String
    public var type: ValueType
    public var flags: Flags
    /// The default as text, in the form a user would write; `nil` = none.
    public var defaultText: String?
    /// The words of a `choice`.
    public var allowed: [String]
    /// A sentence for the user.
    public var documentation: String

    public init(
        _ name: String, _ type: ValueType, flags: Flags = [], defaultText: String? = nil,
        allowed: [String] = [], documentation: String
    ) {
        self.name = name
        self.type = type
        self.flags = flags
        self.defaultText = defaultText
        self.allowed = allowed
        self.documentation = documentation
    }
}

/// A checked value of an option.
public enum OptionValue: Hashable, Sendable {
    case string(String)
    case bool(Bool)
    /// Also durations in nanoseconds and sizes in bytes.
    case integer(Int64)
    case double(Double)
    case list([String])
}

/// The values of an instance's options: those given, and the defaults of the others.
public struct OptionValues: Hashable, Sendable {
    private var values: [String: OptionValue]

    public init(_ values: [String: OptionValue] = [:]) { self.values = values }

    public subscript(name: String) -> OptionValue? {
        get { values[name] }
        set { values[name] = newValue }
    }

    public var names: [String] { values.keys.sorted() }

    public func string(_ name: String) -> String? {
        if case .string(let value)? = values[name] { value } else { nil }
    }

    public func bool(_ name: String) -> Bool? {
        if case .bool(let value)? = values[name] { value } else { nil }
    }

    public func integer(_ name: String) -> Int64? {
        if case .integer(let value)? = values[name] { value } else { nil }
    }

    public func double(_ name: String) -> Double? {
        if case .double(let value)? = values[name] { value } else { nil }
    }

    public func list(_ name: String) -> [String]? {
        if case .list(let value)? = values[name] { value } else { nil }
    }
}

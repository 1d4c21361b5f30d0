// SPDX-License-Identifier: MIT

/// The one error of Igloo: what went wrong, who can mend it, and where.
///
/// Every public function of Core and of the SDK throws this type and no other, so that codes, not
/// only texts, survive each layer and the C ABI. `description` is fit to be shown to a user; it
/// never holds secrets.
public struct IglooError: Error, Sendable {
    public var code: Code
    /// One sentence without a full stop: what, where, and with which value.
    public var message: String
    /// What to do about it, or `nil` where nothing can be advised.
    public var hint: String?
    /// PostgreSQL's five characters. Defaults to the class that belongs to `code`.
    public var sqlState: SQLState
    /// Byte offset in the text of the statement, where the error belongs to a place in it.
    public var position: Int?
    /// The id of the plugin that raised it; `nil` for the engine itself.
    public var origin: String?
    /// The same call may succeed later without a change.
    public var isRetryable: Bool

    public init(
        _ code: Code, _ message: String, hint: String? = nil, sqlState: SQLState? = nil,
        position: Int? = nil, origin: String? = nil, isRetryable: Bool = false
    ) {
        self.code = code
        self.message = message
        self.hint = hint
        self.sqlState = sqlState ?? code.sqlState
        self.position = position
        self.origin = origin
        self.isRetryable = isRetryable
    }

    /// A number that names the culprit. The raw value is the C ABI's `igloo_status`.
    ///
    /// It is open: a newer plugin may send a code this build does not know.
    public struct Code: RawRepresentable, Hashable, Sendable {
        public let rawValue: Int32
        public init(rawValue: Int32) { self.rawValue = rawValue }

        /// Not an error: see `IglooError.pending`.
        public static let pending = Code(rawValue: 1)
        /// Someone asked to stop.
        public static let cancelled = Code(rawValue: -1)
        /// A plugin failed without saying how.
        public static let unknown = Code(rawValue: -2)
        /// The caller's (or the user's) argument cannot be right: syntax, types, options.
        public static let invalidArgument = Code(rawValue: -3)
        public static let deadlineExceeded = Code(rawValue: -4)
        /// A table, column, function, file or plugin that is not there.
        public static let notFound = Code(rawValue: -5)
        public static let alreadyExists = Code(rawValue: -6)
        public static let permissionDenied = Code(rawValue: -7)
        /// Memory, disk or another bounded thing is used up.
        public static let resourceExhausted = Code(rawValue: -8)
        /// The thing changed under the caller: open it again.
        public static let invalidState = Code(rawValue: -9)
        public static let conflict = Code(rawValue: -10)
        /// A value is outside its type: overflow, division by zero, a bad cast.
        public static let outOfRange = Code(rawValue: -11)
        public static let unsupported = Code(rawValue: -12)
        /// A defect of Igloo or of a plugin. No input may reach it.
        public static let internalError = Code(rawValue: -13)
        /// The world failed: disk, network, a server that is gone.
        public static let unavailable = Code(rawValue: -14)
        /// Data that cannot be what it claims: a torn file, a malformed row.
        public static let invalidData = Code(rawValue: -15)
        public static let unauthenticated = Code(rawValue: -16)
        /// A commit was sent and its answer was lost.
        public static let unknownOutcome = Code(rawValue: -64)
        public static let compacted = Code(rawValue: -65)

        /// The SQLSTATE an error of this code has unless it says otherwise.
        public var sqlState: SQLState {
            switch self {
            case .cancelled, .deadlineExceeded: .queryCanceled
            case .invalidArgument: .invalidParameterValue
            case .notFound: .undefinedObject
            case .alreadyExists: .duplicateObject
            case .permissionDenied: .insufficientPrivilege
            case .resourceExhausted: .insufficientResources
            case .outOfRange: .numericValueOutOfRange
            case .unsupported: .featureNotSupported
            case .unavailable: .ioError
            case .invalidData: .dataCorrupted
            case .unauthenticated: .invalidAuthorization
            default: .internalError
            }
        }
    }
}

extension IglooError: CustomStringConvertible {
    public var description: String {
        var text = message
        if let origin { text += " [\(origin)]" }
        if let hint { text += ". Hint: \(hint)" }
        return text
    }
}

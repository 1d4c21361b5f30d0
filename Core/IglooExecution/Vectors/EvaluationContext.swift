// SPDX-License-Identifier: MIT

public import IglooContracts

/// What expressions know of the statement they belong to.
public struct EvaluationContext: Sendable {
    /// `now()`: when the statement began, since 1970-01-01 UTC.
    public var statementTimeMicroseconds: Int64
    /// The zone in which instants are shown and taken apart.
    public var timeZone: String
    public var session: SessionAccess
    /// With which plugins' functions are called.
    public var call: CallContext

    var random: RandomSource { session.random }

    public init(
        statementTimeMicroseconds: Int64 = 0, timeZone: String = "UTC",
        session: SessionAccess = SessionAccess(), call: CallContext = CallContext()
    ) {
        self.statementTimeMicroseconds = statementTimeMicroseconds
        self.timeZone = timeZone
        self.session = session
        self.call = call
    }
}

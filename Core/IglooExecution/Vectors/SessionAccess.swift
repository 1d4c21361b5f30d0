// SPDX-License-Identifier: MIT

public import IglooContracts

/// What functions may ask of the session they are called in, and change there.
public struct SessionAccess: Sendable {
    /// The session's random numbers.
    public var random = RandomSource()
    /// A setting's value; `nil` when there is no such setting.
    public var setting: @Sendable (_ name: String) -> String? = { _ in nil }
    public var change:
        @Sendable (_ name: String, _ value: String, _ isLocal: Bool) throws(IglooError) -> Void = {
            (name, _, _) throws(IglooError) in
            throw IglooError(
                .unsupported, "setting \"\(name)\" cannot be changed from within this statement")
        }
    public var cancellation = CancellationToken()
    /// Numbers of sequences.
    public var sequence: @Sendable (SequenceRequest) throws(IglooError) -> Int64 = {
        (_) throws(IglooError) in
        throw IglooError(.unsupported, "sequences cannot be used here")
    }

    public init() {}
}

/// What functions ask of sequences, by the name that a user wrote.
public enum SequenceRequest: Hashable, Sendable {
    case next(String)
    /// The number that this session got last, of the sequence or of any.
    case current(String?)
    case set(String, Int64, isGiven: Bool)
}

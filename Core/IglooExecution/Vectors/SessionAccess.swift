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

    public init() {}
}

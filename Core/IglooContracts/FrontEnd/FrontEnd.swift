// SPDX-License-Identifier: MIT

/// Speaks a protocol to clients, and asks the engine for what they want.
///
/// - Threads: one call at a time.
public protocol FrontEnd: Sendable {
    /// Begins to listen; called once.
    ///
    /// - Returns: the addresses by protocol, as they turned out: `["http": "127.0.0.1:8080"]`.
    func start(
        _ engine: any QueryEngine, _ context: CallContext
    ) throws(IglooError) -> [String: String]

    /// Takes no more clients, and returns when those there are have ended, or at the deadline; the
    /// engine is not used after that.
    func drain(_ context: CallContext) throws(IglooError)
}

/// A kind of front end that a plugin offers.
public struct FrontEndKind: PluginKind {
    public static let word = "frontend"

    /// The name after `use =` in the manifest.
    public var name: String
    public var options: [OptionSpecification]
    public var create: Create

    public typealias Create =
        @Sendable (OptionValues, CallContext) throws(IglooError) -> any FrontEnd

    public init(name: String, options: [OptionSpecification], create: @escaping Create) {
        self.name = name
        self.options = options
        self.create = create
    }
}

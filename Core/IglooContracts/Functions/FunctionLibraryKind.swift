// SPDX-License-Identifier: MIT

/// A kind of function library that a plugin offers: how instances are configured and made.
public struct FunctionLibraryKind: PluginKind {
    public static let word = "functions"

    /// Before the point where a function is called by its full name: `geo.distance(...)`.
    public var name: String
    public var options: [OptionSpecification]
    /// Makes an instance. The values are complete and checked against `options`.
    public var create: Create

    public typealias Create =
        @Sendable (OptionValues, CallContext) throws(IglooError) -> any FunctionLibrary

    public init(name: String, options: [OptionSpecification] = [], create: @escaping Create) {
        self.name = name
        self.options = options
        self.create = create
    }
}

// SPDX-License-Identifier: MIT

public import IglooContracts

extension PluginRegistry {
    /// The names of the function libraries there are, sorted: those of the manifest, and the kinds
    /// of plugins that it says nothing of. Loads nothing.
    public var functionLibraryNames: [String] {
        names(of: FunctionLibraryKind.word, manifest?.functionLibraries ?? [])
    }

    /// The names of the operators there are, sorted likewise.
    public var operatorNames: [String] {
        names(of: OperatorKind.word, manifest?.operators ?? [])
    }

    private func names(of word: String, _ declared: [Manifest.Service]) -> [String] {
        let configured = Set(declared.map(\.kind))
        let kinds = candidates().flatMap { $0.usableNote?.names(of: word) ?? [] }
        return Set(declared.map(\.name) + kinds.filter { !configured.contains($0) }).sorted()
    }

    /// The library of this name, made now if it was not yet.
    ///
    /// - Throws: as `connector(named:)`; what is wrong with its options.
    public func functionLibrary(
        named name: String, _ context: CallContext
    ) throws(IglooError) -> any FunctionLibrary {
        try functionLibraries.instance(name, isUsable: { !$0.isPoisoned }) {
            () throws(IglooError) in
            try makeNamed(
                name, manifest?.functionLibraries ?? [], FunctionLibraryKind.self, context)
        }
    }

    /// The operator of this name; otherwise as `functionLibrary`.
    public func operatorFactory(
        named name: String, _ context: CallContext
    ) throws(IglooError) -> any OperatorFactory {
        try operatorFactories.instance(name, isUsable: { !$0.isPoisoned }) {
            () throws(IglooError) in
            try makeNamed(name, manifest?.operators ?? [], OperatorKind.self, context)
        }
    }

    private func makeNamed<Kind: PluginKind>(
        _ name: String, _ declared: [Manifest.Service], _ type: Kind.Type, _ context: CallContext
    ) throws(IglooError) -> Kind.Instance {
        if let service = declared.first(where: { $0.name == name }) {
            return try open(service, type, context)
        }
        return try makeInstance(try kind(type, named: name), options: [], context)
    }
}

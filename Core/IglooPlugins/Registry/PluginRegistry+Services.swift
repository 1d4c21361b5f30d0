// SPDX-License-Identifier: MIT

public import IglooContracts

extension PluginRegistry {
    /// Makes the metadata store of the manifest; `nil` when it has none.
    public func openMetadataStore(
        _ context: CallContext
    ) throws(IglooError) -> (any MetadataStore)? {
        guard let service = manifest?.metadataStore else { return nil }
        return try open(service, MetadataStoreKind.self, context)
    }

    /// Makes the cache of this name in the manifest; `nil` when it has none.
    public func openCache(
        _ name: String, _ context: CallContext
    ) throws(IglooError) -> (any Cache)? {
        guard let service = manifest?.caches.first(where: { $0.name == name }) else { return nil }
        return try open(service, CacheKind.self, context)
    }

    /// Makes the transport of this name in the manifest; `nil` when it has none.
    public func openTransport(
        _ name: String, _ context: CallContext
    ) throws(IglooError) -> (any Transport)? {
        guard let service = manifest?.transports.first(where: { $0.name == name }) else {
            return nil
        }
        return try open(service, TransportKind.self, context)
    }

    /// Makes a front end of the manifest.
    package func openFrontEnd(
        _ service: Manifest.Service, _ context: CallContext
    ) throws(IglooError) -> any FrontEnd {
        try open(service, FrontEndKind.self, context)
    }

    func open<Kind: PluginKind>(
        _ service: Manifest.Service, _ type: Kind.Type, _ context: CallContext
    ) throws(IglooError) -> Kind.Instance {
        do throws(IglooError) {
            return try makeInstance(
                kind(type, named: service.kind), options: service.options, context)
        } catch {
            throw placed(error, service)
        }
    }

    /// What is wrong with the services of the manifest; none is made.
    func serviceProblems() -> [IglooError] {
        var problems: [IglooError] = []
        for (service, kind) in services {
            do throws(IglooError) {
                let kind = try kind()
                _ = try values(kind, service.options)
            } catch {
                problems.append(placed(error, service))
            }
        }
        return problems
    }

    /// Makes each service of the manifest, once.
    ///
    /// - Returns: why some cannot be made.
    package func unusableServices(_ context: CallContext) -> [IglooError] {
        var problems: [IglooError] = []
        for (service, kind) in services {
            do throws(IglooError) {
                let kind = try kind()
                _ = try makeInstance(kind, options: service.options, context)
            } catch {
                problems.append(placed(error, service))
            }
        }
        return problems
    }

    /// Each service with what finds its kind.
    private typealias FindKind = () throws(IglooError) -> any PluginKind

    private var services: [(Manifest.Service, FindKind)] {
        func all<Kind: PluginKind>(
            _ services: [Manifest.Service], _ type: Kind.Type
        ) -> [(Manifest.Service, FindKind)] {
            services.map { service in
                (service, { () throws(IglooError) in try self.kind(type, named: service.kind) })
            }
        }
        guard let manifest else { return [] }
        return all(manifest.metadataStore.map { [$0] } ?? [], MetadataStoreKind.self)
            + all(manifest.caches, CacheKind.self)
            + all(manifest.transports, TransportKind.self)
            + all(manifest.frontEnds, FrontEndKind.self)
            + all(manifest.functionLibraries, FunctionLibraryKind.self)
            + all(manifest.operators, OperatorKind.self)
    }

    /// An error with the service's section and place, unless it says where it is.
    package func placed(_ error: IglooError, _ service: Manifest.Service) -> IglooError {
        var error = error
        if !error.message.hasPrefix(manifest?.path ?? "\0") {
            error.message = "\(service.place): [\(service.section)]: \(error.message)"
        }
        return error
    }

    /// Every option of a service of the manifest; `nil` when there is no such section.
    package func explainService(
        _ section: String
    ) throws(IglooError) -> (kind: String, place: String, options: [ExplainedOption])? {
        guard let (service, kind) = services.first(where: { $0.0.section == section }) else {
            return nil
        }
        do throws(IglooError) {
            let kind = try kind()
            return (
                "\(kind.word) \(kind.name)", service.place,
                try explain(kind, service.options)
            )
        } catch {
            throw placed(error, service)
        }
    }
}

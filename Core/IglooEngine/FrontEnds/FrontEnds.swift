// SPDX-License-Identifier: MIT

public import IglooContracts
import IglooPlugins

/// The front ends of the manifest, while they run.
///
/// - Threads: one at a time.
public final class FrontEnds {
    public struct Address: Hashable, Sendable {
        /// As the manifest names the front end.
        public var name: String
        public var protocolName: String
        public var address: String
    }

    public private(set) var addresses: [Address] = []
    private var running: [any FrontEnd] = []

    /// Starts all, or none.
    ///
    /// - Throws: why one cannot be started, with its place in the manifest.
    public init(_ engine: Engine, _ context: CallContext = CallContext()) throws(IglooError) {
        let gateway = EngineGateway(engine)
        let registry = engine.catalogs.registry
        do throws(IglooError) {
            for service in registry.manifest?.frontEnds ?? [] {
                let frontEnd = try registry.openFrontEnd(service, context)
                let bound: [String: String]
                do throws(IglooError) {
                    bound = try frontEnd.start(gateway, context)
                } catch {
                    throw registry.placed(error, service)
                }
                running.append(frontEnd)
                for (name, address) in bound.sorted(by: { $0.key < $1.key }) {
                    addresses.append(
                        Address(name: service.name, protocolName: name, address: address))
                }
            }
        } catch {
            try? drain(CallContext(deadlineNanoseconds: 1))
            throw error
        }
    }

    /// Has all of them end; at the deadline of the context they cancel what still runs.
    public func drain(_ context: CallContext) throws(IglooError) {
        var failure: IglooError?
        for frontEnd in running {
            do throws(IglooError) {
                try frontEnd.drain(context)
            } catch {
                failure = failure ?? error
            }
        }
        running = []
        if let failure { throw failure }
    }
}

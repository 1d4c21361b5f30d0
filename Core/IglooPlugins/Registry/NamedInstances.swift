// SPDX-License-Identifier: MIT

import IglooContracts

/// Instances by name, each made once, when it is first asked for, and again when it is of no use.
final class NamedInstances<Instance: Sendable>: Sendable {
    private let known = Locked<[String: Instance]>([:])

    func instance(
        _ name: String, isUsable: (Instance) -> Bool,
        make: () throws(IglooError) -> Instance
    ) throws(IglooError) -> Instance {
        if let instance = known.withLock({ $0[name] }), isUsable(instance) { return instance }
        let instance = try make()
        return known.withLock { known in
            if let other = known[name], isUsable(other) { return other }
            known[name] = instance
            return instance
        }
    }
}

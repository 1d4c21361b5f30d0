// SPDX-License-Identifier: MIT

import IglooContracts
import Synchronization

/// Whether an instance is fit for further calls. One that holds up a call long after it was cancelled
/// is not: nobody knows what that call still does.
final class InstanceHealth: Sendable {
    private let poisoned = Atomic<Bool>(false)

    var isPoisoned: Bool { poisoned.load(ordering: .acquiring) }

    func poison() { poisoned.store(true, ordering: .releasing) }

    func check(_ plugin: String) throws(IglooError) {
        guard isPoisoned else { return }
        throw IglooError(
            .unavailable,
            "an instance of the plugin is given up: a call did not return within "
                + "\(CallWatch.patienceSeconds) seconds of its cancellation",
            hint: "the next statement makes another instance", origin: plugin, isRetryable: true)
    }
}

// SPDX-License-Identifier: MIT

import CIgloo
import Foundation
import IglooContracts
import Synchronization
import Testing

@testable import IglooPlugins

/// `create` and `destroy` of one plugin run one at a time.
@Suite struct LifecycleGateTests {
    @Test func oneAtATimeForEachPlugin() throws {
        let (gate, other) = (LifecycleGate.of("gate.one"), LifecycleGate.of("gate.two"))
        let inside = Atomic(0)
        let most = Atomic(0)
        DispatchQueue.concurrentPerform(iterations: 8) { _ in
            for _ in 0..<200 {
                try? gate.pass(InstanceHealth(), CallContext()) {
                    most.max(inside.wrappingAdd(1, ordering: .relaxed).newValue, ordering: .relaxed)
                    // A plugin may come back to its host, and another plugin is nobody's business.
                    try? gate.pass(InstanceHealth(), CallContext()) {}
                    try? other.pass(InstanceHealth(), CallContext()) {}
                    inside.wrappingSubtract(1, ordering: .relaxed)
                }
            }
        }
        #expect(most.load(ordering: .relaxed) == 1)
        #expect(inside.load(ordering: .relaxed) == 0)
    }

    @Test func theGateOpensAfterAnError() throws {
        let gate = LifecycleGate.of("gate.error")
        let error = try failure {
            try gate.pass(InstanceHealth(), CallContext()) { () throws(IglooError) in
                throw IglooError(.unavailable, "no")
            }
        }
        #expect(error.message == "no")
        #expect(try gate.pass(InstanceHealth(), CallContext()) { 1 } == 1)
    }

    /// Who waits may be cancelled; behind a call that was given up nobody waits for ever.
    @Test func waitingEnds() throws {
        let gate = LifecycleGate.of("gate.hanging")
        let hanging = InstanceHealth()
        let (begun, goOn) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        let done = DispatchSemaphore(value: 0)
        Thread {
            try? gate.pass(hanging, CallContext()) {
                begun.signal()
                goOn.wait()
            }
            done.signal()
        }.start()
        begun.wait()
        let context = CallContext()
        Thread {
            Thread.sleep(forTimeInterval: 0.05)
            context.cancellation.cancel()
        }.start()
        #expect(try failure { try gate.pass(InstanceHealth(), context) {} }.code == .cancelled)
        hanging.poison()
        let error = try failure { try gate.pass(InstanceHealth(), CallContext()) {} }
        #expect(error.code == .unavailable && error.origin == "gate.hanging", "\(error)")
        goOn.signal()
        done.wait()
        #expect(try gate.pass(InstanceHealth(), CallContext()) { 2 } == 2)
    }
}

/// What plugins reserve is a number from outside.
@Suite struct MemoryAccountTests {
    private final class Everything: MemoryAccount {
        func reserve(_ byteCount: Int) throws(IglooError) {}
    }

    @Test func sumsThatCannotBe() {
        let number = MemoryAccounts.open(Everything())
        defer { MemoryAccounts.close(number) }
        #expect(MemoryAccounts.reserve(number, .max) == igloo_status(IGLOO_OK))
        #expect(MemoryAccounts.reserve(number, 1) == igloo_status(IGLOO_E_EXHAUSTED))
        #expect(MemoryAccounts.reserve(number, .min) == igloo_status(IGLOO_OK))
        #expect(MemoryAccounts.reserve(number, 1) == igloo_status(IGLOO_OK))
    }
}

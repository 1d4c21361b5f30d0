// SPDX-License-Identifier: MIT

import Testing

@testable import IglooConformance

@Suite struct LinearizabilityTests {
    private typealias Action = Linearizability.Action

    /// `end` 0: the answer was lost.
    private func operation(
        _ begin: Int64, _ end: Int64, _ action: Action
    ) -> Linearizability.Operation {
        Linearizability.Operation(
            client: 0, action: action, begin: begin, end: end == 0 ? nil : end)
    }

    private func holds(_ operations: Linearizability.Operation...) -> Bool {
        Linearizability.isLinearizable(operations)
    }

    @Test func oneAfterTheOther() {
        #expect(holds())
        #expect(holds(operation(1, 2, .write(1)), operation(3, 4, .read(1))))
        #expect(!holds(operation(1, 2, .write(1)), operation(3, 4, .read(nil))))
        #expect(
            !holds(
                operation(1, 2, .write(1)), operation(3, 4, .write(2)), operation(5, 6, .read(1))))
    }

    @Test func atTheSameTimeEitherOrderWillDo() {
        for value in [nil, 1] {
            #expect(holds(operation(1, 4, .write(1)), operation(2, 3, .read(value))))
        }
        #expect(!holds(operation(1, 4, .write(1)), operation(2, 3, .read(2))))
        // Two readers must agree on the order.
        #expect(
            !holds(
                operation(1, 9, .write(1)), operation(1, 9, .write(2)),
                operation(2, 3, .read(1)), operation(4, 5, .read(2)), operation(6, 7, .read(1))))
    }

    @Test func comparisonsFindWhatIsThere() {
        let put = operation(1, 2, .compareAndSet(from: nil, to: 1, succeeded: true))
        #expect(holds(put, operation(3, 4, .compareAndSet(from: 1, to: 2, succeeded: true))))
        #expect(!holds(put, operation(3, 4, .compareAndSet(from: nil, to: 2, succeeded: true))))
        #expect(holds(put, operation(3, 4, .compareAndSet(from: nil, to: 2, succeeded: false))))
        #expect(
            !holds(
                put, operation(3, 6, .compareAndSet(from: 1, to: 2, succeeded: true)),
                operation(4, 5, .compareAndSet(from: 1, to: 3, succeeded: true))))
    }

    @Test func whatWasLostMayHappenLaterOrNever() {
        let lost = operation(1, 0, .write(7))
        #expect(holds(lost, operation(2, 3, .read(nil)), operation(4, 5, .read(7))))
        #expect(holds(lost, operation(2, 3, .read(nil)), operation(4, 5, .read(nil))))
        #expect(!holds(lost, operation(2, 3, .read(7)), operation(4, 5, .read(nil))))
        #expect(!holds(operation(2, 3, .read(7)), operation(4, 0, .write(7))))
    }
}

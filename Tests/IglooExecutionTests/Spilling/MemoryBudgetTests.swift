// SPDX-License-Identifier: MIT

import IglooContracts
import Testing

@testable import IglooExecution

/// Numbers that come from plugins and users.
@Suite struct MemoryBudgetTests {
    @Test(arguments: [Int.max, Int.max / 2, 1 << 40])
    func moreThanThereIs(byteCount: Int) throws {
        let budget = MemoryBudget(limit: 1_000)
        let memory = QueryMemory(budget)
        try memory.reserve(600)
        for _ in 0..<3 {
            #expect(throws: IglooError.self) { try memory.reserve(byteCount) }
        }
        #expect(memory.used == 600 && budget.used == 600)
        #expect(throws: IglooError.self) { try memory.reserve(500) }
        try memory.reserve(400)
        try memory.reserve(-1_000)
        #expect(memory.used == 0 && budget.used == 0)
    }

    /// A limit without a limit does not make sums overflow.
    @Test func noLimit() throws {
        let budget = MemoryBudget(limit: .max)
        let memory = QueryMemory(budget)
        try memory.reserve(1 << 55)
        #expect(throws: IglooError.self) { try memory.reserve(.max) }
        #expect(throws: IglooError.self) { try memory.reserve(1 << 56) }
        #expect(memory.used == 1 << 55)
        memory.release(1 << 55)
    }
}

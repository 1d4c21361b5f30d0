// SPDX-License-Identifier: MIT

/// Measures whether the same work, done over and over, leaves something behind.
enum LeakMeter {
    private static let warmUpCount = 8
    private static let roundCount = 64
    /// A round: less than this is what the kit itself and the allocator leave.
    private static let toleratedByteCount = 256

    /// - Throws: `CheckEnd.leaked` when memory, descriptors or threads grow with each round.
    static func requireNone(
        _ what: String, _ bench: Bench, rounds: Int = roundCount, _ body: () throws -> Void
    ) throws {
        for _ in 0..<warmUpCount { try body() }
        let descriptors = PlatformResources.descriptors().count
        let threads = PlatformResources.threadCount()
        var growths: [Int] = []
        // A leak grows every time it is looked at; a cache that fills does not.
        for _ in 0..<3 {
            let before = PlatformResources.allocatedByteCount()
            for _ in 0..<rounds { try body() }
            growths.append(PlatformResources.allocatedByteCount() - before)
        }
        let least = growths.min() ?? 0
        if least > max(rounds, roundCount) * toleratedByteCount {
            throw CheckEnd.leaked(
                "\(what): \(rounds) rounds leave \(least) bytes behind, each time "
                    + "(\(growths.map(String.init).joined(separator: ", ")))")
        }
        let moreDescriptors = PlatformResources.descriptors().count - descriptors
        if moreDescriptors > 2 {
            throw CheckEnd.leaked("\(what): \(moreDescriptors) descriptors are left open")
        }
        let moreThreads = PlatformResources.threadCount() - threads
        if moreThreads > 2 { throw CheckEnd.leaked("\(what): \(moreThreads) threads are left") }
    }
}

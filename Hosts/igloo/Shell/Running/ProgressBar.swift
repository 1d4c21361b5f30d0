// SPDX-License-Identifier: MIT

import IglooEngine
import Synchronization

/// A line on the terminal that shows how far a query is, once it takes longer than a second.
///
/// - Threads: one thread of its own draws; `finish` joins it.
final class ProgressBar: Sendable {
    private let stream: ResultStream
    private let isOver = Atomic<Bool>(false)
    private let start = PlatformTerminal.nanoseconds

    private init(_ stream: ResultStream) { self.stream = stream }

    /// Shows the progress while `body` runs, if standard error is a terminal.
    static func during<Result, E: Error>(
        _ stream: ResultStream, isWanted: Bool, _ body: () throws(E) -> Result
    ) throws(E) -> Result {
        guard isWanted else { return try body() }
        let bar = ProgressBar(stream)
        let thread = PlatformThread { bar.draw() }
        defer {
            bar.isOver.store(true, ordering: .releasing)
            thread.join()
        }
        return try body()
    }

    private func draw() {
        var isShown = false
        while !isOver.load(ordering: .acquiring) {
            PlatformThread.sleep(milliseconds: 100)
            let seconds = Double(PlatformTerminal.nanoseconds - start) / 1e9
            if seconds < 1 || isOver.load(ordering: .acquiring) { continue }
            isShown = true
            PlatformTerminal.writeError("\r\u{1B}[K" + line(seconds))
        }
        if isShown { PlatformTerminal.writeError("\r\u{1B}[K") }
    }

    private func line(_ seconds: Double) -> String {
        let progress = stream.progress
        let rows = "\(progress.rowCount.grouped) rows, \(Int(seconds)) s"
        guard let fraction = progress.fraction, fraction > 0 else { return rows }
        let done = Int((min(fraction, 1) * 30).rounded())
        let bar = String(repeating: "█", count: done) + String(repeating: "░", count: 30 - done)
        let left = Int((seconds / fraction - seconds).rounded(.up))
        return "\(bar) \(Int(fraction * 100)) %  \(rows), about \(left) s left"
    }
}

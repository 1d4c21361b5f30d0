// SPDX-License-Identifier: MIT

import IglooContracts
import IglooEngine

/// A line on the terminal that shows how far a statement is, once it takes longer than a second.
///
/// - Threads: one of its own draws; everything else is called by the thread that made it.
final class ProgressBar: Sendable {
    private let stream = Locked<ResultStream?>(nil)
    private let end = PlatformFlag()
    private let start = MonotonicClock.nanoseconds()
    private let thread = Locked<PlatformThread?>(nil)

    init() {
        let thread = PlatformThread { [self] in draw() }
        self.thread.withLock { $0 = thread }
    }

    /// From now on there are rows to be counted.
    func watch(_ stream: ResultStream) { self.stream.withLock { $0 = stream } }

    /// Erases the line; nothing is drawn any more.
    func finish() {
        end.raise()
        let thread = self.thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        thread?.join()
    }

    private func draw() {
        var milliseconds = 1_000
        while !end.wait(milliseconds: milliseconds) {
            milliseconds = 100
            let seconds = Double(MonotonicClock.nanoseconds() - start) / 1e9
            let progress = stream.withLock { $0?.progress }
            let columnCount = PlatformTerminal.extent(2)?.columnCount ?? 80
            let line = Self.line(progress, seconds: seconds)
            PlatformTerminal.writeError(
                "\r\u{1B}[K" + CellText.shortened(line, to: columnCount - 1))
        }
        if milliseconds < 1_000 { PlatformTerminal.writeError("\r\u{1B}[K") }
    }

    /// `███░░░ 50 %  1,234 rows, 3 s, about 3 s left`
    static func line(_ progress: QueryProgress?, seconds: Double) -> String {
        guard let progress else { return "planning, \(Int(seconds)) s" }
        let rows = "\(progress.rowCount.grouped) rows, \(Int(seconds)) s"
        guard let fraction = progress.fraction, fraction > 0 else { return rows }
        let share = min(fraction, 1)
        let done = Int((share * 30).rounded())
        let bar = String(repeating: "█", count: done) + String(repeating: "░", count: 30 - done)
        let left = Int((seconds / share - seconds).rounded(.up))
        return "\(bar) \(Int(share * 100)) %  \(rows), about \(left) s left"
    }
}

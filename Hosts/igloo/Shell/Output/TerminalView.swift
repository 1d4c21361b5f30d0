// SPDX-License-Identifier: MIT

/// The terminal that a result is shown on.
struct TerminalView {
    var columnCount: Int
    var rowCount: Int
    /// Whether text may be dimmed.
    var hasStyles: Bool
    /// The command that shows what is taller than the terminal; `nil` = none.
    var pager: String?
}

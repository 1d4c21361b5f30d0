// SPDX-License-Identifier: MIT

/// The terminal that a result is shown on.
struct TerminalView {
    var columnCount: Int
    var rowCount: Int
    /// Whether text may be dimmed.
    var hasStyles: Bool
    /// Shows what is taller than the terminal; `nil` = nothing does.
    var pager: Pager?
}

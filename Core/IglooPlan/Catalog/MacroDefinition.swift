// SPDX-License-Identifier: MIT

/// What CREATE MACRO declares: text in which parameters stand for a call's arguments.
public struct MacroDefinition: Hashable, Sendable {
    public struct Parameter: Hashable, Sendable {
        /// Folded, as calls name it.
        public var name: String
        /// What stands for it where a call says nothing; `nil` = each call has to.
        public var defaultText: String?

        public init(_ name: String, defaultText: String? = nil) {
            self.name = name
            self.defaultText = defaultText
        }
    }

    public var parameters: [Parameter]
    /// An expression, or a query where the macro gives rows.
    public var text: String
    public var givesRows: Bool

    public init(parameters: [Parameter], text: String, givesRows: Bool) {
        self.parameters = parameters
        self.text = text
        self.givesRows = givesRows
    }

    /// How many arguments a call may have.
    public var argumentCounts: ClosedRange<Int> {
        parameters.count { $0.defaultText == nil }...parameters.count
    }
}

// SPDX-License-Identifier: MIT

import IglooPlan

/// A function as help and completion show it.
public struct FunctionSummary: Hashable, Sendable {
    public var name: String
    /// Its calls: `(text, integer) -> text`.
    public var signatures: [String]
    public var documentation: String

    /// The functions that can be called by name, sorted; operators are left out.
    public static let all: [FunctionSummary] =
        FunctionTable.entries.filter { $0.name.first?.isLetter == true }
        .sorted { $0.name < $1.name }
        .map { entry in
            FunctionSummary(
                name: entry.name, signatures: entry.overloads.map(\.signature),
                documentation: entry.documentation)
        }
}

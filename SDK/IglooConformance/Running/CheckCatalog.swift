// SPDX-License-Identifier: MIT

/// All checks, in the order in which they are run.
enum CheckCatalog {
    /// Those of every plugin, whatever it offers.
    private static let general =
        ImageChecks.all + EntryChecks.all + OptionChecks.all + ErrorChecks.all + GeneralChecks.all

    static let all = general + TestedKind.all.flatMap(\.checks)

    static func checks(of kind: TestedKind) -> [Check] { general + kind.checks }
}

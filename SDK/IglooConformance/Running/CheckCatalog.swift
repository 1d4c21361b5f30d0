// SPDX-License-Identifier: MIT

/// All checks, in the order in which they are run.
enum CheckCatalog {
    static let all: [Check] =
        ImageChecks.all + EntryChecks.all + OptionChecks.all + ErrorChecks.all + MemoryChecks.all
        + ThreadChecks.all + ListChecks.all + ScanChecks.all + PlanChecks.all + FilterChecks.all
        + StepChecks.all + JoinChecks.all + SplitChecks.all + StatisticsChecks.all + WriteChecks.all
        + FreshChecks.all
        + GeneralChecks.all
}

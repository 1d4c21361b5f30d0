// SPDX-License-Identifier: MIT

import IglooContracts

/// What a check found that must not be: one line that says which check, what was found, what was
/// wanted, and what to do.
struct Refusal: Error {
    /// As the conformance kit calls it: `elf.bind_now`, `trust.sha256`.
    var check: String
    var found: String
    var wanted: String
    var advice: String?
    var code = IglooError.Code.invalidData

    init(
        _ check: String, found: String, wanted: String, advice: String? = nil,
        code: IglooError.Code = .invalidData
    ) {
        self.check = check
        self.found = found
        self.wanted = wanted
        self.advice = advice
        self.code = code
    }

    var text: String { "\(check): found \(found), wanted \(wanted)" }

    /// The error for whoever wanted to use the plugin.
    func error(plugin id: String, path: String) -> IglooError {
        IglooError(
            code, "the plugin \"\(id)\" (\(path)) is refused by \(text)", hint: advice)
    }
}

// SPDX-License-Identifier: MIT

import IglooContracts
import IglooPlugins

extension Command {
    static let lint = Command(
        "lint", of: "plugin", operands: ["FILE.so"],
        summary: "check how a plugin was built, without running it",
        about: """
            Reads the file's ELF headers and its note: what it exports and needs, how it is bound, and
            whether it says the truth about its runtime. Exit status 1 when there is an error;
            warnings do not count.
            """
    ) { (arguments) throws(IglooError) in
        let findings = try PluginLint.findings(ofFile: arguments.names[0])
        let lines = findings.map { finding in
            "\(finding.isError ? "error" : "warning"): \(finding.text)"
                + (finding.advice.map { " (\($0))" } ?? "") + "\n"
        }
        let errorCount = findings.count { $0.isError }
        let status = Output.text(
            lines.joined()
                + "\(arguments.names[0]): \(errorCount) errors, "
                + "\(findings.count - errorCount) warnings\n")
        return errorCount > 0 ? 1 : status
    }
}

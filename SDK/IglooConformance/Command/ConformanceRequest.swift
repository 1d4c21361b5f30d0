// SPDX-License-Identifier: MIT

import IglooContracts

/// What the command line asks of the kit.
struct ConformanceRequest: Equatable {
    var plugin = ""
    var configuration: String?
    var only: String?
    var seed: UInt64 = 1
    var jsonPath: String?
    var junitPath: String?
    var wantsHelp = false
    var wantsList = false

    /// The hidden mode: one check, in this process, over data sets that were loaded.
    var check: String?
    var workspace: String?
    /// The other half of a check that goes on in another process.
    var continuation: String?

    static let usage = """
        usage: igloo plugin test FILE.so [options]
              --config FILE    options of an instance, and how the data sets get into its source
              --only PATTERNS  checks to run: scan.*,plan.pure_same_request_same_answer
              --seed N         of random requests (default 1)
              --json FILE      write a report as JSON
              --junit FILE     write a report as JUnit's XML
              --list           the names of all checks
          -h, --help           this text
        Exit status: 0 when nothing failed, crashed, timed out or leaked and no waiver is expired,
        else 1; 2 for wrong usage.
        """

    /// Why the command line cannot be followed.
    struct UsageError: Error {
        var message: String
    }

    static func parse(_ words: [String]) throws(UsageError) -> ConformanceRequest {
        var result = ConformanceRequest()
        var rest = words[...]
        while let word = rest.popFirst() {
            var option = word
            if word.hasPrefix("--"), let equals = word.firstIndex(of: "=") {
                option = String(word[..<equals])
                rest = [String(word[word.index(after: equals)...])] + rest
            }
            try result.take(option, &rest)
        }
        if result.plugin.isEmpty && !result.wantsHelp && !result.wantsList {
            throw UsageError(message: "say which plugin: igloo plugin test FILE.so")
        }
        return result
    }

    private mutating func take(
        _ option: String, _ rest: inout ArraySlice<String>
    ) throws(UsageError) {
        func value() throws(UsageError) -> String {
            guard let value = rest.popFirst() else {
                throw UsageError(message: "option \(option) needs a value")
            }
            return value
        }
        switch option {
        case "--config": configuration = try value()
        case "--only": only = try value()
        case "--seed":
            let text = try value()
            guard let number = UInt64(text) else {
                throw UsageError(message: "--seed wants a number, not '\(text)'")
            }
            seed = number
        case "--json": jsonPath = try value()
        case "--junit": junitPath = try value()
        case "--list": wantsList = true
        case "-h", "--help": wantsHelp = true
        case "--check": check = try value()
        case "--workspace": workspace = try value()
        case "--continue": continuation = try value()
        default:
            if option.hasPrefix("-") { throw UsageError(message: "unknown option '\(option)'") }
            if !plugin.isEmpty {
                throw UsageError(message: "one plugin at a time, not also '\(option)'")
            }
            plugin = option
        }
    }

    /// The words that start this program again on the same plugin.
    var childArguments: [String] {
        var words = [PlatformIO.program, "plugin", "test", plugin, "--seed", "\(seed)"]
        if let configuration { words += ["--config", configuration] }
        return words
    }
}

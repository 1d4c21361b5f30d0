// SPDX-License-Identifier: MIT

import IglooContracts

/// What the command line asks for.
struct Arguments: Equatable {
    /// A piece of work, in the order of the command line.
    enum Task: Equatable {
        case command(String)
        case file(String)
    }

    var tasks: [Task] = []
    var manifestPath: String?
    var format: OutputFormat?
    var nullText: String?
    /// `nil`: `-c` stops at its first error, files and standard input go on.
    var errorPolicy: ErrorPolicy?
    var threadCount: Int?
    var memoryLimit: Int?
    var temporaryFolder: String?
    var wantsHelp = false
    var wantsVersion = false

    /// Why the command line cannot be followed.
    struct UsageError: Error, Equatable {
        var message: String
    }

    static let usage = """
        usage: igloo [options]
          -c, --command SQL      run these statements and end (may be given several times)
          -f, --file FILE        run the statements of a file and end
              --manifest FILE    plugins and catalogs
              --format FORMAT    \(OutputFormat.names.joined(separator: " | "))
              --null TEXT        what stands for NULL
              --on-error POLICY  stop | continue; without it, an error in -c ends the program,
                                 files and standard input go on with the next statement
              --threads N        compute threads (default: IGLOO_THREADS, else all processors)
              --memory-limit N   memory for queries: 512MiB, 8GiB
              --temp-directory D where rows go that memory cannot hold (default: TMPDIR, /var/tmp)
          -h, --help             this text
              --version          the version
        Without -c and -f, statements are read from standard input; on a terminal, type \\? for help.
        Exit status: 0, or 1 when a statement of -c or -f failed, or one of standard input with
        --on-error stop; 2 for wrong usage.
        """

    static func parse(_ words: [String]) throws(UsageError) -> Arguments {
        var result = Arguments()
        var rest = words[...]
        while let word = rest.popFirst() {
            var option = word
            // --option=value is the same as --option value.
            if word.hasPrefix("--"), let equals = word.firstIndex(of: "=") {
                option = String(word[..<equals])
                rest = [String(word[word.index(after: equals)...])] + rest
            }
            try result.take(option, &rest)
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
        case "-c", "--command": tasks.append(.command(try value()))
        case "-f", "--file": tasks.append(.file(try value()))
        case "--manifest": manifestPath = try value()
        case "--format": format = try Self.choice(try value(), "format")
        case "--null": nullText = try value()
        case "--on-error": errorPolicy = try Self.choice(try value(), "policy")
        case "--threads": threadCount = try Self.threads(try value(), of: "--threads")
        case "--memory-limit": memoryLimit = try Self.byteCount(try value())
        case "--temp-directory": temporaryFolder = try value()
        case "-h", "--help": wantsHelp = true
        case "--version": wantsVersion = true
        default: throw Self.unknown(option)
        }
    }

    private static func unknown(_ word: String) -> UsageError {
        guard word.hasPrefix("-") else {
            return UsageError(
                message: "unknown argument '\(word)': -c runs statements, -f a file of them")
        }
        let options = [
            "--command", "--file", "--manifest", "--format", "--null", "--on-error", "--threads",
            "--memory-limit", "--temp-directory", "--help", "--version",
        ]
        let near = NearestName.among(options, to: word).map { ": did you mean \($0)?" } ?? ""
        return UsageError(message: "unknown option '\(word)'\(near)")
    }

    private static func choice<Choice: RawRepresentable & CaseIterable>(
        _ text: String, _ noun: String
    ) throws(UsageError) -> Choice where Choice.RawValue == String {
        if let choice = Choice(rawValue: text) { return choice }
        let known = Choice.allCases.map(\.rawValue).joined(separator: ", ")
        throw UsageError(message: "unknown \(noun) '\(text)': there are \(known)")
    }

    /// - Parameter name: where the number comes from.
    static func threads(_ text: String, of name: String) throws(UsageError) -> Int {
        if let count = Int(text), (1...1_024).contains(count) { return count }
        throw UsageError(message: "\(name) wants a number from 1 to 1024, not '\(text)'")
    }

    private static func byteCount(_ text: String) throws(UsageError) -> Int {
        let units: [(String, Int)] = [
            ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("TiB", 1 << 40),
            ("kB", 1_000), ("MB", 1_000_000), ("GB", 1_000_000_000), ("B", 1), ("", 1),
        ]
        for (unit, factor) in units where text.hasSuffix(unit) {
            guard let count = Int(text.dropLast(unit.count)), count > 0 else { continue }
            let (product, overflow) = count.multipliedReportingOverflow(by: factor)
            if !overflow { return product }
        }
        throw UsageError(message: "--memory-limit wants a size such as 512MiB, not '\(text)'")
    }
}

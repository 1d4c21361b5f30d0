// SPDX-License-Identifier: MIT

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
    var threadCount: Int?
    var memoryLimit: Int?
    var wantsHelp = false
    var wantsVersion = false

    /// Why the command line cannot be followed.
    struct UsageError: Error, Equatable {
        var message: String
    }

    static let usage = """
        usage: igloo [options]
          -c, --command SQL      run this and end (may be given several times)
          -f, --file FILE        run the statements of a file and end
              --manifest FILE    plugins and catalogs
              --format FORMAT    \(OutputFormat.allCases.map(\.rawValue).joined(separator: " | "))
              --null TEXT        what stands for NULL
              --threads N        compute threads (default: IGLOO_THREADS, else all processors)
              --memory-limit N   memory for queries: 512MiB, 8GiB
          -h, --help             this text
              --version          the version
        Without -c and -f, statements are read from standard input; on a terminal, type \\? for help.
        """

    static func parse(_ words: [String]) throws(UsageError) -> Arguments {
        var result = Arguments()
        var rest = words[...]
        func value(_ option: String) throws(UsageError) -> String {
            guard let value = rest.popFirst() else {
                throw UsageError(message: "option \(option) needs a value")
            }
            return value
        }
        while let word = rest.popFirst() {
            var option = word
            // --option=value is the same as --option value.
            if word.hasPrefix("--"), let equals = word.firstIndex(of: "=") {
                option = String(word[..<equals])
                rest = [String(word[word.index(after: equals)...])] + rest
            }
            switch option {
            case "-c", "--command": result.tasks.append(.command(try value(option)))
            case "-f", "--file": result.tasks.append(.file(try value(option)))
            case "--manifest": result.manifestPath = try value(option)
            case "--format": result.format = try format(try value(option))
            case "--null": result.nullText = try value(option)
            case "--threads": result.threadCount = try threads(try value(option))
            case "--memory-limit": result.memoryLimit = try byteCount(try value(option))
            case "-h", "--help": result.wantsHelp = true
            case "--version": result.wantsVersion = true
            default: throw UsageError(message: "unknown argument '\(word)'")
            }
        }
        return result
    }

    private static func format(_ text: String) throws(UsageError) -> OutputFormat {
        if let format = OutputFormat(rawValue: text) { return format }
        let known = OutputFormat.allCases.map(\.rawValue).joined(separator: ", ")
        throw UsageError(message: "unknown format '\(text)': there are \(known)")
    }

    private static func threads(_ text: String) throws(UsageError) -> Int {
        if let count = Int(text), (1...1_024).contains(count) { return count }
        throw UsageError(message: "--threads wants a number from 1 to 1024, not '\(text)'")
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

/// How rows are written.
enum OutputFormat: String, CaseIterable, Sendable {
    case table, csv, json, ndjson, markdown, arrow
}

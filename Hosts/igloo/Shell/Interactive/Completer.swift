// SPDX-License-Identifier: MIT

import IglooEngine
import IglooFormats

/// What completion can offer names from.
protocol CompletionSource {
    /// Tables and views as one writes them: `orders`, `shop.orders`.
    var relations: [String] { get }
    /// The columns of a table, view or file as it is written in FROM.
    func columns(of relation: String) -> [String]
    /// What is in a folder; folders end with a slash.
    func files(in folder: String) -> [String]
}

/// Finds what a word of SQL or of a meta command can become, from where it stands.
struct Completer {
    let source: any CompletionSource

    /// - Parameters:
    ///   - before: the statement up to the cursor.
    ///   - after: the rest of it, which may name the tables.
    func completion(before: String, after: String) -> Completion? {
        if before.trimmed.hasPrefix("\\") { return command(before) }
        let context = CompletionContext(before: before, after: after)
        switch context.place {
        case .nothing: return nil
        case .file(let path): return files(path, isQuoted: true)
        case .relation(let typed):
            return Completion(
                typed: typed, matching: source.relations.map { ($0, " ") })
        case .name(let typed): return name(typed, context)
        }
    }

    // MARK: - Names

    private func name(_ typed: String, _ context: CompletionContext) -> Completion? {
        if let dot = typed.lastIndex(of: ".") {
            let qualifier = String(typed[..<dot])
            let columns = context.relations.filter { $0.isCalled(qualifier) }
                .flatMap { source.columns(of: $0.reference) }
            if columns.isEmpty {
                return Completion(typed: typed, matching: source.relations.map { ($0, " ") })
            }
            return Completion(
                typed: typed,
                matching: columns.map { ("\(qualifier).\(SQLName.written($0))", " ") })
        }
        let columns = Set(context.relations.flatMap { source.columns(of: $0.reference) })
        var words = columns.map { (SQLName.written($0), " ") }
        // Everything there is would be no help.
        if !typed.isEmpty {
            words += context.relations.compactMap(\.alias).map { ($0, ".") }
            words += FunctionSummary.all.map { ($0.name, "(") }
            let isUpper = typed.contains(where: \.isUppercase)
            words += Session.keywords.map { (isUpper ? $0.uppercased() : $0.lowercased(), " ") }
            words += source.relations.map { ($0, " ") }
        }
        return Completion(typed: typed, matching: words)
    }

    // MARK: - Meta commands and files

    private func command(_ before: String) -> Completion? {
        let line = before.drop(while: \.isWhitespace)
        guard let end = line.firstIndex(where: \.isWhitespace) else {
            return Completion(
                typed: String(line), matching: MetaCommand.all.map { ($0.name, " ") })
        }
        let argument = String(line[end...].drop(while: \.isWhitespace))
        switch MetaCommand.all.first(where: { $0.name == line[..<end] })?.argument {
        case .file:
            let isQuoted = argument.hasPrefix("'")
            return files(
                isQuoted ? String(argument.dropFirst()) : PlatformFiles.withHome(argument),
                isQuoted: isQuoted)
        case .table:
            return Completion(typed: argument, matching: source.relations.map { ($0, "") })
        case .words(let words):
            return Completion(typed: argument, matching: words.map { ($0, "") })
        default: return nil
        }
    }

    /// - Parameter isQuoted: the path is in a text of SQL.
    private func files(_ path: String, isQuoted: Bool) -> Completion {
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
        let typed = String(path.dropFirst(folder.count))
        let suffix = isQuoted ? "'" : ""
        let names = source.files(in: isQuoted ? SQLName.unquoted(folder[...]) : folder)
            .map { isQuoted ? SQLName.doubling("'", in: $0) : $0 }
            .filter { $0.hasPrefix(typed) && (typed.hasPrefix(".") || !$0.hasPrefix(".")) }
        return Completion(
            typed: typed,
            candidates: names.sorted().map {
                Completion.Candidate(text: $0, suffix: $0.hasSuffix("/") ? "" : suffix)
            })
    }
}

extension Completion {
    /// The words that begin as `typed` does, sorted, each once; the first suffix counts.
    init(typed: String, matching words: [(text: String, suffix: String)]) {
        let wanted = typed.lowercased()
        var known = Set<String>()
        let candidates = words.filter { word in
            word.text.lowercased().hasPrefix(wanted) && known.insert(word.text).inserted
        }
        self.init(
            typed: typed,
            candidates: candidates.map { Candidate(text: $0.text, suffix: $0.suffix) }
                .sorted { $0.text < $1.text })
    }
}

/// Names in SQL.
enum SQLName {
    /// The name, in quotes where it needs them.
    static func written(_ name: String) -> String {
        let isPlain =
            name.utf8.first.map { $0 == 0x5F || (0x61...0x7A).contains($0) } ?? false
            && name.utf8.allSatisfy {
                $0 == 0x5F || (0x61...0x7A).contains($0) || (0x30...0x39).contains($0)
            }
        let words = SQLWord.words(of: name)
        if isPlain && words.count == 1 && words[0].kind == .name { return name }
        return "\"" + doubling("\"", in: name) + "\""
    }

    /// What stands between quotes for `text`.
    static func doubling(_ quote: Character, in text: String) -> String {
        text.split(separator: quote, omittingEmptySubsequences: false)
            .joined(separator: "\(quote)\(quote)")
    }

    /// What a text means that stands between single quotes.
    static func unquoted(_ text: Substring) -> String {
        text.split(separator: "''", omittingEmptySubsequences: false).joined(separator: "'")
    }
}

// SPDX-License-Identifier: MIT

package import IglooContracts

/// The `.note.igloo` of a plugin: what is known of it without running it.
public struct PluginNote: Hashable, Sendable {
    public var epoch: UInt32
    public var minor: UInt32
    public var id = ""
    public var version = ""
    /// Pairs such as `connector` and `csv`.
    public var kinds: [Kind] = []
    /// The least minor of the host.
    public var needs: UInt32 = 0
    public var runtime = ""
    public var license = ""
    public var homepage = ""
    /// Extensions of the files its connector reads, in lower case, without the point.
    public var fileExtensions: [String] = []
    /// Table functions that stand for its connector, in lower case.
    public var functions: [String] = []

    public struct Kind: Hashable, Sendable {
        public var kind: String
        public var name: String
    }

    /// The names of the connectors among the kinds.
    public var connectors: [String] { names(of: ConnectorKind.word) }

    /// The names of the kinds of which this is the word.
    func names(of kind: String) -> [String] {
        kinds.filter { $0.kind == kind }.map(\.name)
    }

    /// - Parameter payload: what follows the note's owner: epoch, minor, text.
    /// - Throws: `invalidData` naming the line that cannot be right.
    package init(_ payload: [UInt8]) throws(IglooError) {
        guard let epoch = payload.number(at: 0, as: UInt32.self),
            let minor = payload.number(at: 4, as: UInt32.self),
            let end = payload[8...].firstIndex(of: 0),
            let text = String(validating: payload[8..<end], as: UTF8.self)
        else { throw Self.malformed("it is cut short or not UTF-8") }
        self.epoch = epoch
        self.minor = minor
        for line in text.split(separator: "\n") {
            guard let equals = line.firstIndex(of: "=") else {
                throw Self.malformed("line \"\(line)\" is not key=value")
            }
            try set(String(line[..<equals]), String(line[line.index(after: equals)...]))
        }
        guard Self.isName(id) else { throw Self.malformed("its id \"\(id)\" is no name") }
        guard !version.isEmpty else { throw Self.malformed("it states no version") }
    }

    /// Keys of later minors are passed over.
    private mutating func set(_ key: String, _ value: String) throws(IglooError) {
        switch key {
        case "id": id = value
        case "version": version = value
        case "kinds":
            for pair in value.split(separator: ",") {
                let parts = pair.split(separator: ":", omittingEmptySubsequences: false)
                guard parts.count == 2, parts.allSatisfy({ Self.isName(String($0)) }) else {
                    throw Self.malformed("\"\(pair)\" is not kind:name")
                }
                kinds.append(Kind(kind: String(parts[0]), name: String(parts[1])))
            }
        case "needs":
            guard let number = UInt32(value) else {
                throw Self.malformed("needs=\(value) is no number")
            }
            needs = number
        case "runtime": runtime = value
        case "license": license = value
        case "homepage": homepage = value
        case "files": fileExtensions = Self.words(value)
        case "functions": functions = Self.words(value)
        default: break
        }
    }

    private static func words(_ value: String) -> [String] {
        value.split(separator: ",").map { $0.lowercased() }
    }

    /// Lower-case letters, digits, `_`, `-` and `.`, not too many: fit for file names and messages.
    static func isName(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 64 && !text.hasPrefix(".")
            && text.utf8.allSatisfy {
                (97...122).contains($0) || (48...57).contains($0) || $0 == 95 || $0 == 45
                    || $0 == 46
            }
    }

    private static func malformed(_ what: String) -> IglooError {
        IglooError(.invalidData, "the plugin's note is malformed: \(what)")
    }
}

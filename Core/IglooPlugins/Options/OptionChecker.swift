// SPDX-License-Identifier: MIT

public import IglooContracts

/// Checks given options against the table that a connector declares.
public struct OptionChecker: Sendable {
    private let specifications: [OptionSpecification]
    /// What the options belong to, for messages: `connector "csv"`.
    private let owner: String

    public init(_ specifications: [OptionSpecification], owner: String) {
        self.specifications = specifications
        self.owner = owner
    }

    /// The complete values: those given, converted; the defaults of the others.
    ///
    /// - Throws: `invalidArgument` for unknown names (with the nearest known one), values of
    ///   another type, words that are not allowed, options given twice, and required ones that
    ///   are missing. Values of secrets are never shown.
    public func check(_ given: [GivenOption]) throws(IglooError) -> OptionValues {
        var values = OptionValues()
        for option in given {
            guard let specification = specifications.first(where: { $0.name == option.name }) else {
                throw unknown(option)
            }
            guard values[option.name] == nil else {
                throw error(option, "option \"\(option.name)\" of \(owner) is given twice")
            }
            values[option.name] = try convert(option, specification)
        }
        for specification in specifications where values[specification.name] == nil {
            if let text = specification.defaultText {
                values[specification.name] = try convert(
                    GivenOption(specification.name, .text(text)), specification)
            } else if specification.flags.contains(.required) {
                throw IglooError(
                    .invalidArgument, "\(owner) needs the option \"\(specification.name)\"",
                    hint: specification.documentation)
            }
        }
        return values
    }

    private func unknown(_ option: GivenOption) -> IglooError {
        let names = specifications.map(\.name)
        let hint =
            NearestName.among(names, to: option.name).map { "did you mean \"\($0)\"?" }
            ?? (names.isEmpty
                ? "it takes no options" : "it knows: \(names.sorted().joined(separator: ", "))")
        return error(option, "\(owner) has no option \"\(option.name)\"", hint: hint)
    }

    private func error(
        _ option: GivenOption, _ message: String, hint: String? = nil
    ) -> IglooError {
        IglooError(
            .invalidArgument, (option.place.map { "\($0): " } ?? "") + message, hint: hint)
    }

    private func convert(
        _ option: GivenOption, _ specification: OptionSpecification
    ) throws(IglooError) -> OptionValue {
        if case .secret = option.value {
            // What it stands for is filled in later, and is a text.
            if [.string, .secret].contains(specification.type) { return .string("") }
            throw error(
                option, "option \"\(option.name)\" of \(owner) cannot be a secret",
                hint: specification.documentation)
        }
        switch specification.type {
        case .choice: return try choice(option, specification)
        case .path:
            if let path = option.value.path {
                return .string(path.isEmpty ? path : Folders.join(option.folder, path))
            }
        default:
            if let value = option.value.converted(to: specification.type) { return value }
        }
        let shown = specification.type == .secret ? "" : ", not \(option.value.shown)"
        throw error(
            option,
            "option \"\(option.name)\" of \(owner) takes \(specification.type.wanted)\(shown)",
            hint: specification.documentation)
    }

    private func choice(
        _ option: GivenOption, _ specification: OptionSpecification
    ) throws(IglooError) -> OptionValue {
        let words = specification.allowed.joined(separator: ", ")
        guard let word = option.value.path?.lowercased() else {
            throw error(
                option,
                "option \"\(option.name)\" of \(owner) takes one of \(words), "
                    + "not \(option.value.shown)")
        }
        if let allowed = specification.allowed.first(where: { $0.lowercased() == word }) {
            return .string(allowed)
        }
        throw error(
            option,
            "option \"\(option.name)\" of \(owner) takes one of \(words), not \(option.value.shown)",
            hint: NearestName.among(specification.allowed, to: word).map {
                "did you mean \"\($0)\"?"
            })
    }
}

extension OptionSpecification.ValueType {
    /// What a user is to write.
    fileprivate var wanted: String {
        switch self {
        case .string: "a text"
        case .bool: "true or false"
        case .integer: "a whole number"
        case .double: "a number"
        case .duration: "a time such as 200ms, 5s or 1h"
        case .byteCount: "a size such as 64KiB, 8MiB or 1GB"
        case .choice: "a word"
        case .list: "a list of texts"
        case .path: "a path"
        case .secret: "a text"
        }
    }
}

extension GivenOption.Value {
    /// The value of an option that is text in any case.
    fileprivate var path: String? {
        switch self {
        case .text(let text), .string(let text): text
        default: nil
        }
    }

    fileprivate var shown: String {
        switch self {
        case .text(let text), .string(let text): "\"\(text)\""
        case .bool(let value): "\(value)"
        case .integer(let value): "\(value)"
        case .double(let value): "\(value)"
        case .list: "a list"
        case .secret: "a secret"
        }
    }

    fileprivate func converted(to type: OptionSpecification.ValueType) -> OptionValue? {
        switch (type, self) {
        case (.string, .text(let text)), (.secret, .text(let text)), (.string, .string(let text)),
            (.secret, .string(let text)):
            return .string(text)
        case (.bool, .bool(let value)): return .bool(value)
        case (.bool, .text(let text)): return OptionText.bool(text).map { .bool($0) }
        case (.bool, .integer(let value)): return (0...1).contains(value) ? .bool(value == 1) : nil
        case (.integer, .integer(let value)): return .integer(value)
        case (.integer, .text(let text)): return Int64(text).map { .integer($0) }
        case (.double, .double(let value)): return .double(value)
        case (.double, .integer(let value)): return .double(Double(value))
        case (.double, .text(let text)): return Double(text).map { .double($0) }
        case (.duration, .text(let text)), (.duration, .string(let text)):
            return OptionText.nanoseconds(text).map { .integer($0) }
        case (.byteCount, .text(let text)), (.byteCount, .string(let text)):
            return OptionText.byteCount(text).map { .integer($0) }
        case (.byteCount, .integer(let value)): return value < 0 ? nil : .integer(value)
        case (.list, .list(let texts)): return .list(texts)
        case (.list, .text(let text)):
            return .list(text.split(separator: ",").map { OptionText.trimmed($0) })
        case (.list, .string(let text)): return .list([text])
        default: return nil
        }
    }
}

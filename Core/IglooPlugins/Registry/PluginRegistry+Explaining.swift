// SPDX-License-Identifier: MIT

package import IglooContracts

/// An option of a catalog: what it is, what it is set to, and by whom.
package struct ExplainedOption: Sendable {
    package var specification: OptionSpecification
    /// As a user would write it, secrets hidden; `nil` = not set.
    package var value: String?
    package var source: String
}

extension PluginRegistry {
    /// Every option of a catalog of the manifest.
    ///
    /// - Throws: what is wrong with the catalog.
    package func explain(
        _ catalog: Manifest.Catalog
    ) throws(IglooError) -> [ExplainedOption] {
        try explain(try connector(named: catalog.connector), catalog.options)
    }

    /// Every option of an instance that is given these.
    func explain(
        _ kind: some PluginKind, _ given: [GivenOption]
    ) throws(IglooError) -> [ExplainedOption] {
        _ = try values(kind, given)
        let inherited = inheritedOptions(of: kind, except: given)
        var options: [ExplainedOption] = []
        for specification in kind.options {
            let own = given.first { $0.name == specification.name }
            let chosen = own ?? inherited.first { $0.name == specification.name }
            let value = chosen?.value.text ?? specification.defaultText
            // A reference is no secret, what it stands for is.
            var isReference = false
            if case .secret = chosen?.value { isReference = true }
            let place = chosen?.place ?? "the manifest"
            options.append(
                ExplainedOption(
                    specification: specification,
                    value: specification.type == .secret && !isReference
                        ? value.map { _ in "***" } : value,
                    source: own != nil
                        ? place
                        : chosen != nil
                            ? "\(place), for the whole plugin"
                            : value != nil ? "default" : "not set"))
        }
        return options
    }

    /// What is wrong with the manifest's plugins and catalogs, all of it; nothing is connected to.
    package func problems() -> [IglooError] {
        var problems: [IglooError] = []
        for plugin in manifest?.plugins ?? [] where plugin.isEnabled {
            problem(ofPlugin: plugin.id).map { problems.append($0) }
        }
        for catalog in manifest?.catalogs ?? [] {
            do throws(IglooError) {
                try check(catalog, try connector(named: catalog.connector))
            } catch {
                problems.append(placed(error, catalog))
            }
        }
        return problems + serviceProblems()
    }
}

extension GivenOption.Value {
    fileprivate var text: String {
        switch self {
        case .text(let text), .string(let text): text
        case .bool(let value): "\(value)"
        case .integer(let value): "\(value)"
        case .double(let value): "\(value)"
        case .secret(let reference): "{ secret = \"\(reference)\" }"
        case .list(let texts): "[" + texts.map { "\"\($0)\"" }.joined(separator: ", ") + "]"
        }
    }
}

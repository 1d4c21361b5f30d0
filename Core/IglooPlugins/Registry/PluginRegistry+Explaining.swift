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
        let kind = try connector(named: catalog.connector)
        _ = try check(catalog, kind)
        let inherited = inheritedOptions(of: kind, except: catalog.options)
        var options: [ExplainedOption] = []
        for specification in kind.options {
            let own = catalog.options.first { $0.name == specification.name }
            let given = own ?? inherited.first { $0.name == specification.name }
            let value = given?.value.text ?? specification.defaultText
            // A reference is no secret, what it stands for is.
            var isReference = false
            if case .secret = given?.value { isReference = true }
            let place = given?.place ?? "the manifest"
            options.append(
                ExplainedOption(
                    specification: specification,
                    value: specification.type == .secret && !isReference
                        ? value.map { _ in "***" } : value,
                    source: own != nil
                        ? place
                        : given != nil
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
        return problems
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

// SPDX-License-Identifier: MIT

import IglooContracts

extension PluginRegistry {
    /// Puts secrets in the place of their references, into values that are otherwise checked.
    ///
    /// - Throws: what the provider says, with the option and its place. Never a secret.
    func fillSecrets(
        of options: [GivenOption], into values: inout OptionValues, _ context: CallContext
    ) throws(IglooError) {
        for option in options {
            guard case .secret(let reference) = option.value else { continue }
            do throws(IglooError) {
                let secret = try provider(reference.provider, option.folder, context)
                    .fetch(reference.reference, context)
                guard let text = String(validating: secret.bytes, as: UTF8.self),
                    !text.utf8.contains(0)
                else {
                    throw IglooError(
                        .invalidArgument, "the secret \(reference) is not text",
                        hint: "options are UTF-8 without NUL")
                }
                values[option.name] = .string(text)
            } catch {
                var error = error
                let place = option.place.map { "\($0): " } ?? ""
                error.message = "\(place)option \"\(option.name)\": \(error.message)"
                throw error
            }
        }
    }

    private func provider(
        _ name: String, _ folder: String, _ context: CallContext
    ) throws(IglooError) -> any SecretProvider {
        switch name {
        case "file": return FileSecrets(folder: folder)
        case "env": return EnvironmentSecrets()
        default:
            return try providers.instance(name, isUsable: { !$0.isPoisoned }) {
                () throws(IglooError) in
                try makeProvider(name, context)
            }
        }
    }

    private func makeProvider(
        _ name: String, _ context: CallContext
    ) throws(IglooError) -> any SecretProvider {
        let known = manifest?.secretProviders ?? []
        guard let provider = known.first(where: { $0.name == name }) else {
            let names = SecretReference.builtIn + known.map(\.name)
            throw IglooError(
                .notFound, "there is no secret provider \"\(name)\"",
                hint: NearestName.among(names, to: name).map { "did you mean \"\($0)\"?" }
                    ?? "there are: \(names.sorted().joined(separator: ", ")); "
                    + "[secrets.\(name)] makes another")
        }
        let kind = try secretProviderKind(ofPlugin: provider.plugin)
        let checker = OptionChecker(kind.options, owner: "secrets \"\(name)\"")
        var values = try checker.check(provider.options)
        try fillSecrets(of: provider.options, into: &values, context)
        return try kind.create(values, context)
    }
}

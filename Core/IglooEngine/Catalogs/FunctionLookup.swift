// SPDX-License-Identifier: MIT

import IglooContracts
import IglooPlan
import IglooPlugins

/// Where the functions of plugins are found. Nothing is loaded before a name is asked for that the
/// engine does not know.
struct FunctionLookup: Sendable {
    let registry: PluginRegistry
    let context: CallContext

    /// The functions of these name parts: of all libraries, or of the one that is named.
    ///
    /// - Throws: 42725 when several libraries have one of the name; for a library that is named,
    ///   why it cannot be used.
    func functions(_ parts: [String]) throws(IglooError) -> [ForeignFunction] {
        guard let name = parts.last?.lowercased() else { return [] }
        if parts.count == 2 {
            let library = parts[0].lowercased()
            guard registry.functionLibraryNames.contains(library) else { return [] }
            let functions = functions(
                name, of: try registry.functionLibrary(named: library, context), library)
            if !functions.isEmpty { return functions }
            throw missing(name, library)
        }
        guard parts.count == 1 else { return [] }
        var found: [ForeignFunction] = []
        for (library, functions) in usable {
            let fitting = self.functions(name, of: functions, library)
            if let other = found.first, !fitting.isEmpty {
                throw IglooError(
                    .conflict, "function \(name) is not unique",
                    hint: "say which: \(other.libraryName).\(name) or \(library).\(name)",
                    sqlState: .ambiguousFunction)
            }
            found += fitting
        }
        return found
    }

    private func functions(
        _ name: String, of library: any FunctionLibrary, _ libraryName: String
    ) -> [ForeignFunction] {
        library.functions.indices.filter { library.functions[$0].name == name }.map {
            ForeignFunction(library, named: libraryName, index: $0, context)
        }
    }

    private func missing(_ name: String, _ library: String) -> IglooError {
        let known = (try? registry.functionLibrary(named: library, context))?.functions ?? []
        let nearest = NearestName.among(known.map(\.name), to: name)
        return IglooError(
            .notFound, "function \(library).\(name) does not exist",
            hint: nearest.map { "did you mean \"\(library).\($0)\"?" },
            sqlState: .undefinedFunction)
    }

    /// The libraries that can be used, by name.
    var usable: [(name: String, library: any FunctionLibrary)] {
        registry.functionLibraryNames.compactMap { name in
            (try? registry.functionLibrary(named: name, context)).map { (name, $0) }
        }
    }

    /// The names of functions, and why libraries cannot be used.
    func known() -> (names: [String], hint: String?) {
        var names: [String] = []
        var hint: String?
        for name in registry.functionLibraryNames {
            do throws(IglooError) {
                names += try registry.functionLibrary(named: name, context).functions.map(\.name)
            } catch {
                hint = "the functions \"\(name)\" cannot be used: \(error.message)"
            }
        }
        return (names, hint)
    }
}

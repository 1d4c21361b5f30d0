// SPDX-License-Identifier: MIT

import CIgloo
import IglooABI
import IglooArrow
import IglooContracts
import IglooPlugins

/// Options, and instances made with them.
enum OptionChecks {
    static let all: [Check] = [
        Check("options.table_well_formed", tableWellFormed),
        Check("options.defaults_accepted") { bench in
            _ = try bench.instance()
            guard bench.configuration.options.isEmpty else { return }
            // Nothing was required, or there would be no instance: it must be of use as well.
            try bench.use(try bench.instance())
        },
        Check("options.each_type_rejects_garbage", rejectsGarbage),
        Check("options.required_missing_message_names_option", requiredMissing),
        Check("options.secret_never_logged", secretNeverLogged),
        Check("options.reload_or_refuse", reloadOrRefuse),
        Check("create.bad_endpoint_fails_fast", badEndpoint),
        Check("create.two_instances_independent", twoInstances),
        Check("destroy.releases_everything", limit: 180) { bench in
            _ = try bench.plugin()
            try LeakMeter.requireNone("create and destroy", bench) {
                let instance = try bench.instance()
                try bench.use(instance)
                instance.destroy()
            }
        },
    ]

    private static func tableWellFormed(_ bench: Bench) throws {
        let kind = try bench.kind()
        var names: Set<String> = []
        for option in Array(kind.pointee.options, count: kind.pointee.n_options) {
            let name = String(option.name)
            let specification = try require(
                OptionSpecification(option), "the option \"\(name)\" is of type \(option.type)")
            try require(
                !name.isEmpty
                    && name.utf8.allSatisfy {
                        (97...122).contains($0) || (48...57).contains($0) || $0 == 95 || $0 == 46
                    },
                "the option \"\(name)\" is not named in lower-case letters, digits and _")
            try require(names.insert(name).inserted, "the option \"\(name)\" is declared twice")
            try require(option.flags & ~7 == 0, "the option \"\(name)\" has unknown flags")
            try require(
                !specification.documentation.isEmpty, "the option \"\(name)\" is not documented")
            try require(
                (specification.type == .choice) == !specification.allowed.isEmpty,
                "the option \"\(name)\" has words to choose from and is no ENUM, or the reverse")
            guard let text = specification.defaultText else { continue }
            try require(
                !specification.flags.contains(.required),
                "the option \"\(name)\" is required and has a default")
            try require(
                specification.type != .secret, "the secret \"\(name)\" has a default: everybody's")
            _ = try OptionChecker([specification], owner: "the \(bench.tested.word)")
                .check([GivenOption(name, .text(text))])
        }
    }

    /// The host checks types; what is left are values that are of their type and make no sense. An
    /// instance is made or refused, and nothing breaks.
    private static func rejectsGarbage(_ bench: Bench) throws {
        let kind = try bench.kind()
        // Where files may be made that nobody wants.
        PlatformIO.enter(bench.workspace.path)
        for option in KindOptions.specifications(kind) {
            for garbage in garbage(option.type) {
                var values = try bench.values()
                values[option.name] = garbage
                do {
                    try bench.tested.make(kind, values, Call()).destroy()
                } catch let failure as CallFailure {
                    try require(
                        !failure.message.isEmpty,
                        "create refused \(option.name) = \(garbage) without saying why")
                }
            }
        }
        try Breaches.requireNone(.errorCode)
    }

    private static func garbage(_ type: OptionSpecification.ValueType) -> [OptionValue] {
        switch type {
        case .bool, .choice: []
        case .integer: [.integer(.min), .integer(.max), .integer(-1), .integer(0)]
        case .duration, .byteCount: [.integer(.max), .integer(0)]
        case .double: [.double(.nan), .double(.infinity), .double(-1e308)]
        case .list: [.list([]), .list([""]), .list(Array(repeating: "x", count: 10_000))]
        case .string, .path, .secret:
            [
                .string(""), .string("\0"), .string("'; --\""), .string("%s%n ${HOME}"),
                .string(String(repeating: "ä", count: 40_000)),
            ]
        }
    }

    private static func requiredMissing(_ bench: Bench) throws {
        let kind = try bench.kind()
        let required = KindOptions.specifications(kind).filter { $0.flags.contains(.required) }
        guard !required.isEmpty else { throw CheckEnd.skipped("no option is required") }
        for option in required {
            var values = try bench.values()
            values[option.name] = nil
            do {
                _ = try bench.tested.make(kind, values, Call())
            } catch let failure as CallFailure {
                try require(
                    (failure.message + failure.hint).contains(option.name),
                    "create without \"\(option.name)\" says: \(failure.message)")
                continue
            }
            throw CheckEnd.failed("an instance was made without the required \"\(option.name)\"")
        }
    }

    private static func secretNeverLogged(_ bench: Bench) throws {
        let kind = try bench.kind()
        let secrets = KindOptions.specifications(kind).filter { $0.type == .secret }.map(\.name)
        guard !secrets.isEmpty else { throw CheckEnd.skipped("no option is a secret") }
        let canary = "cAnArY-0f-thE-cOnfOrmAncE-k1t"
        var words = [canary]
        let given = try bench.values()
        words += secrets.compactMap { given.string($0) }.filter { $0.utf8.count >= 4 }
        bench.shown = []
        for isCanary in [false, true] {
            var values = given
            if isCanary { for name in secrets { values[name] = .string(canary) } }
            if let instance = try? bench.tested.make(kind, values, Call()) {
                _ = try? bench.tested.provoke(instance, bench)
                try? bench.use(instance)
            }
        }
        var seen = bench.shown ?? []
        seen += TestHost.record.withLock { $0.lines }
        seen += CallFailure.all.withLock { $0.flatMap(\.texts) }
        for word in words {
            if let text = seen.first(where: { $0.contains(word) }) {
                throw CheckEnd.failed(
                    "a secret is shown: \(text.replacing(word, with: "<the secret>"))")
            }
        }
    }

    private static func reloadOrRefuse(_ bench: Bench) throws {
        let kind = try bench.kind()
        let reloadable = KindOptions.specifications(kind)
            .filter { $0.flags.contains(.reloadable) }.map(\.name)
        guard let reload = kind.pointee.reload else {
            return try require(
                reloadable.isEmpty, "\(reloadable) are RELOADABLE, and there is no reload")
        }
        let instance = try bench.instance()
        let arena = Arena()
        let passed = KindOptions.passed(kind, try bench.values(), arena)
            .filter { reloadable.contains(String($0.name)) }
        try Call().run("reload") {
            _, error in reload(instance.pointer, arena.array(passed), passed.count, error)
        }
        withExtendedLifetime(arena) {}
        try bench.use(instance)
    }

    private static func badEndpoint(_ bench: Bench) throws {
        guard let bad = bench.configuration.badEndpoint else {
            throw CheckEnd.skipped("conformance.toml names no [bad_endpoint]")
        }
        let start = MonotonicClock.nanoseconds()
        var isRefused = false
        do {
            try bench.use(try bench.instance(bad))
        } catch let failure as CallFailure {
            isRefused = true
            try require(!failure.message.isEmpty, "a bad endpoint is refused without saying why")
        }
        try require(isRefused, "what cannot be reached answers")
        let milliseconds = (MonotonicClock.nanoseconds() - start) / 1_000_000
        try require(milliseconds < 10_000, "a bad endpoint took \(milliseconds) ms")
    }

    private static func twoInstances(_ bench: Bench) throws {
        let first = try bench.instance()
        let second = try bench.instance()
        try bench.use(first)
        try bench.use(second)
        first.destroy()
        try bench.use(second)
    }
}

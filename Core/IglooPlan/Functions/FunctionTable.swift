// SPDX-License-Identifier: MIT

public import IglooArrow

/// A function or operator: declared here once; binder, kernels, help and documentation follow.
public struct FunctionEntry: Sendable {
    public enum Kind: Hashable, Sendable {
        /// `window`: only with OVER; aggregates may stand there as well.
        case scalar, aggregate, window
    }

    public enum Volatility: Hashable, Sendable {
        /// The same arguments give the same result, always: may be folded.
        case immutable
        /// ... within one statement: `now()`.
        case stable
        /// Each call may give another result: `random()`.
        case volatile
    }

    /// Lower case; operators by their sign: `+`, `<>`, `||`; `and`, `or`, `not`.
    public var name: String
    public var kind: Kind
    public var overloads: [Overload]
    public var volatility: Volatility
    /// A NULL argument makes the result NULL, and the kernel never sees it.
    public var propagatesNull: Bool
    /// May raise an error for some arguments (overflow, division, bad input), so that it is never
    /// evaluated for rows a condition has removed, nor offered to a source.
    public var canFail: Bool
    /// A sentence for the user.
    public var documentation: String
    /// A call and its result, as `igloo -c` prints it: `upper('a')` -> `A`. Each is a test.
    public var example: (call: String, result: String)?

    public init(
        _ name: String, _ kind: Kind, _ overloads: [Overload],
        volatility: Volatility = .immutable, propagatesNull: Bool = true, canFail: Bool = false,
        _ documentation: String, example: (call: String, result: String)? = nil
    ) {
        self.name = name
        self.kind = kind
        self.overloads = overloads
        self.volatility = volatility
        self.propagatesNull = propagatesNull
        self.canFail = canFail
        self.documentation = documentation
        self.example = example
    }

    /// A scalar function.
    public init(
        _ name: String, _ overloads: [Overload], volatility: Volatility = .immutable,
        propagatesNull: Bool = true, canFail: Bool = false, _ documentation: String,
        example: (call: String, result: String)? = nil
    ) {
        self.init(
            name, .scalar, overloads, volatility: volatility, propagatesNull: propagatesNull,
            canFail: canFail, documentation, example: example)
    }
}

/// One way to call a function.
public struct Overload: Sendable {
    /// For help and errors: `(text, integer) -> text`.
    public var signature: String
    /// Given the types of the arguments, the types they must be cast to and the result's; `nil`
    /// when this overload does not take them. `null` is the type of a bare NULL; a literal text
    /// whose type is open is handled by the binder, which tries other types for it.
    public var resolve: @Sendable ([DataType]) -> Resolution?

    public init(
        _ signature: String, resolve: @escaping @Sendable ([DataType]) -> Resolution?
    ) {
        self.signature = signature
        self.resolve = resolve
    }

    public struct Resolution: Hashable, Sendable {
        public var parameters: [DataType]
        public var result: DataType

        public init(_ parameters: [DataType], _ result: DataType) {
            self.parameters = parameters
            self.result = result
        }
    }
}

/// All functions and operators, by name.
public enum FunctionTable {
    /// By subject, as the reference shows them.
    public static let sections: [(title: String, entries: [FunctionEntry])] = [
        ("Operators", operators), ("Conditions", conditionals + nullCounts),
        ("Numbers", mathematics + numbers), ("Texts", strings + texts),
        ("Byte strings", byteStrings),
        ("Patterns", patterns), ("Dates and times", datesAndTimes + timeFormats),
        ("Lists", lists + arrays), ("Lambdas and fields", lambdas),
        ("Structures and maps", structures),
        ("Network addresses", networkAddresses), ("Enumerated types", enumerations),
        ("Sequences", sequences),
        ("JSON", json + jsonEditing + jsonb), ("Session", session), ("Aggregates", aggregates),
        ("Window functions", windows),
    ]

    public static let entries: [FunctionEntry] = sections.flatMap(\.entries)

    private static let byName: [String: FunctionEntry] = Dictionary(
        entries.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })

    /// Whether an aggregate's result depends on the order of its rows, as ORDER BY within it says.
    public static func isOrdered(_ aggregate: String) -> Bool {
        ordered.contains(aggregate)
    }

    private static let ordered: Set<String> = [
        "array_agg", "string_agg", "first", "last", "any_value", "quantile_cont", "quantile_disc",
        "mode",
    ]

    /// Functions whose types depend on names or lambdas: only the binder makes their calls.
    public static let boundByName: Set<String> = Set((lambdas + enumerations).map(\.name))

    public static func entry(_ name: String) -> FunctionEntry? { byName[name] }

    /// The overload that takes these arguments with the fewest casts; the first among equals.
    public static func resolve(_ name: String, _ arguments: [DataType]) -> Overload.Resolution? {
        guard let entry = byName[name] else { return nil }
        var best: (resolution: Overload.Resolution, casts: Int)?
        for overload in entry.overloads {
            guard let resolution = overload.resolve(arguments) else { continue }
            let casts = zip(resolution.parameters, arguments).count { $0 != $1 }
            if best.map({ casts < $0.casts }) ?? true { best = (resolution, casts) }
        }
        return best?.resolution
    }
}

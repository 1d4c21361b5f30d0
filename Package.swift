// swift-tools-version: 6.2
// SPDX-License-Identifier: MIT
//
// Targets stand in layer order: each knows only what stands above it, and `Scripts/lint` checks
// the table of docs/ARCHITECTURE.md against what is declared here. The functions at the end apply
// the shared settings.
import PackageDescription

let package = Package(
    name: "igloo",
    products: [
        .executable(name: "igloo", targets: ["igloo"]),
        .library(name: "igloo-csv", type: .dynamic, targets: ["CSVPlugin"]),
        .library(name: "igloo-json", type: .dynamic, targets: ["JSONPlugin"]),
        .library(name: "igloo-parquet", type: .dynamic, targets: ["ParquetPlugin"]),
        .library(name: "igloo-sqlite", type: .dynamic, targets: ["SQLitePlugin"]),
        .library(name: "igloo-postgres", type: .dynamic, targets: ["PostgresPlugin"]),
        .library(
            name: "igloo-sqlite-metadata", type: .dynamic, targets: ["SQLiteMetadataStorePlugin"]),
        .library(name: "igloo-memory-cache", type: .dynamic, targets: ["MemoryCachePlugin"]),
        .library(name: "igloo-tcp", type: .dynamic, targets: ["TCPTransportPlugin"]),
        .library(name: "igloo-http", type: .dynamic, targets: ["HTTPFrontEndPlugin"]),
        .library(name: "igloo-geo", type: .dynamic, targets: ["GeoFunctionPlugin"]),
        // What plugins in Swift are made of, for packages of their own.
        .library(
            name: "IglooSDK", targets: ["CIgloo", "IglooSDK", "IglooContracts", "IglooArrow"]),
        .library(name: "memory-test-plugin", type: .dynamic, targets: ["MemoryPlugin"]),
    ],
    targets: [
        // The libraries of the system, named once.
        system("CZstd"), system("CLZ4"), system("CSnappy"), system("CBrotli"), system("CZlib"),
        system("CSQLite"), system("CPostgres"), system("CLibedit"), system("CLibltdl"),
        system("CCrypto"),

        // The border: the C ABI and the Arrow C Data Interface.
        .target(name: "CIgloo", path: "SDK/CIgloo", publicHeadersPath: "include"),

        // The base: what both sides of the border are made of.
        .target(name: "CIglooKernels", path: "Core/CIglooKernels", publicHeadersPath: "include"),
        core("IglooArrow", ["CIgloo"], unsafe: true),
        core(
            "IglooCompression",
            ["CIglooKernels", "CZstd", "CLZ4", "CSnappy", "CBrotli", "CZlib"], unsafe: true),
        core("IglooArrowIPC", ["IglooArrow", "CLZ4", "CZstd"], unsafe: true),
        core("IglooContracts", ["IglooArrow"]),
        // The ABI's strings, bytes and errors as Swift values, for both halves of the border.
        sdk("IglooABI", ["CIgloo", "IglooContracts"]),

        // The engine.
        core("IglooPlan", ["IglooArrow", "IglooContracts"]),
        core("IglooSQL", ["IglooArrow", "IglooContracts", "IglooPlan"]),
        core("IglooPlanner", ["IglooArrow", "IglooContracts", "IglooPlan"]),
        core(
            "IglooExecution",
            ["IglooArrow", "IglooContracts", "IglooPlan", "CIglooKernels", "CLZ4"],
            unsafe: true),
        core("IglooTables", ["IglooArrow", "IglooContracts", "IglooPlan"], unsafe: true),
        .target(
            name: "CIglooTOML", path: "Core/CIglooTOML", publicHeadersPath: "include",
            cxxSettings: [.unsafeFlags(["-std=c++17"])]),
        core(
            "IglooPlugins",
            [
                "IglooArrow", "IglooContracts", "IglooABI", "CIgloo", "CIglooTOML", "CLibltdl",
                "CCrypto",
            ],
            unsafe: true),
        core(
            "IglooEngine",
            [
                "IglooArrow", "IglooContracts", "IglooPlan", "IglooSQL", "IglooPlanner",
                "IglooExecution", "IglooFormats", "IglooTables", "IglooPlugins",
            ]),

        // The SDK: what plugins are made of.
        sdk("IglooSDK", ["CIgloo", "IglooABI", "IglooArrow", "IglooContracts"]),
        // The conformance kit, a host of its own for plugins under test.
        .target(
            name: "CIglooConformance", path: "SDK/CIglooConformance", publicHeadersPath: "include"),
        sdk(
            "IglooConformance",
            [
                "CIgloo", "CIglooConformance", "IglooABI", "IglooArrow", "IglooArrowIPC",
                "IglooContracts", "IglooPlugins",
            ]),
        .target(name: "CIglooFiles", path: "SDK/CIglooFiles", publicHeadersPath: "include"),
        sdk(
            "IglooFiles", ["IglooArrow", "IglooContracts", "IglooCompression", "CIglooFiles"]),
        sdk(
            "IglooParquet",
            [
                "IglooArrow", "IglooContracts", "IglooCompression", "IglooFiles", "CIglooKernels",
            ]),
        // Results as files: what the shell prints and COPY writes.
        target(
            "IglooFormats", "SDK/IglooFormats",
            ["IglooArrow", "IglooArrowIPC", "IglooCompression", "IglooContracts", "IglooParquet"],
            unsafe: false),

        // Plugins: the connector itself, which tests can link, and the shared object's entry.
        connector("CSV", ["IglooFiles", "CIglooFiles"]), note("CSV"), plugin("CSV"),
        connector("JSON", ["IglooFiles", "CIglooFiles"]), note("JSON"), plugin("JSON"),
        connector("Parquet", ["IglooFiles", "IglooParquet"]), note("Parquet"), plugin("Parquet"),
        connector("SQLite", ["IglooFiles", "CSQLite"]), note("SQLite"), plugin("SQLite"),
        connector("Postgres", ["IglooFiles", "CPostgres"]), note("Postgres"), plugin("Postgres"),
    ] + service("MetadataStore", "SQLite", ["CSQLite"])
        + service("Cache", "Memory", ["IglooArrowIPC"])
        + service("Transport", "TCP", ["IglooArrowIPC"])
        + service("FrontEnd", "HTTP", ["IglooArrowIPC", "IglooFormats"])
        + service("Function", "Geo", []) + [

            // Hosts.
            host(
                "IglooShell", "Hosts/igloo/Shell",
                [
                    "IglooArrow", "IglooContracts", "IglooEngine", "IglooFormats", "CLibedit",
                ]),
            // The files of new plugins, linked into the program.
            .target(
                name: "CIglooTemplates", path: "Hosts/igloo/Templates", exclude: ["Files"],
                publicHeadersPath: "include"),
            host(
                "IglooCommands", "Hosts/igloo/Commands",
                [
                    "CIglooTemplates", "IglooConformance", "IglooContracts", "IglooEngine",
                    "IglooFormats",
                    "IglooPlugins",
                    "IglooShell",
                ]),
            .executableTarget(
                name: "igloo", dependencies: ["IglooCommands"], path: "Hosts/igloo/Main",
                swiftSettings: swiftSettings(unsafe: false), linkerSettings: sanitizerSettings()),
        ] + tests,
    swiftLanguageModes: [.v6],
    cxxLanguageStandard: .cxx17
)

// MARK: - Tests

/// One test target a module. With `IGLOO_ONLY=Module,Other` in the environment only the tests of
/// these modules are built, so that a change is tested in seconds.
var tests: [Target] {
    let all = [
        test("IglooArrow", ["CIgloo", "IglooArrowTesting"]),
        test("IglooCompression"),
        test("IglooArrowIPC", ["IglooArrow", "IglooArrowTesting"]),
        test("IglooContracts", ["IglooArrow", "IglooArrowTesting"]),
        test("IglooPlan", ["IglooArrow", "IglooContracts"]),
        test("IglooSQL", ["IglooArrow", "IglooContracts", "IglooPlan"]),
        test("IglooPlanner", ["IglooArrow", "IglooContracts", "IglooPlan"]),
        test(
            "IglooExecution",
            ["IglooArrow", "IglooArrowTesting", "IglooContracts", "IglooPlan"]),
        test("IglooTables", ["IglooArrow", "IglooContracts", "IglooPlan"]),
        test(
            "IglooPlugins",
            [
                "BorderBenchmark", "CIgloo", "IglooABI", "IglooArrow", "IglooArrowTesting",
                "IglooContracts", "MemoryConnector", "ProbeHost",
            ]),
        test(
            "IglooEngine",
            [
                "IglooSQL", "IglooArrow", "IglooContracts", "IglooPlan", "IglooPlugins",
                "IglooSQLLogic", "IglooEngineTesting", "IglooArrowTesting",
            ]),
        test("IglooSQLLogic"),
        test("IglooSDK", ["IglooABI", "IglooArrow", "IglooContracts", "CIgloo"]),
        test(
            "IglooConformance",
            ["IglooArrow", "IglooConnectorTesting", "IglooContracts", "IglooPlugins", "igloo"]),
        test(
            "IglooFiles",
            ["IglooArrow", "IglooConnectorTesting", "IglooContracts", "IglooCompression"]),
        test(
            "IglooParquet",
            [
                "IglooArrow", "IglooArrowIPC", "IglooArrowTesting", "IglooCompression",
                "IglooContracts", "IglooFiles",
            ]),
        test(
            "CSVConnector", ["IglooArrow", "IglooConnectorTesting", "IglooContracts", "IglooFiles"]),
        test(
            "JSONConnector",
            ["IglooArrow", "IglooConnectorTesting", "IglooContracts", "IglooFiles"]),
        test(
            "ParquetConnector",
            ["IglooArrow", "IglooConnectorTesting", "IglooContracts", "IglooFiles", "IglooParquet"]),
        test(
            "SQLiteConnector",
            [
                "IglooArrow", "IglooConformance", "IglooConnectorTesting", "IglooContracts",
                "CSQLite",
            ]),
        test(
            "PostgresConnector",
            [
                "IglooArrow", "IglooArrowTesting", "IglooConformance", "IglooConnectorTesting",
                "IglooContracts", "IglooEngine", "IglooEngineTesting", "IglooSQLLogic", "igloo",
            ]),
        test("SQLiteMetadataStore", ["IglooContracts", "IglooPlugins"]),
        test(
            "TCPTransport", ["IglooArrow", "IglooArrowTesting", "IglooContracts", "IglooPlugins"]),
        test("HTTPFrontEnd", ["IglooArrow", "IglooArrowIPC", "IglooContracts", "IglooEngine"]),
        test("MemoryCache", ["IglooArrow", "IglooArrowTesting", "IglooContracts", "IglooPlugins"]),
        test(
            "IglooShell",
            ["IglooArrow", "IglooContracts", "IglooEngine", "IglooFormats", "igloo"]),
        test("IglooCommands", ["igloo"]),
    ]
    // Samples of every Arrow type, for tests only.
    let support = [
        target(
            "IglooArrowTesting", "Tests/Support/IglooArrowTesting", ["IglooArrow"], unsafe: true),
        // Folders of files, tables read as the engine reads them, runs of the conformance kit.
        target(
            "IglooConnectorTesting", "Tests/Support/IglooConnectorTesting",
            ["IglooArrow", "IglooContracts"], unsafe: true),
        // Reads and runs sqllogictest files.
        target("IglooSQLLogic", "Tests/Support/IglooSQLLogic", [], unsafe: true),
        // Sessions over the plugins that were built; the same statements with pushdown on and off.
        target(
            "IglooEngineTesting", "Tests/Support/IglooEngineTesting",
            ["IglooArrow", "IglooArrowTesting", "IglooContracts", "IglooEngine", "IglooSQLLogic"],
            unsafe: true),
        // A connector of tables in memory, with which the tests drive the plugins' border.
        target(
            "MemoryConnector", "Tests/Plugins/Memory/Connector",
            ["IglooArrow", "IglooArrowTesting", "IglooContracts"], unsafe: true),
        note("Memory", in: "Tests/Plugins"), plugin("Memory", in: "Tests/Plugins"),
        // In which plugins are tried out.
        .executableTarget(
            name: "ProbeHost", dependencies: ["IglooPlugins"], path: "Tests/Support/ProbeHost",
            swiftSettings: swiftSettings(unsafe: true), linkerSettings: sanitizerSettings()),
        // What the border costs: Scripts/bench-border.
        .executableTarget(
            name: "BorderBenchmark",
            dependencies: [
                "IglooArrow", "IglooContracts", "IglooParquet", "IglooPlugins", "ParquetConnector",
            ],
            path: "Tests/Benchmarks/Border", swiftSettings: swiftSettings(unsafe: true),
            linkerSettings: sanitizerSettings()),
    ]
    guard let only = Context.environment["IGLOO_ONLY"] else { return support + all }
    let names = only.split(separator: ",").map { "\($0)Tests" }
    return support + all.filter { names.contains($0.name) }
}

func test(_ module: String, _ dependencies: [String] = []) -> Target {
    .testTarget(
        name: "\(module)Tests",
        dependencies: ([module] + dependencies).map { .init(stringLiteral: $0) },
        path: "Tests/\(module)Tests", swiftSettings: swiftSettings(unsafe: true),
        linkerSettings: sanitizerSettings())
}

// MARK: - Shared settings

/// Plugins find a sanitizer's runtime in the program that loads them.
func sanitizerSettings() -> [LinkerSetting] {
    Context.environment["IGLOO_SANITIZER"] == nil
        ? [] : [.unsafeFlags(["-Xlinker", "--export-dynamic"])]
}

/// Every warning is an error while developing; a released tag must still build with the next
/// compiler, whose warnings we cannot know.
func swiftSettings(unsafe: Bool) -> [SwiftSetting] {
    var settings: [SwiftSetting] = [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
    ]
    if Context.gitInformation?.currentTag == nil {
        settings.append(.treatAllWarnings(as: .error))
    }
    if !unsafe { settings.append(.strictMemorySafety()) }
    // Debug builds, and so the tests, look for overlapping accesses; each look costs a call.
    settings.append(
        .unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release)))
    #if arch(x86_64)
        settings.append(.unsafeFlags(["-Xcc", "-march=x86-64-v3"]))
    #endif
    return settings
}

func target(_ name: String, _ path: String, _ dependencies: [String], unsafe: Bool) -> Target {
    .target(
        name: name, dependencies: dependencies.map { .init(stringLiteral: $0) }, path: path,
        swiftSettings: swiftSettings(unsafe: unsafe))
}

func core(_ name: String, _ dependencies: [String], unsafe: Bool = false) -> Target {
    target(name, "Core/\(name)", dependencies, unsafe: unsafe)
}

func sdk(_ name: String, _ dependencies: [String]) -> Target {
    target(name, "SDK/\(name)", dependencies, unsafe: true)
}

func connector(_ name: String, _ dependencies: [String]) -> Target {
    target(
        "\(name)Connector", "Plugins/Connectors/\(name)/Connector",
        ["IglooArrow", "IglooContracts"] + dependencies, unsafe: true)
}

/// The ELF note of a plugin, which is data that only C can place in its section.
func note(_ name: String, in folder: String = "Plugins/Connectors") -> Target {
    .target(
        name: "\(name)PluginNote", dependencies: ["CIgloo"], path: "\(folder)/\(name)/Note",
        publicHeadersPath: ".")
}

/// A shared object with the Swift runtime inside, which exports its entry point and nothing else.
func plugin(_ name: String, in folder: String = "Plugins/Connectors") -> Target {
    plugin("\(name)Plugin", "\(folder)/\(name)", of: "\(name)Connector", note: "\(name)PluginNote")
}

/// A plugin of something else than connectors: what it does, which tests can link, its note, its
/// entry. `service("MetadataStore", "SQLite", ...)` stands in `Plugins/MetadataStores/SQLite`.
func service(_ kind: String, _ name: String, _ dependencies: [String]) -> [Target] {
    let folder = "Plugins/\(kind)s/\(name)"
    let whole = name + kind
    return [
        target(
            whole, "\(folder)/\(kind)", ["IglooArrow", "IglooContracts"] + dependencies,
            unsafe: true),
        .target(
            name: "\(whole)PluginNote", dependencies: ["CIgloo"], path: "\(folder)/Note",
            publicHeadersPath: "."),
        plugin("\(whole)Plugin", folder, of: whole, note: "\(whole)PluginNote"),
    ]
}

func plugin(_ target: String, _ folder: String, of code: String, note: String) -> Target {
    var linker = [
        "-static-stdlib",
        "-Xlinker", "--version-script=\(Context.packageDirectory)/SDK/CIgloo/igloo.map",
        "-Xlinker", "-z", "-Xlinker", "now",
        "-Xlinker", "-z", "-Xlinker", "nodelete",
    ]
    // A sanitizer's runtime is found in the program that loads the plugin.
    if Context.environment["IGLOO_SANITIZER"] == nil {
        linker += ["-Xlinker", "-z", "-Xlinker", "defs"]
    }
    let dependencies = ["CIgloo", "IglooSDK", code, note]
    return .target(
        name: target, dependencies: dependencies.map { .init(stringLiteral: $0) },
        path: "\(folder)/Plugin", swiftSettings: swiftSettings(unsafe: true),
        linkerSettings: [.unsafeFlags(linker)])
}

func host(_ name: String, _ path: String, _ dependencies: [String]) -> Target {
    target(name, path, dependencies, unsafe: false)
}

func system(_ name: String) -> Target {
    .systemLibrary(name: name, path: "SDK/SystemLibraries/\(name)")
}

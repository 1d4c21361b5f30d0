// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// The folder of a run: the data sets as Arrow IPC files, and what their loading made of them.
struct Workspace {
    let path: String

    /// Where the data sets are, for whoever loads them.
    var data: String { "\(path)/data" }
    /// Where a loading command may leave files.
    var target: String { "\(path)/target" }

    private static let loadLimitSeconds = 900

    /// Has the configuration's command prepare the source.
    ///
    /// - Parameter withData: writes the data sets for it, which sources of rows are to hold.
    /// - Throws: with the command's last words when it fails.
    func load(
        _ configuration: Configuration, hasConfiguration: Bool, withData: Bool
    ) throws(IglooError) {
        try PlatformIO.makeFolder(data)
        try PlatformIO.makeFolder(target)
        guard hasConfiguration, let command = configuration.loadCommand else { return }
        guard withData else { return try run(command, configuration) }
        for set in DataSet.small { try set.write(to: "\(data)/\(set.name).arrow") }
        try IPCFile.write(BigData.schema, to: "\(data)/\(BigData.name).arrow") {
            (write) throws(ArrowError) in
            try BigData.writeBatches(configuration.bigRowCount, write)
        }
        try run(command, configuration)
    }

    /// Runs a command of the configuration, told by its environment where everything is.
    func run(_ command: String, _ configuration: Configuration) throws(IglooError) {
        let child = PlatformChild.run(
            ["/bin/sh", "-c", command],
            environment: ["IGLOO_DATA": data, "IGLOO_TARGET": target],
            folder: configuration.folder, limitSeconds: Self.loadLimitSeconds)
        guard let child else {
            throw IglooError(.unavailable, "the command cannot be started: \(command)")
        }
        guard child.end == .exited(0) else {
            throw IglooError(
                .unavailable, "the command ended with \(child.end): \(command)\n\(child.output)")
        }
    }

    /// Takes the data sets out of the source again, as well as that goes.
    func unload(_ configuration: Configuration) {
        guard let command = configuration.unloadCommand else { return }
        do throws(IglooError) {
            try run(command, configuration)
        } catch {
            PlatformIO.write("igloo plugin test: \(error.message)\n", to: 2)
        }
    }
}

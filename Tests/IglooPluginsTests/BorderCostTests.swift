// SPDX-License-Identifier: MIT

import Testing

@testable import IglooPlugins

/// The benchmark of the border, small: its rows are right on both ways. Times are not judged here.
@Suite struct BorderCostTests {
    @Test func bothWaysGiveTheSameRows() throws {
        let products = Folders.folder(of: PluginFixtures.memoryPlugin)
        let folder = try TemporaryFolder()
        let outcome = try PluginFixtures.run([
            products + "/BorderBenchmark", folder.path, products + "/libigloo-parquet.so", "200001",
            "2",
        ])
        #expect(outcome.status == 0 && outcome.output.contains("cost(ABI)"), "\(outcome)")
    }
}

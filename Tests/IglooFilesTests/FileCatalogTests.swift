// SPDX-License-Identifier: MIT

import Foundation
import IglooConnectorTesting
import IglooContracts
import IglooFiles
import Testing

private let csv = FileFormat(name: "csv", extensions: ["csv", "tsv"], isCompressible: true)
private let context = CallContext()

private func names(_ folder: Folder, _ name: String, path: String? = nil) throws -> [String] {
    try FileCatalog(format: csv, path: path ?? folder.path).files(name: name, context)
        .map { String($0.path.dropFirst(folder.path.count + 1)) }
}

private func failure(_ body: () throws -> Void) -> IglooError? {
    do { try body() } catch { return error as? IglooError }
    return nil
}

@Suite struct FileCatalogTests {
    @Test func namesAndPaths() throws {
        let folder = try Folder()
        for name in [
            "orders.csv", "Big.CSV", "packed.csv.gz", "year/2024/a.csv", "year/2025/b.tsv",
            "year/_tmp/c.csv", ".hidden.csv", "notes.txt", "x[1].csv",
        ] { try folder.write(name) }
        #expect(try names(folder, "orders") == ["orders.csv"])
        #expect(try names(folder, "ORDERS") == ["orders.csv"])
        #expect(try names(folder, "big") == ["Big.CSV"])
        #expect(try names(folder, "packed") == ["packed.csv.gz"])
        #expect(try names(folder, "year") == ["year/2024/a.csv", "year/2025/b.tsv"])
        #expect(try names(folder, "orders.csv") == ["orders.csv"])
        #expect(try names(folder, "x[1].csv") == ["x[1].csv"])
        #expect(try names(folder, "*.csv") == ["orders.csv", "x[1].csv"])
        #expect(try names(folder, "**/*.csv").count == 4)
        #expect(try names(folder, "year/{2024,2025}/[ab].?sv").count == 2)
        #expect(try names(folder, folder.path + "/orders.csv") == ["orders.csv"])
        let tables = try FileCatalog(format: csv, path: folder.path)
            .listTables(prefix: "", context).map(\.name)
        #expect(tables == ["Big", "orders", "packed", "x[1]", "year"])
    }

    @Test func oneTable() throws {
        let folder = try Folder()
        try folder.write("data/day-1.csv")
        try folder.write("data/day-2.csv")
        let pattern = folder.path + "/data/day-*.csv"
        #expect(try names(folder, "day", path: pattern).count == 2)
        #expect(try names(folder, "data", path: folder.path + "/data/*.csv").count == 2)
        let file = folder.path + "/data/day-1.csv"
        #expect(try names(folder, "day-1", path: file) == ["data/day-1.csv"])
        #expect(failure { _ = try names(folder, "other", path: file) }?.code == .notFound)
    }

    @Test func errorsSayWhatAndWhere() throws {
        let folder = try Folder()
        try folder.write("orders.csv")
        try folder.write("twice.csv")
        try folder.write("twice.tsv")
        try FileManager.default.createDirectory(
            atPath: folder.path + "/none", withIntermediateDirectories: true)
        let missing = try #require(failure { _ = try names(folder, "order") })
        #expect(missing.code == .notFound && missing.hint == "did you mean 'orders'?")
        let noMatch = try #require(failure { _ = try names(folder, "ordrs*.csv") })
        #expect(noMatch.code == .notFound && noMatch.message.contains("ordrs*.csv"))
        #expect(noMatch.hint?.contains("orders.csv") == true)
        #expect(failure { _ = try names(folder, "twice") }?.code == .invalidArgument)
        #expect(failure { _ = try names(folder, "../x.csv") }?.code == .invalidArgument)
        #expect(failure { _ = try names(folder, "/etc/x.csv") }?.code == .invalidArgument)
        #expect(failure { _ = try names(folder, "a[.csv") }?.code == .invalidArgument)
        #expect(failure { _ = try names(folder, "a{b.csv") }?.code == .invalidArgument)
        #expect(failure { _ = try names(folder, "none") }?.code == .notFound)
        #expect(
            failure { _ = try FileReader(path: folder.path) }?.message.contains("directory")
                == true)
        #expect(failure { _ = try FileReader(path: "/dev/null") }?.code == .invalidArgument)
    }

    @Test func loopsOfLinksEnd() throws {
        let folder = try Folder()
        try folder.write("a/b.csv")
        try FileManager.default.createSymbolicLink(
            atPath: folder.path + "/a/loop", withDestinationPath: folder.path)
        #expect(try names(folder, "**/*.csv").contains("a/b.csv"))
    }

    @Test func noPermission() throws {
        guard getuid() != 0 else {
            print("skipped: root may read everything")
            return
        }
        let folder = try Folder()
        let path = try folder.write("secret.csv")
        chmod(path, 0)
        #expect(failure { _ = try FileReader(path: path) }?.code == .permissionDenied)
    }
}

@Suite struct FileReaderTests {
    @Test func readsAndNoticesChanges() throws {
        let folder = try Folder()
        let path = try folder.write("a.csv", "0123456789")
        let reader = try FileReader(path: path)
        var buffer = [UInt8](repeating: 0, count: 8)
        let count = try buffer.withUnsafeMutableBytes { bytes throws(IglooError) in
            try reader.read(at: 4, into: bytes)
        }
        #expect(count == 6 && buffer[0] == UInt8(ascii: "4"))
        try reader.checkUnchanged()
        #expect(truncate(path, 5) == 0)
        let short = failure {
            _ = try buffer.withUnsafeMutableBytes { bytes throws(IglooError) in
                try reader.read(at: 4, into: bytes)
            }
        }
        #expect(short?.code == .invalidState)
        #expect(failure { try reader.checkUnchanged() }?.code == .invalidState)
        #expect(failure { _ = try FileReader(reader.reference) }?.code == .invalidState)
    }
}

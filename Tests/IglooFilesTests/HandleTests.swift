// SPDX-License-Identifier: MIT

import IglooArrow
import IglooConnectorTesting
import IglooContracts
import IglooFiles
import Testing

@Suite struct HandleTests {
    private let schema = Schema([
        Field("a", .int64), Field("ü", .list(Field("item", .structure([Field("x", .utf8View)])))),
        Field("t", .timestamp(.microsecond, timeZone: "UTC"), isNullable: false),
    ])
    private let files = [
        FileReference(
            path: "/data/a-1.csv",
            identity: FileIdentity(byteCount: 7, modifiedNanoseconds: -3, inode: UInt64.max)),
        FileReference(
            path: "/data/a-22.csv",
            identity: FileIdentity(byteCount: 0, modifiedNanoseconds: 99, inode: 1)),
    ]

    private func encoded() throws -> [UInt8] {
        var encoder = HandleEncoder(tag: 1)
        encoder.append(Int64.min)
        encoder.append(Int64.max)
        encoder.append(0.25)
        encoder.append(["x", ""])
        try encoder.append(schema)
        encoder.append(files)
        return encoder.bytes
    }

    private func decode(_ bytes: [UInt8]) throws(IglooError) {
        var decoder = try HandleDecoder(bytes, tag: 1, "test handle")
        let numbers = (try decoder.int64(), try decoder.int64(), try decoder.double())
        let texts = try decoder.strings()
        let (schema, files) = (try decoder.schema(), try decoder.files())
        try decoder.expectEnd()
        if numbers == (.min, .max, 0.25) && texts == ["x", ""] && schema == self.schema
            && files == self.files
        {
            return
        }
        throw IglooError(.internalError, "decoded something else")
    }

    @Test func roundTrip() throws { try decode(try encoded()) }

    @Test func everyTruncationAndFlipIsAnError() throws {
        let bytes = try encoded()
        for count in 0..<bytes.count {
            #expect(throws: IglooError.self) { try decode(Array(bytes[..<count])) }
        }
        for index in bytes.indices {
            for bit in 0..<8 {
                var flipped = bytes
                flipped[index] ^= 1 << UInt8(bit)
                #expect(throws: IglooError.self) { try decode(flipped) }
            }
        }
    }
}

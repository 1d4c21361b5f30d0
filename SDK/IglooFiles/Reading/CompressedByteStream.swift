// SPDX-License-Identifier: MIT

import IglooContracts

/// What a compressed file holds.
final class CompressedByteStream: ByteStream, @unchecked Sendable {
    init(_ reader: FileReader, _ compression: FileCompression) throws(IglooError) {
        throw IglooError(.unsupported, "'\(reader.path)' is compressed (\(compression))")
    }
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(IglooError) -> Int { 0 }
    func checkUnchanged() throws(IglooError) {}
}

// SPDX-License-Identifier: MIT

/// The metadata of the C Data Interface: int32 number of pairs, then for each key and value an
/// int32 byte count and the bytes; all numbers in the machine's byte order.
enum MetadataString {
    static func encode(_ metadata: Metadata) -> [CChar] {
        var bytes: [CChar] = []
        func append(_ number: Int) {
            withUnsafeBytes(of: Int32(clamping: number)) {
                bytes.append(contentsOf: $0.map { CChar(bitPattern: $0) })
            }
        }
        append(metadata.pairs.count)
        for pair in metadata.pairs {
            for text in [pair.key, pair.value] {
                append(text.utf8.count)
                bytes.append(contentsOf: text.utf8.map { CChar(bitPattern: $0) })
            }
        }
        return bytes
    }

    /// Reads pairs from memory that does not say where it ends: the producer vouches for it.
    static func decode(_ pointer: UnsafePointer<CChar>?) throws(ArrowError) -> Metadata {
        guard let pointer else { return [:] }
        var next = UnsafeRawPointer(pointer)
        func number() throws(ArrowError) -> Int {
            let number = next.loadUnaligned(as: Int32.self)
            next += 4
            guard number >= 0 else {
                throw ArrowError(
                    .invalid, "a count in the schema's metadata is negative: \(number)")
            }
            return Int(number)
        }
        func text() throws(ArrowError) -> String {
            let count = try number()
            defer { next += count }
            return String(
                decoding: UnsafeRawBufferPointer(start: next, count: count), as: UTF8.self)
        }
        var pairs: [Metadata.Pair] = []
        for _ in 0..<(try number()) {
            let key = try text()
            pairs.append(Metadata.Pair(key: key, value: try text()))
        }
        return Metadata(pairs)
    }
}

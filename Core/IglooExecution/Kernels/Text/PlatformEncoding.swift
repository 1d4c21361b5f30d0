// SPDX-License-Identifier: MIT

import Glibc

/// The C library's conversion between encodings of text.
final class PlatformEncoding {
    enum Failure: Error {
        case unknown
        /// Where the bytes stop to be of the encoding, or to have a place in the other.
        case invalid(at: Int)
    }

    private let handle: iconv_t

    init(from: String, to: String) throws(Failure) {
        handle = iconv_open(to, from)
        guard Int(bitPattern: handle) != -1 else { throw .unknown }
    }

    deinit { _ = iconv_close(handle) }

    func converted(_ bytes: UnsafeRawBufferPointer) throws(Failure) -> [UInt8] {
        var result: [UInt8] = []
        var place = 0
        var room = max(bytes.count * 2, 32)
        _ = iconv(handle, nil, nil, nil, nil)
        while true {
            let before = result.count
            result.append(contentsOf: repeatElement(0, count: room))
            var left = bytes.count - place
            var free = room
            var status = 0
            var code: Int32 = 0
            result.withUnsafeMutableBytes { out in
                let start = bytes.baseAddress.map { UnsafeMutableRawPointer(mutating: $0) + place }
                var input = start?.assumingMemoryBound(to: CChar.self)
                var output = out.baseAddress.map {
                    ($0 + before).assumingMemoryBound(to: CChar.self)
                }
                status = iconv(handle, &input, &left, &output, &free)
                code = errno
            }
            result.removeLast(free)
            place = bytes.count - left
            if status != -1 { return result }
            guard code == E2BIG else { throw .invalid(at: place) }
            room *= 2
        }
    }
}

// SPDX-License-Identifier: MIT

import Glibc

/// What is said to the user beside a command's result.
enum PlatformMessages {
    static func write(_ text: String) {
        let bytes = Array(text.utf8)
        _ = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(2, $0.baseAddress, $0.count) }
    }
}

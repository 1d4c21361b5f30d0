// SPDX-License-Identifier: MIT
import Glibc

/// The errno values that the C Stream Interface answers with.
enum PlatformErrno {
    static let invalidArgument = EINVAL
    static let outOfMemory = ENOMEM
    static let notImplemented = ENOSYS
}

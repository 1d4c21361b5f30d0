// SPDX-License-Identifier: MIT

import Glibc

/// Who, but root and the user of this process, could change a file or put another in its place.
enum Ownership {
    struct Weakness {
        var found: String
        var wanted: String
        var advice: String
    }

    /// The first weakness of a file and of all folders above it; `nil` = there is none.
    ///
    /// Folders with the sticky bit (`/tmp`) may be writable by all: nobody replaces in them what is
    /// not theirs.
    ///
    /// - Parameter path: without links.
    static func weakness(of path: String) -> Weakness? {
        var place = path
        while true {
            if let weakness = weakness(at: place, writers: S_IWGRP | S_IWOTH, checksOwner: true) {
                return weakness
            }
            guard place != "/" else { return nil }
            place = Folders.folder(of: place)
        }
    }

    /// What even development does not excuse: everybody may write the file or its folder.
    static func openDoor(of path: String) -> Weakness? {
        weakness(at: path, writers: S_IWOTH, checksOwner: false)
            ?? weakness(at: Folders.folder(of: path), writers: S_IWOTH, checksOwner: false)
    }

    private static func weakness(
        at path: String, writers: mode_t, checksOwner: Bool
    ) -> Weakness? {
        var status = stat()
        guard lstat(path, &status) == 0 else {
            return Weakness(
                found: "\(path), which cannot be looked at: \(String(cString: strerror(errno)))",
                wanted: "a path that this user may look at", advice: "check its folders' modes")
        }
        let user = geteuid()
        if checksOwner && status.st_uid != 0 && status.st_uid != user {
            return Weakness(
                found: "\(path) owned by user \(status.st_uid)",
                wanted: user == 0 ? "root (0)" : "root (0) or user \(user)",
                advice: "chown \(user) \(path)")
        }
        let isSticky = status.st_mode & S_IFMT == S_IFDIR && status.st_mode & S_ISVTX != 0
        let open = status.st_mode & writers
        guard open != 0, !isSticky else { return nil }
        let who = [(S_IWGRP, "g"), (S_IWOTH, "o")].filter { open & $0.0 != 0 }.map(\.1).joined()
        return Weakness(
            found: "\(path) with mode \(octal(status.st_mode & 0o7777))",
            wanted: "nobody but its owner may write it", advice: "chmod \(who)-w \(path)")
    }

    private static func octal(_ mode: mode_t) -> String {
        let digits = String(mode, radix: 8)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}

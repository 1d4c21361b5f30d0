// SPDX-License-Identifier: MIT

/// Where this program keeps what it is made of, and what may be lost.
public enum HostFolders {
    /// Folders of plugins: beside the program, in the build folder, or where packages put libraries.
    public static var plugins: [String] {
        guard let path = program, let slash = path.lastIndex(of: "/") else { return [] }
        let folder = String(path[..<slash])
        return [folder + "/plugins", folder, folder + "/../lib/igloo/plugins"]
    }

    /// The file of this program.
    public static var program: String? { PlatformTerminal.executablePath }

    /// By the XDG Base Directory Specification; `nil` for a user without a home.
    public static var cache: String? {
        if let folder = PlatformTerminal.environment("XDG_CACHE_HOME"), folder.hasPrefix("/") {
            return folder + "/igloo"
        }
        guard let home = PlatformTerminal.environment("HOME"), home.hasPrefix("/") else {
            return nil
        }
        return home + "/.cache/igloo"
    }
}

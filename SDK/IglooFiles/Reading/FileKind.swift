// SPDX-License-Identifier: MIT

public import IglooContracts

/// What stands at a path.
public enum FileKind: String, Sendable, CustomStringConvertible {
    case file, directory, other

    public var description: String { self == .other ? "pipe, socket or device" : rawValue }

    /// What `path` leads to, without opening it; `nil` = nothing.
    public static func of(_ path: String) throws(IglooError) -> FileKind? {
        guard let status = try PlatformFile.status(path) else { return nil }
        switch status.kind {
        case .file: return .file
        case .directory: return .directory
        case .other: return .other
        }
    }
}

// SPDX-License-Identifier: MIT

/// Paths as texts: what can be said of them without looking at the disk.
public enum PathText {
    public static func isAbsolute(_ path: String) -> Bool { path.utf8.first == UInt8(ascii: "/") }

    /// `path` as seen from `folder`, unless it is absolute.
    public static func join(_ folder: String, _ path: String) -> String {
        if isAbsolute(path) || folder.isEmpty { return path }
        if path.isEmpty { return folder }
        return folder.utf8.last == UInt8(ascii: "/") ? folder + path : folder + "/" + path
    }

    /// The part after the last slash; slashes at the end do not count.
    public static func name(_ path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? path
    }

    /// The part before the last slash; "" when there is none, "/" for what stands at the root.
    public static func parent(_ path: String) -> String {
        var trimmed = path[...]
        while trimmed.utf8.count > 1 && trimmed.utf8.last == UInt8(ascii: "/") {
            trimmed = trimmed.dropLast()
        }
        guard let slash = trimmed.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "" }
        return slash == trimmed.startIndex ? "/" : String(trimmed[..<slash])
    }

    /// Whether one of the folders in the path is `..`.
    public static func climbs(_ path: String) -> Bool { path.split(separator: "/").contains("..") }

    /// Without `.` and doubled slashes; `..` stays, since links make it mean what the disk says.
    static func tidied(_ path: String) -> String {
        let parts = path.split(separator: "/").filter { $0 != "." }
        let text = parts.joined(separator: "/")
        return isAbsolute(path) ? "/" + text : (text.isEmpty ? "." : text)
    }

    /// Byte order, the same in every locale.
    static func precedes(_ left: String, _ right: String) -> Bool {
        left.utf8.lexicographicallyPrecedes(right.utf8)
    }

    /// With `%20` and its like as the characters they stand for; what is no such triple, or would
    /// not be UTF-8, stays.
    public static func percentDecoded(_ text: String) -> String {
        guard text.utf8.contains(UInt8(ascii: "%")) else { return text }
        let bytes = Array(text.utf8)
        var plain: [UInt8] = []
        var index = 0
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "%"), index + 2 < bytes.count,
                let high = Character(Unicode.Scalar(bytes[index + 1])).hexDigitValue,
                let low = Character(Unicode.Scalar(bytes[index + 2])).hexDigitValue
            {
                plain.append(UInt8(high << 4 | low))
                index += 3
            } else {
                plain.append(bytes[index])
                index += 1
            }
        }
        return String(validating: plain, as: UTF8.self) ?? text
    }
}

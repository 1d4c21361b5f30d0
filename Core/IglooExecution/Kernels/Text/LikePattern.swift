// SPDX-License-Identifier: MIT

import CIglooKernels
import IglooArrow
import IglooContracts

/// A compiled LIKE pattern.
enum LikePattern {
    case exact([UInt8])
    case prefix([UInt8])
    case suffix([UInt8])
    /// Pieces in order anywhere between an anchored beginning and end.
    case pieces(prefix: [UInt8], middle: [[UInt8]], suffix: [UInt8])
    case general([Element])

    enum Element: Equatable {
        case byte(UInt8)
        /// `_`: one character.
        case one
        /// `%`: any characters.
        case any
    }

    /// - Parameter escape: empty for none.
    init(_ pattern: UnsafeRawBufferPointer, escape: UnsafeRawBufferPointer?) throws(IglooError) {
        let elements = try Self.elements(pattern, escape)
        if elements.contains(.one) {
            self = .general(elements)
            return
        }
        var pieces: [[UInt8]] = [[]]
        for element in elements {
            switch element {
            case .byte(let byte): pieces[pieces.count - 1].append(byte)
            default: pieces.append([])
            }
        }
        let middle = pieces.dropFirst().dropLast().filter { !$0.isEmpty }
        guard pieces.count > 1, let first = pieces.first, let last = pieces.last else {
            self = .exact(pieces[0])
            return
        }
        if middle.isEmpty && last.isEmpty {
            self = .prefix(first)
        } else if middle.isEmpty && first.isEmpty {
            self = .suffix(last)
        } else {
            self = .pieces(prefix: first, middle: Array(middle), suffix: last)
        }
    }

    private static func elements(
        _ pattern: UnsafeRawBufferPointer, _ escape: UnsafeRawBufferPointer?
    ) throws(IglooError) -> [Element] {
        let escapeBytes = escape.map { Array($0) } ?? [UInt8(ascii: "\\")]
        guard
            escapeBytes.isEmpty
                || String(decoding: escapeBytes, as: UTF8.self)
                    .unicodeScalars.count == 1
        else {
            throw IglooError(
                .invalidArgument, "invalid escape string: it must be empty or one character",
                sqlState: .invalidEscapeSequence)
        }
        var elements: [Element] = []
        var index = 0
        while index < pattern.count {
            if !escapeBytes.isEmpty, index + escapeBytes.count <= pattern.count,
                escapeBytes.indices.allSatisfy({ pattern[index + $0] == escapeBytes[$0] })
            {
                index += escapeBytes.count
                guard index < pattern.count else {
                    throw IglooError(
                        .invalidArgument, "LIKE pattern must not end with escape character",
                        sqlState: .invalidEscapeSequence)
                }
                elements.append(.byte(pattern[index]))
            } else if pattern[index] == UInt8(ascii: "%") {
                if elements.last != .any { elements.append(.any) }
            } else if pattern[index] == UInt8(ascii: "_") {
                elements.append(.one)
            } else {
                elements.append(.byte(pattern[index]))
            }
            index += 1
        }
        return elements
    }

    func matches(_ text: UnsafeRawBufferPointer) -> Bool {
        switch self {
        case .exact(let bytes): text.count == bytes.count && Self.begins(text, bytes, 0)
        case .prefix(let bytes): text.count >= bytes.count && Self.begins(text, bytes, 0)
        case .suffix(let bytes):
            text.count >= bytes.count && Self.begins(text, bytes, text.count - bytes.count)
        case .pieces(let prefix, let middle, let suffix):
            Self.matches(text, prefix, middle, suffix)
        case .general(let elements): Self.matches(text, elements)
        }
    }

    @inline(__always)
    private static func begins(
        _ text: UnsafeRawBufferPointer, _ bytes: [UInt8], _ offset: Int
    ) -> Bool {
        guard !bytes.isEmpty, let base = text.baseAddress else { return true }
        return bytes.withUnsafeBytes {
            igloo_compare(base + offset, $0.baseAddress, bytes.count) == 0
        }
    }

    private static func matches(
        _ text: UnsafeRawBufferPointer, _ prefix: [UInt8], _ middle: [[UInt8]], _ suffix: [UInt8]
    ) -> Bool {
        guard text.count >= prefix.count + suffix.count, begins(text, prefix, 0),
            begins(text, suffix, text.count - suffix.count), let base = text.baseAddress
        else { return text.isEmpty && prefix.isEmpty && suffix.isEmpty && middle.isEmpty }
        var position = prefix.count
        let end = text.count - suffix.count
        for piece in middle {
            let found = piece.withUnsafeBytes {
                igloo_find(base + position, end - position, $0.baseAddress, piece.count)
            }
            if found < 0 { return false }
            position += found + piece.count
        }
        return true
    }

    /// Greedy, going back to the last `%` only.
    private static func matches(_ text: UnsafeRawBufferPointer, _ elements: [Element]) -> Bool {
        var (position, place) = (0, 0)
        var (retryPosition, retryPlace) = (0, -1)
        while position < text.count {
            if place < elements.count {
                switch elements[place] {
                case .any:
                    (retryPosition, retryPlace) = (position, place)
                    place += 1
                    continue
                case .one:
                    position += UTF8Bytes.characterByteCount(text, position)
                    place += 1
                    continue
                case .byte(let byte) where byte == text[position]:
                    position += 1
                    place += 1
                    continue
                default: break
                }
            }
            guard retryPlace >= 0 else { return false }
            retryPosition += UTF8Bytes.characterByteCount(text, retryPosition)
            (position, place) = (retryPosition, retryPlace + 1)
        }
        while place < elements.count, elements[place] == .any { place += 1 }
        return place == elements.count
    }
}

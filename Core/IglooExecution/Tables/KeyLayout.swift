// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// How keys stand in memory: a row of words for each, equal where the keys are equal.
///
/// A single key of up to eight bytes is one word, and its NULLs are the table's business. All
/// others begin with words of bits, one for each column that is NULL; then comes a word for every
/// value of up to eight bytes, and two for wider ones. Integers of up to four bytes take half a word,
/// the first of them the upper half of the NULL bits' where that is free. Texts are views: count and
/// prefix, then the other bytes or the place where they are.
struct KeyLayout {
    enum Form { case null, bool, word, float, wide, interval, text, nested }

    struct Column {
        var type: DataType
        var form: Form
        /// The first of its words.
        var word: Int
        /// Where its bits begin in that word: 32 for upper halves.
        var shift: UInt64 = 0
        /// Whether half a word is all it has.
        var isHalf = false
    }

    let columns: [Column]
    /// Words a key.
    let stride: Int
    /// One key whose word tells it wholly.
    let isWord: Bool
    /// The first words of columns that are views.
    let viewWords: [Int]

    /// - Parameter nullsMatch: NULL is a key like others, also where there is one column only.
    /// - Throws: `unsupported` for types whose values cannot be compared.
    init(_ types: [DataType], nullsMatch: Bool = false) throws(IglooError) {
        let forms = try types.mapThrowing(Self.form)
        isWord =
            forms.count == 1 && !nullsMatch && (forms[0] == .word || forms[0] == .float)
        var word = isWord ? 0 : Self.nullWordCount(types.count)
        var columns: [Column] = []
        var viewWords: [Int] = []
        // The word whose upper half is free.
        var open = !isWord && types.count <= 32 && word > 0 ? 0 : nil as Int?
        for (type, form) in zip(types, forms) {
            if !isWord && form == .word && (type.fixedByteWidth ?? 8) <= 4 {
                let shift: UInt64 = open == nil ? 0 : 32
                columns.append(
                    Column(type: type, form: form, word: open ?? word, shift: shift, isHalf: true))
                (open, word) = open == nil ? (word, word + 1) : (nil, word)
                continue
            }
            columns.append(Column(type: type, form: form, word: word))
            switch form {
            case .null: break
            case .bool, .word, .float: word += 1
            case .wide, .interval: word += 2
            case .text, .nested:
                viewWords.append(word)
                word += 2
            }
        }
        self.columns = columns
        self.viewWords = viewWords
        stride = word
    }

    private static func nullWordCount(_ columnCount: Int) -> Int { (columnCount + 63) / 64 }

    /// Words of NULL bits at the beginning of each key.
    var nullWordCount: Int { isWord ? 0 : Self.nullWordCount(columns.count) }

    private static func form(_ type: DataType) throws(IglooError) -> Form {
        switch type {
        case .null: return .null
        case .bool: return .bool
        case .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32, .uint64, .date32, .time64,
            .timestamp, .decimal64, .duration:
            return .word
        case .float32, .float64: return .float
        case .decimal128: return .wide
        case .interval: return .interval
        case .utf8View, .binaryView: return .text
        case .list, .structure, .map: return .nested
        default: throw IglooError(.unsupported, "values of type \(type) cannot be compared")
        }
    }
}

extension KeyLayout.Form {
    /// Whether a key's words do not tell the value, but only what it is equal to.
    var isLossy: Bool { self == .interval || self == .nested }
}

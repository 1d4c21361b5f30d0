// SPDX-License-Identifier: MIT

internal import IglooArrow

extension FunctionTable {
    private static let text = DataType.utf8View
    private static let bytea = DataType.binaryView

    /// Functions of byte strings alone; many of those of texts take them as well.
    static let byteStrings: [FunctionEntry] =
        [
            FunctionEntry(
                "get_bit", [.of([bytea, .int64], .int32)], canFail: true,
                "The bit at a place, from 0 on, the lowest of the first byte first.",
                example: ("get_bit('\\x1234567890', 30)", "1")),
            FunctionEntry(
                "get_byte", [.of([bytea, .int64], .int32)], canFail: true,
                "The byte at a place, from 0 on.",
                example: ("get_byte('\\x1234567890', 4)", "144")),
            FunctionEntry(
                "set_bit", [.of([bytea, .int64, .int64], bytea)], canFail: true,
                "The bytes with another bit at a place.",
                example: ("set_bit('\\x1234567890', 30, 0)", "\\x1234563890")),
            FunctionEntry(
                "set_byte", [.of([bytea, .int64, .int64], bytea)], canFail: true,
                "The bytes with another byte at a place.",
                example: ("set_byte('\\x1234567890', 4, 64)", "\\x1234567840")),
            FunctionEntry(
                "convert_from", [.of([bytea, text], text)], canFail: true,
                "The text of bytes in an encoding.",
                example: ("convert_from('\\xe4', 'LATIN1')", "ä")),
            FunctionEntry(
                "convert_to", [.of([text, text], bytea)], canFail: true,
                "The bytes of a text in an encoding.",
                example: ("convert_to('ä', 'LATIN1')", "\\xe4")),
            FunctionEntry(
                "convert", [.of([bytea, text, text], bytea)], canFail: true,
                "The bytes of a text in one encoding as those in another.",
                example: ("convert('\\xe4', 'LATIN1', 'UTF8')", "\\xc3a4")),
        ]
        + [
            ("crc32", "The CRC-32 checksum.", "crc32('abc'::bytea)", "891568578"),
            ("crc32c", "The CRC-32C checksum.", "crc32c('abc'::bytea)", "910901175"),
        ].map { name, documentation, call, result in
            FunctionEntry(
                name, [.of([bytea], .int64)], documentation, example: (call, result))
        }
        + [
            ("sha224", "The SHA-224 digest"), ("sha384", "The SHA-384 digest"),
            ("sha512", "The SHA-512 digest"),
        ].map { name, documentation in
            FunctionEntry(
                name, [.of([text], text), .of([bytea], bytea)],
                documentation + ": hexadecimal digits of a text, bytes of bytes.")
        }
}

// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// `convert`, `convert_from` and `convert_to`: text in other encodings.
///
/// - Source: PostgreSQL 16, sections 9.5 and 24.3.
enum TextEncodings {
    static func kernel(_ call: FunctionCall) throws(IglooError) -> Kernel? {
        let count = call.parameters.count
        switch (call.name, count) {
        case ("convert_from", 2):
            return converting(call, .utf8View, from: 1, to: nil)
        case ("convert_to", 2):
            return converting(call, .binaryView, from: nil, to: 1)
        case ("convert", 3): return converting(call, .binaryView, from: 1, to: 2)
        case ("length", 2):
            let decode = converting(call, .utf8View, from: 1, to: nil)
            return { (call) throws(IglooError) in
                let decoded = Vector(try decode(call))
                return withExtendedLifetime(decoded) {
                    let texts = ViewReader(decoded)
                    return TextFunctions.numbers(call, .int64) {
                        Int64(UTF8Bytes.characterCount(texts[$0]))
                    }
                }
            }
        default: return nil
        }
    }

    /// - Parameters: which arguments name the encodings; UTF8 where none does.
    private static func converting(
        _ call: FunctionCall, _ type: DataType, from: Int?, to: Int?
    ) -> Kernel {
        { (call) throws(IglooError) in
            let reader = ViewReader(call.arguments[0])
            let sources = from.map { ViewReader(call.arguments[$0]) }
            let targets = to.map { ViewReader(call.arguments[$0]) }
            var writer = ViewWriter(count: call.count)
            var conversion: TextConversion?
            for row in 0..<call.count {
                guard call.isValid(row) else {
                    writer.appendEmpty()
                    continue
                }
                let (source, target) = (sources?[row].text ?? "UTF8", targets?[row].text ?? "UTF8")
                if conversion?.source.given != source || conversion?.target.given != target {
                    conversion = try TextConversion(
                        from: TextEncoding(source, "source"),
                        to: TextEncoding(target, "destination"))
                }
                try conversion?.write(reader[row], &writer)
                writer.close()
            }
            return writer.finish(call, type)
        }
    }
}

/// An encoding under PostgreSQL's name.
struct TextEncoding {
    let given: String
    /// In messages: `LATIN1`.
    let name: String
    /// What the C library calls it.
    let libraryName: String

    init(_ given: String, _ role: String) throws(IglooError) {
        let plain = given.uppercased().filter { $0.isLetter || $0.isNumber }
        let name = Self.synonyms[plain] ?? plain
        guard let libraryName = Self.libraryNames[name] else {
            throw Faults.invalid("invalid \(role) encoding name \"\(Faults.shortened(given))\"")
        }
        (self.given, self.name, self.libraryName) = (given, name, libraryName)
    }

    private static let synonyms: [String: String] = [
        "UNICODE": "UTF8", "ISO88591": "LATIN1", "ISO88592": "LATIN2", "ISO88593": "LATIN3",
        "ISO88594": "LATIN4", "ISO88599": "LATIN5", "ISO885910": "LATIN6", "ISO885913": "LATIN7",
        "ISO885914": "LATIN8", "ISO885915": "LATIN9", "ISO885916": "LATIN10", "KOI8": "KOI8R",
        "WIN": "WIN1251", "WINDOWS1250": "WIN1250", "WINDOWS1251": "WIN1251",
        "WINDOWS1252": "WIN1252", "WINDOWS1253": "WIN1253", "WINDOWS1254": "WIN1254",
        "WINDOWS1255": "WIN1255", "WINDOWS1256": "WIN1256", "WINDOWS1257": "WIN1257",
        "WINDOWS1258": "WIN1258", "WINDOWS866": "WIN866", "WINDOWS874": "WIN874",
        "ALT": "WIN866", "SHIFTJIS": "SJIS", "MSKANJI": "SJIS", "WINDOWS949": "UHC",
        "WINDOWS950": "BIG5", "WINDOWS936": "GBK", "ASCII": "SQLASCII",
    ]

    private static let libraryNames: [String: String] = [
        "UTF8": "UTF-8", "SQLASCII": "UTF-8", "LATIN1": "ISO-8859-1", "LATIN2": "ISO-8859-2",
        "LATIN3": "ISO-8859-3", "LATIN4": "ISO-8859-4", "LATIN5": "ISO-8859-9",
        "LATIN6": "ISO-8859-10", "LATIN7": "ISO-8859-13", "LATIN8": "ISO-8859-14",
        "LATIN9": "ISO-8859-15", "LATIN10": "ISO-8859-16", "ISO88595": "ISO-8859-5",
        "ISO88596": "ISO-8859-6", "ISO88597": "ISO-8859-7", "ISO88598": "ISO-8859-8",
        "KOI8R": "KOI8-R", "KOI8U": "KOI8-U", "WIN866": "CP866", "WIN874": "CP874",
        "WIN1250": "CP1250", "WIN1251": "CP1251", "WIN1252": "CP1252", "WIN1253": "CP1253",
        "WIN1254": "CP1254", "WIN1255": "CP1255", "WIN1256": "CP1256", "WIN1257": "CP1257",
        "WIN1258": "CP1258", "EUCJP": "EUC-JP", "EUCKR": "EUC-KR", "EUCCN": "EUC-CN",
        "EUCTW": "EUC-TW", "SJIS": "SJIS", "BIG5": "BIG5", "GBK": "GBK", "GB18030": "GB18030",
        "UHC": "UHC", "JOHAB": "JOHAB",
    ]
}

/// From one encoding to another: UTF8 and LATIN1 here, the rest by the C library.
final class TextConversion {
    let source: TextEncoding
    let target: TextEncoding
    private let library: PlatformEncoding?

    init(from source: TextEncoding, to target: TextEncoding) throws(IglooError) {
        (self.source, self.target) = (source, target)
        let own: Set<String> = ["UTF8", "LATIN1", "SQLASCII"]
        if own.contains(source.name) && own.contains(target.name) {
            library = nil
            return
        }
        do throws(PlatformEncoding.Failure) {
            library = try PlatformEncoding(from: source.libraryName, to: target.libraryName)
        } catch {
            throw IglooError(
                .unsupported,
                "conversion between \(source.name) and \(target.name) is not supported here",
                hint: "the system's iconv has no such conversion")
        }
    }

    func write(
        _ bytes: UnsafeRawBufferPointer, _ writer: inout ViewWriter
    ) throws(IglooError) {
        if let library {
            do throws(PlatformEncoding.Failure) {
                let converted = try library.converted(bytes)
                converted.withUnsafeBytes { writer.write($0) }
            } catch {
                guard case .invalid(let place) = error else { return }
                throw fault(bytes, place)
            }
            return
        }
        if source.name == "LATIN1" {
            if target.name == "LATIN1" { return writer.write(bytes) }
            for byte in bytes { writer.write(Unicode.Scalar(byte)) }
            return
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw invalid(bytes, Self.validCount(bytes))
        }
        guard target.name == "LATIN1" else { return writer.write(bytes) }
        var place = 0
        for scalar in text.unicodeScalars {
            guard scalar.value < 0x100 else { throw untranslatable(bytes, place) }
            writer.write(UInt8(truncatingIfNeeded: scalar.value))
            place += UTF8.width(scalar)
        }
    }

    // MARK: - Errors

    private func fault(_ bytes: UnsafeRawBufferPointer, _ place: Int) -> IglooError {
        guard source.libraryName == "UTF-8" else { return untranslatable(bytes, place) }
        let isText = Self.validCount(bytes) == bytes.count
        return isText ? untranslatable(bytes, place) : invalid(bytes, Self.validCount(bytes))
    }

    /// How many bytes at the beginning are UTF-8.
    private static func validCount(_ bytes: UnsafeRawBufferPointer) -> Int {
        var parser = Unicode.UTF8.ForwardParser()
        var iterator = bytes.makeIterator()
        var count = 0
        while case .valid(let scalar) = parser.parseScalar(from: &iterator) {
            count += scalar.count
        }
        return count
    }

    private static func shown(_ bytes: UnsafeRawBufferPointer, _ place: Int, _ count: Int)
        -> String
    {
        bytes[min(place, bytes.count)..<min(place + count, bytes.count)]
            .map { "0x" + (($0 < 16) ? "0" : "") + String($0, radix: 16) }.joined(separator: " ")
    }

    private func invalid(_ bytes: UnsafeRawBufferPointer, _ place: Int) -> IglooError {
        IglooError(
            .outOfRange,
            "invalid byte sequence for encoding \"\(source.name)\": "
                + Self.shown(bytes, place, 1),
            sqlState: SQLState(rawValue: "22021"))
    }

    private func untranslatable(_ bytes: UnsafeRawBufferPointer, _ place: Int) -> IglooError {
        var count = 1
        if source.libraryName == "UTF-8" {
            while place + count < bytes.count && bytes[place + count] & 0xC0 == 0x80 { count += 1 }
        }
        return IglooError(
            .outOfRange,
            "character with byte sequence \(Self.shown(bytes, place, count)) in encoding "
                + "\"\(source.name)\" has no equivalent in encoding \"\(target.name)\"",
            sqlState: SQLState(rawValue: "22P05"))
    }
}

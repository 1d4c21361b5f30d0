// SPDX-License-Identifier: MIT

@_spi(_Unicode) import Swift

/// The canonical normal forms of Unicode, by the tables of the standard library.
enum UnicodeForms {
    static func composed(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text._nfc { result.append(scalar) }
        return String(result)
    }

    static func decomposed(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text._nfd { result.append(scalar) }
        return String(result)
    }
}

// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// Text without its dictionary; anything else as it is.
func flattened(_ array: ArrayData) throws(IglooError) -> ArrayData {
    guard case .dictionary = array.type, let dictionary = array.dictionary else { return array }
    return try decoded(array, dictionary)
}

/// The dictionary-encoded array with `values` in the place of the dictionary's.
func decoded(_ array: ArrayData, _ values: ArrayData) throws(IglooError) -> ArrayData {
    let count = array.count
    if count == 0 { return values.slice(0, count: 0) }
    if values.count == 0 { return try .nulls(values.type, count: count) }
    let codes = array.values(as: UInt32.self)
    // What stands under a null may be any number.
    let isSafe = array.validity == nil
    var indexes = [UInt32](repeating: 0, count: isSafe ? 0 : count)
    if !isSafe {
        let limit = UInt32(truncatingIfNeeded: values.count)
        var i = 0
        while i < count {
            indexes[i] = codes[i] < limit ? codes[i] : 0
            i &+= 1
        }
    }
    let found =
        isSafe
        ? try gather(values, indexes: codes, count: count) : try gather(values, indexes: indexes)
    guard let validity = Bits.validity(of: array) else { return found }
    return found.withValidity(Bits.and(validity, Bits.validity(of: found), count: count))
}

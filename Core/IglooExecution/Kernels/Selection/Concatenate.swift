// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts

/// The elements of all `arrays`, of one engine type, one after the other; data buffers are shared.
func concatenate(_ arrays: [ArrayData]) throws(IglooError) -> ArrayData {
    var filled: [ArrayData] = []
    for array in arrays where array.count > 0 { filled.append(array) }
    guard let first = filled.first else { return arrays[0] }
    if filled.count == 1 { return first }
    // Text may come with and without dictionaries; merging those costs more than going without.
    if filled.contains(where: { $0.type != first.type || $0.dictionary !== first.dictionary }) {
        for index in filled.indices { filled[index] = try flattened(filled[index]) }
    }
    let parts = filled
    return try arrow { () throws(ArrowError) in try ArrayData.concatenating(parts) }
}

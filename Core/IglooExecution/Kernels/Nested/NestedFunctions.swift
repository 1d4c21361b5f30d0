// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// Functions of lists, structures and maps.
enum NestedFunctions {
    static func kernel(_ call: FunctionCall) throws(IglooError) -> Kernel? {
        if let kernel = ListAccess.kernel(call) { return kernel }
        if let kernel = ArrayFunctions.kernel(call) { return kernel }
        if let kernel = ListEditing.kernel(call) { return kernel }
        if let kernel = ListSets.kernel(call) { return kernel }
        if let kernel = try ListOrder.kernel(call) { return kernel }
        if let kernel = try ListRanges.kernel(call) { return kernel }
        if let kernel = ListDistances.kernel(call) { return kernel }
        if let kernel = Structures.kernel(call) { return kernel }
        return try ListAggregates.kernel(call)
    }
}

// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// Functions of logical types.
enum LogicalFunctions {
    static func kernel(_ call: FunctionCall) throws(IglooError) -> Kernel? {
        switch call.name {
        case "uuid":
            return try Casts.kernel(from: call.declared[0], to: .uuid, call.context)
        case "json":
            return try Casts.kernel(from: call.declared[0], to: .json, call.context)
        case "gen_random_uuid": return UUIDs.random
        default:
            return NetworkFunctions.kernel(call) ?? TimeOfDayFunctions.kernel(call)
                ?? UUIDs.extraction(call)
        }
    }
}

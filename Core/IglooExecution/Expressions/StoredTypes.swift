// SPDX-License-Identifier: MIT

import IglooArrow
import IglooPlan

// Arrays have no logical types while a query runs: their meaning is in the plan's expressions.

extension Expression {
    /// The type of the arrays that the expression gives.
    var storedType: DataType { type.storage }
}

extension AggregateCall {
    /// The call with a result of the type that arrays have.
    var stored: AggregateCall {
        var call = self
        call.type = type.storage
        return call
    }
}

// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// Functions of dates and times.
enum DateFunctions {
    static func kernel(_ call: FunctionCall) throws(IglooError) -> Kernel? {
        switch call.name {
        case "date_part": return try part(call)
        case "year", "month", "day", "hour", "minute", "second", "quarter", "week":
            guard let field = DateField(call.name) else { return nil }
            return try DateParts.kernel(field, call.parameters[0], 0, call.context)
        case "epoch": return try DateParts.epoch(call.parameters[0])
        case "julian": return try DateParts.julian(call.parameters[0], call.context)
        case "date_trunc": return try DateTruncation.kernel(call)
        case "date_diff": return try DateDifference.kernel(call)
        case "age": return DateDifference.age()
        case "make_date", "make_timestamp", "last_day": return DateBuilding.kernel(call)
        case "strftime": return DateFormatting.kernel(call)
        case "now":
            let now = call.context.statementTimeMicroseconds
            let value = try ArrayData.single(.int(now), call.result)
            return { (call) throws(IglooError) in
                try .repeating(value, count: call.count)
            }
        case "current_date":
            let days = Floor.divide(call.context.statementTimeMicroseconds, 86_400_000_000)
            let value = try ArrayData.single(.int(days), .date32)
            return { (call) throws(IglooError) in try .repeating(value, count: call.count) }
        case "date_sub": return try DateDifference.kernel(call)
        default:
            if let kernel = try TimeFormats.kernel(call) { return kernel }
            if let kernel = TimeBuckets.kernel(call) { return kernel }
            return try TimeConversions.kernel(call)
        }
    }

    private static func part(_ call: FunctionCall) throws(IglooError) -> Kernel {
        let (type, context) = (call.parameters[1], call.context)
        if let name = call.constantText(0) {
            return try DateParts.kernel(try .named(name), type, 1, context)
        }
        return { (call) throws(IglooError) in
            try byName(call) { (name) throws(IglooError) in
                try DateParts.kernel(try .named(name), type, 1, context)
            }
        }
    }

    /// Field names that differ by row: each name is computed for all rows, then rows choose.
    static func byName(
        _ call: KernelCall, _ make: (String) throws(IglooError) -> Kernel
    ) throws(IglooError) -> ArrayData {
        let names = ViewReader(call.arguments[0])
        var places = [UInt32](repeating: missingIndex, count: call.count)
        var known: [String: Int] = [:]
        var results: [ArrayData] = []
        for row in 0..<call.count where call.isValid(row) {
            let name = names[row].text.lowercased()
            if known[name] == nil {
                known[name] = results.count
                results.append(try make(name)(call))
            }
            places[row] = UInt32((known[name] ?? 0) * call.count + row)
        }
        // All rows are null: any field says so.
        if results.isEmpty { return try make("hour")(call) }
        return try gatherOrNull(concatenate(results), indexes: places, count: call.count)
    }
}

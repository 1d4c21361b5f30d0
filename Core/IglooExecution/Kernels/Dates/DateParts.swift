// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// `date_part` and its short forms.
enum DateParts {
    /// - Parameter place: which argument holds the dates.
    static func kernel(
        _ field: DateField, _ type: DataType, _ place: Int, _ context: EvaluationContext
    ) throws(IglooError) -> Kernel {
        if field.isOfZone { return try zone(field, type, place, context) }
        switch type {
        case .date32:
            if field.isOfTime {
                return { (call) throws(IglooError) in
                    call.single(place).map(Int32.self, to: .int64) { _ -> Int64 in 0 }
                }
            }
            return { (call) throws(IglooError) in
                call.single(place).map(Int32.self, to: .int64) { field.ofDay(Int64($0)) }
            }
        case .time64:
            try requireTime(field, type)
            return { (call) throws(IglooError) in
                call.single(place).map(Int64.self, to: .int64) { field.ofTime($0, 1_000_000) }
            }
        case .timestamp(let unit, let zone):
            return timestamp(field, unit.unitsPerSecond, place, try zoneRules(zone, context))
        case .interval:
            return { (call) throws(IglooError) in
                call.single(place).map(MonthDayNanoInterval.self, to: .int64) {
                    ofInterval(field, $0)
                }
            }
        default:
            throw IglooError(.unsupported, "date_part of \(type.sqlName) is not available")
        }
    }

    private static func zone(
        _ field: DateField, _ type: DataType, _ place: Int, _ context: EvaluationContext
    ) throws(IglooError) -> Kernel {
        guard case .timestamp(let unit, _?) = type else {
            throw IglooError(
                .unsupported, "unit \"\(field)\" not supported for type \(type.sqlName)")
        }
        let rules = try ZoneRules.named(context.timeZone)
        let units = unit.unitsPerSecond
        return { (call) throws(IglooError) in
            call.single(place).map(Int64.self, to: .int64) {
                field.ofOffset(rules.offset(at: Floor.divide($0, units)))
            }
        }
    }

    /// Days since 4714-11-24 BC, with the part of the day.
    static func julian(_ type: DataType, _ context: EvaluationContext) throws(IglooError) -> Kernel
    {
        guard case .timestamp(let unit, let zone) = type else {
            return { (call) throws(IglooError) in
                call.map(Int32.self, to: .float64) { Double($0) + 2_440_588 }
            }
        }
        let rules = try zoneRules(zone, context)
        let units = unit.unitsPerSecond
        let unitsPerDay = 86_400 &* units
        return { (call) throws(IglooError) in
            call.map(Int64.self, to: .float64) { x in
                let local = rules?.local(x, units) ?? x
                return Double(Floor.divide(local, unitsPerDay) &+ 2_440_588)
                    + Double(Floor.remainder(local, unitsPerDay)) / Double(unitsPerDay)
            }
        }
    }

    /// The rules of the session's zone for instants; none for plain timestamps.
    static func zoneRules(
        _ zone: String?, _ context: EvaluationContext
    ) throws(IglooError) -> ZoneRules? {
        guard zone != nil else { return nil }
        let rules = try ZoneRules.named(context.timeZone)
        return rules.isUTC ? nil : rules
    }

    private static func requireTime(_ field: DateField, _ type: DataType) throws(IglooError) {
        if !field.isOfTime && field != .epoch {
            throw IglooError(
                .unsupported, "unit \"\(field)\" not supported for type \(type.sqlName)")
        }
    }

    private static func timestamp(
        _ field: DateField, _ units: Int64, _ place: Int, _ rules: ZoneRules?
    ) -> Kernel {
        let unitsPerDay = 86_400 &* units
        if field == .epoch {
            return { (call) throws(IglooError) in
                call.single(place).map(Int64.self, to: .int64) { Floor.divide($0, units) }
            }
        }
        if field.isOfTime {
            return { (call) throws(IglooError) in
                call.single(place).map(Int64.self, to: .int64) {
                    field.ofTime(
                        Floor.remainder(rules?.local($0, units) ?? $0, unitsPerDay), units)
                }
            }
        }
        return { (call) throws(IglooError) in
            call.single(place).map(Int64.self, to: .int64) {
                field.ofDay(Floor.divide(rules?.local($0, units) ?? $0, unitsPerDay))
            }
        }
    }

    private static func ofInterval(_ field: DateField, _ value: MonthDayNanoInterval) -> Int64 {
        let (years, months) = (Int64(value.months) / 12, Int64(value.months) % 12)
        switch field {
        case .year: return years
        case .month: return months
        case .quarter: return months / 3 + 1
        case .decade: return years / 10
        case .century: return years / 100
        case .millennium: return years / 1_000
        case .day: return Int64(value.days)
        case .epoch: return Int64(seconds(value))
        case .hour: return value.nanoseconds / 3_600_000_000_000
        default: return field.ofTime(value.nanoseconds, 1_000_000_000)
        }
    }

    /// A year has 365.25 days here, a month 30, as in PostgreSQL.
    static func seconds(_ value: MonthDayNanoInterval) -> Double {
        Double(value.months / 12) * 31_557_600 + Double(value.months % 12) * 2_592_000
            + Double(value.days) * 86_400 + Double(value.nanoseconds) / 1e9
    }

    static func epoch(_ type: DataType) throws(IglooError) -> Kernel {
        switch type {
        case .date32:
            return { (call) throws(IglooError) in
                call.map(Int32.self, to: .float64) { Double($0) * 86_400 }
            }
        case .time64:
            return { (call) throws(IglooError) in
                call.map(Int64.self, to: .float64) { Double($0) / 1e6 }
            }
        case .timestamp(let unit, _):
            let units = Double(unit.unitsPerSecond)
            return { (call) throws(IglooError) in
                call.map(Int64.self, to: .float64) { Double($0) / units }
            }
        default:
            return { (call) throws(IglooError) in
                call.map(MonthDayNanoInterval.self, to: .float64) { seconds($0) }
            }
        }
    }
}

extension KernelCall {
    /// The call with one argument only, one value a row, for kernels of one value.
    func single(_ place: Int) -> KernelCall {
        if place == 0 && !arguments[0].isConstant { return self }
        return KernelCall(self, keeping: place)
    }

    private init(_ call: KernelCall, keeping place: Int) {
        let argument = call.arguments[place]
        arguments = [
            argument.isConstant
                ? Vector(call.repeated(argument.array)) : argument
        ]
        count = call.count
        validity = call.validity
        isTry = call.isTry
    }

    private func repeated(_ value: ArrayData) -> ArrayData {
        (try? ArrayData.repeating(value, count: count)) ?? value
    }
}

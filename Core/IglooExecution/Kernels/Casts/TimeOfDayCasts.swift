// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// Casts from and to timetz.
enum TimeOfDayCasts {
    static func kernel(
        _ from: DataType, _ to: DataType, _ context: EvaluationContext
    ) throws(IglooError) -> Kernel? {
        switch from {
        case .time64:
            let offset = try sessionOffset(context)
            return { (call) throws(IglooError) in
                call.map(Int64.self, to: .int64) {
                    ZonedTime(microseconds: $0, offset: offset).stored
                }
            }
        case .timestamp(let unit, .some):
            let rules = try ZoneRules.named(context.timeZone)
            let units = unit.unitsPerSecond
            return { (call) throws(IglooError) in
                call.map(Int64.self, to: .int64) {
                    let offset = rules.offset(at: Floor.divide($0, units))
                    let local = Floor.remainder($0 &+ offset &* units, 86_400 &* units)
                    return ZonedTime(microseconds: local / (units / 1_000_000), offset: offset)
                        .stored
                }
            }
        case .logical(.timetz):
            return { (call) throws(IglooError) in
                call.map(Int64.self, to: .time64(.microsecond)) {
                    ZonedTime(stored: $0).microseconds
                }
            }
        default: return nil
        }
    }

    static func fromText(_ context: EvaluationContext) throws(IglooError) -> Kernel {
        let offset = try sessionOffset(context)
        return TextCasts.parsed(.logical(.timetz), zero: Int64(0)) {
            switch TimeText.zonedTime($0, sessionOffset: offset) {
            case .value(let time): .value(time.stored)
            case .malformed: .malformed
            case .outOfRange: .outOfRange
            }
        }
    }

    /// Seconds east of UTC in the session's zone, now.
    private static func sessionOffset(_ context: EvaluationContext) throws(IglooError) -> Int64 {
        try ZoneRules.named(context.timeZone)
            .offset(at: Floor.divide(context.statementTimeMicroseconds, 1_000_000))
    }
}

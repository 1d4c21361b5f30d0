// SPDX-License-Identifier: MIT

/// Errors, and what they leave behind.
enum ErrorChecks {
    static let all: [Check] = [
        Check("error.no_out_handle_on_failure") { bench in
            try provoke(bench)
            try Breaches.requireNone(.outHandle)
        },
        Check("error.codes_in_range_and_class_flags") { bench in
            try provoke(bench)
            try Breaches.requireNone(.errorCode)
            try Breaches.requireNone(.errorOnSuccess)
        },
        Check("error.sqlstate_shape") { bench in
            try provoke(bench)
            try Breaches.requireNone(.sqlState)
        },
    ]

    private static func provoke(_ bench: Bench) throws {
        let instance = try bench.instance()
        let count = try bench.tested.provoke(instance, bench)
        if count == 0 { throw CheckEnd.skipped("none of its calls fails") }
    }

    static let garbage: [[UInt8]] = [
        [], [0], [255], Array("garbage".utf8), Array(repeating: 0, count: 64),
        Array(repeating: 255, count: 64), Array((0..<200).map { UInt8($0) }),
    ]
}

// SPDX-License-Identifier: MIT

public import CIgloo
public import IglooContracts

/// A Swift value behind an opaque pointer of the host: an instance, or what an instance gave out.
public final class ExportedValue<Value: Sendable>: Sendable {
    public let value: Value

    private init(_ value: Value) { self.value = value }

    public static func retained(_ value: Value) -> UnsafeMutableRawPointer {
        Unmanaged.passRetained(ExportedValue(value)).toOpaque()
    }

    public static func at(_ pointer: UnsafeMutableRawPointer?) throws(IglooError) -> Value {
        guard let pointer else {
            throw IglooError(.invalidArgument, "the host passed no \(Value.self)")
        }
        return Unmanaged<ExportedValue>.fromOpaque(pointer).takeUnretainedValue().value
    }

    public static func release(_ pointer: UnsafeMutableRawPointer?) {
        if let pointer { Unmanaged<ExportedValue>.fromOpaque(pointer).release() }
    }
}

/// Runs the body of an exported function: errors become a status.
public func exported(
    _ error: UnsafeMutablePointer<igloo_error>?, _ body: () throws(IglooError) -> Void
) -> igloo_status {
    do throws(IglooError) {
        try body()
        return igloo_status(IGLOO_OK)
    } catch let failure {
        return failure.write(to: error)
    }
}

/// The pointer of an out-parameter, which a broken host may have forgotten.
public func required<Value>(
    _ pointer: UnsafeMutablePointer<Value>?
) throws(IglooError) -> UnsafeMutablePointer<Value> {
    guard let pointer else {
        throw IglooError(.invalidArgument, "the host gave no place for a \(Value.self)")
    }
    return pointer
}

/// A table of functions that is never freed.
// SAFETY: written by init only.
public struct ConstantTable: @unchecked Sendable {
    public let pointer: UnsafeRawPointer

    public init<Table: BitwiseCopyable>(_ table: Table) {
        let place = UnsafeMutablePointer<Table>.allocate(capacity: 1)
        place.initialize(to: table)
        pointer = UnsafeRawPointer(place)
    }
}

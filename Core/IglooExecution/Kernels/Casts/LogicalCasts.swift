// SPDX-License-Identifier: MIT

import IglooArrow
import IglooContracts
import IglooPlan

/// Casts from and to logical types, over their storage.
enum LogicalCasts {
    /// One of the types is a logical one.
    static func kernel(
        _ from: DataType, _ to: DataType, _ context: EvaluationContext
    ) throws(IglooError) -> Kernel? {
        switch (from, to) {
        case (.logical(.jsonb), .logical(.json)): return same
        case (.logical(.enumeration), .int32): return places
        case (.logical(.enumeration), .logical(let type)) where type.isEnumeration:
            return chained(try Casts.rendering(from, context), try fromText(type, context))
        case (.binaryView, .logical(.uuid)): return uuids
        case (.logical(.uuid), .binaryView): return bytesOfUUIDs
        case (_, .logical(let type)) where from == .utf8View || from == .json && type == .jsonb:
            return try fromText(type, context)
        case (_, .logical(.json))
        where !from.hasLogicalType || from.isNested || from.enumeration != nil:
            return try toJSON(from, context)
        case (_, .logical(.jsonb))
        where !from.hasLogicalType || from.isNested || from.enumeration != nil:
            return chained(try toJSON(from, context), try fromText(.jsonb, context))
        case (.logical(.json), .utf8View), (.logical(.jsonb), .utf8View): return same
        // As PostgreSQL, which shows addresses without a mask that says nothing, but does not cast
        // them so.
        case (.logical(.inet), .utf8View): return maskedAddresses
        // A JSON value casts as its text does, a string among them as what it says.
        case (.logical(.json), _), (.logical(.jsonb), _):
            guard let kernel = try Casts.kernel(from: .utf8View, to: to, context) else {
                return nil
            }
            return to.isNested ? kernel : chained(JSONFunctions.unquoted, kernel)
        case (.logical(.cidr), .logical(.inet)): return same
        case (.logical(.inet), .logical(.cidr)): return networks
        case (.time64, .logical(.timetz)), (.timestamp, .logical(.timetz)),
            (.logical(.timetz), .time64):
            return try TimeOfDayCasts.kernel(from, to, context)
        default: return nil
        }
    }

    private static func same(_ call: KernelCall) throws(IglooError) -> ArrayData {
        try call.arguments[0].expanded(to: call.count)
    }

    /// The places of labels in the declaration, from 0.
    private static func places(_ call: KernelCall) throws(IglooError) -> ArrayData {
        try call.arguments[0].expanded(to: call.count).retyped(as: .int32)
    }

    private static func chained(_ first: @escaping Kernel, _ second: @escaping Kernel) -> Kernel {
        { (call) throws(IglooError) in
            let between = try first(call)
            return try second(
                KernelCall([Vector(between)], count: call.count, isTry: call.isTry))
        }
    }

    private static func toJSON(
        _ from: DataType, _ context: EvaluationContext
    ) throws(IglooError) -> Kernel {
        let form = try JSONForm(from, context)
        return { (call) throws(IglooError) in try JSONWriting.write(call, form) }
    }

    /// 16 bytes each.
    private static func uuids(_ call: KernelCall) throws(IglooError) -> ArrayData {
        let reader = ViewReader(call.arguments[0])
        var builder = BufferBuilder(byteCapacity: call.count * 16)
        for row in 0..<call.count {
            var bits: UInt128 = 0
            if call.isValid(row) {
                guard reader[row].count == 16 else {
                    throw Faults.invalid("a uuid has 16 bytes, not \(reader[row].count)")
                }
                bits = reader[row].loadUnaligned(as: UInt128.self).bigEndian
            }
            builder.append(UUIDText.value(bits))
        }
        return call.result(.uuid, [builder.finish()], validity: call.validity)
    }

    private static func bytesOfUUIDs(_ call: KernelCall) throws(IglooError) -> ArrayData {
        let values = call.value(0, Int128.self)
        var writer = ViewWriter(count: call.count)
        for row in 0..<call.count {
            if call.isValid(row) {
                withUnsafeBytes(of: UUIDText.bits(values(row)).bigEndian) { writer.append($0) }
            } else {
                writer.appendEmpty()
            }
        }
        return writer.finish(call, .binaryView)
    }

    private static func maskedAddresses(_ call: KernelCall) throws(IglooError) -> ArrayData {
        let reader = ViewReader(call.arguments[0])
        var writer = ViewWriter(count: call.count)
        for row in 0..<call.count {
            if call.isValid(row) {
                let address = NetworkAddress(stored: reader[row].characters.span)
                writer.append(address.text(isNetwork: true))
            } else {
                writer.appendEmpty()
            }
        }
        return writer.finish(call)
    }

    /// The network of each address, without a host.
    private static func networks(_ call: KernelCall) throws(IglooError) -> ArrayData {
        let reader = ViewReader(call.arguments[0])
        var writer = ViewWriter(count: call.count)
        for row in 0..<call.count {
            guard call.isValid(row) else {
                writer.appendEmpty()
                continue
            }
            var address = NetworkAddress(stored: reader[row].characters.span)
            address.bits &= ~address.hostMask
            address.stored.withUnsafeBytes { writer.append($0) }
        }
        return writer.finish(call, .binaryView)
    }

    // MARK: - From text

    private static func fromText(
        _ type: LogicalType, _ context: EvaluationContext
    ) throws(IglooError) -> Kernel {
        switch type {
        case .uuid:
            return TextCasts.parsed(.uuid, zero: Int128(0)) {
                UUIDText.value($0.characters.span).map { .value($0) } ?? .malformed
            }
        case .json: return { (call) throws(IglooError) in try JSONFunctions.checked(call) }
        case .jsonb: return { (call) throws(IglooError) in try JSONNormalForm.normalized(call) }
        case .inet, .cidr:
            return { (call) throws(IglooError) in try addresses(call, type) }
        case .timetz: return try TimeOfDayCasts.fromText(context)
        case .enumeration(let enumeration):
            var places: [String: Int32] = [:]
            for (place, label) in enumeration.labels.enumerated() {
                places[label] = Int32(truncatingIfNeeded: place)
            }
            let found = places
            return TextCasts.parsed(.logical(type), zero: Int32(0)) {
                found[$0.text].map { .value($0) } ?? .malformed
            }
        }
    }

    private static func addresses(
        _ call: KernelCall, _ type: LogicalType
    ) throws(IglooError) -> ArrayData {
        let reader = ViewReader(call.arguments[0])
        var writer = ViewWriter(count: call.count)
        var failed = Failures(call)
        for row in 0..<call.count {
            guard call.isValid(row) else {
                writer.appendEmpty()
                continue
            }
            if let address = NetworkAddress(reader[row].characters.span, isNetwork: type == .cidr) {
                address.stored.withUnsafeBytes { writer.append($0) }
            } else {
                try failed.add(row) { LogicalText.malformed(reader[row].text, type) }
                writer.appendEmpty()
            }
        }
        return writer.finish(.binaryView, count: call.count, validity: failed.validity())
    }
}

extension UnsafeRawBufferPointer {
    var characters: UnsafeBufferPointer<UInt8> { assumingMemoryBound(to: UInt8.self) }
}

extension DataType {
    var isNested: Bool { !childFields.isEmpty }
}

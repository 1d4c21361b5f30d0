// SPDX-License-Identifier: MIT

import CIgloo
import IglooArrow

/// Looks at an Arrow array as it crosses the border, before anything is made of it.
enum ArrayInspection {
    /// - Throws: what the C Data Interface or igloo.h does not allow.
    static func inspect(_ device: ArrowDeviceArray, _ schema: Schema) throws {
        try require(
            device.device_type == ARROW_DEVICE_CPU && device.sync_event == nil,
            "a batch in the memory of device type \(device.device_type)")
        try inspect(device.array, .structure(schema.fields), "batch")
        try require(device.array.null_count <= 0, "a batch with rows that are null")
    }

    private static func inspect(_ array: ArrowArray, _ type: DataType, _ name: String) throws {
        func demand(_ condition: Bool, _ what: @autoclosure () -> String) throws {
            try require(condition, "\(name) (\(type)) \(what())")
        }
        try demand(array.release != nil, "is released")
        try demand(
            array.length >= 0 && array.offset >= 0,
            "has length \(array.length), offset \(array.offset)")
        try demand(
            array.null_count >= -1 && array.null_count <= array.length,
            "has \(array.null_count) nulls among \(array.length)")
        if let expected = bufferCount(type) {
            try demand(
                Int(array.n_buffers) == expected, "has \(array.n_buffers) buffers, not \(expected)")
        }
        for index in 0..<Int(array.n_buffers) {
            let address = Int(bitPattern: array.buffers[index])
            try demand(
                address & 7 == 0, "has buffer \(index) at \(address), which 8 does not divide")
        }
        try inspectNulls(array, type, demand)
        let children = type.childFields
        try demand(
            Int(array.n_children) == children.count,
            "has \(array.n_children) children, not \(children.count)")
        for (index, field) in children.enumerated() {
            let child = try require(
                array.children[index], "\(name) has no child \(index)")
            try inspect(child.pointee, field.type, "\(name).\(field.name)")
            if case .structure = type {
                try demand(
                    child.pointee.length >= array.offset + array.length,
                    "has \(array.length) rows, its child \(field.name) \(child.pointee.length)")
            }
        }
        if case .dictionary(_, let value, _) = type {
            let dictionary = try require(array.dictionary, "\(name) has no dictionary")
            try inspect(dictionary.pointee, value, "\(name)'s dictionary")
        } else {
            try demand(array.dictionary == nil, "has a dictionary")
        }
    }

    private static func inspectNulls(
        _ array: ArrowArray, _ type: DataType,
        _ demand: (Bool, @autoclosure () -> String) throws -> Void
    ) throws {
        guard hasValidity(type), array.n_buffers > 0, let bits = array.buffers[0] else {
            if hasValidity(type) && array.n_buffers > 0 {
                try demand(array.null_count <= 0, "has \(array.null_count) nulls and no bitmap")
            }
            return
        }
        guard array.null_count >= 0 else { return }
        let bytes = bits.assumingMemoryBound(to: UInt8.self)
        var count = 0
        for index in Int(array.offset)..<Int(array.offset + array.length)
        where bytes[index >> 3] >> UInt8(index & 7) & 1 == 0 {
            count += 1
        }
        try demand(
            count == array.null_count, "says it has \(array.null_count) nulls and has \(count)")
    }

    private static func hasValidity(_ type: DataType) -> Bool {
        switch type {
        case .null, .union, .runEndEncoded: false
        default: true
        }
    }

    /// With the bitmap; `nil` for views, which have any number.
    private static func bufferCount(_ type: DataType) -> Int? {
        switch type {
        case .null, .runEndEncoded: 0
        case .structure, .fixedSizeList: 1
        case .utf8, .largeUtf8, .binary, .largeBinary, .listView, .largeListView: 3
        case .utf8View, .binaryView: nil
        case .union(.sparse, _, _): 1
        default: 2
        }
    }
}

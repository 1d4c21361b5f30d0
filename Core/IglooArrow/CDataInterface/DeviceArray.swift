// SPDX-License-Identifier: MIT
public import CIgloo

extension ArrayData {
    /// Writes this array to `destination` as one in the CPU's memory.
    ///
    /// - Ownership: as for the export to an `ArrowArray`.
    public func export(to destination: UnsafeMutablePointer<ArrowDeviceArray>) {
        var device = ArrowDeviceArray.onCPU
        export(to: &device.array)
        destination.initialize(to: device)
    }

    /// Takes over an array in the CPU's memory.
    ///
    /// - Ownership: moved: `source` is marked released, on errors too.
    /// - Throws: `ArrowError.unsupported` for memory of another device; else as for `ArrowArray`.
    public convenience init(
        importing source: UnsafeMutablePointer<ArrowDeviceArray>, type: DataType,
        validation: ValidationLevel = .structure
    ) throws(ArrowError) {
        var array = try source.pointee.takenFromCPU()
        try self.init(importing: &array, type: type, validation: validation)
    }
}

extension ArrowDeviceArray {
    fileprivate static var onCPU: ArrowDeviceArray {
        var device = ArrowDeviceArray()
        device.device_id = -1
        device.device_type = ArrowDeviceType(ARROW_DEVICE_CPU)
        return device
    }

    /// The array, moved out; released where it is in the memory of another device.
    fileprivate mutating func takenFromCPU() throws(ArrowError) -> ArrowArray {
        var taken = array
        array.release = nil
        guard device_type == ARROW_DEVICE_CPU, sync_event == nil else {
            taken.release?(&taken)
            throw ArrowError(
                .unsupported,
                "an array in the memory of device type \(device_type): only the CPU's memory is "
                    + "read")
        }
        return taken
    }
}

extension RecordBatch {
    /// Writes this batch to `destination` as a struct array in the CPU's memory.
    ///
    /// - Ownership: as for the export to an `ArrowArray`.
    public func export(to destination: UnsafeMutablePointer<ArrowDeviceArray>) {
        var device = ArrowDeviceArray.onCPU
        export(to: &device.array)
        destination.initialize(to: device)
    }

    /// Takes over a struct array in the CPU's memory.
    ///
    /// - Ownership: moved: `source` is marked released, on errors too.
    /// - Throws: `ArrowError.unsupported` for memory of another device; else as for `ArrowArray`.
    public init(
        importing source: UnsafeMutablePointer<ArrowDeviceArray>, schema: Schema,
        validation: ValidationLevel = .structure
    ) throws(ArrowError) {
        var array = try source.pointee.takenFromCPU()
        try self.init(importing: &array, schema: schema, validation: validation)
    }
}

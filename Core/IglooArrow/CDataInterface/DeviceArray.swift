// SPDX-License-Identifier: MIT
public import CIgloo

extension RecordBatch {
    /// Writes this batch to `destination` as a struct array in the CPU's memory.
    ///
    /// - Ownership: as for the export to an `ArrowArray`.
    public func export(to destination: UnsafeMutablePointer<ArrowDeviceArray>) {
        var device = ArrowDeviceArray()
        export(to: &device.array)
        device.device_id = -1
        device.device_type = ArrowDeviceType(ARROW_DEVICE_CPU)
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
        var array = source.pointee.array
        source.pointee.array.release = nil
        let device = source.pointee.device_type
        guard device == ARROW_DEVICE_CPU, source.pointee.sync_event == nil else {
            array.release?(&array)
            throw ArrowError(
                .unsupported,
                "an array in the memory of device type \(device): only the CPU's memory is read")
        }
        try self.init(importing: &array, schema: schema, validation: validation)
    }
}

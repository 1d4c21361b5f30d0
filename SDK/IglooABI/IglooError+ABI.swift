// SPDX-License-Identifier: MIT

public import CIgloo
public import IglooContracts

extension IglooError {
    /// Writes this error for the other side; `pending` is none.
    ///
    /// - Returns: the status that goes with it.
    public func write(to error: UnsafeMutablePointer<igloo_error>?) -> igloo_status {
        if code == .pending { return Code.pending.rawValue }
        let status = code.rawValue < 0 ? code.rawValue : Code.internalError.rawValue
        guard let error else { return status }
        let arena = Arena()
        var written = igloo_error()
        written.code = status
        written.flags = isRetryable ? UInt32(IGLOO_ERR_RETRYABLE) : 0
        withUnsafeMutableBytes(of: &written.sqlstate) { bytes in
            for (index, byte) in sqlState.rawValue.utf8.prefix(5).enumerated() {
                bytes[index] = byte
            }
        }
        written.message = arena.str(message)
        if let hint { written.hint = arena.str(hint) }
        written.owner = arena.retained()
        written.release = { error in
            Arena.release(owner: error?.pointee.owner)
            error?.pointee.owner = nil
            error?.pointee.release = nil
        }
        error.pointee = written
        return status
    }

    /// Takes over the error of a call that answered `status`.
    ///
    /// - Parameter origin: the id of the plugin that raised it.
    public init(taking error: inout igloo_error, status: igloo_status, origin: String) {
        let message = String(error.message)
        let hint = String(error.hint)
        let state = withUnsafeBytes(of: error.sqlstate) { Array($0.prefix { $0 != 0 }) }
        let isWellFormed =
            state.count == 5
            && state.allSatisfy { (48...57).contains($0) || (65...90).contains($0) }
        self.init(
            Code(rawValue: status),
            message.isEmpty ? "the plugin failed with code \(status) and said no more" : message,
            hint: hint.isEmpty ? nil : hint,
            sqlState: isWellFormed
                ? SQLState(rawValue: String(decoding: state, as: UTF8.self)) : nil,
            origin: origin, isRetryable: error.flags & UInt32(IGLOO_ERR_RETRYABLE) != 0)
        error.release?(&error)
        error.release = nil
    }
}

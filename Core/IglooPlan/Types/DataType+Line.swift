// SPDX-License-Identifier: MIT

public import IglooArrow

extension DataType {
    /// Whether values lie on a line, with distances of 64 bits between them.
    public var isOnLine: Bool {
        switch self {
        case .date32, .timestamp, .float32, .float64: true
        default: isInteger
        }
    }
}

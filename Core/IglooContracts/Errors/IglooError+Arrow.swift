// SPDX-License-Identifier: MIT

public import IglooArrow

extension IglooError {
    /// An Arrow error as seen from outside: malformed data is the data's fault.
    public init(_ error: ArrowError) {
        let code: Code =
            switch error.kind {
            case .invalid: .invalidData
            case .unsupported: .unsupported
            case .exhausted: .resourceExhausted
            }
        self.init(code, error.description)
    }
}

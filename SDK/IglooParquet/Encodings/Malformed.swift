// SPDX-License-Identifier: MIT

import IglooContracts

/// The error of a page whose bytes contradict themselves. Where it stands is added on the way up.
func malformed(_ why: String) -> IglooError { IglooError(.invalidData, why) }

extension IglooError {
    /// The same error, told to be found in `place`.
    func inside(_ place: String) -> IglooError {
        var error = self
        error.message = "\(place): \(message)"
        return error
    }
}

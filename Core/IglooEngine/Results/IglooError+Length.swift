// SPDX-License-Identifier: MIT

import IglooContracts

extension IglooError {
    private static let messageByteCountMax = 2_000

    /// The error with a message that people can read, whatever the names in it: the middle of a
    /// long one is left out.
    var withShortMessage: IglooError {
        guard message.utf8.count > Self.messageByteCountMax else { return self }
        let bytes = Array(message.utf8)
        var error = self
        error.message =
            String(decoding: bytes.prefix(1_000), as: UTF8.self) + " ... "
            + String(decoding: bytes.suffix(300), as: UTF8.self)
        return error
    }
}

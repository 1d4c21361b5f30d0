// SPDX-License-Identifier: MIT

import IglooContracts
import Testing

@Suite struct CancellationTokenTests {
    @Test func isRaisedOnceAndSeenThroughItsAddress() {
        let token = CancellationToken()
        #expect(!token.isCancelled)
        #expect(token.address.pointee == 0)
        token.cancel()
        #expect(token.isCancelled)
        #expect(token.address.pointee != 0)
    }

    @Test func followsAForeignFlagWithoutWritingIt() {
        let host = CancellationToken()
        let seen = CancellationToken(polling: host.address)
        #expect(!seen.isCancelled)
        seen.cancel()
        #expect(seen.isCancelled && !host.isCancelled)
        let other = CancellationToken(polling: host.address)
        host.cancel()
        #expect(other.isCancelled)
        withExtendedLifetime(host) {}
    }
}

// SPDX-License-Identifier: MIT

import Foundation
import Testing

func waitUntil(_ isTrue: () -> Bool, sourceLocation: SourceLocation = #_sourceLocation) {
    for _ in 0..<500 {
        if isTrue() { return }
        Thread.sleep(forTimeInterval: 0.02)
    }
    Issue.record("it did not come to that within ten seconds", sourceLocation: sourceLocation)
}

// SPDX-License-Identifier: MIT

public import CIgloo
import IglooSDK
import MemoryConnector

@c(igloo_plugin_0)
public func enter(
    host: UnsafePointer<igloo_host>?, error: UnsafeMutablePointer<igloo_error>?
) -> UnsafePointer<igloo_plugin>? {
    PluginExport.enter(host, error, kinds: [memoryConnector, memorySecrets, memoryOperator])
}

// SPDX-License-Identifier: MIT

public import CIgloo
import IglooSDK
import SQLiteConnector

@c(igloo_plugin_0)
public func enter(
    host: UnsafePointer<igloo_host>?, error: UnsafeMutablePointer<igloo_error>?
) -> UnsafePointer<igloo_plugin>? {
    PluginExport.enter(host, error, kinds: [sqliteConnector])
}

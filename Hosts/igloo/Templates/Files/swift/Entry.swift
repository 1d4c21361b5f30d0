// SPDX-License-Identifier: MIT

import AcmeConnector
public import CIgloo
import IglooSDK

/// The one symbol that is exported.
@c(igloo_plugin_0)
public func enter(
    host: UnsafePointer<igloo_host>?, error: UnsafeMutablePointer<igloo_error>?
) -> UnsafePointer<igloo_plugin>? {
    PluginExport.enter(host, error, kinds: [acmeConnector])
}

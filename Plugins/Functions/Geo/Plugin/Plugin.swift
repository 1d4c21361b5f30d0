// SPDX-License-Identifier: MIT

public import CIgloo
import GeoFunction
import IglooSDK

@c(igloo_plugin_0)
public func enter(
    host: UnsafePointer<igloo_host>?, error: UnsafeMutablePointer<igloo_error>?
) -> UnsafePointer<igloo_plugin>? {
    PluginExport.enter(host, error, kinds: [geoFunctions])
}

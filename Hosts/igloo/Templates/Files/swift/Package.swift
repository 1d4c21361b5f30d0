// swift-tools-version: 6.2
// SPDX-License-Identifier: MIT
//
// igloo plugin build adds the flags that a plugin is linked with; so this stays plain.
import PackageDescription

let sdk = Target.Dependency.product(name: "IglooSDK", package: "igloo")

let package = Package(
    name: "igloo-acme",
    products: [.library(name: "igloo-acme", type: .dynamic, targets: ["AcmePlugin"])],
    dependencies: [.package(name: "igloo", path: "IGLOO")],
    targets: [
        // The connector, which knows nothing of C and can be tested without a host.
        .target(name: "AcmeConnector", dependencies: [sdk]),
        // What makes a plugin of it: a note, and the one function that is exported.
        .target(name: "AcmeNote", dependencies: [sdk], publicHeadersPath: "."),
        .target(name: "AcmePlugin", dependencies: [sdk, "AcmeConnector", "AcmeNote"]),
    ],
    swiftLanguageModes: [.v6]
)

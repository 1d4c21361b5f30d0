// SPDX-License-Identifier: MIT

public import IglooContracts
import IglooFiles

/// Files of JSON: a value a line, an array of values, or values one after the other.
public let jsonConnector = ConnectorKind(
    name: "json", options: JSONOptions.specifications,
    capabilities: [.isCPUBound, .hasStatistics, .readsFiles, .tellsChanges],
    create: { values, _ throws(IglooError) in TextConnector(try JSONOptions(values)) })

// SPDX-License-Identifier: MIT

public import IglooContracts
import IglooFiles

/// Files of comma-separated values, and all their relatives.
public let csvConnector = ConnectorKind(
    name: "csv", options: CSVOptions.specifications,
    capabilities: [.isCPUBound, .hasStatistics, .readsFiles, .tellsChanges],
    create: { values, _ throws(IglooError) in TextConnector(try CSVOptions(values)) })

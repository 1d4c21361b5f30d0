// SPDX-License-Identifier: MIT

import IglooConnectorTesting
import IglooContracts
import Testing

@testable import CSVConnector

func readTable(
    _ name: String, _ values: [String: OptionValue] = [:], columns: [Int]? = nil,
    splitByteCount: Int = 1 << 30, limit: Int64? = nil
) throws -> Answer {
    var question = Question()
    question.columns = columns
    question.limit = limit
    question.splitByteCount = splitByteCount
    return try csvConnector.answer(name, values, question)
}

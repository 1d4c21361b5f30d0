// SPDX-License-Identifier: MIT

/// The SQL/JSON path language, taken apart.
///
/// - Source: ISO/IEC 9075-2:2016, section 9.39; src/backend/utils/adt/jsonpath_gram.y of
///   PostgreSQL.
struct PathProgram {
    var isStrict: Bool
    var root: PathNode
}

indirect enum PathNode {
    case root, current, last
    case variable([UInt8])
    case null
    case bool(Bool)
    case number(JSONNumber)
    case string([UInt8])
    case steps(PathNode, [PathStep])
    case arithmetic(JSONNumber.Sign, PathNode, PathNode)
    case sign(isNegative: Bool, PathNode)
    case predicate(PathPredicate)

    var isPredicate: Bool { if case .predicate = self { true } else { false } }
}

indirect enum PathPredicate {
    case and(PathPredicate, PathPredicate)
    case or(PathPredicate, PathPredicate)
    case not(PathPredicate)
    case isUnknown(PathPredicate)
    case exists(PathNode)
    case compare(PathComparison, PathNode, PathNode)
    case startsWith(PathNode, PathNode)
    case matches(PathNode, Regex)
}

enum PathComparison: String {
    case equal = "==", unequal = "!=", less = "<", atMost = "<=", greater = ">", atLeast = ">="

    func holds(_ order: Int) -> Bool {
        switch self {
        case .equal: order == 0
        case .unequal: order != 0
        case .less: order < 0
        case .atMost: order <= 0
        case .greater: order > 0
        case .atLeast: order >= 0
        }
    }
}

enum PathStep {
    case key([UInt8])
    case anyKey
    /// `.**{low to high}`; `nil` is `last`.
    case anyDepth(low: Int?, high: Int?)
    case subscripts([(from: PathNode, to: PathNode?)])
    case anyItem
    case filter(PathPredicate)
    case method(PathMethod)
}

enum PathMethod: String {
    case type, size, double, ceiling, floor, abs, keyvalue
}

// SPDX-License-Identifier: MIT

import IglooContracts

/// Follows a JSON path through a document.
///
/// - Source: `executeItemOptUnwrapTarget` and its kin in src/backend/utils/adt/jsonpath_exec.c
///   of PostgreSQL.
struct PathEvaluator {
    private let isLax: Bool
    private let root: PathItem
    private let variables: PathItem?
    private var current: PathItem
    /// How many items the array has whose subscript is being computed.
    private var arrayCount = 0
    /// Missing keys and places are no errors: as in lax mode, also below `.**`.
    private var ignoresStructure: Bool
    /// Objects that `keyvalue()` has met.
    private var objectCount = 0

    /// What the path has come by so far; enough once there is one, where only that is asked.
    struct Found {
        var items: [PathItem] = []
        var wantsOne = false
        var isEnough: Bool { wantsOne && !items.isEmpty }
    }

    init(_ program: PathProgram, _ document: PathItem, _ variables: PathItem?) {
        isLax = !program.isStrict
        ignoresStructure = isLax
        (root, current, self.variables) = (document, document, variables)
    }

    mutating func evaluate(_ node: PathNode, _ found: inout Found) throws(IglooError) {
        try evaluate(node, [], current, &found)
    }

    /// All items of `node`, arrays among them taken apart in lax mode.
    private mutating func sequence(_ node: PathNode, unwraps: Bool) throws(IglooError) -> [PathItem]
    {
        var found = Found()
        try evaluate(node, [], current, &found)
        guard unwraps && isLax else { return found.items }
        var items: [PathItem] = []
        for item in found.items {
            if let inner = item.items { items += inner } else { items.append(item) }
        }
        return items
    }

    private func fault(_ message: String, _ state: String) -> IglooError {
        IglooError(.invalidData, message, sqlState: SQLState(rawValue: state))
    }

    // MARK: - Nodes

    /// - Parameter rest: the steps that follow the node.
    private mutating func evaluate(
        _ node: PathNode, _ rest: ArraySlice<PathStep>, _ item: PathItem, _ found: inout Found
    ) throws(IglooError) {
        switch node {
        case .root: try follow(rest, root, &found)
        case .current: try follow(rest, current, &found)
        case .last: try follow(rest, .number(JSONNumber(arrayCount - 1)), &found)
        case .null: try follow(rest, .null, &found)
        case .bool(let value): try follow(rest, .bool(value), &found)
        case .number(let number): try follow(rest, .number(number), &found)
        case .string(let text): try follow(rest, .string(text), &found)
        case .variable(let name):
            guard let value = variables?.member(name) else {
                throw IglooError(
                    .notFound,
                    "could not find jsonpath variable \"\(String(decoding: name, as: UTF8.self))\"",
                    sqlState: SQLState(rawValue: "42704"))
            }
            try follow(rest, value, &found)
        case .steps(let base, let steps):
            try evaluate(base, steps[...] + rest, item, &found)
        case .arithmetic(let sign, let left, let right):
            let x = try operand(left, sign, "left")
            let y = try operand(right, sign, "right")
            try follow(rest, .number(try JSONNumber.apply(sign, x, y)), &found)
        case .sign(let isNegative, let inner):
            for value in try sequence(inner, unwraps: true) where !found.isEnough {
                guard let number = value.number else {
                    throw fault(
                        "operand of unary jsonpath operator \(isNegative ? "-" : "+") is not a "
                            + "numeric value", "2203B")
                }
                try follow(rest, .number(isNegative ? number.negated : number), &found)
            }
        case .predicate(let predicate):
            let result = try holds(predicate)
            try follow(rest, result.map { .bool($0) } ?? .null, &found)
        }
    }

    private mutating func operand(
        _ node: PathNode, _ sign: JSONNumber.Sign, _ side: String
    ) throws(IglooError) -> JSONNumber {
        let items = try sequence(node, unwraps: true)
        guard items.count == 1, let number = items[0].number else {
            throw fault(
                "\(side) operand of jsonpath operator \(sign.rawValue) is not a single numeric "
                    + "value", "22038")
        }
        return number
    }

    // MARK: - Steps

    private mutating func follow(
        _ steps: ArraySlice<PathStep>, _ item: PathItem, _ found: inout Found
    ) throws(IglooError) {
        try follow(steps, item, unwraps: isLax, &found)
    }

    /// - Parameter unwraps: an array stands for its items where a step wants something else.
    private mutating func follow(
        _ steps: ArraySlice<PathStep>, _ item: PathItem, unwraps: Bool, _ found: inout Found
    ) throws(IglooError) {
        if found.isEnough { return }
        guard let step = steps.first else { return found.items.append(item) }
        let rest = steps.dropFirst()
        switch step {
        case .key, .anyKey, .filter: break
        case .method(let method):
            if unwraps && method.takesItems && item.kind == .array { break }
            return try call(method, item, rest, &found)
        case .anyDepth(let low, let high):
            return try descend(low, high, item, rest, &found)
        case .anyItem: return try each(item, rest, &found)
        case .subscripts(let places): return try select(places, item, rest, &found)
        }
        if unwraps, let items = item.items {
            for inner in items where !found.isEnough {
                try follow(steps, inner, unwraps: false, &found)
            }
            return
        }
        switch step {
        case .key(let name): try member(name, item, rest, &found)
        case .anyKey:
            guard item.kind == .object else {
                if ignoresStructure { return }
                throw fault(
                    "jsonpath wildcard member accessor can only be applied to an object", "2203C")
            }
            for value in item.values where !found.isEnough { try follow(rest, value, &found) }
        case .filter(let condition):
            let outer = current
            current = item
            let passes = try holds(condition) == true
            current = outer
            if passes { try follow(rest, item, &found) }
        default: break
        }
    }

    private mutating func member(
        _ name: [UInt8], _ item: PathItem, _ rest: ArraySlice<PathStep>, _ found: inout Found
    ) throws(IglooError) {
        if item.kind == .object {
            if let value = item.member(name) { return try follow(rest, value, &found) }
            if ignoresStructure { return }
            throw fault(
                "JSON object does not contain key \"\(String(decoding: name, as: UTF8.self))\"",
                "2203A")
        }
        if ignoresStructure { return }
        throw fault("jsonpath member accessor can only be applied to an object", "2203A")
    }

    private mutating func each(
        _ item: PathItem, _ rest: ArraySlice<PathStep>, _ found: inout Found
    ) throws(IglooError) {
        if let items = item.items {
            for inner in items where !found.isEnough { try follow(rest, inner, &found) }
        } else if isLax {
            try follow(rest, item, &found)
        } else if !ignoresStructure {
            throw fault(
                "jsonpath wildcard array accessor can only be applied to an array", "22039")
        }
    }

    private mutating func select(
        _ places: [(from: PathNode, to: PathNode?)], _ item: PathItem,
        _ rest: ArraySlice<PathStep>, _ found: inout Found
    ) throws(IglooError) {
        let items: [PathItem]
        if let own = item.items {
            items = own
        } else if isLax {
            items = [item]
        } else if ignoresStructure {
            return
        } else {
            throw fault("jsonpath array accessor can only be applied to an array", "22039")
        }
        let outer = arrayCount
        defer { arrayCount = outer }
        for place in places where !found.isEnough {
            arrayCount = items.count
            let from = try index(place.from)
            let to = try place.to.map { (node) throws(IglooError) in try index(node) } ?? from
            if !ignoresStructure && (from < 0 || from > to || to >= items.count) {
                throw fault("jsonpath array subscript is out of bounds", "22033")
            }
            var at = max(from, 0)
            while at <= min(to, items.count - 1) && !found.isEnough {
                try follow(rest, items[at], &found)
                at += 1
            }
        }
    }

    private mutating func index(_ node: PathNode) throws(IglooError) -> Int {
        let items = try sequence(node, unwraps: false)
        guard items.count == 1, let number = items[0].number else {
            throw fault("jsonpath array subscript is not a single numeric value", "22033")
        }
        guard let index = number.index else {
            throw fault("jsonpath array subscript is out of integer range", "22033")
        }
        return index
    }

    /// `.**`: the item and all below it, of some levels.
    private mutating func descend(
        _ low: Int?, _ high: Int?, _ item: PathItem, _ rest: ArraySlice<PathStep>,
        _ found: inout Found
    ) throws(IglooError) {
        let outer = ignoresStructure
        ignoresStructure = true
        defer { ignoresStructure = outer }
        if low == 0 { try follow(rest, item, &found) }
        try below(item, 1, low, high, rest, &found)
    }

    private mutating func below(
        _ item: PathItem, _ level: Int, _ low: Int?, _ high: Int?, _ rest: ArraySlice<PathStep>,
        _ found: inout Found
    ) throws(IglooError) {
        guard level <= high ?? .max else { return }
        for value in item.values where !found.isEnough {
            let isContainer = value.kind == .array || value.kind == .object
            // `last` alone means what holds nothing further.
            if low.map({ level >= $0 }) ?? !isContainer { try follow(rest, value, &found) }
            if isContainer { try below(value, level + 1, low, high, rest, &found) }
        }
    }

    // MARK: - Methods

    private mutating func call(
        _ method: PathMethod, _ item: PathItem, _ rest: ArraySlice<PathStep>,
        _ found: inout Found
    ) throws(IglooError) {
        let name = ".\(method.rawValue)()"
        switch method {
        case .type: try follow(rest, .string(Array(item.kind.rawValue.utf8)), &found)
        case .size:
            guard let items = item.items else {
                if isLax { return try follow(rest, .number(JSONNumber(1)), &found) }
                if ignoresStructure { return }
                throw fault("jsonpath item method \(name) can only be applied to an array", "22039")
            }
            try follow(rest, .number(JSONNumber(items.count)), &found)
        case .abs, .floor, .ceiling:
            guard let number = item.number,
                let rounding = JSONNumber.Rounding(rawValue: method.rawValue)
            else {
                throw fault(
                    "jsonpath item method \(name) can only be applied to a numeric value", "22036")
            }
            try follow(rest, .number(number.rounded(rounding)), &found)
        case .double: try follow(rest, .number(try double(item, name)), &found)
        case .keyvalue:
            guard case .text(let scanner, let value) = item, scanner.isObject(value) else {
                throw fault(
                    "jsonpath item method \(name) can only be applied to an object", "2203C")
            }
            let id = objectCount
            objectCount += 1
            for member in scanner.members(value) where !found.isEnough {
                try follow(
                    rest, .member(id: id, key: member.key, value: member.value, scanner), &found)
            }
        }
    }

    private func double(_ item: PathItem, _ name: String) throws(IglooError) -> JSONNumber {
        if let number = item.number { return JSONNumber(number.double) }
        guard let text = item.string else {
            throw fault(
                "jsonpath item method \(name) can only be applied to a string or numeric value",
                "22036")
        }
        guard let value = Double(String(decoding: text, as: UTF8.self)), value.isFinite else {
            throw fault(
                "string argument of jsonpath item method \(name) is not a valid representation of "
                    + "a double precision number", "22036")
        }
        return JSONNumber(value)
    }
}

extension PathMethod {
    /// An array stands for its items.
    fileprivate var takesItems: Bool { self != .type && self != .size }
}

// MARK: - Predicates

extension PathEvaluator {
    /// `nil` is unknown.
    private mutating func holds(_ predicate: PathPredicate) throws(IglooError) -> Bool? {
        switch predicate {
        case .and(let left, let right):
            let first = try holds(left)
            if first == false { return false }
            let second = try holds(right)
            return second == true ? first : second
        case .or(let left, let right):
            let first = try holds(left)
            if first == true { return true }
            let second = try holds(right)
            return second == false ? first : second
        case .not(let inner): return try holds(inner).map { !$0 }
        case .isUnknown(let inner): return try holds(inner) == nil
        case .exists(let node):
            guard let items = try quietly(node, unwraps: false) else { return nil }
            return !items.isEmpty
        case .compare(let comparison, let left, let right):
            return try any(left, right) { Self.compare(comparison, $0, $1) }
        case .startsWith(let left, let right):
            return try any(left, right, unwrapsRight: false) { text, start in
                guard let text = text.string, let start = start.string else { return nil }
                return text.starts(with: start)
            }
        case .matches(let node, let regex):
            return try any(node, .null) { text, _ in
                guard let text = text.string else { return nil }
                return text.withUnsafeBytes { regex.matches($0) }
            }
        }
    }

    /// `nil` where the path runs into an error of the data.
    private mutating func quietly(
        _ node: PathNode, unwraps: Bool
    ) throws(IglooError) -> [PathItem]? {
        let (outerCurrent, outerStructure, outerCount) = (current, ignoresStructure, arrayCount)
        do throws(IglooError) {
            return try sequence(node, unwraps: unwraps)
        } catch {
            (current, ignoresStructure, arrayCount) = (outerCurrent, outerStructure, outerCount)
            if error.sqlState.rawValue == "42704" { throw error }
            return nil
        }
    }

    /// Whether it is so for any pair; in strict mode unknown as soon as it is for one.
    private mutating func any(
        _ left: PathNode, _ right: PathNode, unwrapsRight: Bool = true,
        _ test: (PathItem, PathItem) -> Bool?
    ) throws(IglooError) -> Bool? {
        guard let xs = try quietly(left, unwraps: true),
            let ys = try quietly(right, unwraps: unwrapsRight)
        else { return nil }
        var (isFound, isUnknown) = (false, false)
        for x in xs {
            for y in ys {
                switch test(x, y) {
                case nil:
                    if !isLax { return nil }
                    isUnknown = true
                case true?:
                    if isLax { return true }
                    isFound = true
                case false?: break
                }
            }
        }
        return isFound ? true : isUnknown ? nil : false
    }

    private static func compare(
        _ comparison: PathComparison, _ left: PathItem, _ right: PathItem
    ) -> Bool? {
        let (a, b) = (left.kind, right.kind)
        guard a == b else {
            return a == .null || b == .null ? comparison == .unequal : nil
        }
        switch a {
        case .null: return comparison.holds(0)
        case .bool:
            return comparison.holds(
                ElementOrder.order(left.bool == true ? 1 : 0, right.bool == true ? 1 : 0))
        case .number:
            guard let x = left.number, let y = right.number else { return nil }
            return comparison.holds(x.compare(y))
        case .string:
            guard let x = left.string, let y = right.string else { return nil }
            return comparison.holds(x == y ? 0 : x.lexicographicallyPrecedes(y) ? -1 : 1)
        case .array, .object: return nil
        }
    }
}

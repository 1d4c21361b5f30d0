// SPDX-License-Identifier: MIT

/// Whether JSON equals or contains other JSON, as jsonb has it.
///
/// - Source: `JsonbDeepContains` in src/backend/utils/adt/jsonb_util.c of PostgreSQL.
enum JSONComparison {
    typealias Place = (scanner: JSONScanner, value: Range<Int>)

    /// A bare scalar counts as an array of it, which is in no array that is written as one.
    static func contains(_ left: Place, _ right: Place) -> Bool {
        let isLeftScalar = !left.scanner.isContainer(left.value)
        let isRightScalar = !right.scanner.isContainer(right.value)
        if isRightScalar {
            if isLeftScalar { return equal(left, right) }
            guard left.scanner.isArray(left.value) else { return false }
            return items(left).contains { equal($0, right) }
        }
        if isLeftScalar { return false }
        return containsContainer(left, right)
    }

    private static func containsContainer(_ left: Place, _ right: Place) -> Bool {
        if right.scanner.isObject(right.value) {
            guard left.scanner.isObject(left.value) else { return false }
            return right.scanner.members(right.value).allSatisfy { member in
                let name = right.scanner.string(member.key)
                guard let own = left.scanner.member(name, of: left.value) else { return false }
                return containsItem((left.scanner, own), (right.scanner, member.value))
            }
        }
        guard left.scanner.isArray(left.value) else { return false }
        let own = items(left)
        return items(right).allSatisfy { wanted in own.contains { containsItem($0, wanted) } }
    }

    private static func containsItem(_ left: Place, _ right: Place) -> Bool {
        let isContainer = right.scanner.isContainer(right.value)
        guard left.scanner.isContainer(left.value) == isContainer else { return false }
        return isContainer ? containsContainer(left, right) : equal(left, right)
    }

    private static func items(_ place: Place) -> [Place] {
        place.scanner.items(place.value).map { (place.scanner, $0) }
    }

    /// Scalars; containers only within `equal` of whole values.
    static func equal(_ left: Place, _ right: Place) -> Bool {
        let (a, b) = (kind(left), kind(right))
        guard a == b else { return false }
        switch a {
        case .string:
            return left.scanner.string(left.value) == right.scanner.string(right.value)
        case .number:
            return JSONNumber(left.scanner.slice(left.value))
                .compare(JSONNumber(right.scanner.slice(right.value))) == 0
        case .bool:
            return left.scanner.bytes[left.value.lowerBound]
                == right.scanner.bytes[right.value.lowerBound]
        case .null: return true
        case .array:
            let (x, y) = (items(left), items(right))
            return x.count == y.count && zip(x, y).allSatisfy { equal($0, $1) }
        case .object:
            let (x, y) = (left.scanner.members(left.value), right.scanner.members(right.value))
            return x.count == y.count
                && y.allSatisfy { member in
                    let name = right.scanner.string(member.key)
                    guard let own = left.scanner.member(name, of: left.value) else { return false }
                    return equal((left.scanner, own), (right.scanner, member.value))
                }
        }
    }

    enum Kind: String { case null, bool = "boolean", number, string, array, object }

    static func kind(_ place: Place) -> Kind {
        switch place.scanner.bytes[place.value.lowerBound] {
        case UInt8(ascii: "{"): .object
        case UInt8(ascii: "["): .array
        case 0x22: .string
        case UInt8(ascii: "t"), UInt8(ascii: "f"): .bool
        case UInt8(ascii: "n"): .null
        default: .number
        }
    }
}

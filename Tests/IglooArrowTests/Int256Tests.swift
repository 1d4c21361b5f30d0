// SPDX-License-Identifier: MIT
import IglooArrow
import Testing

@Suite struct Int256Tests {
    @Test(arguments: [
        "0", "-1", "42", "170141183460469231731687303715884105727",
        "170141183460469231731687303715884105728", "-170141183460469231731687303715884105729",
        "340282366920938463463374607431768211456", "-10000000000000000000000000000000000000000",
        "57896044618658097711785492504343953926634992332820282019728792003956564819967",
        "-57896044618658097711785492504343953926634992332820282019728792003956564819968",
    ])
    func textRoundTrips(_ text: String) throws {
        let value = try #require(Int256(text))
        #expect(value.description == text)
    }

    @Test(arguments: [
        "", "-", "+", "1a", " 1",
        "57896044618658097711785492504343953926634992332820282019728792003956564819968",
        "-57896044618658097711785492504343953926634992332820282019728792003956564819969",
    ])
    func whatIsNoNumberIsRefused(_ text: String) { #expect(Int256(text) == nil) }

    @Test func arithmetic() {
        let power = Int256.powerOfTen(76)
        #expect(power.description == "1" + String(repeating: "0", count: 76))
        #expect(power.multipliedReportingOverflow(by: 10).overflow)
        #expect(Int256.max.addingReportingOverflow(Int256(1)).overflow)
        #expect(Int256.min.subtractingReportingOverflow(Int256(1)).overflow)
        #expect(Int256.max.addingReportingOverflow(.min).value == Int256(-1))
        #expect(Int256.min.negated == nil)
        #expect(Int256.min.multipliedReportingOverflow(by: -1).overflow)
        #expect(Int256.min.multipliedReportingOverflow(by: 1).value == .min)
        #expect(power.negated?.negated == power)
        let (quotient, remainder) = Int256("-12345678901234567890123456789012345678901234567890")!
            .quotientAndRemainder(dividingBy: 1_000_000_007)
        let product = quotient.multipliedReportingOverflow(by: 1_000_000_007).value
        #expect(
            product.addingReportingOverflow(Int256(remainder)).value.description
                == "-12345678901234567890123456789012345678901234567890")
        #expect(Int256(-1) < .zero && .zero < power && Int256.min < Int256(-1))
    }
}

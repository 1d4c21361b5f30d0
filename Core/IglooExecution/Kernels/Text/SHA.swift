// SPDX-License-Identifier: MIT

/// The message of a digest in blocks of 64 bytes, with its padding.
///
/// - Source: FIPS 180-4, section 5.1.1.
private func paddedMessage(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
    var message = [UInt8](bytes)
    let bitCount = UInt64(message.count) &* 8
    message.append(0x80)
    while message.count % 64 != 56 { message.append(0) }
    for shift in (0..<8).reversed() {
        message.append(UInt8(truncatingIfNeeded: bitCount >> UInt64(8 * shift)))
    }
    return message
}

private func bigEndianWord(_ message: [UInt8], _ place: Int) -> UInt32 {
    UInt32(message[place]) << 24 | UInt32(message[place + 1]) << 16
        | UInt32(message[place + 2]) << 8 | UInt32(message[place + 3])
}

private func bigEndianBytes(_ words: [UInt32]) -> [UInt8] {
    words.flatMap { word in
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: word >> UInt32($0)) }
    }
}

/// The SHA-256 digest and, from another beginning and cut, SHA-224.
///
/// - Source: FIPS 180-4, sections 5.3.2, 6.2 and 6.3.
enum SHA256 {
    private static let constants: [UInt32] = [
        0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1,
        0x923f_82a4, 0xab1c_5ed5, 0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3,
        0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174, 0xe49b_69c1, 0xefbe_4786,
        0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da,
        0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147,
        0x06ca_6351, 0x1429_2967, 0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13,
        0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85, 0xa2bf_e8a1, 0xa81a_664b,
        0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070,
        0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a,
        0x5b9c_ca4f, 0x682e_6ff3, 0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208,
        0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2,
    ]

    static func digest(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
        digest(
            bytes,
            [
                0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c,
                0x1f83_d9ab, 0x5be0_cd19,
            ])
    }

    static func shortDigest(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
        let whole = digest(
            bytes,
            [
                0xc105_9ed8, 0x367c_d507, 0x3070_dd17, 0xf70e_5939, 0xffc0_0b31, 0x6858_1511,
                0x64f9_8fa7, 0xbefa_4fa4,
            ])
        return Array(whole.prefix(28))
    }

    private static func digest(
        _ bytes: UnsafeRawBufferPointer, _ start: [UInt32]
    ) -> [UInt8] {
        let message = paddedMessage(bytes)
        var state = start
        var schedule = [UInt32](repeating: 0, count: 64)
        for block in stride(from: 0, to: message.count, by: 64) {
            for i in 0..<16 { schedule[i] = bigEndianWord(message, block + 4 * i) }
            for i in 16..<64 {
                let (x, y) = (schedule[i - 15], schedule[i - 2])
                let s0 = rotated(x, 7) ^ rotated(x, 18) ^ x >> 3
                let s1 = rotated(y, 17) ^ rotated(y, 19) ^ y >> 10
                schedule[i] = schedule[i - 16] &+ s0 &+ schedule[i - 7] &+ s1
            }
            mix(&state, schedule)
        }
        return bigEndianBytes(state)
    }

    private static func mix(_ state: inout [UInt32], _ schedule: [UInt32]) {
        var v = state
        for i in 0..<64 {
            let s1 = rotated(v[4], 6) ^ rotated(v[4], 11) ^ rotated(v[4], 25)
            let choice = v[4] & v[5] ^ ~v[4] & v[6]
            let first = v[7] &+ s1 &+ choice &+ constants[i] &+ schedule[i]
            let s0 = rotated(v[0], 2) ^ rotated(v[0], 13) ^ rotated(v[0], 22)
            let majority = v[0] & v[1] ^ v[0] & v[2] ^ v[1] & v[2]
            v = [first &+ s0 &+ majority, v[0], v[1], v[2], v[3] &+ first, v[4], v[5], v[6]]
        }
        for i in 0..<8 { state[i] = state[i] &+ v[i] }
    }

    private static func rotated(_ x: UInt32, _ count: UInt32) -> UInt32 {
        x >> count | x << (32 - count)
    }
}

/// The SHA-1 digest: for comparing with others', not for secrets.
///
/// - Source: FIPS 180-4, section 6.1.
enum SHA1 {
    static func digest(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
        let message = paddedMessage(bytes)
        var state: [UInt32] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0]
        var schedule = [UInt32](repeating: 0, count: 80)
        for block in stride(from: 0, to: message.count, by: 64) {
            for i in 0..<16 { schedule[i] = bigEndianWord(message, block + 4 * i) }
            for i in 16..<80 {
                let word = schedule[i - 3] ^ schedule[i - 8] ^ schedule[i - 14] ^ schedule[i - 16]
                schedule[i] = word << 1 | word >> 31
            }
            var (a, b, c, d, e) = (state[0], state[1], state[2], state[3], state[4])
            for i in 0..<80 {
                let (f, k): (UInt32, UInt32) =
                    switch i / 20 {
                    case 0: (b & c | ~b & d, 0x5a82_7999)
                    case 1: (b ^ c ^ d, 0x6ed9_eba1)
                    case 2: (b & c | b & d | c & d, 0x8f1b_bcdc)
                    default: (b ^ c ^ d, 0xca62_c1d6)
                    }
                let next = (a << 5 | a >> 27) &+ f &+ e &+ k &+ schedule[i]
                (e, d, c, b, a) = (d, c, b << 30 | b >> 2, a, next)
            }
            state = [state[0] &+ a, state[1] &+ b, state[2] &+ c, state[3] &+ d, state[4] &+ e]
        }
        return bigEndianBytes(state)
    }
}

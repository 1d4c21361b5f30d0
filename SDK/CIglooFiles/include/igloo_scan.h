/* SPDX-License-Identifier: MIT
 *
 * Looking at 64 bytes of text at once: one bit a byte. Swift's SIMD types make no use of the
 * instruction that turns a comparison into bits, hence these few lines of C.
 */
#ifndef IGLOO_SCAN_H
#define IGLOO_SCAN_H

#include <stdint.h>
#if defined(__AVX2__)
#include <immintrin.h>
#endif

/* Which of the 64 bytes at `p` equal `byte`; bit i is p[i]. */
static inline uint64_t igloo_scan_equal(const uint8_t *_Nonnull p, uint8_t byte) {
#if defined(__AVX2__)
    __m256i wanted = _mm256_set1_epi8((char)byte);
    __m256i low = _mm256_loadu_si256((const __m256i *)p);
    __m256i high = _mm256_loadu_si256((const __m256i *)(p + 32));
    uint32_t a = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(low, wanted));
    uint32_t b = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(high, wanted));
    return (uint64_t)a | (uint64_t)b << 32;
#else
    uint64_t bits = 0;
    for (int i = 0; i < 64; i++) bits |= (uint64_t)(p[i] == byte) << i;
    return bits;
#endif
}

/* Which of the 64 bytes at `p` end a run of plain characters in a JSON string: quotes, backslashes
 * and control characters (below 0x20). */
static inline uint64_t igloo_scan_json_special(const uint8_t *_Nonnull p) {
#if defined(__AVX2__)
    __m256i quote = _mm256_set1_epi8('"');
    __m256i backslash = _mm256_set1_epi8('\\');
    __m256i last = _mm256_set1_epi8(0x1F);
    uint64_t bits = 0;
    for (int half = 0; half < 2; half++) {
        __m256i v = _mm256_loadu_si256((const __m256i *)(p + 32 * half));
        __m256i found = _mm256_or_si256(
            _mm256_or_si256(_mm256_cmpeq_epi8(v, quote), _mm256_cmpeq_epi8(v, backslash)),
            _mm256_cmpeq_epi8(_mm256_min_epu8(v, last), v));
        bits |= (uint64_t)(uint32_t)_mm256_movemask_epi8(found) << (32 * half);
    }
    return bits;
#else
    uint64_t bits = 0;
    for (int i = 0; i < 64; i++)
        bits |= (uint64_t)(p[i] == '"' || p[i] == '\\' || p[i] < 0x20) << i;
    return bits;
#endif
}

/* Bit i of the answer is the parity of bits 0...i: ones inside quotes, if `bits` are quotes. */
static inline uint64_t igloo_scan_parity(uint64_t bits) {
    bits ^= bits << 1;
    bits ^= bits << 2;
    bits ^= bits << 4;
    bits ^= bits << 8;
    bits ^= bits << 16;
    bits ^= bits << 32;
    return bits;
}

#endif

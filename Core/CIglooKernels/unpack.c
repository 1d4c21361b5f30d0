// SPDX-License-Identifier: MIT

#include "igloo_kernels.h"

#if defined(__x86_64__)
#include <immintrin.h>

// Of eight values of some width, the first four stand in sixteen bytes from the first one's on, the
// others from the fifth's on: each is shuffled into a lane of four bytes, shifted and masked.
enum { WIDTH_MAX = 25 };
static _Alignas(32) uint8_t shuffles[WIDTH_MAX + 1][32];
static _Alignas(32) uint32_t shifts[WIDTH_MAX + 1][8];

__attribute__((constructor)) static void make_tables(void) {
    for (unsigned width = 1; width <= WIDTH_MAX; width++) {
        for (unsigned index = 0; index < 8; index++) {
            unsigned bit = index < 4 ? index * width : index * width - 4 * width / 8 * 8;
            for (unsigned byte = 0; byte < 4; byte++) {
                shuffles[width][index * 4 + byte] = (uint8_t)(bit / 8 + byte);
            }
            shifts[width][index] = bit % 8;
        }
    }
}

__attribute__((target("avx2"))) void igloo_unpack(
    const void *source, unsigned width, size_t group_count, uint32_t *target) {
    const uint8_t *from = source;
    const __m256i shuffle = _mm256_load_si256((const __m256i *)shuffles[width]);
    const __m256i shift = _mm256_load_si256((const __m256i *)shifts[width]);
    const __m256i mask = _mm256_set1_epi32((int)((1u << width) - 1));
    for (size_t group = 0; group < group_count; group++) {
        __m128i low = _mm_loadu_si128((const __m128i *)from);
        __m128i high = _mm_loadu_si128((const __m128i *)(from + width / 2));
        __m256i bytes = _mm256_inserti128_si256(_mm256_castsi128_si256(low), high, 1);
        bytes = _mm256_shuffle_epi8(bytes, shuffle);
        bytes = _mm256_and_si256(_mm256_srlv_epi32(bytes, shift), mask);
        _mm256_storeu_si256((__m256i *)target, bytes);
        from += width;
        target += 8;
    }
}
#else
void igloo_unpack(const void *source, unsigned width, size_t group_count, uint32_t *target) {
    const uint8_t *from = source;
    for (size_t index = 0; index < group_count * 8; index++) {
        size_t bit = index * width;
        uint32_t value = 0;
        for (unsigned byte = 0; byte < 4; byte++) {
            value |= (uint32_t)from[bit / 8 + byte] << (8 * byte);
        }
        target[index] = value >> bit % 8 & ((1u << width) - 1);
    }
}
#endif

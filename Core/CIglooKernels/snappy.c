// SPDX-License-Identifier: MIT

#include "igloo_kernels.h"

#include <stdbool.h>
#if defined(__x86_64__)
#include <immintrin.h>
#define TARGET __attribute__((target("ssse3,bmi2")))
#elif defined(__aarch64__)
#include <arm_neon.h>
#define TARGET
#else
#define TARGET
#endif

// A block is a sequence of elements, each with a tag: literals, whose bytes follow, and copies of
// what was written before. (google/snappy, format_description.txt)
//
// Most of the time goes to finding out where the next tag stands, and to branches that cannot be
// foreseen. So the next tag is loaded before anything is done for this one, and what an element
// moves is 16 bytes, past its end, or 64, which the next element overwrites.

typedef struct {
    const uint8_t *input, *input_end;
    uint8_t *output, *output_start, *output_end;
} Block;

// By the tag: how many bytes the element gives (0: its tag does not tell), and bits 8 to 10 of its
// distance.
static uint8_t lengths[256], distances[256];
// For distances below 16: sixteen bytes of the pattern out of its first ones, and how many of those
// are whole repetitions.
static _Alignas(16) uint8_t patterns[16][16];
static uint8_t steps[16];

__attribute__((constructor)) static void make_tables(void) {
    for (int tag = 0; tag < 256; tag++) {
        int kind = tag & 3, length = (tag >> 2) + 1;
        if (kind == 1) length = (tag >> 2 & 7) + 4;
        lengths[tag] = kind == 3 || (kind == 0 && length > 60) ? 0 : (uint8_t)length;
        distances[tag] = kind == 1 ? (uint8_t)(tag >> 5) : 0;
    }
    for (int distance = 1; distance < 16; distance++) {
        for (int index = 0; index < 16; index++) {
            patterns[distance][index] = (uint8_t)(index % distance);
        }
        steps[distance] = (uint8_t)(16 / distance * distance);
    }
}

static inline uint32_t load32(const uint8_t *from) {
    uint32_t word;
    memcpy(&word, from, 4);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap32(word);
#endif
    return word;
}

static inline void move16(uint8_t *to, const uint8_t *from) {
    struct { uint64_t words[2]; } bytes;
    memcpy(&bytes, from, 16);
    memcpy(to, &bytes, 16);
}

// Repeats the `distance` bytes before `to`, fewer than 16; writes up to 80 bytes.
TARGET static inline void repeat(uint8_t *to, size_t distance, size_t length) {
    size_t step = steps[distance];
#if defined(__x86_64__)
    __m128i first = _mm_loadu_si128((const __m128i *)(to - distance));
    __m128i bytes = _mm_shuffle_epi8(first, _mm_load_si128((const __m128i *)patterns[distance]));
    _mm_storeu_si128((__m128i *)to, bytes);
    for (size_t done = step; done < length; done += step) {
        _mm_storeu_si128((__m128i *)(to + done), bytes);
    }
#elif defined(__aarch64__)
    uint8x16_t bytes = vqtbl1q_u8(vld1q_u8(to - distance), vld1q_u8(patterns[distance]));
    vst1q_u8(to, bytes);
    for (size_t done = step; done < length; done += step) vst1q_u8(to + done, bytes);
#else
    (void)step;
    for (size_t done = 0; done < length; done++) to[done] = (to - distance)[done];
#endif
}

// The rest of a literal's length stands behind its tag, in 1 to 4 bytes.
static bool long_literal(Block *block, uint8_t tag) {
    size_t count = (size_t)(tag >> 2) - 59, length = 1;
    if ((size_t)(block->input_end - block->input) < count) return false;
    for (size_t index = 0; index < count; index++) {
        length += (size_t)block->input[index] << (8 * index);
    }
    block->input += count;
    if ((size_t)(block->input_end - block->input) < length) return false;
    if ((size_t)(block->output_end - block->output) < length) return false;
    memcpy(block->output, block->input, length);
    block->input += length;
    block->output += length;
    return true;
}

// An element within its bounds, byte by byte. The input stands behind its tag.
static bool careful(Block *block, uint8_t tag) {
    size_t kind = tag & 3, length = lengths[tag], distance;
    size_t rest = (size_t)(block->input_end - block->input);
    if (kind == 0 && length == 0) return long_literal(block, tag);
    if (kind == 3) length = (size_t)(tag >> 2) + 1;
    if ((size_t)(block->output_end - block->output) < length) return false;
    if (kind == 0) {
        if (rest < length) return false;
        memcpy(block->output, block->input, length);
        block->input += length;
        block->output += length;
        return true;
    }
    size_t count = kind == 3 ? 4 : kind;
    if (rest < count) return false;
    distance = (size_t)distances[tag] << 8;
    for (size_t index = 0; index < count; index++) {
        distance |= (size_t)block->input[index] << (8 * index);
    }
    block->input += count;
    if (distance - 1 >= (size_t)(block->output - block->output_start)) return false;
    for (size_t done = 0; done < length; done++) {
        block->output[done] = (block->output - distance)[done];
    }
    block->output += length;
    return true;
}

enum { INPUT_SLACK = 80, OUTPUT_SLACK = 96 };

// All elements but the last ones, without looking at the ends of input and output for each.
TARGET static bool quick(Block *block) {
    static const uint32_t masks[4] = {0, 0xFF, 0xFFFF, 0};
    const uint8_t *input = block->input, *input_last = block->input_end - INPUT_SLACK;
    uint8_t *output = block->output, *output_last = block->output_end - OUTPUT_SLACK;
    size_t tag = *input++;
    while (true) {
        size_t kind = tag & 3, length = lengths[tag];
        if (__builtin_expect(length == 0, 0)) {
            block->input = input;
            block->output = output;
            if (!careful(block, (uint8_t)tag)) return false;
            (input = block->input, output = block->output);
            if (input >= input_last || output >= output_last) break;
            tag = *input++;
            continue;
        }
        const uint8_t *literal = input;
        size_t distance = (load32(input) & masks[kind]) + ((size_t)distances[tag] << 8);
        size_t advance = kind == 0 ? (tag >> 2) + 2 : kind + 1;
        tag = input[advance - 1];
        input += advance;
        if (kind != 0 && distance - 1 >= (size_t)(output - block->output_start)) return false;
        if (kind != 0 && distance < 16) {
            repeat(output, distance, length);
        } else {
            const uint8_t *from = kind == 0 ? literal : output - distance;
            move16(output, from);
            if (__builtin_expect(length > 16, 0)) {
                move16(output + 16, from + 16);
                move16(output + 32, from + 32);
                move16(output + 48, from + 48);
            }
        }
        output += length;
        if (input > input_last || output >= output_last) {
            input--;
            break;
        }
    }
    block->input = input;
    block->output = output;
    return true;
}

bool igloo_snappy_decode(
    const void *input, size_t input_count, void *output, size_t output_count) {
    Block block = {
        input, (const uint8_t *)input + input_count, output, output,
        (uint8_t *)output + output_count};
    if (input_count > INPUT_SLACK && output_count > OUTPUT_SLACK && !quick(&block)) return false;
    while (block.input < block.input_end) {
        uint8_t tag = *block.input++;
        if (!careful(&block, tag)) return false;
    }
    return block.output == block.output_end;
}

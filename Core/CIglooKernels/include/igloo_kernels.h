// SPDX-License-Identifier: MIT
//
// What Swift cannot say as well: prefetching, searching in memory, relaxed atomics on plain
// words, shuffling bytes by a table, and calls of the C library that need _GNU_SOURCE.

#ifndef IGLOO_KERNELS_H
#define IGLOO_KERNELS_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/// Asks for the cache line at `address`, which need not be valid.
static inline void igloo_prefetch(const void *address) { __builtin_prefetch(address, 0, 3); }

/// Compares `count` bytes as `memcmp` does.
static inline int igloo_compare(const void *left, const void *right, size_t count) {
    return memcmp(left, right, count);
}

/// Where `needle` first occurs in `text`, or -1.
ptrdiff_t igloo_find(
    const void *text, size_t text_count, const void *needle, size_t needle_count);

/// Marks, and marks read, without order between threads; each mark is only ever set.
static inline void igloo_mark(uint64_t *address) {
    __atomic_store_n(address, 1, __ATOMIC_RELAXED);
}
static inline uint64_t igloo_is_marked(const uint64_t *address) {
    return __atomic_load_n(address, __ATOMIC_RELAXED);
}

/// Processors that the process's affinity mask grants, at least 1.
int igloo_processor_count(void);

/// Shows in debuggers and in /proc; cut to 15 bytes.
void igloo_name_thread(pthread_t thread, const char *name);

/// Opens a new file in `folder` that has no name and goes when it is closed; -1 and errno if not.
int igloo_open_unnamed(const char *folder);

/// Gives memory that was freed, and that the C library keeps, back to the system.
void igloo_trim_memory(void);

/// Gives the blocks of a part of a file back to the disk. -1 and errno where that cannot be done.
int igloo_punch_hole(int descriptor, int64_t offset, int64_t count);

/// Unpacks groups of eight values of 1 to 25 bits, the first in the lowest bits; 32 bytes behind
/// the last group may be read.
void igloo_unpack(const void *source, unsigned width, size_t group_count, uint32_t *target);

/// Decodes the elements of a snappy block, what follows its length; false when they are malformed
/// or do not fill the output exactly. What is behind what was written may be overwritten, within
/// the output.
bool igloo_snappy_decode(const void *input, size_t input_count, void *output, size_t output_count);

#endif

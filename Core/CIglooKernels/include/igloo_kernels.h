// SPDX-License-Identifier: MIT
//
// What Swift cannot say as well: prefetching and searching in memory. All is inlined.

#ifndef IGLOO_KERNELS_H
#define IGLOO_KERNELS_H

#include <stddef.h>
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

#endif

// SPDX-License-Identifier: MIT

#define _GNU_SOURCE
#include "igloo_kernels.h"

ptrdiff_t igloo_find(
    const void *text, size_t text_count, const void *needle, size_t needle_count) {
    const void *found = memmem(text, text_count, needle, needle_count);
    return found ? (const char *)found - (const char *)text : -1;
}

// SPDX-License-Identifier: MIT

#define _GNU_SOURCE
#include "igloo_kernels.h"

#include <sched.h>
#include <unistd.h>

ptrdiff_t igloo_find(
    const void *text, size_t text_count, const void *needle, size_t needle_count) {
    const void *found = memmem(text, text_count, needle, needle_count);
    return found ? (const char *)found - (const char *)text : -1;
}

int igloo_processor_count(void) {
    cpu_set_t mask;
    if (sched_getaffinity(0, sizeof mask, &mask) == 0) {
        int count = CPU_COUNT(&mask);
        if (count > 0) return count;
    }
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    return online > 0 ? (int)online : 1;
}

void igloo_name_thread(pthread_t thread, const char *name) {
    char cut[16];
    strncpy(cut, name, sizeof cut - 1);
    cut[sizeof cut - 1] = 0;
    pthread_setname_np(thread, cut);
}

// SPDX-License-Identifier: MIT

#define _GNU_SOURCE
#include "igloo_kernels.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
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

int igloo_open_unnamed(const char *folder) {
    int descriptor = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    // Network file systems have no files without a name: make one and take the name away.
    if (descriptor >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL)) {
        return descriptor;
    }
    char *path = NULL;
    if (asprintf(&path, "%s/igloo-XXXXXX", folder) < 0) return -1;
    descriptor = mkostemp(path, O_CLOEXEC);
    if (descriptor >= 0) unlink(path);
    int code = errno;
    free(path);
    errno = code;
    return descriptor;
}

void igloo_trim_memory(void) {
#ifdef __GLIBC__
    malloc_trim(0);
#endif
}

int igloo_punch_hole(int descriptor, int64_t offset, int64_t count) {
    return fallocate(descriptor, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, count);
}

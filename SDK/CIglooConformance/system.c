// SPDX-License-Identifier: MIT
#define _GNU_SOURCE

#include <fcntl.h>
#include <ftw.h>
#include <malloc.h>
#include <stdio.h>
#include <unistd.h>

#include "igloo_conformance.h"

size_t igloo_allocated_bytes(void) {
  const struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

void igloo_use_one_arena(void) { mallopt(M_ARENA_MAX, 1); }

int igloo_make_pipe(int descriptors[2]) { return pipe2(descriptors, O_CLOEXEC); }

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *place) {
  (void)status, (void)kind, (void)place;
  remove(path);
  return 0;
}

void igloo_remove_tree(const char *path) { nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS); }

int igloo_start_in(posix_spawn_file_actions_t *actions, const char *folder) {
  return posix_spawn_file_actions_addchdir_np(actions, folder);
}

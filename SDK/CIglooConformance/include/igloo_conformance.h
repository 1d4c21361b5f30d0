// SPDX-License-Identifier: MIT
// What the conformance kit asks of the system and Swift's Glibc module does not show.
#ifndef IGLOO_CONFORMANCE_H
#define IGLOO_CONFORMANCE_H

#include <spawn.h>
#include <stddef.h>

// Bytes that are allocated now, by anybody in the process's main arena or as a mapping.
size_t igloo_allocated_bytes(void);

// Makes all threads share one arena, so that `igloo_allocated_bytes` sees all of them.
void igloo_use_one_arena(void);

// A pipe that programs which are started do not inherit; 0 = made.
int igloo_make_pipe(int descriptors[2]);

// Removes a folder with all that is in it, without following links.
void igloo_remove_tree(const char *path);

// Has the program that is to be started begin in `folder`; 0 = noted.
int igloo_start_in(posix_spawn_file_actions_t *actions, const char *folder);

#endif

// SPDX-License-Identifier: MIT
#include <ltdl.h>

// <dlfcn.h> hides dladdr from programs that do not ask for GNU's extensions before the first
// include, which a module cannot do: the same function under a name of its own.
struct igloo_dl_info {
  const char *file_name;
  void *base_address;
  const char *symbol_name;
  void *symbol_address;
};
extern int igloo_dladdr(const void *address, struct igloo_dl_info *info) __asm__("dladdr");

// The same goes for pipe2 of <unistd.h>, memfd_create of <sys/mman.h> and the seals of <fcntl.h>.
extern int igloo_pipe2(int ends[2], int flags) __asm__("pipe2");
extern int igloo_memfd_create(const char *name, unsigned flags) __asm__("memfd_create");
enum {
  IGLOO_MFD_CLOEXEC_AND_SEALABLE = 1 | 2,
  IGLOO_F_ADD_SEALS = 1033,
  IGLOO_F_SEAL_ALL = 1 | 2 | 4 | 8, /* seal, shrink, grow, write */
};

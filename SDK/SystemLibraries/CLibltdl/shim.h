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

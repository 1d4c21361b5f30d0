// SPDX-License-Identifier: MIT
// A plugin that is another one, -DREAL="/path/of/it.so", with one thing wrong, -DWRONG=NAME. The
// conformance kit must find nothing wrong with NOTHING and catch each of the others. A file that
// includes this defines KIND, WORD, NAME, and `wrap`, which makes its own table of functions.
#ifndef PROXY_H
#define PROXY_H

#include <dlfcn.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "../../C/plugin.h"

enum wrong {
  NOTHING,
  // Functions.
  TAKES_ANY_TYPES, REFUSES_WITH_INVALID, WRONG_IN_LARGE_BATCHES, IGNORES_OFFSETS, READS_BENEATH_NULLS,
  COUNTS_ITS_CALLS, MERGE_FORGETS, POINTERS_IN_PARTIALS,
  // Operators.
  OPERATOR_TAKES_ANY, DROPS_SINGLE_ROWS, ENDS_WITH_FIRST_INPUT, SPILL_LIES, DEAF_OPERATOR,
  // Caches.
  MISS_IS_EMPTY, LOSES_LAST_BATCH, VISIBLE_TOO_EARLY, LAST_WRITER_WINS, NEVER_EXPIRES, TAG_IGNORED,
  REMOVE_SPARES_WRITERS, USAGE_LIES,
  // Metadata stores.
  BLIND_COMPARE, LOST_WRITE, READS_FROM_A_COPY, HALF_TRANSACTION, DOUBLED_EVENTS, LOST_EVENTS,
  LEASE_FOR_EVER, LIMIT_IGNORED, TEXT_KEYS,
  // Transports.
  REORDERS, DAMAGES, END_ENDS_BOTH, RESET_IS_QUIET, EMPTY_FRAME_IS_END, BOUND_TO_ZERO, BUFFERS_ALL,
  INVENTS_PEERS,
  // Front ends.
  REPORTS_PORT_ZERO, BLAMES_THE_NETWORK, CANCEL_GOES_NOWHERE, DRAIN_CUTS_OFF, ROUNDS_NUMBERS,
  READS_AHEAD,
  // Secrets.
  CUTS_SECRETS, MISSING_IS_EMPTY, ONE_VERSION, LEAVES_SECRETS, LOGS_SECRETS
};

#ifndef WRONG
#define WRONG NOTHING
#endif
#define IS(name) (WRONG == (name))

IGLOO_NOTE("id=proxy\nversion=1.0\nkinds=" WORD ":" NAME "\nneeds=1\nruntime=c\nlicense=MIT\n");

static const igloo_host *host;
static const igloo_kind *real;

// The table of functions of the kind: the real one's, but for what is wrong.
static const void *wrap(const void *table);

static igloo_status proxy_create(const igloo_kind *kind, const igloo_value *values, size_t n,
                                 const igloo_ctx *ctx, void **self, igloo_error *error) {
  (void)kind;
  return real->create(real, values, n, ctx, self, error);
}

const igloo_plugin *igloo_plugin_0(const igloo_host *given, igloo_error *error) {
  static igloo_kind kinds[1];
  static const igloo_plugin plugin = {STR("proxy"), STR("1.0"), 1, 1, 1, 1, kinds, NULL};
  host = given;
  void *library = dlopen(REAL, RTLD_NOW | RTLD_LOCAL);
  igloo_plugin_0_fn enter =
      library ? (igloo_plugin_0_fn)(uintptr_t)dlsym(library, "igloo_plugin_0") : NULL;
  if (!enter) {
    fail(error, IGLOO_E_UNAVAILABLE, "58000", "the plugin behind the proxy cannot be loaded");
    return NULL;
  }
  const igloo_plugin *found = enter(given, error);
  for (uint32_t i = 0; found && i < found->n_kinds; i++) {
    const igloo_kind *kind = found->kinds + i;
    if (kind->kind != KIND || kind->name.n != sizeof NAME - 1 ||
        memcmp(kind->name.p, NAME, kind->name.n) != 0)
      continue;
    real = kind;
    kinds[0] = *kind;
    kinds[0].create = proxy_create;
    kinds[0].vtable = wrap(kind->vtable);
    return &plugin;
  }
  fail(error, IGLOO_E_NOT_FOUND, "42704", "the plugin behind the proxy has no such kind");
  return NULL;
}

static inline bool is_cancelled(const igloo_ctx *ctx) {
  return ctx->cancelled && __atomic_load_n(ctx->cancelled, __ATOMIC_ACQUIRE);
}

#endif

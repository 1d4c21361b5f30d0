// SPDX-License-Identifier: MIT
// The facet CHANGES. A token is the number of rows of a table, to which rows are only added; no
// history is kept.

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "wrong.h"

static igloo_status make_token(const struct instance *instance, igloo_bytes table, igloo_blob *token,
                               igloo_error *error) {
  static _Atomic uint64_t calls;
  const struct table *found = find_table(instance->folder, (const char *)table.p, table.n);
  if (!found) return fail(error, IGLOO_E_STATE, "42P01", "the table is gone");
  uint64_t number = IS(TOKEN_STANDS_STILL) ? 1 : found->n_rows;
  if (IS(TOKEN_EACH_TIME)) number = ++calls;
  *token = (igloo_blob){malloc(sizeof number), sizeof number, release_blob, NULL};
  memcpy(token->p, &number, sizeof number);
  return IGLOO_OK;
}

static igloo_status token(void *self, const igloo_ctx *ctx, igloo_bytes table, igloo_blob *token,
                          int64_t *max_age_ns, igloo_error *error) {
  (void)ctx;
  *max_age_ns = 0;
  return make_token(self, table, token, error);
}

static igloo_status changes(void *self, const igloo_ctx *ctx, igloo_bytes table, igloo_bytes from,
                            igloo_bytes to, igloo_reader *out, igloo_error *error) {
  (void)self, (void)ctx, (void)table, (void)from, (void)to;
  if (!IS(CHANGES_SINCE_NEVER))
    return fail(error, IGLOO_E_COMPACTED, "55000", "there is no history: read the table anew");
  struct reader *reader = calloc(1, sizeof *reader);
  reader->n_columns = 2;
  memcpy(reader->names, ((const char *const[]){"id", "_op"}), 2 * sizeof *reader->names);
  memcpy(reader->types, "lu", 2);
  give(reader, out);
  return IGLOO_OK;
}

static int64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static igloo_status wait_for(void *self, const igloo_ctx *ctx, igloo_bytes table, igloo_bytes after,
                             igloo_blob *token, igloo_error *error) {
  for (;;) {
    const igloo_status status = make_token(self, table, token, error);
    if (status < 0) return status;
    const bool is_same = token->n == after.n && memcmp(token->p, after.p, after.n) == 0;
    if ((!is_same && !IS(SLEEPS_THROUGH)) || IS(WAITS_FOR_NOTHING)) return IGLOO_OK;
    release_blob(token);
    *token = (igloo_blob){NULL, 0, NULL, NULL};
    if (is_cancelled(ctx)) return cancelled(error);
    if (ctx->deadline_ns && now() > ctx->deadline_ns)
      return fail(error, IGLOO_E_DEADLINE, "57014", "nothing changed in time");
    usleep(5000);
  }
}

const igloo_changes changes_facet = {token, changes, wait_for};

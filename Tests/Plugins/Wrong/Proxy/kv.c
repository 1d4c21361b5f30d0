// SPDX-License-Identifier: MIT
// Metadata stores that are wrong: that of Plugins/MetadataStores/SQLite behind a proxy.
#define KIND IGLOO_KV
#define WORD "kv"
#define NAME "sqlite"
#include "proxy.h"

static igloo_kv inner;

static igloo_bytes cut(igloo_bytes key) {
  const uint8_t *zero = key.n > 1 ? memchr(key.p, 0, key.n) : NULL;
  if (IS(TEXT_KEYS) && zero) key.n = (size_t)(zero - key.p);
  return key;
}

static igloo_status range(void *self, const igloo_ctx *ctx, igloo_bytes key, igloo_bytes end,
                          int64_t revision, uint32_t limit, uint32_t stale_ok, igloo_kv_page *out,
                          igloo_error *error) {
  if (IS(READS_FROM_A_COPY) && revision == 0) {
    igloo_kv_page page = {0};
    igloo_status status = inner.range(self, ctx, key, (igloo_bytes){NULL, 0}, 0, 1, 0, &page, error);
    if (status < 0) return status;
    revision = page.revision > 1 ? page.revision - 1 : 0;
    page.release(&page);
  }
  igloo_status status =
      inner.range(self, ctx, cut(key), end, revision, limit, stale_ok, out, error);
  if (status >= 0 && IS(LIMIT_IGNORED)) out->more = 0;
  return status;
}

static igloo_status txn(void *self, const igloo_ctx *ctx, const igloo_kv_compare *compares,
                        size_t n_compares, const igloo_kv_op *yes, size_t n_yes,
                        const igloo_kv_op *no, size_t n_no, igloo_kv_page *out,
                        igloo_error *error) {
  static _Atomic unsigned writes;
  igloo_kv_op steps[64];
  if (IS(BLIND_COMPARE)) n_compares = 0;
  if (IS(LOST_WRITE) && ++writes % 20 == 0) n_yes = 0;
  if (IS(TEXT_KEYS) && n_yes && n_yes <= 64) {
    memcpy(steps, yes, n_yes * sizeof *steps);
    for (size_t i = 0; i < n_yes; i++) steps[i].key = cut(steps[i].key);
    yes = steps;
  }
  if (IS(HALF_TRANSACTION) && n_yes > 1 && n_compares > 1) {
    igloo_status status =
        inner.txn(self, ctx, compares, n_compares, yes, 1, no, n_no, out, error);
    if (status < 0 || !out->succeeded) return status;
    out->release(out);
    memset(out, 0, sizeof *out);
    return inner.txn(self, ctx, NULL, 0, yes + 1, n_yes - 1, NULL, 0, out, error);
  }
  return inner.txn(self, ctx, compares, n_compares, yes, n_yes, no, n_no, out, error);
}

static igloo_status (*inner_next)(void *, const igloo_ctx *, igloo_kv_page *, igloo_error *);

static igloo_status watch_next(void *self, const igloo_ctx *ctx, igloo_kv_page *events,
                               igloo_error *error) {
  igloo_status status = inner_next(self, ctx, events, error);
  if (status >= 0 && IS(LOST_EVENTS) && events->n > 1) events->n--;
  return status;
}

static igloo_status watch(void *self, const igloo_ctx *ctx, igloo_bytes key, igloo_bytes end,
                          int64_t from, igloo_kv_watch *out, igloo_error *error) {
  if (IS(DOUBLED_EVENTS) && from > 1) from--;
  igloo_status status = inner.watch(self, ctx, key, end, from, out, error);
  if (status < 0) return status;
  inner_next = out->next;
  out->next = watch_next;
  return status;
}

static igloo_status lease_grant(void *self, const igloo_ctx *ctx, int64_t ttl_ns, int64_t *lease,
                                igloo_error *error) {
  return inner.lease_grant(self, ctx, IS(LEASE_FOR_EVER) ? ttl_ns * 1000 : ttl_ns, lease, error);
}

static const void *wrap(const void *table) {
  static igloo_kv outer;
  outer = inner = *(const igloo_kv *)table;
  outer.range = range;
  outer.txn = txn;
  outer.watch = watch;
  outer.lease_grant = lease_grant;
  return &outer;
}

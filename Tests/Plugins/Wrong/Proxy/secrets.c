// SPDX-License-Identifier: MIT
// Secret providers that are wrong: that of Tests/Plugins/Memory behind a proxy.
#define KIND IGLOO_SECRETS
#define WORD "secrets"
#define NAME "memory"
#include "proxy.h"

static igloo_secrets inner;

static void leave(igloo_blob *blob) { (void)blob; }

static igloo_status fetch(void *self, const igloo_ctx *ctx, igloo_str reference, igloo_blob *secret,
                          int64_t *ttl_ns, igloo_blob *version, igloo_error *error) {
  igloo_status status = inner.fetch(self, ctx, reference, secret, ttl_ns, version, error);
  if (status == IGLOO_E_NOT_FOUND && IS(MISSING_IS_EMPTY)) {
    if (error->release) error->release(error);
    memset(error, 0, sizeof *error);
    secret->release = leave;
    return IGLOO_OK;
  }
  if (status < 0) return status;
  if (IS(CUTS_SECRETS)) secret->n /= 2;
  if (IS(LOGS_SECRETS))
    host->log(IGLOO_LOG_DEBUG, (igloo_str)STR("proxy"), (igloo_str){(char *)secret->p, secret->n});
  if (IS(ONE_VERSION)) {
    if (version->release) version->release(version);
    *version = (igloo_blob){(uint8_t *)(uintptr_t)"1", 1, NULL, NULL};
  }
  if (IS(LEAVES_SECRETS)) secret->release = leave;
  return status;
}

static const void *wrap(const void *table) {
  static const igloo_secrets outer = {fetch};
  inner = *(const igloo_secrets *)table;
  return &outer;
}

/* SPDX-License-Identifier: MIT */
/* Services whose answers are wrong, each in the way that the option "fault" names; without one they
 * are right, and poor: a metadata store that always holds the same two keys. */
#include <stdlib.h>
#include <string.h>

#include "igloo.h"

IGLOO_NOTE(
    "id=services\n"
    "version=1.0\n"
    "kinds=kv:wrong,cache:wrong,transport:wrong,frontend:wrong\n"
    "needs=1\n"
    "runtime=c\n"
    "license=MIT\n");

#define STR(text) {text, sizeof(text) - 1}

typedef struct instance { char fault[32]; } instance;

static int has(const instance *self, const char *fault) { return strcmp(self->fault, fault) == 0; }

static igloo_status create(const igloo_kind *kind, const igloo_value *values, size_t n,
                           const igloo_ctx *ctx, void **out, igloo_error *error) {
  (void)kind, (void)ctx, (void)error;
  instance *self = calloc(1, sizeof *self);
  if (!self) return IGLOO_E_EXHAUSTED;
  for (size_t i = 0; i < n; i++) {
    size_t length = values[i].s.n < 31 ? values[i].s.n : 31;
    memcpy(self->fault, values[i].s.p, length);
  }
  *out = self;
  return IGLOO_OK;
}

static void destroy(void *self) { free(self); }

/* ------------------------------------------------------------------ metadata store */

static const uint8_t key_a[] = "a", key_b[] = "b", value_1[] = "1";
static const igloo_kv_item two_keys[] = {
    {{key_a, 1}, {value_1, 1}, 1, 1, 0, 0, 0}, {{key_b, 1}, {value_1, 1}, 2, 2, 0, 0, 0}};
static const igloo_kv_item unsorted_keys[] = {
    {{key_b, 1}, {value_1, 1}, 2, 2, 0, 0, 0}, {{key_a, 1}, {value_1, 1}, 1, 1, 0, 0, 0}};

static int released;

static void release_page(igloo_kv_page *page) {
  (void)page;
  released++;
}

static void answer(const instance *self, igloo_kv_page *out) {
  out->items = has(self, "unsorted") ? unsorted_keys : two_keys;
  out->n = has(self, "no pointer") || has(self, "empty") ? 0 : 2;
  if (has(self, "no pointer")) out->items = NULL, out->n = (size_t)-1;
  out->revision = has(self, "from the future") ? 1 : 2;
  out->release = release_page;
}

static igloo_status kv_range(void *self, const igloo_ctx *ctx, igloo_bytes key, igloo_bytes end,
                             int64_t revision, uint32_t limit, uint32_t stale_ok,
                             igloo_kv_page *out, igloo_error *error) {
  (void)ctx, (void)key, (void)end, (void)revision, (void)limit, (void)stale_ok, (void)error;
  if (has(self, "odd status")) return 77;
  answer(self, out);
  return IGLOO_OK;
}

static igloo_status kv_txn(void *self, const igloo_ctx *ctx, const igloo_kv_compare *compares,
                           size_t n_compares, const igloo_kv_op *yes, size_t n_yes,
                           const igloo_kv_op *no, size_t n_no, igloo_kv_page *out,
                           igloo_error *error) {
  (void)ctx, (void)compares, (void)n_compares, (void)yes, (void)n_yes, (void)no, (void)n_no;
  (void)error;
  answer(self, out);
  return IGLOO_OK;
}

static igloo_status watch_next(void *self, const igloo_ctx *ctx, igloo_kv_page *events,
                               igloo_error *error) {
  (void)ctx, (void)error;
  answer(self, events);
  return IGLOO_OK;
}

static void watch_end(void *self) { (void)self; }

static igloo_status kv_watch(void *self, const igloo_ctx *ctx, igloo_bytes key, igloo_bytes end,
                             int64_t from, igloo_kv_watch *out, igloo_error *error) {
  (void)ctx, (void)key, (void)end, (void)from, (void)error;
  out->self = self;
  out->next = has(self, "holes") ? NULL : watch_next;
  out->cancel = watch_end;
  out->release = watch_end;
  return IGLOO_OK;
}

static igloo_status kv_grant(void *self, const igloo_ctx *ctx, int64_t ttl_ns, int64_t *lease,
                             igloo_error *error) {
  (void)ctx, (void)ttl_ns, (void)error;
  *lease = has(self, "no lease") ? 0 : 1;
  return IGLOO_OK;
}

static igloo_status kv_renew(void *self, const igloo_ctx *ctx, int64_t lease, int64_t *left_ns,
                             igloo_error *error) {
  (void)self, (void)ctx, (void)lease, (void)error;
  *left_ns = -5;
  return IGLOO_OK;
}

static igloo_status kv_revoke(void *self, const igloo_ctx *ctx, int64_t lease, igloo_error *error) {
  (void)self, (void)ctx, (void)lease, (void)error;
  return IGLOO_E_NOT_FOUND;
}

static const igloo_kv kv = {kv_range, kv_txn, kv_watch, kv_grant, kv_renew, kv_revoke};

/* ------------------------------------------------------------------ cache */

static igloo_status cache_get(void *self, const igloo_ctx *ctx, igloo_bytes key, igloo_reader *out,
                              igloo_error *error) {
  (void)ctx, (void)key, (void)error;
  if (has(self, "hollow reader")) {
    memset(out, 0, sizeof *out);
    return IGLOO_OK;
  }
  return IGLOO_E_NOT_FOUND;
}

static igloo_status cache_put(void *self, const igloo_ctx *ctx, igloo_bytes key,
                              const struct ArrowSchema *schema, const igloo_cache_meta *meta,
                              igloo_sink *out, igloo_error *error) {
  (void)self, (void)ctx, (void)key, (void)schema, (void)meta, (void)error;
  memset(out, 0, sizeof *out);
  return IGLOO_OK;
}

static igloo_status cache_remove(void *self, const igloo_ctx *ctx, igloo_bytes key_or_tag,
                                 uint32_t by_tag, int64_t *removed, igloo_error *error) {
  (void)self, (void)ctx, (void)key_or_tag, (void)by_tag, (void)error;
  *removed = -7;
  return IGLOO_OK;
}

static igloo_status cache_usage(void *self, int64_t *bytes, int64_t *limit, int64_t *entries,
                                igloo_error *error) {
  (void)error;
  *bytes = has(self, "negative") ? -1 : 5;
  *limit = -1;
  *entries = 1;
  return IGLOO_OK;
}

static const igloo_cache cache = {cache_get, cache_put, cache_remove, cache_usage};

/* ------------------------------------------------------------------ transport */

static int place;

static igloo_status t_listen(void *self, const igloo_ctx *ctx, igloo_str address, void **listener,
                             igloo_blob *bound, igloo_error *error) {
  (void)ctx, (void)address, (void)bound, (void)error;
  *listener = has(self, "nowhere") ? NULL : self;
  return IGLOO_OK;
}

static igloo_status t_accept(void *listener, const igloo_ctx *ctx, void **connection,
                             igloo_error *error) {
  (void)listener, (void)ctx, (void)connection, (void)error;
  return IGLOO_OK;
}

static igloo_status t_connect(void *self, const igloo_ctx *ctx, igloo_str address,
                              void **connection, igloo_error *error) {
  (void)ctx, (void)address, (void)error;
  *connection = self;
  return IGLOO_OK;
}

static igloo_status t_peer(void *connection, igloo_blob *identity, igloo_error *error) {
  (void)connection, (void)identity, (void)error;
  return IGLOO_OK;
}

static igloo_status t_open(void *connection, const igloo_ctx *ctx, igloo_bytes hello, void **stream,
                           igloo_error *error) {
  (void)ctx, (void)hello, (void)error;
  *stream = connection;
  return IGLOO_OK;
}

static igloo_status t_take(void *connection, const igloo_ctx *ctx, void **stream, igloo_blob *hello,
                           igloo_error *error) {
  (void)connection, (void)ctx, (void)stream, (void)hello, (void)error;
  return IGLOO_OK;
}

static igloo_status t_send(void *stream, const igloo_ctx *ctx, const igloo_bytes *pieces, size_t n,
                           uint32_t end, igloo_error *error) {
  (void)stream, (void)ctx, (void)pieces, (void)n, (void)end, (void)error;
  return IGLOO_OK;
}

static igloo_status t_recv(void *stream, const igloo_ctx *ctx, igloo_blob *frame,
                           igloo_error *error) {
  (void)ctx, (void)error;
  if (has(stream, "no address")) frame->n = 5;
  if (has(stream, "no memory")) frame->p = (uint8_t *)&place, frame->n = (size_t)-1;
  return IGLOO_OK;
}

static void t_reset(void *stream, int32_t code) { (void)stream, (void)code; }
static void t_close(void *thing) { (void)thing; }

static const igloo_transport transport = {
    t_listen, t_accept, t_connect, t_peer,  t_open,  t_take,
    t_send,   t_recv,   t_reset,   t_close, t_close, t_close};

/* ------------------------------------------------------------------ front end */

static igloo_status f_start(void *self, const igloo_ctx *ctx, const igloo_engine *engine,
                            igloo_blob *bound, igloo_error *error) {
  (void)ctx, (void)error;
  static uint8_t good[] = "{\"http\": \"127.0.0.1:80\", \"x\": \"y\"}", junk[] = "{http}";
  bound->p = has(self, "junk") ? junk : good;
  bound->n = (has(self, "junk") ? sizeof junk : sizeof good) - 1;
  if (has(self, "wrong calls")) {
    /* A plugin that forgets what it has to pass gets errors, and the host goes on. */
    void *made = NULL;
    igloo_bytes nothing = {NULL, 0};
    igloo_str none = {NULL, 0};
    if (engine->open_session(engine->self, NULL, nothing, NULL, 0, NULL, NULL) >= 0) return -13;
    if (engine->open_session(NULL, NULL, nothing, NULL, 0, &made, NULL) >= 0) return -13;
    if (engine->prepare(NULL, NULL, none, &made, NULL, NULL, NULL) >= 0) return -13;
    if (engine->execute(NULL, NULL, NULL, NULL, NULL, NULL, NULL) >= 0) return -13;
    if (engine->cancel(engine->self, none) != IGLOO_E_NOT_FOUND) return -13;
    if (engine->facet(engine->self, 4711)) return -13;
    if (!engine->facet(engine->self, IGLOO_FACET_ENGINE_1)) return -13;
    engine->close_statement(NULL);
    engine->close_session(NULL);
  }
  return IGLOO_OK;
}

static igloo_status f_drain(void *self, const igloo_ctx *ctx, igloo_error *error) {
  (void)self, (void)ctx, (void)error;
  return IGLOO_OK;
}

static const igloo_frontend frontend = {f_start, f_drain};

/* ------------------------------------------------------------------ the plugin */

static const igloo_option options[] = {
    {STR("fault"), IGLOO_OPT_STRING, 0, STR(""), {NULL, 0}, STR("What is wrong.")}};

static const igloo_kind kinds[] = {
    {IGLOO_KV, 0, STR("wrong"), options, 1, 0, create, NULL, destroy, &kv, NULL},
    {IGLOO_CACHE, 0, STR("wrong"), options, 1, 0, create, NULL, destroy, &cache, NULL},
    {IGLOO_TRANSPORT, 0, STR("wrong"), options, 1, 0, create, NULL, destroy, &transport, NULL},
    {IGLOO_FRONTEND, 0, STR("wrong"), options, 1, 0, create, NULL, destroy, &frontend, NULL},
};

static const igloo_plugin plugin = {
    STR("services"), STR("1.0"), 1, 1, 1, sizeof kinds / sizeof *kinds, kinds, NULL};

const igloo_plugin *igloo_plugin_0(const igloo_host *host, igloo_error *error) {
  (void)host, (void)error;
  return &plugin;
}

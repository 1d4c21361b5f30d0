/* SPDX-License-Identifier: MIT */
/* Every kind but connectors. Each call logs what its context says, reserves 1,000 bytes, counts itself
 * in a metric, and then is not supported, unless others follow from it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "igloo.h"

#define STR(text) {text, sizeof(text) - 1}

IGLOO_NOTE(
    "id=calls\n"
    "version=1.0\n"
    "kinds=functions:calls,operator:calls,kv:calls,cache:calls,transport:calls,secrets:calls,"
    "frontend:calls\n"
    "needs=1\n"
    "runtime=c\n"
    "license=MIT\n");

static const igloo_host *host;

static void note(const igloo_ctx *ctx, const char *call) {
  char line[400];
  int n = snprintf(line, sizeof line, "%s query=%.*s user=%.*s deadline=%lld trace=", call,
                   (int)ctx->query_id.n, ctx->query_id.p, (int)ctx->user.n, ctx->user.p,
                   (long long)ctx->deadline_ns);
  for (int i = 0; i < 16; i++) n += snprintf(line + n, sizeof line - n, "%02x", ctx->trace_id[i]);
  n += snprintf(line + n, sizeof line - n, "-");
  for (int i = 0; i < 8; i++) n += snprintf(line + n, sizeof line - n, "%02x", ctx->span_id[i]);
  igloo_str target = STR("calls/test"), text = {line, (size_t)n};
  host->log(IGLOO_LOG_INFO, target, text);
  if (ctx->memory_account) host->reserve(ctx->memory_account, 1000);
  const igloo_metrics *metrics = host->facet(IGLOO_FACET_METRICS_1);
  igloo_str sum = STR("calls/calls"), now = STR("calls/last"), bad = STR("calls/Not A Word");
  metrics->add(sum, 1);
  metrics->add(sum, -5);
  metrics->set(now, (int64_t)strlen(call));
  metrics->set(bad, 1);
}

static igloo_status unsupported(const igloo_ctx *ctx, const char *call, igloo_error *error) {
  note(ctx, call);
  igloo_str message = {call, strlen(call)}, hint = STR("look elsewhere");
  error->message = message;
  error->hint = hint;
  memcpy(error->sqlstate, "0A0AA", 5);
  error->flags = IGLOO_ERR_RETRYABLE;
  return IGLOO_E_UNSUPPORTED;
}

static igloo_status create(const igloo_kind *kind, const igloo_value *values, size_t n,
                           const igloo_ctx *ctx, void **out, igloo_error *error) {
  (void)kind, (void)values, (void)n, (void)error;
  note(ctx, "create");
  *out = (void *)kind;
  return IGLOO_OK;
}

static void end(void *self) { (void)self; }

static void release_schema(struct ArrowSchema *schema) { schema->release = NULL; }

static void make_schema(struct ArrowSchema *out, const char *format) {
  memset(out, 0, sizeof *out);
  out->format = format;
  out->name = "";
  out->release = release_schema;
}

static void drop(struct ArrowDeviceArray *moved) {
  if (moved) moved->array.release(&moved->array);
}

/* ------------------------------------------------------------------ functions */

static const igloo_function_info infos[] = {
    {STR("seen"), IGLOO_FN_SCALAR, IGLOO_VOLATILE, IGLOO_NULL_CALLS, 0, STR("A scalar.")},
    {STR("seen_all"), IGLOO_FN_AGGREGATE, IGLOO_VOLATILE, IGLOO_NULL_CALLS, 0, STR("All.")},
    {STR("seen_rows"), IGLOO_FN_TABLE, IGLOO_VOLATILE, IGLOO_NULL_CALLS, 0, STR("Rows.")}};

static igloo_status f_list(void *self, const igloo_function_info **items, size_t *n,
                           igloo_error *error) {
  (void)self, (void)error;
  *items = infos;
  *n = 3;
  return IGLOO_OK;
}

static igloo_status f_bind(void *self, const igloo_ctx *ctx, uint32_t index,
                           const struct ArrowSchema *args, struct ArrowSchema *out, void **bound,
                           igloo_error *error) {
  (void)args, (void)error;
  note(ctx, "bind");
  make_schema(out, index == 2 ? "+s" : "l");
  *bound = self;
  return IGLOO_OK;
}

static igloo_status f_scalar(void *bound, const igloo_ctx *ctx, struct ArrowDeviceArray *args,
                             int64_t rows, struct ArrowDeviceArray *out, igloo_error *error) {
  (void)bound, (void)rows, (void)out;
  drop(args);
  return unsupported(ctx, "scalar", error);
}

static igloo_status f_new(void *bound, const igloo_ctx *ctx, void **state, igloo_error *error) {
  (void)error;
  note(ctx, "agg_new");
  *state = bound;
  return IGLOO_OK;
}

static igloo_status f_update(void *state, const igloo_ctx *ctx, const uint32_t *groups,
                             uint32_t n_groups, struct ArrowDeviceArray *args,
                             igloo_error *error) {
  (void)state, (void)groups, (void)n_groups;
  drop(args);
  return unsupported(ctx, "agg_update", error);
}

static igloo_status f_emit(void *state, const igloo_ctx *ctx, uint32_t partial,
                           struct ArrowSchema *type, struct ArrowDeviceArray *out,
                           igloo_error *error) {
  (void)state, (void)type, (void)out, (void)partial;
  return unsupported(ctx, "agg_emit", error);
}

static igloo_status f_table(void *bound, const igloo_ctx *ctx, struct ArrowDeviceArray *args,
                            igloo_reader *out, igloo_error *error) {
  (void)bound, (void)out;
  drop(args);
  return unsupported(ctx, "table", error);
}

static const igloo_functions functions = {f_list,   f_bind, f_scalar, f_new, f_update,
                                          f_update, f_emit, f_table,  end,   end};

/* ------------------------------------------------------------------ operator */

static igloo_status o_bind(void *self, const igloo_ctx *ctx, igloo_bytes spec,
                           const struct ArrowSchema *inputs, size_t n_inputs, uint32_t *needs,
                           struct ArrowSchema *out, void **op, igloo_error *error) {
  (void)spec, (void)inputs, (void)n_inputs, (void)needs, (void)error;
  note(ctx, "bind");
  make_schema(out, "+s");
  *op = self;
  return IGLOO_OK;
}

static igloo_status o_push(void *op, const igloo_ctx *ctx, uint32_t input,
                           struct ArrowDeviceArray *moved, igloo_error *error) {
  (void)op, (void)input;
  drop(moved);
  return unsupported(ctx, "push", error);
}

static igloo_status o_next(void *op, const igloo_ctx *ctx, struct ArrowDeviceArray *out,
                           igloo_error *error) {
  (void)op, (void)out;
  return unsupported(ctx, "next", error);
}

static igloo_status o_spill(void *op, const igloo_ctx *ctx, int64_t want, int64_t *freed,
                            igloo_error *error) {
  (void)op, (void)want, (void)freed;
  return unsupported(ctx, "spill", error);
}

static const igloo_operator operators = {o_bind, o_push, o_next, o_spill, end, end};

/* ------------------------------------------------------------------ metadata store */

static igloo_status k_range(void *self, const igloo_ctx *ctx, igloo_bytes key, igloo_bytes last,
                            int64_t revision, uint32_t limit, uint32_t stale_ok,
                            igloo_kv_page *out, igloo_error *error) {
  (void)self, (void)key, (void)last, (void)revision, (void)limit, (void)stale_ok, (void)out;
  return unsupported(ctx, "range", error);
}

static igloo_status k_txn(void *self, const igloo_ctx *ctx, const igloo_kv_compare *compares,
                          size_t n_compares, const igloo_kv_op *yes, size_t n_yes,
                          const igloo_kv_op *no, size_t n_no, igloo_kv_page *out,
                          igloo_error *error) {
  (void)self, (void)compares, (void)n_compares, (void)yes, (void)n_yes, (void)no, (void)n_no;
  (void)out;
  return unsupported(ctx, "txn", error);
}

static igloo_status k_next(void *self, const igloo_ctx *ctx, igloo_kv_page *events,
                           igloo_error *error) {
  (void)self, (void)events;
  return unsupported(ctx, "events", error);
}

static igloo_status k_watch(void *self, const igloo_ctx *ctx, igloo_bytes key, igloo_bytes last,
                            int64_t from, igloo_kv_watch *out, igloo_error *error) {
  (void)key, (void)last, (void)from, (void)error;
  note(ctx, "watch");
  *out = (igloo_kv_watch){self, k_next, end, end};
  return IGLOO_OK;
}

static igloo_status k_grant(void *self, const igloo_ctx *ctx, int64_t time, int64_t *out,
                            igloo_error *error) {
  (void)self, (void)time, (void)out;
  return unsupported(ctx, "lease", error);
}

static igloo_status k_revoke(void *self, const igloo_ctx *ctx, int64_t lease, igloo_error *error) {
  (void)self, (void)lease;
  return unsupported(ctx, "revoke", error);
}

static const igloo_kv kv = {k_range, k_txn, k_watch, k_grant, k_grant, k_revoke};

/* ------------------------------------------------------------------ cache */

static igloo_status c_get(void *self, const igloo_ctx *ctx, igloo_bytes key, igloo_reader *out,
                          igloo_error *error) {
  (void)self, (void)key, (void)out;
  return unsupported(ctx, "get", error);
}

static igloo_status s_write(void *self, const igloo_ctx *ctx, struct ArrowDeviceArray *moved,
                            igloo_error *error) {
  (void)self;
  drop(moved);
  return unsupported(ctx, "write", error);
}

static igloo_status s_finish(void *self, const igloo_ctx *ctx, igloo_blob *fragment,
                             igloo_error *error) {
  (void)self, (void)fragment;
  return unsupported(ctx, "finish", error);
}

static igloo_status c_put(void *self, const igloo_ctx *ctx, igloo_bytes key,
                          const struct ArrowSchema *schema, const igloo_cache_meta *meta,
                          igloo_sink *out, igloo_error *error) {
  (void)key, (void)schema, (void)meta, (void)error;
  note(ctx, "put");
  *out = (igloo_sink){self, s_write, s_finish, end, end};
  return IGLOO_OK;
}

static igloo_status c_remove(void *self, const igloo_ctx *ctx, igloo_bytes key_or_tag,
                             uint32_t by_tag, int64_t *removed, igloo_error *error) {
  (void)self, (void)key_or_tag, (void)by_tag, (void)removed;
  return unsupported(ctx, "remove", error);
}

static igloo_status c_usage(void *self, int64_t *bytes, int64_t *limit, int64_t *entries,
                            igloo_error *error) {
  (void)self, (void)error;
  *bytes = *entries = 0;
  *limit = -1;
  return IGLOO_OK;
}

static const igloo_cache cache = {c_get, c_put, c_remove, c_usage};

/* ------------------------------------------------------------------ transport */

static igloo_status t_listen(void *self, const igloo_ctx *ctx, igloo_str address, void **listener,
                             igloo_blob *bound, igloo_error *error) {
  (void)address, (void)bound, (void)error;
  note(ctx, "listen");
  *listener = self;
  return IGLOO_OK;
}

static igloo_status t_accept(void *self, const igloo_ctx *ctx, void **out, igloo_error *error) {
  (void)self, (void)out;
  return unsupported(ctx, "accept", error);
}

static igloo_status t_connect(void *self, const igloo_ctx *ctx, igloo_str address, void **out,
                              igloo_error *error) {
  (void)address, (void)error;
  note(ctx, "connect");
  *out = self;
  return IGLOO_OK;
}

static igloo_status t_peer(void *self, igloo_blob *identity, igloo_error *error) {
  (void)self, (void)identity, (void)error;
  return IGLOO_OK;
}

static igloo_status t_open(void *self, const igloo_ctx *ctx, igloo_bytes hello, void **stream,
                           igloo_error *error) {
  (void)hello, (void)error;
  note(ctx, "open");
  *stream = self;
  return IGLOO_OK;
}

static igloo_status t_take(void *self, const igloo_ctx *ctx, void **stream, igloo_blob *hello,
                           igloo_error *error) {
  (void)self, (void)stream, (void)hello;
  return unsupported(ctx, "take", error);
}

static igloo_status t_send(void *self, const igloo_ctx *ctx, const igloo_bytes *pieces, size_t n,
                           uint32_t last, igloo_error *error) {
  (void)self, (void)pieces, (void)n, (void)last;
  return unsupported(ctx, "send", error);
}

static igloo_status t_recv(void *self, const igloo_ctx *ctx, igloo_blob *frame,
                           igloo_error *error) {
  (void)self, (void)frame;
  return unsupported(ctx, "recv", error);
}

static void t_reset(void *self, int32_t code) { (void)self, (void)code; }

static const igloo_transport transport = {t_listen, t_accept, t_connect, t_peer, t_open, t_take,
                                          t_send,   t_recv,   t_reset,   end,    end,    end};

/* ------------------------------------------------------------------ secrets, front end */

static igloo_status fetch(void *self, const igloo_ctx *ctx, igloo_str reference,
                          igloo_blob *secret, int64_t *ttl_ns, igloo_blob *version,
                          igloo_error *error) {
  (void)self, (void)reference, (void)secret, (void)ttl_ns, (void)version;
  return unsupported(ctx, "fetch", error);
}

static const igloo_secrets secrets = {fetch};

/* Passes its context on to the engine, as of a client. */
static igloo_status start(void *self, const igloo_ctx *ctx, const igloo_engine *engine,
                          igloo_blob *bound, igloo_error *error) {
  (void)self, (void)bound;
  note(ctx, "start");
  igloo_bytes nobody = {NULL, 0};
  void *session = NULL;
  return engine->open_session(engine->self, ctx, nobody, NULL, 0, &session, error);
}

static igloo_status drain(void *self, const igloo_ctx *ctx, igloo_error *error) {
  (void)self;
  return unsupported(ctx, "drain", error);
}

static const igloo_frontend frontend = {start, drain};

/* ------------------------------------------------------------------ the plugin */

#define KIND(number, table) \
  {number, 0, STR("calls"), NULL, 0, 0, create, NULL, end, table, NULL}

static const igloo_kind kinds[] = {
    KIND(IGLOO_FUNCTIONS, &functions), KIND(IGLOO_OPERATOR, &operators), KIND(IGLOO_KV, &kv),
    KIND(IGLOO_CACHE, &cache),         KIND(IGLOO_TRANSPORT, &transport),
    KIND(IGLOO_SECRETS, &secrets),     KIND(IGLOO_FRONTEND, &frontend)};

static const igloo_plugin plugin = {
    STR("calls"), STR("1.0"), 1, 1, 1, sizeof kinds / sizeof *kinds, kinds, NULL};

const igloo_plugin *igloo_plugin_0(const igloo_host *given, igloo_error *error) {
  (void)error;
  host = given;
  return &plugin;
}

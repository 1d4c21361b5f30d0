/* SPDX-License-Identifier: MIT */
/* A transport, a metadata store and an operator whose calls answer PENDING before they answer, each in
 * the way that the option "mode" (of the operator: its specification) names:
 *  thread      a thread wakes a moment later
 *  early       woken before the call returns
 *  spurious    woken some times without cause
 *  late        answers at once and wakes when nobody waits any more
 *  never       never wakes; told that it is cancelled, it says so
 *  stubborn    never wakes, and is PENDING whatever it is told
 *  uninvited   is PENDING also where there is no waker */
#define _POSIX_C_SOURCE 200809L
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "igloo.h"

IGLOO_NOTE(
    "id=pending\n"
    "version=1.0\n"
    "kinds=transport:pending,kv:pending,operator:pending\n"
    "needs=1\n"
    "runtime=c\n"
    "license=MIT\n");

#define STR(text) {text, sizeof(text) - 1}

typedef struct thing { char mode[16]; int polls; } thing;

static thing *make(const char *mode, size_t n) {
  thing *new = calloc(1, sizeof *new);
  if (new) memcpy(new->mode, mode, n < 15 ? n : 15);
  return new;
}

static int is(const thing *self, const char *mode) { return strcmp(self->mode, mode) == 0; }

static void pause_for(long milliseconds) {
  struct timespec time = {0, milliseconds * 1000000};
  nanosleep(&time, NULL);
}

static void *wake_later(void *argument) {
  igloo_waker *waker = argument;
  pause_for(20);
  waker->wake(waker);
  return NULL;
}

static void start_waking(igloo_waker *waker) {
  pthread_t thread;
  if (pthread_create(&thread, NULL, wake_later, waker) == 0) pthread_detach(thread);
}

/* OK when it is time to answer. */
static igloo_status poll_first(thing *self, const igloo_ctx *ctx, igloo_error *error) {
  if (is(self, "uninvited")) return IGLOO_PENDING;
  if (!ctx->waker) return IGLOO_E_INTERNAL;
  if (is(self, "stubborn")) return IGLOO_PENDING;
  if (is(self, "never")) {
    if (!ctx->cancelled || !*ctx->cancelled) return IGLOO_PENDING;
    static const char text[] = "the plugin was told";
    error->message = (igloo_str){text, sizeof text - 1};
    return IGLOO_E_CANCELLED;
  }
  if (is(self, "late")) {
    start_waking(ctx->waker);
    return IGLOO_OK;
  }
  int wanted = is(self, "spurious") ? 5 : 1;
  if (self->polls++ == wanted) {
    self->polls = 0;
    return IGLOO_OK;
  }
  if (is(self, "thread")) start_waking(ctx->waker);
  else ctx->waker->wake(ctx->waker);
  return IGLOO_PENDING;
}

static igloo_status create(const igloo_kind *kind, const igloo_value *values, size_t n,
                           const igloo_ctx *ctx, void **out, igloo_error *error) {
  (void)kind, (void)ctx, (void)error;
  *out = n ? make(values[0].s.p, values[0].s.n) : make("", 0);
  return *out ? IGLOO_OK : IGLOO_E_EXHAUSTED;
}

static void end(void *self) { free(self); }

static igloo_status another(const thing *self, void **out) {
  *out = make(self->mode, sizeof self->mode);
  return *out ? IGLOO_OK : IGLOO_E_EXHAUSTED;
}

/* ------------------------------------------------------------------ transport */

static igloo_status t_listen(void *self, const igloo_ctx *ctx, igloo_str address, void **listener,
                             igloo_blob *bound, igloo_error *error) {
  (void)ctx, (void)address, (void)bound, (void)error;
  return another(self, listener);
}

static igloo_status t_accept(void *listener, const igloo_ctx *ctx, void **connection,
                             igloo_error *error) {
  igloo_status status = poll_first(listener, ctx, error);
  return status ? status : another(listener, connection);
}

static igloo_status t_connect(void *self, const igloo_ctx *ctx, igloo_str address,
                              void **connection, igloo_error *error) {
  if (address.n != 3 || memcmp(address.p, "far", 3)) return IGLOO_E_INVALID;
  return t_accept(self, ctx, connection, error);
}

static igloo_status t_peer(void *connection, igloo_blob *identity, igloo_error *error) {
  (void)connection, (void)identity, (void)error;
  return IGLOO_OK;
}

static igloo_status t_open(void *connection, const igloo_ctx *ctx, igloo_bytes hello, void **stream,
                           igloo_error *error) {
  (void)ctx, (void)hello, (void)error;
  if (is(connection, "uninvited")) return IGLOO_PENDING;
  return another(connection, stream);
}

static igloo_status t_take(void *connection, const igloo_ctx *ctx, void **stream, igloo_blob *hello,
                           igloo_error *error) {
  (void)hello;
  return t_accept(connection, ctx, stream, error);
}

static igloo_status t_send(void *stream, const igloo_ctx *ctx, const igloo_bytes *pieces, size_t n,
                           uint32_t last, igloo_error *error) {
  (void)last;
  if (n != 1 || pieces[0].n != 4 || memcmp(pieces[0].p, "ping", 4)) return IGLOO_E_INVALID;
  return poll_first(stream, ctx, error);
}

static igloo_status t_recv(void *stream, const igloo_ctx *ctx, igloo_blob *frame,
                           igloo_error *error) {
  static uint8_t pong[] = "pong";
  igloo_status status = poll_first(stream, ctx, error);
  if (status) return status;
  frame->p = pong;
  frame->n = 4;
  return IGLOO_OK;
}

static void t_reset(void *stream, int32_t code) { (void)stream, (void)code; }

static const igloo_transport transport = {t_listen, t_accept, t_connect, t_peer, t_open, t_take,
                                          t_send,   t_recv,   t_reset,   end,    end,    end};

/* ------------------------------------------------------------------ metadata store */

static igloo_status kv_range(void *self, const igloo_ctx *ctx, igloo_bytes key, igloo_bytes last,
                             int64_t revision, uint32_t limit, uint32_t stale_ok,
                             igloo_kv_page *out, igloo_error *error) {
  (void)self, (void)key, (void)last, (void)revision, (void)limit, (void)stale_ok, (void)out;
  (void)error;
  return ctx->waker ? IGLOO_E_INTERNAL : IGLOO_PENDING;
}

static igloo_status kv_txn(void *self, const igloo_ctx *ctx, const igloo_kv_compare *compares,
                           size_t n_compares, const igloo_kv_op *yes, size_t n_yes,
                           const igloo_kv_op *no, size_t n_no, igloo_kv_page *out,
                           igloo_error *error) {
  (void)self, (void)ctx, (void)compares, (void)n_compares, (void)yes, (void)n_yes, (void)no;
  (void)n_no, (void)out, (void)error;
  return IGLOO_E_UNSUPPORTED;
}

static igloo_status watch_next(void *self, const igloo_ctx *ctx, igloo_kv_page *events,
                               igloo_error *error) {
  static const uint8_t key[] = "a", value[] = "1";
  static const igloo_kv_item item = {{key, 1}, {value, 1}, 1, 1, 0, 0, 0};
  igloo_status status = poll_first(self, ctx, error);
  if (status) return status;
  events->items = &item;
  events->n = 1;
  events->revision = 1;
  return IGLOO_OK;
}

static void no_cancel(void *self) { (void)self; }

static igloo_status kv_watch(void *self, const igloo_ctx *ctx, igloo_bytes key, igloo_bytes last,
                             int64_t from, igloo_kv_watch *out, igloo_error *error) {
  (void)ctx, (void)key, (void)last, (void)from, (void)error;
  out->next = watch_next;
  out->cancel = no_cancel;
  out->release = end;
  return another(self, &out->self);
}

static igloo_status kv_grant(void *self, const igloo_ctx *ctx, int64_t time, int64_t *out,
                             igloo_error *error) {
  (void)self, (void)ctx, (void)time, (void)out, (void)error;
  return IGLOO_E_UNSUPPORTED;
}

static igloo_status kv_revoke(void *self, const igloo_ctx *ctx, int64_t lease, igloo_error *error) {
  (void)self, (void)ctx, (void)lease, (void)error;
  return IGLOO_E_UNSUPPORTED;
}

static const igloo_kv kv = {kv_range, kv_txn, kv_watch, kv_grant, kv_grant, kv_revoke};

/* ------------------------------------------------------------------ operator: counts rows */

typedef struct op { thing poller; int64_t rows; size_t n_inputs, ended; int is_given; } op;

static void release_schema(struct ArrowSchema *schema) {
  if (schema->children) {
    free(schema->children[0]);
    free(schema->children);
  }
  schema->release = NULL;
}

static void make_schema(struct ArrowSchema *out, const char *format) {
  memset(out, 0, sizeof *out);
  out->format = format;
  out->name = format[0] == 'l' ? "rows" : "";
  out->release = release_schema;
}

static igloo_status bind(void *self, const igloo_ctx *ctx, igloo_bytes spec,
                         const struct ArrowSchema *inputs, size_t n_inputs, uint32_t *needs,
                         struct ArrowSchema *out, void **result, igloo_error *error) {
  (void)self, (void)ctx, (void)inputs, (void)error;
  op *new = calloc(1, sizeof *new);
  if (!new) return IGLOO_E_EXHAUSTED;
  memcpy(new->poller.mode, spec.p, spec.n < 15 ? spec.n : 15);
  new->n_inputs = n_inputs;
  for (size_t i = 0; i < n_inputs; i++) needs[i] = IGLOO_NEEDS_WHOLE;
  make_schema(out, "+s");
  out->n_children = 1;
  out->children = calloc(1, sizeof *out->children);
  out->children[0] = calloc(1, sizeof **out->children);
  make_schema(out->children[0], "l");
  *result = new;
  return IGLOO_OK;
}

static igloo_status push(void *self, const igloo_ctx *ctx, uint32_t input,
                         struct ArrowDeviceArray *moved, igloo_error *error) {
  (void)input;
  op *op = self;
  igloo_status status = poll_first(&op->poller, ctx, error);
  if (status) {
    if (status < 0 && moved) moved->array.release(&moved->array);
    return status;
  }
  if (!moved) {
    op->ended++;
    return IGLOO_OK;
  }
  op->rows += moved->array.length;
  moved->array.release(&moved->array);
  return IGLOO_OK;
}

static void release_array(struct ArrowArray *array) {
  if (array->n_children) {
    struct ArrowArray *child = array->children[0];
    if (child->release) child->release(child);
    free(child);
    free(array->children);
  } else {
    free((void *)array->buffers[1]);
  }
  free(array->buffers);
  array->release = NULL;
}

static void make_array(struct ArrowArray *out, int64_t buffers) {
  memset(out, 0, sizeof *out);
  out->length = 1;
  out->n_buffers = buffers;
  out->buffers = calloc(2, sizeof *out->buffers);
  out->release = release_array;
}

static igloo_status next(void *self, const igloo_ctx *ctx, struct ArrowDeviceArray *out,
                         igloo_error *error) {
  op *op = self;
  if (op->ended < op->n_inputs) return IGLOO_NEED_INPUT;
  igloo_status status = poll_first(&op->poller, ctx, error);
  if (status) return status;
  if (op->is_given) return IGLOO_END;
  op->is_given = 1;
  make_array(&out->array, 1);
  out->array.n_children = 1;
  out->array.children = calloc(1, sizeof *out->array.children);
  out->array.children[0] = calloc(1, sizeof **out->array.children);
  make_array(out->array.children[0], 2);
  int64_t *values = calloc(1, sizeof *values);
  values[0] = op->rows;
  out->array.children[0]->buffers[1] = values;
  out->device_type = ARROW_DEVICE_CPU;
  out->device_id = -1;
  return IGLOO_OK;
}

static igloo_status spill(void *self, const igloo_ctx *ctx, int64_t want, int64_t *freed,
                          igloo_error *error) {
  (void)self, (void)want, (void)error;
  *freed = 0;
  return ctx->waker ? IGLOO_E_INTERNAL : IGLOO_PENDING;
}

static const igloo_operator steps = {bind, push, next, spill, no_cancel, end};

/* ------------------------------------------------------------------ the plugin */

static const igloo_option options[] = {
    {STR("mode"), IGLOO_OPT_STRING, 0, STR(""), {NULL, 0}, STR("How calls are pending.")}};

static const igloo_kind kinds[] = {
    {IGLOO_TRANSPORT, 0, STR("pending"), options, 1, 0, create, NULL, end, &transport, NULL},
    {IGLOO_KV, 0, STR("pending"), options, 1, 0, create, NULL, end, &kv, NULL},
    {IGLOO_OPERATOR, 0, STR("pending"), NULL, 0, 0, create, NULL, end, &steps, NULL},
};

static const igloo_plugin plugin = {
    STR("pending"), STR("1.0"), 1, 1, 1, sizeof kinds / sizeof *kinds, kinds, NULL};

const igloo_plugin *igloo_plugin_0(const igloo_host *host, igloo_error *error) {
  (void)host, (void)error;
  return &plugin;
}

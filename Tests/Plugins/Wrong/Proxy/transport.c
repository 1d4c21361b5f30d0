// SPDX-License-Identifier: MIT
// Transports that are wrong: that of Plugins/Transports/TCP behind a proxy.
#define KIND IGLOO_TRANSPORT
#define WORD "transport"
#define NAME "tcp"
#include "proxy.h"

static igloo_transport inner;
static void *volatile lost; // what nobody frees

static igloo_status listen(void *self, const igloo_ctx *ctx, igloo_str address, void **listener,
                           igloo_blob *bound, igloo_error *error) {
  igloo_status status = inner.listen(self, ctx, address, listener, bound, error);
  if (status < 0 || !IS(BOUND_TO_ZERO)) return status;
  bound->release(bound);
  *bound = (igloo_blob){(uint8_t *)(uintptr_t)address.p, address.n, NULL, NULL};
  return status;
}

static igloo_status peer(void *connection, igloo_blob *identity, igloo_error *error) {
  igloo_status status = inner.peer(connection, identity, error);
  static uint8_t name[] = "somebody";
  if (status < 0 || !IS(INVENTS_PEERS)) return status;
  if (identity->release) identity->release(identity);
  *identity = (igloo_blob){name, sizeof name - 1, NULL, NULL};
  return status;
}

/* A frame that waits behind a later one, for REORDERS. */
static _Thread_local struct { void *stream; uint8_t *bytes; size_t n; } held;

static igloo_status send(void *stream, const igloo_ctx *ctx, const igloo_bytes *pieces, size_t n,
                         uint32_t end, igloo_error *error) {
  static _Atomic unsigned frames;
  if (IS(BUFFERS_ALL)) {
    /* What is sent is kept, however much it is. */
    size_t count = 0;
    for (size_t i = 0; i < n; i++) count += pieces[i].n;
    if (count == 100000) {
      uint8_t *copy = malloc(count);
      memcpy(copy, pieces[0].p, pieces[0].n);
      lost = copy;
      return IGLOO_OK;
    }
  }
  if (IS(REORDERS) && n == 1 && !end && !held.stream && ++frames % 8 == 0) {
    held.stream = stream;
    held.n = pieces[0].n;
    held.bytes = malloc(held.n + 1);
    memcpy(held.bytes, pieces[0].p, held.n);
    return IGLOO_OK;
  }
  if (IS(DAMAGES) && n == 1 && pieces[0].n > 500000 && ++frames % 4 == 0) {
    uint8_t *copy = malloc(pieces[0].n);
    memcpy(copy, pieces[0].p, pieces[0].n);
    copy[pieces[0].n / 2] ^= 1;
    igloo_bytes damaged = {copy, pieces[0].n};
    igloo_status status = inner.send(stream, ctx, &damaged, 1, end, error);
    free(copy);
    return status;
  }
  if (IS(EMPTY_FRAME_IS_END) && n > 0 && pieces[n - 1].n == 0) n = 0, end = 1;
  igloo_status status = inner.send(stream, ctx, pieces, n, end, error);
  if (status >= 0 && held.stream == stream && !end) {
    igloo_bytes late = {held.bytes, held.n};
    status = inner.send(stream, ctx, &late, 1, 0, error);
    free(held.bytes);
    held.stream = NULL;
  }
  if (IS(END_ENDS_BOTH) && end) inner.reset(stream, IGLOO_E_CANCELLED);
  return status;
}

static void reset(void *stream, int32_t code) {
  if (!IS(RESET_IS_QUIET)) inner.reset(stream, code);
}

static const void *wrap(const void *table) {
  static igloo_transport outer;
  outer = inner = *(const igloo_transport *)table;
  outer.listen = listen;
  outer.peer = peer;
  outer.send = send;
  outer.reset = reset;
  return &outer;
}

// SPDX-License-Identifier: MIT
// Front ends that are wrong: that of Plugins/FrontEnds/HTTP behind a proxy, with an engine behind
// another one.
#define KIND IGLOO_FRONTEND
#define WORD "frontend"
#define NAME "http"
#include "proxy.h"

static igloo_frontend inner;
static igloo_engine engine, told; // the host's, and what the front end is told is the engine

static igloo_status open_session(void *self, const igloo_ctx *ctx, igloo_bytes credentials,
                                 const igloo_value *settings, size_t n, void **session,
                                 igloo_error *error) {
  igloo_status status =
      engine.open_session(self, ctx, credentials, settings, n, session, error);
  if (status == IGLOO_E_UNAUTHENTICATED && IS(BLAMES_THE_NETWORK)) {
    // As if nothing were wrong: another code, which no client takes for a refusal.
    error->code = IGLOO_E_UNAVAILABLE;
    memcpy(error->sqlstate, "08006", 5);
    return IGLOO_E_UNAVAILABLE;
  }
  return status;
}

struct reader {
  igloo_reader inner;
  struct ArrowDeviceArray ahead[512];
  int n_ahead, next, is_ended;
};

static igloo_status reader_schema(void *self, struct ArrowSchema *out, igloo_error *error) {
  struct reader *reader = self;
  return reader->inner.schema(reader->inner.self, out, error);
}

static igloo_status reader_next(void *self, const igloo_ctx *ctx, struct ArrowDeviceArray *out,
                                igloo_error *error) {
  struct reader *reader = self;
  if (IS(READS_AHEAD) && reader->n_ahead == 0) {
    // Twice as much as is granted for a client that reads nothing.
    for (int i = 0; i < 2048 && !reader->is_ended; i++) {
      struct ArrowDeviceArray batch = {0};
      igloo_status status = reader->inner.next(reader->inner.self, ctx, &batch, error);
      if (status < 0) return status;
      reader->is_ended = status == IGLOO_END;
      if (!reader->is_ended && reader->n_ahead < 512) reader->ahead[reader->n_ahead++] = batch;
      else if (batch.array.release) batch.array.release(&batch.array);
    }
  }
  if (IS(READS_AHEAD) && reader->next < reader->n_ahead) {
    *out = reader->ahead[reader->next++];
    return IGLOO_OK;
  }
  if (reader->is_ended) return IGLOO_END;
  igloo_status status = reader->inner.next(reader->inner.self, ctx, out, error);
  if (status != IGLOO_OK || !IS(ROUNDS_NUMBERS)) return status;
  for (int64_t i = 0; i < out->array.n_children; i++) {
    struct ArrowArray *child = out->array.children[i];
    if (child->n_buffers != 2 || child->length < 8 || !child->buffers[1]) continue;
    ((uint8_t *)(uintptr_t)child->buffers[1])[child->offset] ^= 1;
  }
  return status;
}

static void reader_cancel(void *self) {
  struct reader *reader = self;
  reader->inner.cancel(reader->inner.self);
}

static void reader_release(void *self) {
  struct reader *reader = self;
  for (int i = reader->next; i < reader->n_ahead; i++)
    reader->ahead[i].array.release(&reader->ahead[i].array);
  reader->inner.release(reader->inner.self);
  free(reader);
}

static igloo_status execute(void *statement, const igloo_ctx *ctx, struct ArrowDeviceArray *params,
                            const struct ArrowSchema *types, igloo_reader *out,
                            int64_t *rows_affected, igloo_error *error) {
  igloo_status status = engine.execute(statement, ctx, params, types, out, rows_affected, error);
  if (status < 0 || *rows_affected >= 0) return status;
  struct reader *reader = calloc(1, sizeof *reader);
  reader->inner = *out;
  *out = (igloo_reader){reader, reader_schema, reader_next, reader_cancel, reader_release};
  return status;
}

static igloo_status cancel(void *self, igloo_str query_id) {
  return IS(CANCEL_GOES_NOWHERE) ? IGLOO_OK : engine.cancel(self, query_id);
}

static igloo_status start(void *self, const igloo_ctx *ctx, const igloo_engine *given,
                          igloo_blob *bound, igloo_error *error) {
  engine = told = *given;
  told.open_session = open_session;
  told.execute = execute;
  told.cancel = cancel;
  igloo_status status = inner.start(self, ctx, &told, bound, error);
  if (status < 0 || !IS(REPORTS_PORT_ZERO)) return status;
  static const char text[] = "{\"http\": \"127.0.0.1:0\"}";
  bound->release(bound);
  *bound = (igloo_blob){(uint8_t *)(uintptr_t)text, sizeof text - 1, NULL, NULL};
  return status;
}

static igloo_status drain(void *self, const igloo_ctx *ctx, igloo_error *error) {
  igloo_ctx now = *ctx;
  if (IS(DRAIN_CUTS_OFF)) now.deadline_ns = 1;
  return inner.drain(self, &now, error);
}

static const void *wrap(const void *table) {
  static const igloo_frontend outer = {start, drain};
  inner = *(const igloo_frontend *)table;
  return &outer;
}

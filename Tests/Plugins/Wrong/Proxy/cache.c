// SPDX-License-Identifier: MIT
// Caches that are wrong: that of Plugins/Caches/Memory behind a proxy.
#define KIND IGLOO_CACHE
#define WORD "cache"
#define NAME "memory"
#include "proxy.h"

static igloo_cache inner;

// What was finished, for proxies that find entries in their own way: the last of a key is on top.
enum { FINISHED_MAX = 4096, TAG_BYTES = 16 };
static struct finished {
  uint8_t key[32], inner_key[32], tag[TAG_BYTES];
} finished[FINISHED_MAX];
static size_t n_finished;

static const uint8_t *inner_key(const uint8_t *key) {
  for (size_t i = n_finished; IS(LAST_WRITER_WINS) && i-- > 0;)
    if (memcmp(finished[i].key, key, 32) == 0) return finished[i].inner_key;
  return key;
}

static igloo_status empty_schema(void *self, struct ArrowSchema *out, igloo_error *error) {
  (void)self, (void)error;
  make_struct(out, NULL, 0);
  return IGLOO_OK;
}

static igloo_status empty_next(void *self, const igloo_ctx *ctx, struct ArrowDeviceArray *out,
                               igloo_error *error) {
  (void)self, (void)ctx, (void)out, (void)error;
  return IGLOO_END;
}

static void nothing(void *self) { (void)self; }

static igloo_status get(void *self, const igloo_ctx *ctx, igloo_bytes key, igloo_reader *out,
                        igloo_error *error) {
  if (key.n == 32) key.p = inner_key(key.p);
  igloo_status status = inner.get(self, ctx, key, out, error);
  if (status != IGLOO_E_NOT_FOUND || !IS(MISS_IS_EMPTY)) return status;
  *out = (igloo_reader){NULL, empty_schema, empty_next, nothing, nothing};
  return IGLOO_OK;
}

struct sink {
  igloo_sink inner;
  int writes;
  bool is_finished;
  struct finished entry;
};

static igloo_status sink_write(void *self, const igloo_ctx *ctx, struct ArrowDeviceArray *moved,
                               igloo_error *error) {
  struct sink *sink = self;
  if (IS(LOSES_LAST_BATCH) && sink->writes++ > 0) {
    moved->array.release(&moved->array);
    return IGLOO_OK;
  }
  igloo_status status = sink->inner.write(sink->inner.self, ctx, moved, error);
  if (IS(VISIBLE_TOO_EARLY) && status == IGLOO_OK && sink->writes++ > 0 && !sink->is_finished) {
    igloo_blob fragment = {0};
    sink->is_finished = true;
    return sink->inner.finish(sink->inner.self, ctx, &fragment, error);
  }
  return status;
}

static igloo_status sink_finish(void *self, const igloo_ctx *ctx, igloo_blob *fragment,
                                igloo_error *error) {
  struct sink *sink = self;
  if (sink->is_finished) return IGLOO_OK;
  finished[n_finished++ % FINISHED_MAX] = sink->entry;
  return sink->inner.finish(sink->inner.self, ctx, fragment, error);
}

static void sink_cancel(void *self) { ((struct sink *)self)->inner.cancel(((struct sink *)self)->inner.self); }

static void sink_release(void *self) {
  ((struct sink *)self)->inner.release(((struct sink *)self)->inner.self);
  free(self);
}

static igloo_status put(void *self, const igloo_ctx *ctx, igloo_bytes key,
                        const struct ArrowSchema *schema, const igloo_cache_meta *meta,
                        igloo_sink *out, igloo_error *error) {
  struct sink *sink = calloc(1, sizeof *sink);
  igloo_cache_meta told = *meta;
  if (IS(NEVER_EXPIRES)) told.ttl_ns = -1;
  if (IS(TAG_IGNORED) || IS(REMOVE_SPARES_WRITERS)) told.n_tags = 0;
  if (key.n == 32) {
    static uint32_t generation;
    memcpy(sink->entry.key, key.p, 32);
    memcpy(sink->entry.inner_key, key.p, 32);
    if (IS(LAST_WRITER_WINS)) {
      generation++;
      memcpy(sink->entry.inner_key, &generation, sizeof generation);
    }
    key.p = sink->entry.inner_key;
  }
  if (meta->n_tags && meta->tags[0].n <= TAG_BYTES)
    memcpy(sink->entry.tag, meta->tags[0].p, meta->tags[0].n);
  igloo_status status = inner.put(self, ctx, key, schema, &told, &sink->inner, error);
  if (status < 0) {
    free(sink);
    return status;
  }
  *out = (igloo_sink){sink, sink_write, sink_finish, sink_cancel, sink_release};
  return status;
}

static igloo_status remove_entries(void *self, const igloo_ctx *ctx, igloo_bytes bytes, uint32_t by_tag,
                                   int64_t *removed, igloo_error *error) {
  uint8_t tag[TAG_BYTES] = {0};
  if (!by_tag && bytes.n == 32) bytes.p = inner_key(bytes.p);
  if (!by_tag || !IS(REMOVE_SPARES_WRITERS) || bytes.n > TAG_BYTES)
    return inner.remove(self, ctx, bytes, by_tag, removed, error);
  memcpy(tag, bytes.p, bytes.n);
  for (size_t i = 0; i < n_finished && i < FINISHED_MAX; i++) {
    int64_t count = 0;
    if (memcmp(finished[i].tag, tag, TAG_BYTES) != 0) continue;
    inner.remove(self, ctx, (igloo_bytes){finished[i].inner_key, 32}, 0, &count, error);
    *removed += count;
  }
  return IGLOO_OK;
}

static igloo_status usage(void *self, int64_t *bytes, int64_t *limit, int64_t *entries,
                          igloo_error *error) {
  igloo_status status = inner.usage(self, bytes, limit, entries, error);
  // Ten times as much is kept as there is room for.
  if (IS(USAGE_LIES)) *bytes /= 10, *limit /= 10;
  return status;
}

static const void *wrap(const void *table) {
  static igloo_cache outer;
  outer = inner = *(const igloo_cache *)table;
  outer.get = get;
  outer.put = put;
  outer.remove = remove_entries;
  outer.usage = usage;
  return &outer;
}

// SPDX-License-Identifier: MIT
// A connector in C, from the header alone: one table "numbers" of n (int64) and word (utf8), a
// hundred rows in two splits. The tests also build it with -D<FAULT>, once per fault below.

#if defined(FAULT_CRASH) || defined(FAULT_HANG)
#define _GNU_SOURCE
#include <unistd.h>
#endif
#include <math.h>

#include "plugin.h"

#define COUNT 50 /* rows of a split */

#if defined(FAULT_EPOCH)
#undef IGLOO_EPOCH
#define IGLOO_EPOCH 7
#endif
#if defined(FAULT_MINOR)
#undef IGLOO_MINOR
#define IGLOO_MINOR 99
#endif
#if defined(FAULT_NOTE_TEXT)
IGLOO_NOTE("id=numbers\nnonsense\n");
#elif !defined(FAULT_NO_NOTE)
IGLOO_NOTE("id=numbers\nversion=1.0\nkinds=connector:numbers\nneeds=1\nruntime=c\nfiles=num\n");
#endif

static const igloo_host *host;

/* ------------------------------------------------------------------ Arrow */

static void make_numbers(struct ArrowArray *out, int64_t first) {
  int64_t *values = make_integers(out, COUNT);
  for (int i = 0; i < COUNT; i++) values[i] = first + i;
}

static void make_words(struct ArrowArray *out, int64_t count, const char *word) {
  const int32_t length = (int32_t)strlen(word);
  int32_t *offsets = malloc((size_t)(count + 1) * sizeof *offsets);
  char *bytes = malloc((size_t)(count * length + 1));
  for (int64_t i = 0; i <= count; i++) {
    offsets[i] = (int32_t)i * length;
    if (i < count) memcpy(bytes + i * length, word, (size_t)length);
  }
  make_array(out, count, 3, 0);
  out->buffers[1] = offsets;
  out->buffers[2] = bytes;
}

/* ------------------------------------------------------------------ readers */

struct reader {
  igloo_bytes handle; /* a byte a column */
  uint8_t columns[8];
  uint8_t split;
  int is_list, is_done;
};

static const char *const all_columns[] = {"n", "l", "word", "u"};

static igloo_status reader_schema(void *self, struct ArrowSchema *out, igloo_error *error) {
  const struct reader *reader = self;
  const char *columns[16];
  (void)error;
  if (reader->is_list) {
    static const char *const list[] = {"schema", "u", "name", "u", "kind", "u", "comment", "u",
                                       "est_rows", "l"};
    make_struct(out, reader->is_list == IGLOO_LIST_SCHEMAS ? list + 2 : list,
                reader->is_list == IGLOO_LIST_SCHEMAS ? 1 : 5);
    return IGLOO_OK;
  }
  for (size_t i = 0; i < reader->handle.n; i++) {
    columns[2 * i] = all_columns[2 * reader->columns[i]];
    columns[2 * i + 1] = all_columns[2 * reader->columns[i] + 1];
  }
  make_struct(out, columns, (int64_t)reader->handle.n);
  return IGLOO_OK;
}

static void make_list(struct reader *reader, struct ArrowArray *out) {
  if (reader->is_list == IGLOO_LIST_SCHEMAS) {
    make_array(out, 1, 1, 1);
    make_words(out->children[0], 1, "main");
    return;
  }
  make_array(out, 1, 1, 5);
  make_words(out->children[0], 1, "main");
  make_words(out->children[1], 1, "numbers");
  make_words(out->children[2], 1, "table");
  make_words(out->children[3], 1, "from C");
  make_numbers(out->children[4], 100);
  out->children[4]->length = 1;
}

static igloo_status reader_next(void *self, const igloo_ctx *ctx, struct ArrowDeviceArray *out,
                                igloo_error *error) {
  struct reader *reader = self;
  if (ctx->cancelled && __atomic_load_n(ctx->cancelled, __ATOMIC_ACQUIRE))
    return fail(error, IGLOO_E_CANCELLED, "57014", "cancelled");
  if (reader->is_done) return IGLOO_END;
  reader->is_done = 1;
  memset(out, 0, sizeof *out);
  place_on_cpu(out);
#if defined(FAULT_PENDING)
  return IGLOO_PENDING;
#elif defined(FAULT_STATUS)
  return 77;
#elif defined(FAULT_SILENT)
  return -500;
#elif defined(FAULT_NO_BATCH)
  return IGLOO_OK;
#endif
  if (reader->is_list) {
    make_list(reader, &out->array);
    return IGLOO_OK;
  }
  make_array(&out->array, COUNT, 1, (int64_t)reader->handle.n);
  for (size_t i = 0; i < reader->handle.n; i++) {
    if (reader->columns[i] == 0) make_numbers(out->array.children[i], reader->split * COUNT);
    else make_words(out->array.children[i], COUNT, "word");
  }
#if defined(FAULT_BATCH_COLUMNS)
  out->array.children[1]->release(out->array.children[1]);
  free(out->array.children[1]);
  out->array.n_children = 1;
#elif defined(FAULT_BATCH_LENGTH)
  out->array.children[0]->length = -1;
#elif defined(FAULT_BATCH_SHORT)
  out->array.children[0]->length = COUNT - 1;
#elif defined(FAULT_BATCH_BUFFERS)
  free((void *)out->array.children[0]->buffers[1]);
  out->array.children[0]->buffers[1] = NULL;
#elif defined(FAULT_BATCH_OFFSET)
  out->array.children[0]->offset = INT64_MAX;
#elif defined(FAULT_BATCH_DEVICE)
  out->device_type = ARROW_DEVICE_CUDA;
#elif defined(FAULT_BATCH_RELEASED)
  out->array.release(&out->array);
#endif
  return IGLOO_OK;
}

static void reader_cancel(void *self) { ((struct reader *)self)->is_done = 1; }
static void reader_release(void *self) { free(self); }

static igloo_status open_reader(struct reader reader, igloo_reader *out) {
  struct reader *self = malloc(sizeof *self);
  *self = reader;
  *out = (igloo_reader){self, reader_schema, reader_next, reader_cancel, reader_release};
#if defined(FAULT_READER_HOLES)
  out->next = NULL;
#endif
  return IGLOO_OK;
}

/* ------------------------------------------------------------------ the connector */

static igloo_status list(void *self, const igloo_ctx *ctx, uint32_t what, igloo_str schema,
                         igloo_str prefix, igloo_reader *out, igloo_error *error) {
  (void)self, (void)ctx, (void)schema, (void)prefix;
  if (what != IGLOO_LIST_SCHEMAS && what != IGLOO_LIST_TABLES)
    return fail(error, IGLOO_E_UNSUPPORTED, "0A000", "no such list");
  return open_reader((struct reader){.is_list = (int)what}, out);
}

static igloo_status open_table(void *self, const igloo_ctx *ctx, igloo_str schema, igloo_str name,
                               igloo_blob *table, struct ArrowSchema *out, igloo_error *error) {
  (void)self, (void)ctx, (void)schema;
  if (name.n != 7 || memcmp(name.p, "numbers", 7) != 0)
    return fail(error, IGLOO_E_NOT_FOUND, "42P01", "there are only numbers here");
  table->p = (uint8_t *)"n";
  table->n = 1;
  make_struct(out, all_columns, 2);
#if defined(FAULT_SCHEMA)
  out->format = "!";
#endif
  return IGLOO_OK;
}

static void release_answer(igloo_scan_answer *answer) { free(answer->owner); }

/* Takes over nothing but the columns: those asked for, then those of the conjuncts. */
static igloo_status plan(void *self, const igloo_ctx *ctx, const igloo_scan_request *request,
                         struct ArrowSchema *out, igloo_scan_answer *answer, igloo_error *error) {
  uint8_t columns[8];
  size_t count = 0;
  const char *names[16];
  const igloo_expr_header *header = (const igloo_expr_header *)(const void *)request->exprs.p;
  (void)self, (void)ctx;
  for (size_t i = 0; i < request->n_columns; i++) {
    if (request->columns[i] > 1 || count == 8)
      return fail(error, IGLOO_E_INVALID, "22023", "no such column");
    columns[count++] = (uint8_t)request->columns[i];
  }
  for (uint8_t column = 0; column < 2 && header; column++) {
    const igloo_expr_node *nodes = (const igloo_expr_node *)(const void *)(header + 1);
    int is_used = 0, is_present = 0;
    for (uint32_t i = 0; i < header->n_nodes; i++)
      is_used |= nodes[i].op == IGX_COLUMN && nodes[i].lit.i64 == column;
    for (size_t i = 0; i < count; i++) is_present |= columns[i] == column;
    if (is_used && !is_present) columns[count++] = column;
  }
#if defined(FAULT_PLAN_COLUMNS)
  count++;
  columns[count - 1] = 0;
#endif
  for (size_t i = 0; i < count; i++) {
    names[2 * i] = all_columns[2 * columns[i]];
    names[2 * i + 1] = all_columns[2 * columns[i] + 1];
  }
  make_struct(out, names, (int64_t)count);
  answer->owner = malloc(8);
  memcpy(answer->owner, columns, 8);
  answer->handle = (igloo_bytes){answer->owner, count};
  answer->est_rows = 2 * COUNT;
  answer->remote_text = (igloo_str)STR("all numbers");
  answer->release = release_answer;
#if defined(FAULT_VERDICT)
  answer->sort = 9;
#elif defined(FAULT_AGGREGATE)
  answer->aggregate = IGLOO_EXACT;
#elif defined(FAULT_REASONS)
  static const igloo_str reason = {"?", 1};
  answer->reasons = &reason;
  answer->n_reasons = 1;
#endif
  return IGLOO_OK;
}

static const uint8_t payloads[] = {0, 1};
static const igloo_split split_items[] = {{{payloads, 1}, COUNT, -1}, {{payloads + 1, 1}, COUNT, -1}};

static igloo_status splits_next(void *self, const igloo_ctx *ctx, size_t max, igloo_splits *out,
                                igloo_error *error) {
  size_t *next = self;
  (void)ctx, (void)error;
  if (*next == 2) return IGLOO_END;
  out->items = split_items + *next;
  out->n = max < 2 - *next ? max : 2 - *next;
  *next += out->n;
#if defined(FAULT_SPLITS)
  out->n = max + 1000000;
#endif
  return IGLOO_OK;
}

static void splits_cancel(void *self) { *(size_t *)self = 2; }
static void splits_release(void *self) { free(self); }

static igloo_status splits(void *self, const igloo_ctx *ctx, igloo_bytes handle, int64_t target,
                           igloo_split_source *out, igloo_error *error) {
  (void)self, (void)ctx, (void)handle, (void)target, (void)error;
  *out = (igloo_split_source){calloc(1, sizeof(size_t)), splits_next, splits_cancel, splits_release};
  return IGLOO_OK;
}

static igloo_status open_split(void *self, const igloo_ctx *ctx, igloo_bytes handle,
                               igloo_bytes split, igloo_reader *out, igloo_error *error) {
  struct reader reader = {.handle = handle};
  (void)self, (void)ctx;
  if (handle.n > 8 || split.n != 1 || split.p[0] > 1)
    return fail(error, IGLOO_E_INVALID, "22023", "no such split");
  if (handle.n) memcpy(reader.columns, handle.p, handle.n);
  reader.split = split.p[0];
  return open_reader(reader, out);
}

static igloo_status ping(void *self, const igloo_ctx *ctx, igloo_error *error) {
  (void)self, (void)ctx, (void)error;
  host->log(IGLOO_LOG_INFO, (igloo_str)STR("numbers"), (igloo_str)STR("pinged"));
#if defined(FAULT_SYMBOL)
  extern int nobody_defines_this(void);
  return nobody_defines_this();
#endif
  return IGLOO_OK;
}

static const igloo_connector connector = {
#if defined(FAULT_HOLES)
    NULL,
#else
    list,
#endif
    open_table, plan, splits, open_split, ping};

static int instances;

static igloo_status create(const igloo_kind *kind, const igloo_value *values, size_t n,
                           const igloo_ctx *ctx, void **self, igloo_error *error) {
  (void)kind, (void)values, (void)n, (void)ctx, (void)error;
#if !defined(FAULT_NO_INSTANCE)
  *self = &instances;
#endif
  return IGLOO_OK;
}

static void destroy(void *self) { (void)self; }

static const igloo_option options[] = {{STR("start"),
#if defined(FAULT_OPTION)
                                        99,
#else
                                        IGLOO_OPT_INT,
#endif
                                        0, STR("0"), {NULL, 0}, STR("The first number.")}};

static const igloo_kind kinds[] = {{.kind = IGLOO_CONNECTOR,
                                    .name = STR("numbers"),
                                    .options = options,
                                    .n_options = 1,
                                    .caps = IGLOO_CAP_CPU_BOUND,
                                    .create = create,
                                    .destroy = destroy,
                                    .vtable = &connector}};

static const igloo_plugin plugin = {
#if defined(FAULT_ID)
    .id = STR("letters"),
#else
    .id = STR("numbers"),
#endif
    .version = STR("1.0"), .needs_minor = 1, .wire_min = 1, .wire_max = 1, .n_kinds = 1, .kinds = kinds};

#if defined(FAULT_EXPORT)
int another_symbol(void);
int another_symbol(void) { return 1; }
#endif

#if !defined(FAULT_NO_ENTRY)
const igloo_plugin *igloo_plugin_0(const igloo_host *given, igloo_error *error) {
  host = given;
#if defined(FAULT_NULL)
  return NULL;
#elif defined(FAULT_NULL_ERROR)
  fail(error, IGLOO_E_DENIED, "42501", "not on a Sunday");
  error->hint = (igloo_str)STR("try tomorrow");
  return NULL;
#elif defined(FAULT_NULL_ONCE)
  static int count;
  if (count++ == 0) {
    fail(error, IGLOO_E_DENIED, "42501", "not on a Sunday");
    return NULL;
  }
#elif defined(FAULT_CRASH)
  (void)!write(2, "here it comes\n", 14);
  *(volatile int *)8 = 1;
#elif defined(FAULT_HANG)
  pause();
#elif defined(FAULT_EXIT)
  exit(0);
#endif
  (void)error;
  return &plugin;
}
#endif

/* SPDX-License-Identifier: MIT
 * The connector "acme": one table, "planets", in memory. igloo.h says of each function who calls it,
 * when, from which threads, and who frees what. */
#include <stdlib.h>
#include <string.h>

#include "arrow.h"
#include "igloo.h"

/* What a host knows of the plugin without running it. */
IGLOO_NOTE("id=acme\nversion=0.1.0\nkinds=connector:acme\nneeds=1\nruntime=c\nlicense=MIT\n");

#define STR(literal) {literal, sizeof(literal) - 1}

/* ------------------------------------------------------------------ the data */

enum { NAME, MASS, MOONS, DISCOVERED, COLUMNS };
enum { ROWS = 8 };

static const char *const column_names[COLUMNS] = {"name", "mass", "moons", "discovered"};
static const char *const column_formats[COLUMNS] = {"u", "g", "l", "l"};

static const char *const names[ROWS] = {"Mercury", "Venus",  "Earth",  "Mars",
                                        "Jupiter", "Saturn", "Uranus", "Neptune"};
static const double masses[ROWS] = {0.055, 0.815, 1, 0.107, 317.8, 95.2, 14.5, 17.1};
static const int64_t moons[ROWS] = {0, 0, 1, 2, 95, 146, 28, 16};
static const int64_t discovered[ROWS] = {0, 0, 0, 0, 0, 0, 1781, 1846};
static const uint8_t always_known[ROWS] = {1, 1, 1, 1, 1, 1, 0, 0};

/* ------------------------------------------------------------------ errors */

/* The message must be a constant: it may outlive everything else. */
static igloo_status fail(igloo_error *error, igloo_status status, const char *sqlstate,
                         const char *message) {
  error->code = status;
  memcpy(error->sqlstate, sqlstate, 5);
  error->message = (igloo_str){message, strlen(message)};
  return status;
}

static igloo_status no_memory(igloo_error *error) {
  return fail(error, IGLOO_E_EXHAUSTED, "53200", "there is no memory left");
}

static int is_text(igloo_str text, const char *wanted) {
  return text.n == strlen(wanted) && memcmp(text.p, wanted, text.n) == 0;
}

static int begins(const char *text, igloo_str prefix) {
  return prefix.n == 0 || (prefix.n <= strlen(text) && memcmp(text, prefix.p, prefix.n) == 0);
}

/* ------------------------------------------------------------------ instances */

/* A catalog of this connector: its options. Never changed, so that any thread may use it. */
struct acme {
  double unit; /* of masses, in Earths */
};

static const igloo_option options[] = {
    {STR("unit"), IGLOO_OPT_ENUM, 0, STR("earths"), STR("earths|tonnes"),
     STR("In what masses are told.")},
};

static igloo_status create(const igloo_kind *kind, const igloo_value *values, size_t n,
                           const igloo_ctx *ctx, void **self, igloo_error *error) {
  (void)kind, (void)ctx;
  struct acme *acme = calloc(1, sizeof *acme);
  if (!acme) return no_memory(error);
  acme->unit = 1;
  for (size_t i = 0; i < n; i++)
    if (is_text(values[i].name, "unit") && is_text(values[i].s, "tonnes")) acme->unit = 5.972e21;
  *self = acme;
  return IGLOO_OK;
}

static void destroy(void *self) { free(self); }

static igloo_status ping(void *self, const igloo_ctx *ctx, igloo_error *error) {
  (void)self, (void)ctx, (void)error; /* memory can always be reached */
  return IGLOO_OK;
}

/* ------------------------------------------------------------------ readers */

/* Delivers one batch. `columns` are those of the plan; lists have columns of their own. */
struct reader {
  double unit;
  uint32_t list;  /* IGLOO_LIST_, or 0 */
  int has_row;    /* of a list */
  int is_done;    /* touched by `next` only */
  int is_stopped; /* set by `cancel`, from any thread */
  size_t n;
  uint8_t columns[];
};

static const char *const list_names[] = {"schema", "name", "kind", "comment", "est_rows"};

static igloo_status reader_schema(void *self, struct ArrowSchema *out, igloo_error *error) {
  const struct reader *reader = self;
  const int is_schemas = reader->list == IGLOO_LIST_SCHEMAS;
  const int64_t count = is_schemas ? 1 : reader->list ? 5 : (int64_t)reader->n;
  if (!schema_struct(out, count)) return no_memory(error);
  for (int64_t i = 0; i < count; i++) {
    if (is_schemas) schema_column(out, i, "u", "name");
    else if (reader->list) schema_column(out, i, i == 4 ? "l" : "u", list_names[i]);
    else schema_column(out, i, column_formats[reader->columns[i]], column_names[reader->columns[i]]);
  }
  return IGLOO_OK;
}

static int make_column(const struct reader *reader, uint8_t column, struct ArrowArray *out) {
  switch (column) {
  case NAME: return array_text(out, names, ROWS);
  case MOONS: return array_int64(out, moons, NULL, ROWS);
  case DISCOVERED: return array_int64(out, discovered, always_known, ROWS);
  default: {
    double scaled[ROWS];
    for (int i = 0; i < ROWS; i++) scaled[i] = masses[i] * reader->unit;
    return array_double(out, scaled, ROWS);
  }
  }
}

static int make_list(const struct reader *reader, struct ArrowArray *out) {
  static const char *const row[] = {"main", "planets", "table", "the Sun's"};
  static const int64_t rows = ROWS;
  const int64_t count = reader->has_row, columns = reader->list == IGLOO_LIST_SCHEMAS ? 1 : 5;
  int is_complete = array_struct(out, count, columns);
  for (int64_t i = 0; is_complete && i < columns; i++) {
    is_complete = i < 4 ? array_text(out->children[i], row + i, count)
                        : array_int64(out->children[i], &rows, NULL, count);
    if (!is_complete) out->release(out);
  }
  return is_complete;
}

static int make_rows(const struct reader *reader, struct ArrowArray *out) {
  int is_complete = array_struct(out, ROWS, (int64_t)reader->n);
  for (size_t i = 0; is_complete && i < reader->n; i++) {
    is_complete = make_column(reader, reader->columns[i], out->children[i]);
    if (!is_complete) out->release(out);
  }
  return is_complete;
}

static igloo_status reader_next(void *self, const igloo_ctx *ctx, struct ArrowDeviceArray *out,
                                igloo_error *error) {
  struct reader *reader = self;
  if (__atomic_load_n(&reader->is_stopped, __ATOMIC_ACQUIRE) ||
      (ctx->cancelled && __atomic_load_n(ctx->cancelled, __ATOMIC_ACQUIRE))) {
    reader->is_done = 1;
    return fail(error, IGLOO_E_CANCELLED, "57014", "the call was cancelled");
  }
  if (reader->is_done) return IGLOO_END;
  reader->is_done = 1;
  memset(out, 0, sizeof *out);
  out->device_type = ARROW_DEVICE_CPU;
  out->device_id = -1;
  if (reader->list ? make_list(reader, &out->array) : make_rows(reader, &out->array))
    return IGLOO_OK;
  return no_memory(error);
}

static void reader_cancel(void *self) {
  __atomic_store_n(&((struct reader *)self)->is_stopped, 1, __ATOMIC_RELEASE);
}

static void reader_release(void *self) { free(self); }

/* A reader that is still to be told what to read; NULL: no memory. */
static struct reader *make_reader(size_t columns, igloo_reader *out) {
  struct reader *reader = calloc(1, sizeof *reader + columns);
  if (reader)
    *out = (igloo_reader){reader, reader_schema, reader_next, reader_cancel, reader_release};
  return reader;
}

/* ------------------------------------------------------------------ lists and tables */

static igloo_status list(void *self, const igloo_ctx *ctx, uint32_t what, igloo_str schema,
                         igloo_str prefix, igloo_reader *out, igloo_error *error) {
  (void)self, (void)ctx;
  if (what != IGLOO_LIST_SCHEMAS && what != IGLOO_LIST_TABLES)
    return fail(error, IGLOO_E_UNSUPPORTED, "0A000", "acme has no such list");
  struct reader *reader = make_reader(0, out);
  if (!reader) return no_memory(error);
  reader->list = what;
  reader->has_row = what == IGLOO_LIST_SCHEMAS
                        ? begins("main", prefix)
                        : is_text(schema, "main") && begins("planets", prefix);
  return IGLOO_OK;
}

static igloo_status open_table(void *self, const igloo_ctx *ctx, igloo_str schema, igloo_str name,
                               igloo_blob *table, struct ArrowSchema *out, igloo_error *error) {
  (void)self, (void)ctx;
  if ((schema.n && !is_text(schema, "main")) || !is_text(name, "planets"))
    return fail(error, IGLOO_E_NOT_FOUND, "42P01", "acme has one table: planets");
  if (!schema_struct(out, COLUMNS)) return no_memory(error);
  for (int i = 0; i < COLUMNS; i++) schema_column(out, i, column_formats[i], column_names[i]);
  /* A constant: there is nothing to release. */
  *table = (igloo_blob){.p = (uint8_t *)"planets", .n = 7};
  return IGLOO_OK;
}

/* ------------------------------------------------------------------ plans */

/* Marks the columns that the expression at `root` uses. The blob comes from outside: every number in
 * it is checked. Arguments stand before their node, so one walk from the root down finds all. */
static int mark_columns(igloo_bytes exprs, uint32_t root, uint8_t used[COLUMNS]) {
  igloo_expr_header header;
  igloo_expr_node node;
  if (exprs.n < sizeof header) return 0;
  memcpy(&header, exprs.p, sizeof header);
  const size_t room = exprs.n - sizeof header;
  if (memcmp(header.magic, "IGX1", 4) != 0 || header.n_nodes > room / sizeof node ||
      header.pool_off > exprs.n || header.pool_len > exprs.n - header.pool_off ||
      root >= header.n_nodes)
    return 0;
  uint8_t *is_wanted = calloc(header.n_nodes, 1);
  int is_right = is_wanted != NULL;
  if (is_right) is_wanted[root] = 1;
  for (uint32_t i = root + 1; is_right && i-- > 0;) {
    if (!is_wanted[i]) continue;
    memcpy(&node, exprs.p + sizeof header + i * sizeof node, sizeof node);
    if (node.op == IGX_COLUMN) {
      is_right = node.lit.i64 >= 0 && node.lit.i64 < COLUMNS;
      if (is_right) used[node.lit.i64] = 1;
    }
    if (node.n_args > header.pool_len / 4 || node.args > header.pool_len - node.n_args * 4) {
      is_right = 0;
      break;
    }
    for (uint32_t k = 0; is_right && k < node.n_args; k++) {
      uint32_t argument;
      memcpy(&argument, exprs.p + header.pool_off + node.args + k * 4, 4);
      is_right = argument < i;
      if (is_right) is_wanted[argument] = 1;
    }
  }
  free(is_wanted);
  return is_right;
}

static void release_answer(igloo_scan_answer *answer) {
  free((void *)answer->reasons);
  free(answer->owner);
  answer->release = NULL;
}

/* Takes over nothing but the choice of columns: all verdicts stay UNSUPPORTED. So the columns are
 * those that are wanted, then those that the conjuncts need. The plan's handle lists them. */
static igloo_status plan(void *self, const igloo_ctx *ctx, const igloo_scan_request *request,
                         struct ArrowSchema *out, igloo_scan_answer *answer, igloo_error *error) {
  (void)self, (void)ctx;
  static const igloo_str reason = STR("acme reads its tables whole");
  if (request->table.n != 7 || memcmp(request->table.p, "planets", 7) != 0)
    return fail(error, IGLOO_E_INVALID, "22023", "acme made no such table");
  uint8_t used[COLUMNS] = {0};
  for (size_t i = 0; i < request->n_conjuncts; i++)
    if (!mark_columns(request->exprs, request->conjuncts[i], used))
      return fail(error, IGLOO_E_INVALID, "22023", "a condition is malformed");
  uint8_t *columns = malloc(request->n_columns + COLUMNS);
  igloo_str *reasons = calloc(request->n_conjuncts + 1, sizeof *reasons);
  size_t n = 0;
  int is_right = columns && reasons;
  for (size_t i = 0; is_right && i < request->n_columns; i++) {
    is_right = request->columns[i] < COLUMNS;
    if (is_right) columns[n++] = (uint8_t)request->columns[i];
  }
  for (size_t i = 0; is_right && i < n; i++) used[columns[i]] = 0;
  for (uint8_t i = 0; is_right && i < COLUMNS; i++)
    if (used[i]) columns[n++] = i;
  if (!is_right || !schema_struct(out, (int64_t)n)) {
    const int has_memory = columns && reasons && !is_right;
    free(columns);
    free(reasons);
    if (!has_memory) return no_memory(error);
    return fail(error, IGLOO_E_INVALID, "22023", "there is no such column");
  }
  for (size_t i = 0; i < n; i++)
    schema_column(out, (int64_t)i, column_formats[columns[i]], column_names[columns[i]]);
  for (size_t i = 0; i < request->n_conjuncts; i++) reasons[i] = reason;
  answer->handle = (igloo_bytes){columns, n};
  answer->est_rows = ROWS;
  answer->remote_text = (igloo_str)STR("all planets");
  answer->reasons = reasons;
  answer->n_reasons = request->n_conjuncts;
  answer->owner = columns;
  answer->release = release_answer;
  return IGLOO_OK;
}

/* ------------------------------------------------------------------ splits */

static const uint8_t whole = 0;
static const igloo_split the_split = {{&whole, 1}, ROWS, -1};

static igloo_status splits_next(void *self, const igloo_ctx *ctx, size_t max, igloo_splits *out,
                                igloo_error *error) {
  int *is_done = self;
  (void)ctx, (void)max, (void)error;
  if (*is_done) return IGLOO_END;
  *is_done = 1;
  *out = (igloo_splits){.items = &the_split, .n = 1};
  return IGLOO_OK;
}

static void splits_cancel(void *self) { (void)self; /* nothing here waits */ }
static void splits_release(void *self) { free(self); }

static igloo_status splits(void *self, const igloo_ctx *ctx, igloo_bytes handle, int64_t target,
                           igloo_split_source *out, igloo_error *error) {
  (void)self, (void)ctx, (void)handle, (void)target;
  int *is_done = calloc(1, sizeof *is_done);
  if (!is_done) return no_memory(error);
  *out = (igloo_split_source){is_done, splits_next, splits_cancel, splits_release};
  return IGLOO_OK;
}

static igloo_status open_split(void *self, const igloo_ctx *ctx, igloo_bytes handle,
                               igloo_bytes split, igloo_reader *out, igloo_error *error) {
  const struct acme *acme = self;
  (void)ctx;
  int is_right = split.n == 1 && split.p[0] == whole;
  for (size_t i = 0; is_right && i < handle.n; i++) is_right = handle.p[i] < COLUMNS;
  if (!is_right) return fail(error, IGLOO_E_INVALID, "22023", "acme made no such split");
  struct reader *reader = make_reader(handle.n, out);
  if (!reader) return no_memory(error);
  reader->unit = acme->unit;
  reader->n = handle.n;
  if (handle.n) memcpy(reader->columns, handle.p, handle.n);
  return IGLOO_OK;
}

/* ------------------------------------------------------------------ the plugin */

static const igloo_connector connector = {list, open_table, plan, splits, open_split, ping};

static const igloo_kind kinds[] = {{
    .kind = IGLOO_CONNECTOR,
    .name = STR("acme"),
    .options = options,
    .n_options = sizeof options / sizeof *options,
    .caps = IGLOO_CAP_CPU_BOUND,
    .create = create,
    .destroy = destroy,
    .vtable = &connector,
}};

static const igloo_plugin plugin = {
    .id = STR("acme"),
    .version = STR("0.1.0"),
    .needs_minor = 1,
    .wire_min = 1,
    .wire_max = 1,
    .n_kinds = 1,
    .kinds = kinds,
};

/* The one symbol that is exported. */
const igloo_plugin *igloo_plugin_0(const igloo_host *host, igloo_error *error) {
  (void)host, (void)error;
  return &plugin;
}

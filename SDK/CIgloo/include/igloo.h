/* SPDX-License-Identifier: MIT */
/* igloo.h -- the border between Igloo (the host) and its plugins. C11 and C++17; nothing else is
 * contract but this header, one exported symbol and one ELF note.
 *
 * Rules for all that follows:
 * - Layout. A struct never changes under its tag, which carries the epoch ("igloo0_"). Growth is
 *   a new facet with a new tag; enum values and flag bits may be added. Epoch 0 stands for "before
 *   the first stable release": host and plugin must be built from the same epoch and minor.
 * - In-parameters are borrowed until the call returns. A plugin never keeps their pointers.
 * - Out-parameters are zeroed by the caller and filled by the callee, which sets `release` when
 *   there is something to free; the caller calls `release` once. Nobody calls free() on memory of
 *   the other side. A callee that returns a negative status leaves no out-parameter behind, apart
 *   from `igloo_error`.
 * - Strings are UTF-8, pointer and byte count, not NUL-terminated; {NULL, 0} is the empty string.
 * - Errors. Any function that returns igloo_status may fail with any negative status; a code
 *   unknown to the receiver counts as IGLOO_E_UNKNOWN. No exception, panic or longjmp may cross.
 * - Threads. The host calls plugins from its own threads only. Entry, create, destroy and stop:
 *   one call at a time per plugin. Instance functions (vtables): any number at once. Readers and
 *   split sources: one call at a time, from changing threads; `cancel` at any time from any
 *   thread, but not after `release` began. Host callbacks: any thread, never under a lock that the
 *   plugin's `cancel` needs.
 * - Cancellation. Long calls poll `ctx->cancelled` and return IGLOO_E_CANCELLED within 100 ms where
 *   their source allows it; `cancel` additionally breaks calls that block. A call that has not
 *   returned 5 s after its cancellation is given up: its instance is called no more, not even to be
 *   destroyed, and its thread is left to it.
 * - Life. A plugin is never unloaded: functions and constants stay valid until the process ends.
 * - A plugin does not change the process: signal handlers, locale, directory, environment, limits.
 * - Opaque bytes (table, handle, split) are position-independent: another process that has loaded
 *   the same plugin must understand them.
 */
#ifndef IGLOO_H
#define IGLOO_H

#include <stddef.h>
#include <stdint.h>

#include "arrow_c_data.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Breaking changes count the epoch up, additions the minor. */
#define IGLOO_EPOCH 0u
#define IGLOO_MINOR 1u

/* ------------------------------------------------------------------ base */

/* >= 0: progress. < 0: an error; -1 to -16 are the negated codes of gRPC. */
typedef int32_t igloo_status;
enum {
  IGLOO_OK = 0,
  IGLOO_PENDING = 1,    /* only with ctx->waker: see there */
  IGLOO_END = 2,        /* no more batches, no more splits */
  IGLOO_NEED_INPUT = 3, /* reserved for operators */

  IGLOO_E_CANCELLED = -1,
  IGLOO_E_UNKNOWN = -2,
  IGLOO_E_INVALID = -3,      /* the caller's or the user's argument cannot be right */
  IGLOO_E_DEADLINE = -4,
  IGLOO_E_NOT_FOUND = -5,
  IGLOO_E_EXISTS = -6,
  IGLOO_E_DENIED = -7,
  IGLOO_E_EXHAUSTED = -8,    /* memory, disk or another bounded thing */
  IGLOO_E_STATE = -9,        /* the thing changed under the caller: open it again */
  IGLOO_E_CONFLICT = -10,
  IGLOO_E_RANGE = -11,       /* a value outside its type */
  IGLOO_E_UNSUPPORTED = -12,
  IGLOO_E_INTERNAL = -13,    /* a defect */
  IGLOO_E_UNAVAILABLE = -14, /* the world failed: disk, network, server */
  IGLOO_E_DATA_LOSS = -15,   /* data that is not what it claims to be */
  IGLOO_E_UNAUTHENTICATED = -16,
  IGLOO_E_UNKNOWN_OUTCOME = -64, /* a commit was sent, its answer was lost */
  IGLOO_E_COMPACTED = -65
};

typedef struct igloo0_str { const char *p; size_t n; } igloo_str;
typedef struct igloo0_bytes { const uint8_t *p; size_t n; } igloo_bytes;

/* Bytes that the receiver owns until it calls `release`, which may be NULL for constants. */
typedef struct igloo0_blob {
  uint8_t *p;
  size_t n;
  void (*release)(struct igloo0_blob *);
  void *owner;
} igloo_blob;

enum {
  IGLOO_ERR_RETRYABLE = 1, /* the same call may succeed later */
  IGLOO_ERR_USER = 2,      /* the user can mend it */
  IGLOO_ERR_EXTERNAL = 4,  /* the source's own error */
  IGLOO_ERR_POISONED = 8   /* the instance is of no more use: create another one */
};

/* Details of a negative status; filling it is optional. `code` repeats the status. Messages never
 * hold secrets. The strings live until `release`, also beyond the object that failed. */
typedef struct igloo0_error {
  int32_t code;
  uint32_t flags;
  char sqlstate[8]; /* five characters and NULs, or empty: the class that belongs to the code */
  igloo_str message, hint;
  void (*release)(struct igloo0_error *);
  void *owner;
} igloo_error;

/* Called by the plugin, from any thread, to say that a call it answered with PENDING is worth
 * repeating: during that call already, or any time later. Calls without cause are fine, late ones too,
 * since the memory of a waker is never given back. It does not block.
 *
 * Calls that may be PENDING say so. One that is has changed nothing: its batch is not taken over, no
 * out-parameter is filled. The caller makes it again, with the same arguments, once woken or sooner, and
 * maybe with another waker. Who gives it up calls once more, with `cancelled` set or the deadline over,
 * after which PENDING counts as that; or it releases the object. */
typedef struct igloo0_waker {
  void (*wake)(struct igloo0_waker *);
  void *owner;
} igloo_waker;

/* Who asks, until when, and whether still. One per call, borrowed, never NULL. Only the word behind
 * `cancelled` lives longer: until the release of the reader or split source that the call returned
 * or was made on. */
typedef struct igloo0_ctx {
  const uint32_t *cancelled; /* atomic, load with acquire order; non-zero: stop. NULL: never */
  int64_t deadline_ns;       /* CLOCK_MONOTONIC; 0 = none */
  igloo_waker *waker;        /* NULL: the callee blocks; else, where it says so, it may be PENDING */
  uint8_t trace_id[16], span_id[8]; /* W3C trace context; zeros = none */
  igloo_str query_id, user;
  igloo_bytes txn;           /* of igloo_txn.begin: the call is part of it; empty = autocommit */
  uint64_t memory_account;   /* for host->reserve; 0 = not accounted */
} igloo_ctx;

/* A stream of batches: the only way rows leave a plugin. Functions are never NULL.
 *
 * schema   May be called at any time before `release`, any number of times; the same answer always.
 * next     OK: `out` is a struct array (one child a column) on the CPU, owned by the caller; it
 *          may be empty. END: no more; so is every call after it and after an error. The batch
 *          outlives the reader. Buffers are aligned to 8 bytes at least, 64 recommended.
 * cancel   Makes a running and all later `next` return soon. Idempotent, does not block.
 * release  Frees the reader; called once, when no call is running. */
typedef struct igloo0_reader {
  void *self;
  igloo_status (*schema)(void *self, struct ArrowSchema *out, igloo_error *);
  igloo_status (*next)(void *self, const igloo_ctx *, struct ArrowDeviceArray *out, igloo_error *);
  void (*cancel)(void *self);
  void (*release)(void *self);
} igloo_reader;

/* ------------------------------------------------------------------ the host's services */

enum { IGLOO_LOG_ERROR = 1, IGLOO_LOG_WARNING, IGLOO_LOG_INFO, IGLOO_LOG_DEBUG, IGLOO_LOG_TRACE };

/* Given to the entry point; lives as long as the process.
 *
 * log      `target` names the part that speaks, by convention "<plugin id>" or "<plugin id>/part".
 *          A warning with the target "<plugin id>/<ctx->query_id>" is a notice: while a call of that
 *          query runs, it goes to the query's user. A line "HINT: ..." after it is its hint.
 * reserve  Announces that large allocations grew (or, negative, shrank) by `delta_bytes` under
 *          ctx->memory_account. IGLOO_E_EXHAUSTED: shrink, spill, or fail with the same code.
 *          An account is known from the call that brings it to that call's return, or to the
 *          release of what it returned to be called further; what is then still reserved is given back.
 * facet    Optional services by id; NULL = this host has none of it. */
typedef struct igloo0_host {
  uint32_t epoch, minor;
  void (*log)(uint32_t level, igloo_str target, igloo_str message);
  igloo_status (*reserve)(uint64_t account, int64_t delta_bytes);
  const void *(*facet)(uint32_t facet_id);
} igloo_host;

#define IGLOO_FACET_METRICS_1 0x0001u

/* A facet of the host: numbers by which operators of a server see how a plugin does. `name` is
 * "<plugin id>/<word>", the word of small letters, digits and _; of a plugin the host keeps a thousand.
 * Any thread; does not block.
 *
 * add  Counts up what only grows: requests, bytes. Negative: nothing happens.
 * set  What it is now: connections, entries. */
typedef struct igloo0_metrics {
  void (*add)(igloo_str name, int64_t by);
  void (*set)(igloo_str name, int64_t value);
} igloo_metrics;

/* ------------------------------------------------------------------ options */

enum {
  IGLOO_OPT_STRING = 1, IGLOO_OPT_BOOL, IGLOO_OPT_INT, IGLOO_OPT_DOUBLE,
  IGLOO_OPT_DURATION, /* written "5s", passed in nanoseconds */
  IGLOO_OPT_SIZE,     /* written "8MiB", passed in bytes */
  IGLOO_OPT_ENUM,     /* one of the words in `allowed` */
  IGLOO_OPT_LIST,     /* strings */
  IGLOO_OPT_PATH,     /* relative ones are resolved by the host */
  IGLOO_OPT_SECRET    /* a string that is never shown or logged */
};
enum { IGLOO_OPT_REQUIRED = 1, IGLOO_OPT_RELOADABLE = 2, IGLOO_OPT_DEPRECATED = 4 };

/* One option, declared once: checks, help and completion are made from it, by the host. */
typedef struct igloo0_option {
  igloo_str name;
  uint32_t type, flags;
  igloo_str default_text; /* as a user would write it; p == NULL: no default */
  igloo_str allowed;      /* the words of an ENUM, separated by '|' */
  igloo_str doc;
} igloo_option;

/* A checked value. `type` is the option's; BOOL, INT, DURATION and SIZE stand in `i`, DOUBLE in
 * `d`, LIST in `list`, all others in `s`. */
typedef struct igloo0_value {
  igloo_str name;
  uint32_t type, n_list;
  int64_t i;
  double d;
  igloo_str s;
  const igloo_str *list;
} igloo_value;

/* ------------------------------------------------------------------ kinds and the plugin */

enum {
  /* The vtable of each is the struct of the same name: igloo_connector, igloo_cache ... */
  IGLOO_CONNECTOR = 1, IGLOO_CACHE, IGLOO_TRANSPORT, IGLOO_FUNCTIONS, IGLOO_OPERATOR, IGLOO_KV,
  IGLOO_FRONTEND, IGLOO_SECRETS
};

/* igloo_kind.caps of a connector. */
enum {
  IGLOO_CAP_CPU_BOUND = 1,   /* `next` computes rather than waits: called on compute threads */
  IGLOO_CAP_STATS = 2,       /* offers IGLOO_FACET_STATS_1 */
  IGLOO_CAP_READS_FILES = 4, /* table names may be paths and globs of files */
  IGLOO_CAP_WRITE = 8,       /* offers IGLOO_FACET_WRITE_1 */
  IGLOO_CAP_TXN = 16,        /* offers IGLOO_FACET_TXN_1 */
  IGLOO_CAP_CHANGES = 32,    /* offers IGLOO_FACET_CHANGES_1 */
  IGLOO_CAP_JOIN = 64,       /* offers IGLOO_FACET_JOIN_1 */
  IGLOO_CAP_RUNTIME_FILTER = 128 /* offers IGLOO_FACET_RUNTIME_FILTER_1 */
};

/* Something that a plugin offers, under a name: "csv", "postgres".
 *
 * create   Makes an instance of this kind, `*self`. `values` holds every option that was given or
 *          has a default, checked against `options`. Should not connect yet when that can take long:
 *          see ping.
 * reload   New values for RELOADABLE options; NULL: a restart is needed.
 * destroy  Frees the instance, once all readers and split sources of it are released.
 * facet    Optional abilities of an instance: a struct of functions, or NULL = not supported. The
 *          function itself may be NULL: no facets at all. */
typedef struct igloo0_kind igloo_kind;
struct igloo0_kind {
  uint32_t kind;
  int32_t rank; /* reserved: 0 */
  igloo_str name;
  const igloo_option *options;
  size_t n_options;
  uint64_t caps;
  igloo_status (*create)(const igloo_kind *, const igloo_value *values, size_t n,
                         const igloo_ctx *, void **self, igloo_error *);
  igloo_status (*reload)(void *self, const igloo_value *values, size_t n, igloo_error *);
  void (*destroy)(void *self);
  const void *vtable;
  const void *(*facet)(void *self, uint32_t facet_id);
};

/* A plugin's account of itself: constant, valid for ever. `id` and `version` repeat the note. */
typedef struct igloo0_plugin {
  igloo_str id, version;
  uint32_t needs_minor;        /* the least host minor it can work with */
  uint32_t wire_min, wire_max; /* the versions of its own opaque bytes that it understands */
  uint32_t n_kinds;
  const igloo_kind *kinds;
  /* Ends every thread the plugin started; called once, before the process ends. May be NULL. */
  void (*stop)(int64_t deadline_ns);
} igloo_plugin;

/* The one symbol that a plugin exports; the epoch is in its name. Called once. NULL = refused, with
 * the reason in the error. */
__attribute__((visibility("default")))
const igloo_plugin *igloo_plugin_0(const igloo_host *, igloo_error *);
typedef const igloo_plugin *(*igloo_plugin_0_fn)(const igloo_host *, igloo_error *);

/* ------------------------------------------------------------------ expressions: "IGX1" */

/* A flat, position-independent tree: header, nodes, pool; little-endian, all offsets in bytes. A
 * node's arguments stand before it (post-order); no node is the argument of two. The receiver checks
 * every offset. */
typedef struct igloo0_expr_header {
  char magic[4]; /* "IGX1" */
  uint32_t n_nodes;
  uint32_t pool_off, pool_len; /* from the beginning of the blob; a multiple of 8 */
} igloo_expr_header;

typedef struct igloo0_expr_node {
  uint16_t op;
  uint8_t type, flags; /* of the result: IGX_TYPE_, IGX_FLAG_ */
  uint32_t n_args;
  uint32_t args; /* offset in the pool of n_args indexes of nodes, uint32, each less than this one's */
  uint32_t aux;  /* what the type needs to be known exactly: see IGX_TYPE_ */
  union {
    int64_t i64; /* IGX_COLUMN: index of the column. Literals: bool, integers, dates, times */
    double f64;  /* literals: all floats */
    struct { uint32_t off, len; } str; /* in the pool. Literals: text, binary; decimals over 128 bits,
                                        * 32 bytes; IGX_CALL: the function's name */
    uint8_t b16[16]; /* literals: decimals as int128; intervals as igloo_interval */
  } lit;
} igloo_expr_node;

typedef struct igloo0_interval { int32_t months, days; int64_t nanoseconds; } igloo_interval;

/* The results of AND, OR, NOT, comparisons and tests are BOOL, three-valued. Text compares by its
 * bytes, NaN equals NaN and is above all, -0 = 0, zoned timestamps compare as instants. An
 * operation that a plugin does not know makes the step UNSUPPORTED, never an error. */
enum {
  IGX_COLUMN = 1,      /* of the table's schema; in a sort: of the output */
  IGX_FIELD,           /* reserved: a field of a structure */
  IGX_LITERAL,
  IGX_AND, IGX_OR,     /* two or more */
  IGX_NOT,
  IGX_EQ, IGX_NE, IGX_LT, IGX_LE, IGX_GT, IGX_GE,
  IGX_IS_NULL,
  IGX_IS_DISTINCT,
  IGX_IN,              /* the first among the others, all literals and not NULL */
  IGX_LIKE,            /* text, pattern, optionally the escape (else a backslash): literals */
  IGX_PREFIX,          /* text begins with a literal */
  IGX_ADD, IGX_SUB, IGX_MUL, IGX_DIV, IGX_MOD, IGX_NEG,
  IGX_CAST,            /* to the node's type */
  IGX_CASE, IGX_COALESCE, IGX_CALL, /* reserved */
  IGX_OPAQUE = 0xFFFF  /* something that cannot be told; its arguments are the columns it reads */
};

/* Types, as Arrow defines them, and what `aux` says of them (0 for all others). */
enum {
  IGX_TYPE_OTHER = 0, /* not told here: look into the table's schema (nested types) */
  IGX_TYPE_NULL, IGX_TYPE_BOOL,
  IGX_TYPE_INT8, IGX_TYPE_INT16, IGX_TYPE_INT32, IGX_TYPE_INT64,
  IGX_TYPE_UINT8, IGX_TYPE_UINT16, IGX_TYPE_UINT32, IGX_TYPE_UINT64,
  IGX_TYPE_FLOAT16, IGX_TYPE_FLOAT32, IGX_TYPE_FLOAT64,
  /* Low half: digits in all; high half: digits after the point, signed. */
  IGX_TYPE_DECIMAL32, IGX_TYPE_DECIMAL64, IGX_TYPE_DECIMAL128, IGX_TYPE_DECIMAL256,
  IGX_TYPE_UTF8, IGX_TYPE_LARGE_UTF8, IGX_TYPE_UTF8_VIEW,
  IGX_TYPE_BINARY, IGX_TYPE_LARGE_BINARY, IGX_TYPE_BINARY_VIEW,
  IGX_TYPE_FIXED_BINARY, /* bytes of a value */
  IGX_TYPE_DATE32, IGX_TYPE_DATE64,
  IGX_TYPE_TIME32, IGX_TYPE_TIME64, IGX_TYPE_DURATION, /* IGX_UNIT_ */
  /* IGX_UNIT_ in the low two bits; the others are the pool offset, a multiple of 4 and not 0, of
   * the zone's name: a uint32 byte count, then the bytes. 0: no zone. */
  IGX_TYPE_TIMESTAMP,
  IGX_TYPE_INTERVAL /* 0 months, 1 days and milliseconds, 2 months, days and nanoseconds */
};
enum { IGX_UNIT_SECOND = 0, IGX_UNIT_MILLI, IGX_UNIT_MICRO, IGX_UNIT_NANO };
enum {
  IGX_FLAG_NULL = 1,          /* a literal that is NULL */
  IGX_FLAG_DICTIONARY = 2,    /* dictionary-encoded; `type` is that of the values */
  IGX_FLAG_ORDERED = 4,       /* the dictionary is ordered */
  IGX_FLAG_INDEX_SHIFT = 4    /* flags >> 4: IGX_TYPE_ of the dictionary's indexes, minus INT8 */
};

/* ------------------------------------------------------------------ connector: plan */

/* How far a source keeps its promise for one step.
 *             EXACT                                         INEXACT
 *  conjunct   exactly the rows for which it is TRUE         a superset of them, never a subset
 *  aggregate  final groups, each in one split only          partial groups per split
 *  sort       one split, in exactly this order              every split in this order
 *  limit      all splits hold min(limit, rows) right rows   each split a superset of its share */
enum { IGLOO_UNSUPPORTED = 0, IGLOO_INEXACT = 1, IGLOO_EXACT = 2 };

enum { IGLOO_AGG_NONE = 0, IGLOO_AGG_FULL = 1, IGLOO_AGG_PARTIAL = 2 };
enum {
  IGLOO_AGG_COUNT_ROWS = 1, IGLOO_AGG_COUNT, IGLOO_AGG_SUM, IGLOO_AGG_MIN, IGLOO_AGG_MAX,
  IGLOO_AGG_BOOL_AND, IGLOO_AGG_BOOL_OR
};
#define IGLOO_NO_EXPR UINT32_MAX

/* Numbers of expressions are indexes of nodes in the request's `exprs`. */
typedef struct igloo0_sort {
  uint32_t expr;
  uint8_t descending, nulls_first, pad[2];
} igloo_sort;

typedef struct igloo0_agg {
  uint16_t fn;
  uint8_t distinct, pad;
  uint32_t filter; /* or IGLOO_NO_EXPR */
  uint32_t result; /* a NULL literal of the result's type */
  uint32_t n_args;
  const uint32_t *args;
} igloo_agg;

/* The whole candidate pipeline over one table, in this order: conjuncts, grouping and aggregates,
 * sort, limit, columns. Conjuncts cannot raise errors; constants stand on the right. */
typedef struct igloo0_scan_request {
  igloo_bytes table; /* of open_table */
  igloo_bytes exprs; /* IGX1; empty when there is none */
  const uint32_t *columns; size_t n_columns; /* wanted, in this order; may repeat, may be none */
  const uint32_t *conjuncts; size_t n_conjuncts;
  const uint32_t *group_by; size_t n_group_by;
  const igloo_agg *aggs; size_t n_aggs;
  const igloo_sort *sort; size_t n_sort;
  int64_t limit;     /* -1 = none */
  uint32_t agg_mode; /* IGLOO_AGG_NONE, FULL, PARTIAL */
  uint32_t flags;    /* reserved, 0 */
} igloo_scan_request;

/* What the source takes over. `conjuncts` is the host's array of n_conjuncts verdicts; all verdicts
 * are zeroed, so that what is not answered is UNSUPPORTED. Everything else is the plugin's, until
 * `release`. */
typedef struct igloo0_scan_answer {
  uint8_t *conjuncts;
  uint8_t aggregate, sort, limit, pad[5];
  igloo_bytes handle;   /* opaque; goes to splits, open and stats, maybe in another process */
  igloo_bytes snapshot; /* names the state of the data; empty = unknown */
  double est_rows, est_bytes; /* NaN = unknown (set by the host beforehand) */
  igloo_str remote_text;      /* for EXPLAIN: what will run (SQL, files, row groups); no secrets */
  const igloo_str *reasons;   /* for EXPLAIN: why a conjunct was not taken; "" = no word */
  size_t n_reasons;           /* 0 or n_conjuncts */
  void (*release)(struct igloo0_scan_answer *);
  void *owner;
} igloo_scan_answer;

/* ------------------------------------------------------------------ connector: splits, vtable */

typedef struct igloo0_split {
  igloo_bytes payload;
  int64_t est_rows, est_bytes; /* -1 = unknown */
} igloo_split;

typedef struct igloo0_splits {
  const igloo_split *items;
  size_t n;
  void (*release)(struct igloo0_splits *);
  void *owner;
} igloo_splits;

/* next     OK: 0 to `max` splits, none meaning "none right now"; END: no more, `out` untouched.
 * cancel   Makes a running and all later `next` return soon. Idempotent, does not block.
 * release  Frees the source; called once, when no call is running. */
typedef struct igloo0_split_source {
  void *self;
  igloo_status (*next)(void *self, const igloo_ctx *, size_t max, igloo_splits *out, igloo_error *);
  void (*cancel)(void *self);
  void (*release)(void *self);
} igloo_split_source;

/* What `list` lists, as rows of these columns (text in any of Arrow's text types):
 *  SCHEMAS  name: text
 *  TABLES   schema: text, name: text, kind: text ("table", "view"), comment: text or null,
 *           est_rows: int64 or null */
enum { IGLOO_LIST_SCHEMAS = 1, IGLOO_LIST_TABLES = 2, IGLOO_LIST_FUNCTIONS = 3 /* reserved */ };

/* Six functions are a complete connector. None is NULL.
 *
 * list        Sorted by name; names that begin with `prefix`; TABLES: of `schema` only.
 * open_table  Finds a table: its opaque bytes and its columns (a struct schema). `schema` is empty
 *             when the query names none; file connectors take paths and globs as `name`.
 *             IGLOO_E_NOT_FOUND: there is none.
 * plan        Pure: the same request over the same data has the same answer; an unused plan costs
 *             nothing. `out`: the columns that readers will deliver: the requested ones (with an
 *             aggregate that is taken over: group keys, then aggregates), then, ascending, each
 *             column used by a conjunct that is not EXACT and not among them.
 *             IGLOO_E_STATE: the table is not what open_table saw; the host opens it once more.
 * splits      Cuts a plan in pieces of about target_bytes. Every row stands in exactly one split;
 *             splits may be opened in any order, several times, anywhere.
 * open        Reads one split, in the schema of the answer; where that says utf8_view, the reader's
 *             own schema may say dictionary<int32, utf8_view> instead, for all of its batches.
 * ping        Fails when the source cannot be reached. */
typedef struct igloo0_connector {
  igloo_status (*list)(void *self, const igloo_ctx *, uint32_t what, igloo_str schema,
                       igloo_str prefix, igloo_reader *out, igloo_error *);
  igloo_status (*open_table)(void *self, const igloo_ctx *, igloo_str schema, igloo_str name,
                             igloo_blob *table, struct ArrowSchema *out, igloo_error *);
  igloo_status (*plan)(void *self, const igloo_ctx *, const igloo_scan_request *,
                       struct ArrowSchema *out, igloo_scan_answer *, igloo_error *);
  igloo_status (*splits)(void *self, const igloo_ctx *, igloo_bytes handle, int64_t target_bytes,
                         igloo_split_source *out, igloo_error *);
  igloo_status (*open)(void *self, const igloo_ctx *, igloo_bytes handle, igloo_bytes split,
                       igloo_reader *out, igloo_error *);
  igloo_status (*ping)(void *self, const igloo_ctx *, igloo_error *);
} igloo_connector;

/* ------------------------------------------------------------------ facets */

/* Facets of a connector's instance. Their functions are called as those of the connector itself: at
 * any time between create and destroy, from any thread, any number at once. Reserved id: 0x0107
 * SNAPSHOT. */
#define IGLOO_FACET_STATS_1 0x0101u

/* What is known of a column: unknown numbers are NaN, unknown bounds IGLOO_NO_EXPR. No value lies
 * outside of the bounds; with `exact` they occur. */
typedef struct igloo0_column_stats {
  uint32_t column; /* of the table's schema */
  uint32_t exact;
  double null_fraction, distinct, avg_bytes;
  uint32_t min, max; /* literals in igloo_table_stats.exprs: numbers in the column's unit and scale */
} igloo_column_stats;

typedef struct igloo0_table_stats {
  double rows, bytes; /* NaN = unknown */
  uint32_t exact;     /* `rows` and every null_fraction are the truth, not estimates */
  uint32_t n;
  const igloo_column_stats *columns;
  igloo_bytes exprs;  /* IGX1 with the bounds */
  void (*release)(struct igloo0_table_stats *);
  void *owner;
} igloo_table_stats;

/* stats  Of the rows of a plan, of these columns of the table. END: nothing is known. */
typedef struct igloo0_stats {
  igloo_status (*stats)(void *self, const igloo_ctx *, igloo_bytes handle, const uint32_t *columns,
                        size_t n, igloo_table_stats *out, igloo_error *);
} igloo_stats;

#define IGLOO_FACET_WRITE_1 0x0102u

/* What becomes of the rows of a write. */
enum {
  IGLOO_WRITE_APPEND = 1,
  IGLOO_WRITE_OVERWRITE, /* they replace all rows that were there */
  IGLOO_WRITE_CREATE,    /* they are a new table's; IGLOO_E_EXISTS when there is one of that name */
  IGLOO_WRITE_UPSERT,    /* each replaces the row with the same keys, or is added */
  IGLOO_WRITE_DELETE,    /* batches hold keys only: rows with these keys go */
  IGLOO_WRITE_UPDATE     /* the rows with these keys get the other columns' values */
};

/* A write to be begun. The columns of its batches are told apart by name: those of the table that
 * are missing get what the source gives them (a default, NULL). */
typedef struct igloo0_write_request {
  uint32_t mode, flags;   /* flags: reserved, 0 */
  igloo_bytes table;      /* of open_table; CREATE: empty */
  igloo_str schema, name; /* CREATE: the table to make; else empty */
  const uint32_t *keys;   /* UPSERT, UPDATE, DELETE: which columns of the batches are the keys */
  size_t n_keys;
} igloo_write_request;

/* Where the batches of a write go: one of any number of attempts, in any processes.
 *
 * write    Takes over the batch (with OK and with an error), whose columns are those of `begin`.
 * finish   OK: all rows are with the source, though not visible; `fragment` names them for commit.
 *          Called once, after which there is no more write.
 * cancel   Makes a running and all later calls return soon. Idempotent, does not block.
 * release  Frees the sink; before `finish` it undoes this attempt. Called once. */
typedef struct igloo0_sink {
  void *self;
  igloo_status (*write)(void *self, const igloo_ctx *, struct ArrowDeviceArray *moved,
                        igloo_error *);
  igloo_status (*finish)(void *self, const igloo_ctx *, igloo_blob *fragment, igloo_error *);
  void (*cancel)(void *self);
  void (*release)(void *self);
} igloo_sink;

/* Nothing of a write is visible to others before its commit, or, in a transaction, before the
 * transaction's. None is NULL.
 *
 * keys       The columns of a table that tell its rows apart, as indexes of its schema: 4 bytes
 *            each, little-endian. END: there are none.
 * begin      Prepares a write of batches with these columns: opaque bytes, for the other calls.
 *            IGLOO_E_UNSUPPORTED: not this mode, not this table.
 * open_sink  For batches with the columns of `begin`. `attempt` tells sinks of one write apart; a
 *            repeated attempt replaces what an earlier one of the same name left behind.
 * commit     Makes the rows of these fragments visible, all or none; the others are dropped. Again
 *            with the same write after it was committed: OK, without effect. `rows`: how many were
 *            written, deleted or replaced; -1 = unknown. `snapshot` may be left empty.
 *            IGLOO_E_UNKNOWN_OUTCOME: the host calls commit again.
 * abort      Leaves nothing of the write behind; any number of times, not after commit. */
typedef struct igloo0_write {
  igloo_status (*keys)(void *self, const igloo_ctx *, igloo_bytes table, igloo_blob *columns,
                       igloo_error *);
  igloo_status (*begin)(void *self, const igloo_ctx *, const igloo_write_request *,
                        const struct ArrowSchema *, igloo_blob *write, igloo_error *);
  igloo_status (*open_sink)(void *self, const igloo_ctx *, igloo_bytes write, igloo_bytes attempt,
                            const struct ArrowSchema *, igloo_sink *out, igloo_error *);
  igloo_status (*commit)(void *self, const igloo_ctx *, igloo_bytes write,
                         const igloo_bytes *fragments, size_t n, int64_t *rows,
                         igloo_blob *snapshot, igloo_error *);
  igloo_status (*abort)(void *self, const igloo_ctx *, igloo_bytes write, igloo_error *);
} igloo_write;

#define IGLOO_FACET_TXN_1 0x0103u

enum { IGLOO_READ_COMMITTED = 1, IGLOO_REPEATABLE_READ, IGLOO_SERIALIZABLE };

/* Calls whose `ctx->txn` names a transaction see its changes and are undone with it. Its bytes are
 * of use in the process that began it. None is NULL.
 *
 * begin     With at least this isolation; IGLOO_E_UNSUPPORTED: that cannot be had.
 * commit    IGLOO_E_CONFLICT: undone, because of what others did. IGLOO_E_UNKNOWN_OUTCOME: the
 *           answer was lost. After commit and rollback, whatever they answer, the bytes are void.
 * rollback  Undoes it; also for a transaction that the source has ended already. */
typedef struct igloo0_txn {
  igloo_status (*begin)(void *self, const igloo_ctx *, uint32_t isolation, uint32_t read_only,
                        igloo_blob *txn, igloo_error *);
  igloo_status (*commit)(void *self, const igloo_ctx *, igloo_bytes txn, igloo_error *);
  igloo_status (*rollback)(void *self, const igloo_ctx *, igloo_bytes txn, igloo_error *);
} igloo_txn;

#define IGLOO_FACET_CHANGES_1 0x0104u

/* How fresh a table is, and what changed. Tokens name states of its data; they are compared for
 * equality only. None is NULL.
 *
 * token    The state now; cheap. `max_age_ns`: for how long the source vouches for it, 0 = not at
 *          all, -1 = until it changes.
 * changes  Rows that turn the state `from` into the state `to`: the table's columns, and behind them
 *          the text column "_op": insert, delete, update_before, update_after.
 *          IGLOO_E_COMPACTED: too long ago, the table is to be read anew; so says always a source
 *          that keeps no history.
 * wait     Returns once the state is another than `after`; may be PENDING. */
typedef struct igloo0_changes {
  igloo_status (*token)(void *self, const igloo_ctx *, igloo_bytes table, igloo_blob *token,
                        int64_t *max_age_ns, igloo_error *);
  igloo_status (*changes)(void *self, const igloo_ctx *, igloo_bytes table, igloo_bytes from,
                          igloo_bytes to, igloo_reader *out, igloo_error *);
  igloo_status (*wait)(void *self, const igloo_ctx *, igloo_bytes table, igloo_bytes after,
                       igloo_blob *token, igloo_error *);
} igloo_changes;

#define IGLOO_FACET_RUNTIME_FILTER_1 0x0105u

enum { IGLOO_FILTER_RANGE = 1, IGLOO_FILTER_LIST = 2, IGLOO_FILTER_BLOOM = 4,
       IGLOO_FILTER_BITMAP = 8 };

/* What a running query has learnt of a column: rows outside of it are not needed any more, and NULLs
 * neither. All parts that are there hold. */
typedef struct igloo0_runtime_filter {
  uint32_t column; /* of the reader's schema */
  uint32_t parts;  /* IGLOO_FILTER_ */
  uint32_t min, max;                       /* RANGE: literals in `exprs`, or IGLOO_NO_EXPR; inclusive */
  const uint32_t *values; size_t n_values; /* LIST: literals, at most 1,000 */
  igloo_bytes exprs;                       /* IGX1 */
  /* BLOOM: a split-block Bloom filter over xxHash64 with seed 0 of each value's plain encoding, as in
   * Parquet, in blocks of 32 bytes: integers of up to 32 bits and dates in 4 bytes, of 64 bits, times
   * and timestamps in 8, little-endian; text and binary as they are. */
  igloo_bytes bloom;
  /* BITMAP: a bit for each number (integer, date, time, timestamp) from `first` on, those of a byte from
   * the lowest on: whether it is needed. Numbers beyond are not. Whole words of 8 bytes, aligned; they
   * stay until the reader is released. */
  int64_t first;
  igloo_bytes bitmap;
} igloo_runtime_filter;

/* refine  `reader` is the `self` of a reader of this instance. Called between two calls of its `next`,
 *         any number of times; each call adds to what was said before. From now on the reader may
 *         leave out rows that fail; the host tests all rows again. IGLOO_E_UNSUPPORTED: this reader
 *         makes nothing of it, and is not asked again. */
typedef struct igloo0_runtime_filters {
  igloo_status (*refine)(void *self, const igloo_ctx *, void *reader,
                         const igloo_runtime_filter *filters, size_t n, igloo_error *);
} igloo_runtime_filters;

#define IGLOO_FACET_JOIN_1 0x0106u

/* Which rows come of two sides. */
enum {
  IGLOO_JOIN_INNER = 1, /* every pair that matches */
  IGLOO_JOIN_LEFT,      /* and left rows without a match, with NULLs on the right */
  IGLOO_JOIN_SEMI,      /* left rows with a match, each once */
  IGLOO_JOIN_ANTI       /* left rows without a match */
};

/* Two plans of one instance, of rows: without aggregates, orders and limits. A pair matches when all
 * conjuncts are TRUE; their columns count those that the left plan delivers, then the right's. They
 * cannot raise errors. */
typedef struct igloo0_join_request {
  igloo_bytes left, right; /* handles of plans */
  igloo_bytes exprs;       /* IGX1 */
  const uint32_t *conjuncts; size_t n_conjuncts;
  uint32_t type, flags;    /* IGLOO_JOIN_; flags: reserved, 0 */
} igloo_join_request;

/* join  The join as a table, for `plan`: its opaque bytes and its columns, which are the left
 *       plan's, then (INNER, LEFT) the right's, of the same types. Pure and without cost, as `plan`.
 *       IGLOO_E_UNSUPPORTED: the source does not join so, or not exactly by these rules; the message
 *       says why, for EXPLAIN. */
typedef struct igloo0_join {
  igloo_status (*join)(void *self, const igloo_ctx *, const igloo_join_request *,
                       igloo_blob *table, struct ArrowSchema *out, igloo_error *);
} igloo_join;

/* ------------------------------------------------------------------ functions */

enum { IGLOO_FN_SCALAR = 1, IGLOO_FN_AGGREGATE, IGLOO_FN_TABLE };
enum {
  IGLOO_IMMUTABLE = 1, /* the same arguments have the same result, always */
  IGLOO_STABLE,        /* ... within a statement */
  IGLOO_VOLATILE
};
enum {
  IGLOO_NULL_CALLS = 1, /* the function sees NULLs */
  IGLOO_NULL_STRICT     /* a NULL among the arguments makes the result NULL (aggregate: is skipped) */
};

typedef struct igloo0_function_info {
  igloo_str name; /* lower case; may be there several times, for other arguments */
  uint32_t kind, volatility, nulls;
  uint32_t flags; /* reserved: 0 */
  igloo_str doc;  /* a sentence for users */
} igloo_function_info;

/* SQL functions. The host binds a call once for the types of its arguments; what is bound serves any
 * number of calls, from any threads at once. A state is of one thread at a time. Batches of
 * arguments are struct arrays with a child an argument; the callee takes them over, with OK and with an
 * error. Readers and states are released before what is bound, that before the instance.
 *
 * Arguments come in the layouts that the host computes with: text as utf8_view, binary as binary_view,
 * decimals of up to 18 digits as decimal64 and of up to 38 as decimal128, times and timestamps in
 * microseconds, intervals as month_day_nano. Results may have any layout.
 *
 * list           The functions: constant, valid as long as the instance.
 * bind           Function `index` for arguments of these types (a struct schema). `out`: the result's
 *                type; TABLE: a struct schema of its columns. IGLOO_E_UNSUPPORTED: not for these types,
 *                the host tries the next function of the name, then all again with utf8 for utf8_view,
 *                binary for binary_view, decimal128 for decimal64, and with types into which SQL turns
 *                the arguments implicitly.
 * scalar         `rows` results. An error fails the statement. A STRICT function is given rows without
 *                a NULL only.
 * agg_new        The state of no group. Its memory is accounted under this call's ctx->memory_account,
 *                which all calls with the state bring, until release_state.
 * agg_update     Row i of the arguments belongs to group groups[i] < n_groups; states grow by
 *                themselves, n_groups never shrinks.
 * agg_merge      As agg_update, with rows that agg_emit gave as partial.
 * agg_emit       A result a group, or (`partial`) a row a group that another state can merge, in
 *                any process, whose type is the same for all calls.
 * table          The rows of a TABLE function; `args` has one row.
 * release_state, release_bound   Called once each. */
typedef struct igloo0_functions {
  igloo_status (*list)(void *self, const igloo_function_info **items, size_t *n, igloo_error *);
  igloo_status (*bind)(void *self, const igloo_ctx *, uint32_t index,
                       const struct ArrowSchema *args, struct ArrowSchema *out, void **bound,
                       igloo_error *);
  igloo_status (*scalar)(void *bound, const igloo_ctx *, struct ArrowDeviceArray *args,
                         int64_t rows, struct ArrowDeviceArray *out, igloo_error *);
  igloo_status (*agg_new)(void *bound, const igloo_ctx *, void **state, igloo_error *);
  igloo_status (*agg_update)(void *state, const igloo_ctx *, const uint32_t *groups,
                             uint32_t n_groups, struct ArrowDeviceArray *args, igloo_error *);
  igloo_status (*agg_merge)(void *state, const igloo_ctx *, const uint32_t *groups,
                            uint32_t n_groups, struct ArrowDeviceArray *partials, igloo_error *);
  igloo_status (*agg_emit)(void *state, const igloo_ctx *, uint32_t partial,
                           struct ArrowSchema *type, struct ArrowDeviceArray *out, igloo_error *);
  igloo_status (*table)(void *bound, const igloo_ctx *, struct ArrowDeviceArray *args,
                        igloo_reader *out, igloo_error *);
  void (*release_state)(void *state);
  void (*release_bound)(void *bound);
} igloo_functions;

/* ------------------------------------------------------------------ secrets */

/* Where the host gets what `{ secret = "name:reference" }` in its manifest stands for. Connectors are
 * given values of type SECRET and never see a provider.
 *
 * fetch  Any thread; may wait. `secret`: its bytes, which `release` overwrites. `ttl_ns`: for how long
 *        they may be kept, 0 = once, -1 = as long as the process. `version` tells a changed secret
 *        from the same one; may be left empty. IGLOO_E_NOT_FOUND: there is none. Errors and logs never
 *        hold secrets. */
typedef struct igloo0_secrets {
  igloo_status (*fetch)(void *self, const igloo_ctx *, igloo_str reference, igloo_blob *secret,
                        int64_t *ttl_ns, igloo_blob *version, igloo_error *);
} igloo_secrets;

/* ------------------------------------------------------------------ cache */

typedef struct igloo0_cache_meta {
  int64_t bytes, rows;    /* estimates; -1 = unknown */
  int64_t ttl_ns;         /* counted from `put`; then the entry is a miss; -1 = never */
  const igloo_bytes *tags; size_t n_tags; /* by which it can be removed */
} igloo_cache_meta;

/* Results kept for later. Keys are 32 bytes that name what they stand for. Any thread, any number at
 * once. Losing an entry is always right; giving another's, a torn or an outdated one never is: a
 * backend that keeps them elsewhere than in its process has a checksum of its own.
 *
 * get     IGLOO_E_NOT_FOUND: a miss. A reader outlives the eviction of what it reads.
 * put     Visible to `get` once the sink's `finish` returned, as a whole; its fragment stays empty. Of
 *         two writers the first to finish wins. A sink released before leaves nothing. A sink whose
 *         entry is too large takes its batches nevertheless.
 * remove  By key, or (`by_tag`) all entries with this tag: those that are there, which it counts, and
 *         those that are being written. A `get` that starts after it returned misses.
 * usage   Bytes kept, their limit (-1 = none), and entries. */
typedef struct igloo0_cache {
  igloo_status (*get)(void *self, const igloo_ctx *, igloo_bytes key, igloo_reader *out,
                      igloo_error *);
  igloo_status (*put)(void *self, const igloo_ctx *, igloo_bytes key, const struct ArrowSchema *,
                      const igloo_cache_meta *, igloo_sink *out, igloo_error *);
  igloo_status (*remove)(void *self, const igloo_ctx *, igloo_bytes key_or_tag, uint32_t by_tag,
                         int64_t *removed, igloo_error *);
  igloo_status (*usage)(void *self, int64_t *bytes, int64_t *limit, int64_t *entries,
                        igloo_error *);
} igloo_cache;

/* ------------------------------------------------------------------ transport */

/* Frames of bytes over streams over connections that know who is at the other end. A stream is
 * reliable and keeps its order; what the frames hold is the host's affair. Listeners and connections:
 * any thread. Streams: one `send` and one `recv` at a time; `reset` from any thread at any time.
 * accept, connect, take, send and recv may be PENDING. Streams are closed before their connection.
 *
 * listen   `bound`: the address as it turned out, also for port 0.
 * peer     The authenticated name of the other side; empty = nobody vouches for it.
 * open     A stream; `hello` is the first thing that the other side learns of it.
 * take     A stream that the other side opened.
 * send     One frame of these pieces; `end` says it is the last, without pieces it is the end alone.
 *          Waits while the other side is slow. After an error the stream is of no more use.
 * recv     One frame; END after the last.
 * reset    Ends both directions: calls on either side fail, here with `code`.
 * close_stream, close_connection, close_listener   Called once each, when no call is running. */
typedef struct igloo0_transport {
  igloo_status (*listen)(void *self, const igloo_ctx *, igloo_str address, void **listener,
                         igloo_blob *bound, igloo_error *);
  igloo_status (*accept)(void *listener, const igloo_ctx *, void **connection, igloo_error *);
  igloo_status (*connect)(void *self, const igloo_ctx *, igloo_str address, void **connection,
                          igloo_error *);
  igloo_status (*peer)(void *connection, igloo_blob *identity, igloo_error *);
  igloo_status (*open)(void *connection, const igloo_ctx *, igloo_bytes hello, void **stream,
                       igloo_error *);
  igloo_status (*take)(void *connection, const igloo_ctx *, void **stream, igloo_blob *hello,
                       igloo_error *);
  igloo_status (*send)(void *stream, const igloo_ctx *, const igloo_bytes *pieces, size_t n,
                       uint32_t end, igloo_error *);
  igloo_status (*recv)(void *stream, const igloo_ctx *, igloo_blob *frame, igloo_error *);
  void (*reset)(void *stream, int32_t code);
  void (*close_stream)(void *stream);
  void (*close_connection)(void *connection);
  void (*close_listener)(void *listener);
} igloo_transport;

#define IGLOO_FACET_BATCH_1 0x0301u

/* Of transports that move batches better than as frames of bytes: from where they are, or without
 * copying them at all (shared memory, RDMA). Both sides know the columns, a struct schema. A batch
 * stands in the place of a frame: who waits for the one and gets the other has IGLOO_E_DATA_LOSS.
 *
 * send_batch  As `send`; takes the batch over, with OK and with an error. May be PENDING.
 * recv_batch  As `recv`, also PENDING; what comes has these columns, or is IGLOO_E_DATA_LOSS. */
typedef struct igloo0_batch {
  igloo_status (*send_batch)(void *stream, const igloo_ctx *, const struct ArrowSchema *,
                             struct ArrowDeviceArray *moved, igloo_error *);
  igloo_status (*recv_batch)(void *stream, const igloo_ctx *, const struct ArrowSchema *,
                             struct ArrowDeviceArray *out, igloo_error *);
} igloo_batch;

/* ------------------------------------------------------------------ operator */

enum { IGLOO_NEEDS_ANY = 0, IGLOO_NEEDS_WHOLE = 1 /* all rows of the input at one operator */ };

/* A step of a query. One call at a time, from changing threads; `cancel` from any. Its memory is
 * accounted under the account of `bind`, which all calls bring, until its release.
 *
 * bind     `spec`: what the plan says to the operator, its own language. `needs`: the host's array of
 *          n_inputs, what of each input an operator must see. `out`: the columns of its result.
 * push     A batch of an input, taken over; NULL: this input has ended. May be PENDING.
 * next     OK: a batch. NEED_INPUT: push first. END: no more, once all inputs have ended. May be
 *          PENDING.
 * spill    Frees memory, about `want_bytes` of it, and gives it back by `reserve`: any time between
 *          other calls, when the query has little left. What it cannot free it keeps.
 * cancel   Makes running and later calls return soon. Does not block.
 * release  Called once, when no call is running. */
typedef struct igloo0_operator {
  igloo_status (*bind)(void *self, const igloo_ctx *, igloo_bytes spec,
                       const struct ArrowSchema *inputs, size_t n_inputs, uint32_t *needs,
                       struct ArrowSchema *out, void **op, igloo_error *);
  igloo_status (*push)(void *op, const igloo_ctx *, uint32_t input, struct ArrowDeviceArray *moved,
                       igloo_error *);
  igloo_status (*next)(void *op, const igloo_ctx *, struct ArrowDeviceArray *out, igloo_error *);
  igloo_status (*spill)(void *op, const igloo_ctx *, int64_t want_bytes, int64_t *freed,
                        igloo_error *);
  void (*cancel)(void *op);
  void (*release)(void *op);
} igloo_operator;

/* ------------------------------------------------------------------ metadata store */

typedef struct igloo0_kv_item {
  igloo_bytes key, value;
  int64_t created, modified; /* revisions */
  int64_t lease;             /* 0 = none */
  uint32_t is_deleted, pad;  /* in events of a watch; then created is 0 and the value empty */
} igloo_kv_item;

/* Items in the order of their keys; events in the order of their revisions. */
typedef struct igloo0_kv_page {
  const igloo_kv_item *items;
  size_t n;
  int64_t revision; /* the store's */
  uint32_t more;    /* there are further items than the limit let in */
  uint32_t succeeded; /* of `txn`: which branch was done */
  void (*release)(struct igloo0_kv_page *);
  void *owner;
} igloo_kv_page;

enum { IGLOO_KV_VALUE = 1, IGLOO_KV_CREATED, IGLOO_KV_MODIFIED };
enum { IGLOO_KV_EQUAL = 1, IGLOO_KV_NOT_EQUAL, IGLOO_KV_LESS, IGLOO_KV_GREATER };
enum { IGLOO_KV_PUT = 1, IGLOO_KV_DELETE, IGLOO_KV_GET };

/* A key that is not there was created and modified at revision 0 and has an empty value. VALUE compares
 * with `value`, the others with `revision`. */
typedef struct igloo0_kv_compare {
  igloo_bytes key;
  uint32_t what, op; /* IGLOO_KV_VALUE ..., IGLOO_KV_EQUAL ... */
  int64_t revision;
  igloo_bytes value;
} igloo_kv_compare;

typedef struct igloo0_kv_op {
  uint32_t op, pad;
  igloo_bytes key, end, value; /* end: as in range */
  int64_t lease;
} igloo_kv_op;

/* next  Events since the last call, at least one, and the revision up to which all is told; may be
 *       PENDING. IGLOO_E_COMPACTED: some are gone.
 * cancel, release   As of a reader. */
typedef struct igloo0_kv_watch {
  void *self;
  igloo_status (*next)(void *self, const igloo_ctx *, igloo_kv_page *events, igloo_error *);
  void (*cancel)(void *self);
  void (*release)(void *self);
} igloo_kv_watch;

/* Keys and values on which a cluster agrees: strictly serialisable, one revision a transaction that
 * writes. Keys are not empty, and ordered by their bytes. Any thread, any number at once.
 * IGLOO_E_UNKNOWN_OUTCOME: read to find out.
 *
 * range         Keys from `key` to before `end`; end empty: this key; end one zero byte: to the last.
 *               revision 0: the latest; one too old: IGLOO_E_COMPACTED; one to come: IGLOO_E_RANGE.
 *               limit 0: none. `stale_ok` allows an older answer.
 * txn           When all comparisons hold, `yes` is done, else `no`, step after step, each upon what
 *               those before it did. No key is written twice: IGLOO_E_INVALID. A lease that is gone:
 *               IGLOO_E_NOT_FOUND. `out`: what its GETs found.
 * watch         Each event once, in order, from this revision on; 0: from the next one on.
 * lease_grant   When it expires, its keys are deleted. lease_renew: `left_ns` is the time it has now.
 *               IGLOO_E_NOT_FOUND: it has expired.
 * lease_revoke  Expires it now. */
typedef struct igloo0_kv {
  igloo_status (*range)(void *self, const igloo_ctx *, igloo_bytes key, igloo_bytes end,
                        int64_t revision, uint32_t limit, uint32_t stale_ok, igloo_kv_page *out,
                        igloo_error *);
  igloo_status (*txn)(void *self, const igloo_ctx *, const igloo_kv_compare *compares,
                      size_t n_compares, const igloo_kv_op *yes, size_t n_yes,
                      const igloo_kv_op *no, size_t n_no, igloo_kv_page *out, igloo_error *);
  igloo_status (*watch)(void *self, const igloo_ctx *, igloo_bytes key, igloo_bytes end,
                        int64_t from_revision, igloo_kv_watch *out, igloo_error *);
  igloo_status (*lease_grant)(void *self, const igloo_ctx *, int64_t ttl_ns, int64_t *lease,
                              igloo_error *);
  igloo_status (*lease_renew)(void *self, const igloo_ctx *, int64_t lease, int64_t *left_ns,
                              igloo_error *);
  igloo_status (*lease_revoke)(void *self, const igloo_ctx *, int64_t lease, igloo_error *);
} igloo_kv;

/* ------------------------------------------------------------------ front end */

/* The engine, as the host gives it to a front end: valid from `start` until `drain` returned. Sessions
 * are of one thread at a time, all else of any.
 *
 * open_session  Who has these credentials, with these settings. IGLOO_E_UNAUTHENTICATED: nobody.
 * prepare       `params`: a struct schema, a field a parameter; type null takes values of any type.
 *               `columns`: those of the result, as far as they are known before it runs; else no child.
 * execute       `params`: one row of these types, taken over; both NULL when there are none. Only one
 *               statement at a time runs under a ctx->query_id. rows_affected: -1 = rows come back,
 *               through `out`, which is released before its statement.
 * cancel        The statement that runs under this ctx->query_id. IGLOO_E_NOT_FOUND: none does.
 * close_statement, close_session   Called once each, statements before their session.
 * facet         Further services of the engine by id; NULL = this host has none of it. */
typedef struct igloo0_engine {
  void *self;
  igloo_status (*open_session)(void *self, const igloo_ctx *, igloo_bytes credentials,
                               const igloo_value *settings, size_t n, void **session,
                               igloo_error *);
  igloo_status (*prepare)(void *session, const igloo_ctx *, igloo_str sql, void **statement,
                          struct ArrowSchema *params, struct ArrowSchema *columns, igloo_error *);
  igloo_status (*execute)(void *statement, const igloo_ctx *, struct ArrowDeviceArray *params,
                          const struct ArrowSchema *types, igloo_reader *out,
                          int64_t *rows_affected, igloo_error *);
  igloo_status (*cancel)(void *self, igloo_str query_id);
  void (*close_statement)(void *statement);
  void (*close_session)(void *session);
  const void *(*facet)(void *self, uint32_t facet_id);
} igloo_engine;

#define IGLOO_FACET_ENGINE_1 0x0701u

typedef struct igloo0_engine_status {
  int64_t uptime_ns, sessions;
  int64_t running, ended; /* statements */
} igloo_engine_status;

/* Services of the engine beyond statements. None is NULL.
 *
 * list    The tables and views that a session sees, as rows of text: catalog, schema, name, kind.
 * text    A batch of these columns, taken over, with every value as SQL's text: utf8_view.
 * status  How the engine does. Takes the engine's `self`. */
typedef struct igloo0_engine_services {
  igloo_status (*list)(void *session, const igloo_ctx *, igloo_reader *out, igloo_error *);
  igloo_status (*text)(void *session, const igloo_ctx *, const struct ArrowSchema *,
                       struct ArrowDeviceArray *moved, struct ArrowDeviceArray *out,
                       igloo_error *);
  igloo_status (*status)(void *self, igloo_engine_status *out, igloo_error *);
} igloo_engine_services;

#define IGLOO_FACET_INGEST_1 0x0702u

/* Rows of a client into a table, without a statement for each.
 *
 * ingest  A sink for batches with these columns, which are told apart by name; columns of the table
 *         that are missing get what INSERT gives them. `table`: as in a statement. Text is cast to the
 *         column's type, other types are assigned as by INSERT. It runs as a statement under
 *         ctx->query_id does, is cancelled like one, and is the session's only one until its release,
 *         which comes before the session's.
 *         `write` waits while the table is slow. `finish`: the rows are there, all of them, in the
 *         session's transaction or committed; its fragment is their number, 8 bytes, little-endian.
 *         After an error, a cancellation, or a release before `finish`, none of them is. */
typedef struct igloo0_ingest {
  igloo_status (*ingest)(void *session, const igloo_ctx *, igloo_str table,
                         const struct ArrowSchema *columns, igloo_sink *out, igloo_error *);
} igloo_ingest;

/* Speaks a protocol to clients. The plugin owns sockets and threads; the engine decides who may do
 * what. One call at a time.
 *
 * start  Once. `bound`: the addresses as JSON, {"postgres": "127.0.0.1:5432"}, also for port 0.
 * drain  Takes no more connections and returns when those there are have ended, or at the deadline,
 *        after which it uses the engine no more. */
typedef struct igloo0_frontend {
  igloo_status (*start)(void *self, const igloo_ctx *, const igloo_engine *, igloo_blob *bound,
                        igloo_error *);
  igloo_status (*drain)(void *self, const igloo_ctx *, igloo_error *);
} igloo_frontend;

/* ------------------------------------------------------------------ the note */

/* What the host knows of a plugin without running it. Lines of key=value:
 *  id, version          as in igloo_plugin
 *  kinds                connector:csv,connector:tsv
 *  needs                the least host minor, a number; absent = 0
 *  runtime              c, rust, swift-static
 *  license, homepage    for people
 *  files                extensions without the point that its connector reads: csv,tsv
 *  functions            table functions that stand for its connector: read_csv
 * Write IGLOO_NOTE("id=csv\n" "version=1.0\n"); once, in a C file of the plugin. */
typedef struct igloo0_note {
  uint32_t n_owner, n_desc, type;
  char owner[8];
  uint32_t epoch, minor;
  char text[]; /* NUL-terminated */
} igloo_note;

#define IGLOO_NOTE_TYPE 1
/* Constants of C++ are internal; a sanitizer would put red zones into the section. */
#if defined(__cplusplus)
#define IGLOO_NOTE_LINKAGE_
#elif defined(__clang__)
#define IGLOO_NOTE_LINKAGE_ , visibility("hidden"), no_sanitize("address")
#else
#define IGLOO_NOTE_LINKAGE_ , visibility("hidden")
#endif
#define IGLOO_NOTE(text_)                                                                        \
  __attribute__((section(".note.igloo"), used, aligned(4) IGLOO_NOTE_LINKAGE_)) const struct {    \
    uint32_t n_owner, n_desc, type;                                                               \
    char owner[8];                                                                                \
    uint32_t epoch, minor;                                                                        \
    char text[sizeof(text_)];                                                                     \
  } igloo_note_ = {6, 8 + sizeof(text_), IGLOO_NOTE_TYPE, "Igloo", IGLOO_EPOCH, IGLOO_MINOR, text_}

/* The text of the note of the shared object (or program) that this is linked into; NULL = none. */
const char *igloo_own_note(void);

#ifdef __cplusplus
}
#endif
#endif

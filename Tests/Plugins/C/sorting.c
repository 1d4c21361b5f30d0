/* SPDX-License-Identifier: MIT */
/* An operator that keeps what it is given until all is there, and can write it out: "external_sort"
 * sorts one column of bigint. Asked to spill it writes a sorted run into a file without a name in the
 * folder that its specification names; without a folder it refuses. A full disk is an error. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "igloo.h"

#define STR(text) {text, sizeof(text) - 1}

IGLOO_NOTE(
    "id=sorting\n"
    "version=1.0\n"
    "kinds=operator:external_sort\n"
    "needs=1\n"
    "runtime=c\n"
    "license=MIT\n");

enum { MAX_RUNS = 4096, READ_AHEAD = 512, BATCH = 2048 };

static const igloo_host *host;

typedef struct run { off_t next, end; int64_t ahead[READ_AHEAD]; size_t n, at; } run;

typedef struct op {
  char folder[200];
  uint64_t account;
  int64_t *kept;
  size_t count, room, at;
  int is_sorted, has_ended, file;
  off_t written;
  run **runs;
  size_t n_runs;
} op;

static igloo_status fail(igloo_error *error, igloo_status status, const char *state,
                         const char *message) {
  error->code = status;
  memcpy(error->sqlstate, state, 5);
  error->message = (igloo_str){message, strlen(message)};
  return status;
}

static igloo_status disk(igloo_error *error) {
  if (errno == ENOSPC)
    return fail(error, IGLOO_E_EXHAUSTED, "53100", "external_sort finds no space left on its disk");
  return fail(error, IGLOO_E_UNAVAILABLE, "58030", "external_sort cannot use its file");
}

/* ------------------------------------------------------------------ Arrow */

static void release_schema(struct ArrowSchema *schema) {
  if (schema->children) {
    free(schema->children[0]);
    free(schema->children);
  }
  schema->release = NULL;
}

static void make_schema(struct ArrowSchema *out, const char *format, const char *name) {
  memset(out, 0, sizeof *out);
  out->format = format;
  out->name = name;
  out->release = release_schema;
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

static void make_array(struct ArrowArray *out, int64_t length, int64_t buffers) {
  memset(out, 0, sizeof *out);
  out->length = length;
  out->n_buffers = buffers;
  out->buffers = calloc(2, sizeof *out->buffers);
  out->release = release_array;
}

/* ------------------------------------------------------------------ the operator */

static igloo_status bind(void *self, const igloo_ctx *ctx, igloo_bytes spec,
                         const struct ArrowSchema *inputs, size_t n_inputs, uint32_t *needs,
                         struct ArrowSchema *out, void **result, igloo_error *error) {
  (void)self;
  if (n_inputs != 1 || inputs[0].n_children != 1 || strcmp(inputs[0].children[0]->format, "l"))
    return fail(error, IGLOO_E_INVALID, "42804", "external_sort wants one column of bigint");
  op *new = calloc(1, sizeof *new);
  if (!new || spec.n >= sizeof new->folder) return IGLOO_E_EXHAUSTED;
  memcpy(new->folder, spec.p, spec.n);
  new->account = ctx->memory_account;
  new->file = -1;
  needs[0] = IGLOO_NEEDS_WHOLE;
  make_schema(out, "+s", "");
  out->n_children = 1;
  out->children = calloc(1, sizeof *out->children);
  out->children[0] = calloc(1, sizeof **out->children);
  make_schema(out->children[0], "l", "n");
  *result = new;
  return IGLOO_OK;
}

static igloo_status grow(op *op, size_t wanted) {
  size_t room = op->room ? op->room : 8192;
  while (room < wanted) room *= 2;
  if (room == op->room) return IGLOO_OK;
  igloo_status status =
      host->reserve(op->account, (int64_t)((room - op->room) * sizeof *op->kept));
  if (status < 0) return status;
  op->kept = realloc(op->kept, room * sizeof *op->kept);
  op->room = room;
  return IGLOO_OK;
}

static igloo_status push(void *self, const igloo_ctx *ctx, uint32_t input,
                         struct ArrowDeviceArray *moved, igloo_error *error) {
  (void)ctx, (void)input;
  op *op = self;
  if (!moved) {
    op->has_ended = 1;
    return IGLOO_OK;
  }
  const struct ArrowArray *column = moved->array.children[0];
  size_t count = (size_t)moved->array.length;
  igloo_status status = grow(op, op->count + count);
  if (status >= 0) {
    const int64_t *values =
        (const int64_t *)column->buffers[1] + column->offset + moved->array.offset;
    memcpy(op->kept + op->count, values, count * sizeof *values);
    op->count += count;
  }
  moved->array.release(&moved->array);
  if (status < 0)
    return fail(error, IGLOO_E_EXHAUSTED, "53200", "external_sort cannot hold more rows");
  return IGLOO_OK;
}

static int compare(const void *left, const void *right) {
  int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
  return a < b ? -1 : a > b;
}

static igloo_status spill(void *self, const igloo_ctx *ctx, int64_t want, int64_t *freed,
                          igloo_error *error) {
  (void)ctx, (void)want;
  op *op = self;
  *freed = 0;
  if (op->count == op->at || op->is_sorted) return IGLOO_OK;
  if (!op->folder[0])
    return fail(error, IGLOO_E_EXHAUSTED, "53200", "external_sort was given no folder");
  if (op->n_runs == MAX_RUNS)
    return fail(error, IGLOO_E_EXHAUSTED, "53200", "external_sort has too many runs");
  if (op->file < 0) {
    /* A device stands for a disk that is full. */
    int is_device = strncmp(op->folder, "/dev/", 5) == 0;
    op->file = open(op->folder, is_device ? O_WRONLY : O_TMPFILE | O_RDWR, 0600);
    if (op->file < 0) return disk(error);
    op->runs = calloc(MAX_RUNS, sizeof *op->runs);
  }
  qsort(op->kept, op->count, sizeof *op->kept, compare);
  size_t length = op->count * sizeof *op->kept;
  for (size_t done = 0; done < length;) {
    ssize_t n = pwrite(op->file, (char *)op->kept + done, length - done, op->written + (off_t)done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return disk(error);
    done += (size_t)n;
  }
  run *new = calloc(1, sizeof *new);
  new->next = op->written;
  new->end = op->written += (off_t)length;
  op->runs[op->n_runs++] = new;
  *freed = (int64_t)(op->room * sizeof *op->kept);
  host->reserve(op->account, -*freed);
  free(op->kept);
  op->kept = NULL;
  op->count = op->room = 0;
  return IGLOO_OK;
}

/* The least value of a run; 0 at its end. */
static int head(op *op, run *run, const int64_t **value) {
  if (run->at == run->n) {
    size_t left = (size_t)(run->end - run->next) / sizeof *run->ahead;
    size_t count = left < READ_AHEAD ? left : READ_AHEAD;
    if (!count) return 0;
    ssize_t n = pread(op->file, run->ahead, count * sizeof *run->ahead, run->next);
    if (n <= 0) return 0;
    run->n = (size_t)n / sizeof *run->ahead;
    run->at = 0;
    run->next += (off_t)(run->n * sizeof *run->ahead);
  }
  *value = &run->ahead[run->at];
  return 1;
}

static igloo_status next(void *self, const igloo_ctx *ctx, struct ArrowDeviceArray *out,
                         igloo_error *error) {
  (void)ctx, (void)error;
  op *op = self;
  if (!op->has_ended) return IGLOO_NEED_INPUT;
  if (!op->is_sorted) {
    if (op->count) qsort(op->kept, op->count, sizeof *op->kept, compare);
    op->is_sorted = 1;
  }
  int64_t *values = malloc(BATCH * sizeof *values);
  size_t count = 0;
  while (count < BATCH) {
    const int64_t *least = op->at < op->count ? &op->kept[op->at] : NULL;
    run *from = NULL;
    for (size_t i = 0; i < op->n_runs; i++) {
      const int64_t *value;
      if (head(op, op->runs[i], &value) && (!least || *value < *least)) {
        least = value;
        from = op->runs[i];
      }
    }
    if (!least) break;
    values[count++] = *least;
    if (from) from->at++;
    else op->at++;
  }
  if (!count) {
    free(values);
    return IGLOO_END;
  }
  make_array(&out->array, (int64_t)count, 1);
  out->array.n_children = 1;
  out->array.children = calloc(1, sizeof *out->array.children);
  out->array.children[0] = calloc(1, sizeof **out->array.children);
  make_array(out->array.children[0], (int64_t)count, 2);
  out->array.children[0]->buffers[1] = values;
  out->device_type = ARROW_DEVICE_CPU;
  out->device_id = -1;
  return IGLOO_OK;
}

static void cancel(void *self) { (void)self; }

static void release(void *self) {
  op *op = self;
  for (size_t i = 0; i < op->n_runs; i++) free(op->runs[i]);
  free(op->runs);
  free(op->kept);
  if (op->file >= 0) close(op->file);
  free(op);
}

static const igloo_operator vtable = {bind, push, next, spill, cancel, release};

static igloo_status create(const igloo_kind *kind, const igloo_value *values, size_t n,
                           const igloo_ctx *ctx, void **self, igloo_error *error) {
  (void)values, (void)n, (void)ctx, (void)error;
  *self = (void *)kind;
  return IGLOO_OK;
}

static void destroy(void *self) { (void)self; }

static const igloo_kind kinds[] = {
    {IGLOO_OPERATOR, 0, STR("external_sort"), NULL, 0, 0, create, NULL, destroy, &vtable, NULL},
};

static const igloo_plugin plugin = {STR("sorting"), STR("1.0"), 1, 1, 1, 1, kinds, NULL};

const igloo_plugin *igloo_plugin_0(const igloo_host *given, igloo_error *error) {
  (void)error;
  host = given;
  return &plugin;
}

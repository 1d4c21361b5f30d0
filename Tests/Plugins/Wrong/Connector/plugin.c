// SPDX-License-Identifier: MIT
// The plugin: its note, its kind, instances, the entry point.

#include <fcntl.h>
#include <locale.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "wrong.h"

#if WRONG_NOTE_RUNTIME
#define RUNTIME "swift-static"
#else
#define RUNTIME "c"
#endif
#if !WRONG_NOTE_ABSENT
IGLOO_NOTE("id=wrong\nversion=1.0\nkinds=connector:wrong\nneeds=1\nruntime=" RUNTIME
           "\nlicense=MIT\n");
#endif

const igloo_host *host;
void *volatile lost;

igloo_status fail(igloo_error *error, igloo_status status, const char *state, const char *message) {
  if (IS(CODE_OUT_OF_RANGE) && status == IGLOO_E_INVALID) status = -40;
  error->code = status;
  memcpy(error->sqlstate, IS(BAD_SQLSTATE) ? "42p01" : state, 5);
  error->message = (igloo_str){message, strlen(message)};
  return status;
}

bool is_cancelled(const igloo_ctx *ctx) {
  return !IS(DEAF_TO_CANCEL) && ctx && ctx->cancelled &&
         __atomic_load_n(ctx->cancelled, __ATOMIC_ACQUIRE);
}

igloo_status cancelled(igloo_error *error) {
  return fail(error, IGLOO_E_CANCELLED, "57014", "cancelled");
}

static const void *facet(void *self, uint32_t id) {
  (void)self;
  if (id == IGLOO_FACET_JOIN_1) return &join_facet;
  if (id == IGLOO_FACET_CHANGES_1) return &changes_facet;
  if (id == IGLOO_FACET_STATS_1) return IS(DECLARED_NO_FACET) ? NULL : &stats_facet;
  return IS(FACET_NOT_DECLARED) && id == 0x0102 ? &stats_facet : NULL;
}

static pthread_t idler;
static int has_idler;

static void *idle(void *unused) {
  (void)unused;
  for (;;) pause();
  return NULL;
}

static void start_idler(void) {
  if (!has_idler) pthread_create(&idler, NULL, idle, NULL);
  has_idler = 1;
}

static igloo_str option(const igloo_value *values, size_t n, const char *name) {
  for (size_t i = 0; i < n; i++)
    if (values[i].name.n == strlen(name) && memcmp(values[i].name.p, name, strlen(name)) == 0)
      return values[i].s;
  return (igloo_str){NULL, 0};
}

static igloo_status create(const igloo_kind *kind, const igloo_value *values, size_t n,
                           const igloo_ctx *ctx, void **self, igloo_error *error) {
  (void)kind, (void)ctx;
  const igloo_str path = option(values, n, "path"), token = option(values, n, "token");
  if (path.p == NULL) return fail(error, IGLOO_E_INVALID, "22023", "the option path is missing");
  struct instance *instance = calloc(1, sizeof *instance);
  instance->folder = strndup(path.p, path.n);
  instance->token = strndup(token.p ? token.p : "", token.n);
  if (IS(SECRET_LOGGED) && token.n) host->log(IGLOO_LOG_DEBUG, (igloo_str)STR("wrong"), token);
  if (IS(INSTANCE_LEAK)) lost = malloc(1000);
  if (IS(THREAD_LEFT)) start_idler();
  if (IS(LOCALE_CHANGED)) setlocale(LC_ALL, "C.UTF-8");
  if (IS(SIGNAL_CHANGED)) signal(SIGUSR1, SIG_IGN);
  if (IS(FOLDER_CHANGED)) (void)!chdir("/");
  if (IS(DESCRIPTOR_LEFT)) (void)!open("/dev/null", O_RDONLY | O_CLOEXEC);
  instance->descriptor = IS(DESCRIPTOR_INHERITED) ? open("/dev/null", O_RDONLY) : -1;
  *self = instance;
  return IGLOO_OK;
}

static void destroy(void *self) {
  struct instance *instance = self;
  free(instance->folder);
  free(instance->token);
  if (instance->descriptor >= 0) close(instance->descriptor);
  free(instance);
}

static const igloo_option options[] = {
    {STR("path"), IGLOO_OPT_PATH, IGLOO_OPT_REQUIRED, {NULL, 0}, {NULL, 0}, STR("A folder.")},
    {STR("token"), IGLOO_OPT_SECRET, 0, {NULL, 0}, {NULL, 0},
#if WRONG_OPTION_DOC
     {NULL, 0}
#else
     STR("Who asks.")
#endif
    }};

static const igloo_kind kinds[] = {{.kind = IGLOO_CONNECTOR, .name = STR("wrong"),
                                    .options = options, .n_options = 2,
                                    .caps = IGLOO_CAP_CPU_BOUND | IGLOO_CAP_STATS | IGLOO_CAP_JOIN |
                                            IGLOO_CAP_CHANGES,
                                    .create = create, .destroy = destroy, .vtable = &connector,
                                    .facet = facet}};

static const igloo_plugin plugin = {.id = STR("wrong"),
#if WRONG_VERSION
                                    .version = STR("2.0"),
#else
                                    .version = STR("1.0"),
#endif
                                    .needs_minor = 1, .wire_min = 1, .wire_max = 1, .n_kinds = 1,
                                    .kinds = kinds};

#if WRONG_SYMBOL
int igloo_plugin_helper(void);
int igloo_plugin_helper(void) { return 1; }
#endif

const igloo_plugin *igloo_plugin_0(const igloo_host *given, igloo_error *error) {
  (void)error;
  host = given;
  if (IS(THREAD_IN_ENTRY)) start_idler();
  return &plugin;
}

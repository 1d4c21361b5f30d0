// SPDX-License-Identifier: MIT
#include <editline/readline.h>

// libedit's settings are global variables, which Swift will not touch: they are set here.

static inline rl_compentry_func_t **igloo_completion_generator(void) {
    static rl_compentry_func_t *generator;
    return &generator;
}

static inline char **igloo_attempt_completion(const char *text, int start, int end) {
    (void)start;
    (void)end;
    rl_attempted_completion_over = 1;
    return rl_completion_matches(text, *igloo_completion_generator());
}

/// Has `generator` name the completions of a word: one a call, allocated, NULL at the end.
static inline void igloo_complete_with(rl_compentry_func_t *generator) {
    *igloo_completion_generator() = generator;
    rl_attempted_completion_function = igloo_attempt_completion;
}

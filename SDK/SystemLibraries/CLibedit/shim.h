// SPDX-License-Identifier: MIT
#include <histedit.h>

// libedit takes its settings through functions of varying arguments, which Swift cannot call.

static inline EditLine *igloo_edit_make(void) {
    return el_init("igloo", stdin, stdout, stderr);
}

static inline void igloo_edit_set_emacs(EditLine *editor) { el_set(editor, EL_EDITOR, "emacs"); }

// Sets the terminal to take keys one by one.
static inline void igloo_edit_prepare(EditLine *editor) { el_set(editor, EL_PREP_TERM, 1); }

// The same when another program may have set the terminal meanwhile.
static inline void igloo_edit_prepare_again(EditLine *editor) {
    el_set(editor, EL_PREP_TERM, 0);
    el_set(editor, EL_PREP_TERM, 1);
}

static inline void igloo_edit_set_prompt(EditLine *editor, char *(*prompt)(EditLine *)) {
    el_set(editor, EL_PROMPT, prompt);
}

static inline void igloo_edit_set_history(EditLine *editor, History *entries) {
    el_set(editor, EL_HIST, history, entries);
}

/// Has `reader` read each character: 1 = there is one, 0 = the end.
static inline void igloo_edit_set_reader(
    EditLine *editor, int (*reader)(EditLine *, wchar_t *)) {
    el_wset(editor, EL_GETCFN, reader);
}

static inline void igloo_edit_add(
    EditLine *editor, const char *name, const char *help,
    unsigned char (*function)(EditLine *, int)) {
    el_set(editor, EL_ADDFN, name, help, function);
}

static inline void igloo_edit_bind(EditLine *editor, const char *key, const char *name) {
    el_set(editor, EL_BIND, key, name, NULL);
}

static inline void igloo_edit_refresh(EditLine *editor) { el_set(editor, EL_REFRESH); }

static inline void igloo_edit_set_client(EditLine *editor, void *client) {
    el_set(editor, EL_CLIENTDATA, client);
}

static inline void *igloo_edit_client(EditLine *editor) {
    void *client = NULL;
    el_get(editor, EL_CLIENTDATA, &client);
    return client;
}

static inline void igloo_history_limit(History *entries, int count) {
    HistEvent event;
    history(entries, &event, H_SETSIZE, count);
    history(entries, &event, H_SETUNIQUE, 1);
}

static inline void igloo_history_add(History *entries, const char *text) {
    HistEvent event;
    history(entries, &event, H_ENTER, text);
}

/*
 * key_form: the form of a passkey, and the only script of the portal, which asks the browser for
 * one. The page's policy names the script by its hash; without script the button cannot be pressed,
 * and the other forms serve.
 */
#ifndef TWINKEY_OPERATOR_WEB_KEY_FORM_H
#define TWINKEY_OPERATOR_WEB_KEY_FORM_H

#include <stdbool.h>

#include "lib/base/bytes.h"

struct http_form;
struct pages_ask;
struct passkey_answer;

/* For who is approved: he may add one. */
bool key_form_is_new(const struct pages_ask *ask);
/* The page has one, and needs the script. */
bool key_form_is_there(const struct pages_ask *ask);
void key_form_put(struct wbuf *w, const struct pages_ask *ask, bool is_new);
void key_form_script(struct wbuf *w);
/* The Content-Security-Policy of such a page. */
#define KEY_FORM_POLICY_CAP 320
enum err key_form_policy(char policy[static KEY_FORM_POLICY_CAP]) MUST_CHECK;

/* What the form brings, appended to memory, which the answer borrows. ERR_TAG: a field is missing;
 * ERR_ENCODING. */
enum err key_form_read(const struct http_form *form, struct wbuf *memory,
		       struct passkey_answer *out) MUST_CHECK;

#endif

/*
 * guard: whether what comes from a page is from a page of ours, shown to this module since it
 * attached: a cookie and a token, both of them MACs under a key that lives as long as the portal.
 * And how often a module may try.
 *
 * No session is kept. The cookie names a moment and a number nobody can guess, bound to the
 * module's MAC address, IMSI and attach; the token in each form is bound to the cookie. A cookie of
 * another module, of an attach before, of a portal before, or older than GUARD_SESSION_S opens
 * nothing.
 */
#ifndef TWINKEY_OPERATOR_WEB_GUARD_H
#define TWINKEY_OPERATOR_WEB_GUARD_H

#include <stdbool.h>

#include "lib/base/bytes.h"

struct attached;
struct http_asked;

#define GUARD_COOKIE	 "__Host-twinkey"
#define GUARD_SESSION_S	 1800
#define GUARD_COOKIE_CAP 128
#define GUARD_TOKEN_CAP	 65
#define GUARD_FIELD	 "token" /* of each form */
#define GUARD_MODULES	 256	 /* whose attempts are counted; of more the latest */
#define GUARD_FORMS_MAX	 12	 /* forms in GUARD_TIME_S, of a module */
#define GUARD_PAGES_MAX	 120	 /* pages */
#define GUARD_TIME_S	 60

struct guard {
	uint8_t key[32]; /* secret */
	struct guard_count {
		char mac[18];
		int64_t since, last;
		unsigned forms, pages;
	} module[GUARD_MODULES];
};

enum err guard_begin(struct guard *g) MUST_CHECK;
void guard_end(struct guard *g);

struct guard_session {
	char cookie[GUARD_COOKIE_CAP], token[GUARD_TOKEN_CAP];
	bool fresh; /* the browser has no such cookie yet */
	bool bad;   /* it has shown another one, which is none of this module's now */
};
/* The session that is shown, or a new one. */
enum err guard_open(const struct guard *g, const struct http_asked *asked,
		    const struct attached *who, int64_t now, struct guard_session *out) MUST_CHECK;
/* A challenge for passkeys: of this session, and of one revision of the subscriber's book. */
#define GUARD_CHALLENGE_LEN 32
enum err guard_challenge(const struct guard *g, const char *cookie, uint32_t revision,
			 uint8_t challenge[static GUARD_CHALLENGE_LEN]) MUST_CHECK;
/* What the browser says of where a form was: told, it must be a page of this place. */
bool guard_is_from_here(const struct http_asked *asked);
/* The token of forms of the session with this cookie. */
enum err guard_token(const struct guard *g, const char *cookie,
		     char token[static GUARD_TOKEN_CAP]) MUST_CHECK;
/* *words: why a form is not taken, for the log: ERR_REFUSED. */
enum err guard_check_form(const struct guard *g, const struct http_asked *asked,
			  const struct attached *who, int64_t now, const char **words) MUST_CHECK;
/* One more. ERR_TRIES: too many of them. */
enum err guard_count(struct guard *g, const char *mac, bool form, int64_t now) MUST_CHECK;

#endif

/*
 * desk: the console of the operator's people, on a listener of its own: they sign in, look up a
 * subscriber, see states and log, approve, suspend, rotate, as far as their roles go. What they do
 * is in the log under their names.
 *
 * A session lives in this process: half an hour without a request, eight hours at most.
 */
#ifndef TWINKEY_OPERATOR_WEB_DESK_H
#define TWINKEY_OPERATOR_WEB_DESK_H

#include "host/operator/policy/account.h"
#include "host/operator/web/desk_paths.h"

struct http_asked;
struct http_page;
struct http_route;
struct guard;
struct operator_store;
struct words;

#define DESK_SESSIONS_MAX 64
#define DESK_IDLE_S	  1800
#define DESK_SESSION_S	  (8 * 3600)

/* What a form is for. */
enum desk_form {
	DESK_SIGN_IN,
	DESK_OUT,
	DESK_LOOK,
	DESK_APPROVE,
	DESK_SUSPEND,
	DESK_RESUME,
	DESK_ROTATE
};

struct desk_session {
	uint8_t id[32]; /* SHA-256 of what the cookie says */
	char name[ACCOUNT_NAME_MAX + 1];
	unsigned roles;
	int64_t since, last; /* since 0: free */
};

struct desk_room {
	struct desk_session session[DESK_SESSIONS_MAX];
};

/* Borrowed, of the portal. */
struct desk_at {
	struct desk_room *room;
	struct operator_store *store;
	struct guard *guard;
	const struct words *words;
	int64_t now;
};
/* GET: the page that belongs to the session, or the one to sign in. */
enum err desk_show(const struct desk_at *at, const struct http_asked *asked,
		   struct http_page *page) MUST_CHECK;
enum err desk_take(const struct desk_at *at, enum desk_form form, const struct http_asked *asked,
		   struct http_page *page) MUST_CHECK;

#endif

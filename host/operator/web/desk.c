#include "host/operator/web/desk.h"

#include <microhttpd.h>
#include <stdio.h>
#include <string.h>

#include "host/operator/desk/sign_in.h"
#include "host/operator/factor/factor.h"
#include "host/operator/http/page.h"
#include "host/operator/policy/moment.h"
#include "host/operator/web/desk_pages.h"
#include "host/operator/web/guard.h"
#include "host/operator/web/words.h"
#include "lib/base/secret.h"
#include "lib/crypto/symmetric.h"

#define DESK_COOKIE "__Host-twinkey-desk"
#define ID_LEN	    32
#define ID_CAP	    (2 * ID_LEN + 1)
#define TEXT_MAX    180

/* A request at the desk. */
struct visit {
	const struct desk_at *at;
	const struct http_asked *asked;
	struct http_page *page;
	struct desk_session *session; /* NULL: nobody is signed in */
	char cookie[ID_CAP];	      /* of the session, or of who is to sign in */
	struct subscriber sub;
	struct desk_page what;
	char token[GUARD_TOKEN_CAP];
};

static enum err hash_cookie(const char *cookie, uint8_t id[static ID_LEN])
{
	struct slice s = slice_str(cookie);

	return sha256(&s, 1, id);
}

static struct desk_session *find_session(const struct desk_at *at, const char *cookie)
{
	uint8_t id[ID_LEN];

	if (hash_cookie(cookie, id))
		return NULL;
	for (size_t i = 0; i < DESK_SESSIONS_MAX; i++) {
		struct desk_session *s = &at->room->session[i];

		if (s->since && secret_equal(SLICE_OF(id), SLICE_OF(s->id)) &&
		    moment_lasts(at->now, s->last, DESK_IDLE_S) &&
		    moment_lasts(at->now, s->since, DESK_SESSION_S))
			return s;
	}
	return NULL;
}

/* A free one, or that which was used longest ago. */
static struct desk_session *room_for_session(const struct desk_at *at)
{
	struct desk_session *oldest = &at->room->session[0];

	for (size_t i = 0; i < DESK_SESSIONS_MAX; i++)
		if (at->room->session[i].last < oldest->last)
			oldest = &at->room->session[i];
	return oldest;
}

/* A cookie that nobody has had, so that none that was set before signs anybody in. */
static enum err set_cookie(struct visit *v)
{
	uint8_t octets[ID_LEN];
	enum err e = random_bytes(octets, sizeof(octets));

	if (!e)
		e = hex_encode(SLICE_OF(octets), v->cookie, sizeof(v->cookie));
	if (!e)
		snprintf(v->page->cookie, sizeof(v->page->cookie),
			 DESK_COOKIE "=%s; Path=/; Secure; HttpOnly; SameSite=Strict", v->cookie);
	return e;
}

static enum err begin_visit(struct visit *v)
{
	enum err e = http_cookie(v->asked->cookie, DESK_COOKIE, v->cookie, sizeof(v->cookie));

	v->what = (struct desk_page){.language = words_for(v->at->words, v->asked->language),
				     .said = WORD_COUNT,
				     .imsi = "",
				     .now = v->at->now};
	if (!e && strlen(v->cookie) == ID_CAP - 1) {
		v->session = find_session(v->at, v->cookie);
		if (v->session)
			v->session->last = v->at->now;
		return ERR_OK;
	}
	v->cookie[0] = 0;
	return ERR_OK;
}

static enum err end_visit(struct visit *v, unsigned status)
{
	enum err e = *v->cookie ? ERR_OK : set_cookie(v);

	if (!e)
		e = guard_token(v->at->guard, v->cookie, v->token);
	if (!e)
		e = v->what.sub ? factor_wants_of(v->at->store, v->sub.id, &v->what.wants)
				: factor_wants_get(v->at->store, &v->what.wants);
	if (e)
		return e;
	v->page->status = status;
	v->what.token = v->token;
	v->what.name = v->session ? v->session->name : NULL;
	v->what.roles = v->session ? v->session->roles : 0;
	return desk_page_put(&v->what, v->at->store, &v->page->body);
}

static enum err refuse_visit(struct visit *v, unsigned status, enum word said, const char *words)
{
	v->what.said = said;
	v->what.bad = true;
	v->page->words = words;
	return end_visit(v, status);
}

enum err desk_show(const struct desk_at *at, const struct http_asked *asked, struct http_page *page)
{
	struct visit v = {.at = at, .asked = asked, .page = page};
	enum err e = begin_visit(&v);

	return e ? e : end_visit(&v, MHD_HTTP_OK);
}

static bool has_token(const struct visit *v)
{
	const char *token = http_form_get(v->asked->form, GUARD_FIELD);
	char want[GUARD_TOKEN_CAP];

	return token && *v->cookie && guard_is_from_here(v->asked) &&
	       !guard_token(v->at->guard, v->cookie, want) &&
	       secret_equal(slice_str(token), slice_str(want));
}

static const char *field_of(const struct visit *v, const char *name)
{
	const char *s = http_form_get(v->asked->form, name);

	return s ? s : "";
}

static enum err sign_in(struct visit *v)
{
	const struct desk_attempt attempt = {.name = field_of(v, "name"),
					     .password = field_of(v, "password"),
					     .code = field_of(v, "code"),
					     .now = v->at->now};
	unsigned roles = 0;
	struct desk_session *s;
	enum err e;

	if (guard_count(v->at->guard, v->asked->address, true, v->at->now))
		return refuse_visit(v, MHD_HTTP_TOO_MANY_REQUESTS, WORD_ERROR_MANY,
				    "too-many-forms");
	operator_store_hurry(v->at->store);
	e = desk_sign_in(v->at->store, &attempt, &roles);
	if (e == ERR_FACTOR)
		return refuse_visit(v, MHD_HTTP_FORBIDDEN, WORD_DESK_WRONG, "wrong-sign-in");
	if (e == ERR_REFUSED)
		return refuse_visit(v, MHD_HTTP_FORBIDDEN, WORD_DESK_LOCKED, "locked");
	if (!e)
		e = set_cookie(v);
	if (e)
		return e;
	s = room_for_session(v->at);
	*s = (struct desk_session){.roles = roles, .since = v->at->now, .last = v->at->now};
	snprintf(s->name, sizeof(s->name), "%s", attempt.name);
	v->page->status = MHD_HTTP_SEE_OTHER;
	v->page->location = DESK_PATH;
	return hash_cookie(v->cookie, s->id);
}

static enum err sign_out(struct visit *v)
{
	*v->session = (struct desk_session){.since = 0};
	v->session = NULL;
	v->page->status = MHD_HTTP_SEE_OTHER;
	v->page->location = DESK_PATH;
	return set_cookie(v);
}

/* The subscriber that the form names. */
static enum err find_subscriber(struct visit *v)
{
	enum err e;

	v->what.imsi = field_of(v, "imsi");
	e = subscriber_by_imsi(v->at->store, v->what.imsi, &v->sub, NULL);
	if (!e)
		v->what.sub = &v->sub;
	return e;
}

static enum err do_deed(struct visit *v, enum desk_form form, const char *text)
{
	static const enum subscriber_event_kind kinds[] = {[DESK_SUSPEND] = EVENT_SUSPEND,
							   [DESK_RESUME] = EVENT_RESUME,
							   [DESK_ROTATE] = EVENT_ROTATE};
	char actor[ACCOUNT_NAME_MAX + 16];
	const struct subscriber_event ev = {
		.kind = kinds[form], .actor = actor, .evidence = text, .now = v->at->now};
	struct factor_word word = {v->session->name, text, v->at->now, false};

	snprintf(actor, sizeof(actor), "agent %s", v->session->name);
	operator_store_hurry(v->at->store);
	if (form == DESK_APPROVE)
		return factor_approve_agent(v->at->store, &v->sub, &word, &v->sub);
	return subscriber_event(v->at->store, v->sub.id, &ev, &v->sub);
}

static enum err take_deed(struct visit *v, enum desk_form form)
{
	static const enum account_role wanted[] = {[DESK_LOOK] = ROLE_VIEW,
						   [DESK_APPROVE] = ROLE_APPROVE,
						   [DESK_SUSPEND] = ROLE_MANAGE,
						   [DESK_RESUME] = ROLE_MANAGE,
						   [DESK_ROTATE] = ROLE_MANAGE};
	const char *text = field_of(v, "text");
	enum err e;

	if (!(v->session->roles & wanted[form]))
		return refuse_visit(v, MHD_HTTP_FORBIDDEN, WORD_DESK_NO_ROLE, "no-role");
	e = find_subscriber(v);
	if (e == ERR_NOT_FOUND)
		return refuse_visit(v, MHD_HTTP_NOT_FOUND, WORD_DESK_UNKNOWN, "unknown");
	if (e)
		return e;
	if (form == DESK_LOOK)
		return end_visit(v, MHD_HTTP_OK);
	if (!*text || strlen(text) > TEXT_MAX)
		return refuse_visit(v, MHD_HTTP_BAD_REQUEST, WORD_DESK_EMPTY, "no-text");
	e = do_deed(v, form, text);
	if (e == ERR_WRONG_STATE || e == ERR_UNSUPPORTED || e == ERR_REFUSED)
		return refuse_visit(v, MHD_HTTP_CONFLICT, WORD_DESK_NOT_NOW, err_name(e));
	if (e)
		return e;
	v->what.said = WORD_DESK_DONE;
	return end_visit(v, MHD_HTTP_OK);
}

enum err desk_take(const struct desk_at *at, enum desk_form form, const struct http_asked *asked,
		   struct http_page *page)
{
	struct visit v = {.at = at, .asked = asked, .page = page};
	enum err e = begin_visit(&v);

	if (e)
		return e;
	if (asked->trouble)
		return refuse_visit(&v, MHD_HTTP_BAD_REQUEST, WORD_ERROR_FORM, "form");
	if (!has_token(&v))
		return refuse_visit(&v, MHD_HTTP_FORBIDDEN, WORD_ERROR_SESSION, "token");
	if (form == DESK_SIGN_IN)
		return sign_in(&v);
	if (!v.session)
		return refuse_visit(&v, MHD_HTTP_FORBIDDEN, WORD_DESK_OVER, "no-session");
	return form == DESK_OUT ? sign_out(&v) : take_deed(&v, form);
}

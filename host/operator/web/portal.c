#include "host/operator/web/portal.h"

#include <jansson.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/operator/factor/factor.h"
#include "host/operator/factor/passkey.h"
#include "host/operator/factor/sent.h"
#include "host/operator/http/limits.h"
#include "host/operator/http/page.h"
#include "host/operator/http/route.h"
#include "host/operator/web/key_form.h"
#include "host/operator/web/pages.h"
#include "host/operator/web/provider_api.h"
#include "lib/base/base64.h"
#include "lib/base/secret.h"

#define FORM_MAX      4096
#define CAPTIVE_TYPE  "application/captive+json"
#define CHALLENGE_CAP 48
#define KEY_MAX	      4096
#define STYLE_TYPE    "text/css; charset=utf-8"

/* A request on its way. */
struct turn {
	struct portal *portal;
	const struct http_asked *asked;
	struct http_page *page;
	const struct language *language;
	struct view view;
	int64_t now;
};

static void answer_plain(const struct turn *t, unsigned status, const struct pages_plain *plain)
{
	t->page->status = status;
	pages_plain(t->language, plain, &t->page->body);
}

/* Codes that the command could not carry serve no more. */
static enum err take_losses(struct turn *t)
{
	struct courier_loss loss;
	enum err e = ERR_OK;

	while (!e && courier_next_loss(&t->portal->courier, t->now, &loss))
		e = sent_lost(t->portal->source.store, loss.subscriber, t->now, loss.why);
	return e == ERR_LOCKED ? ERR_OK : e;
}

/*
 * Who asks. False: a page has answered, or *e is to be told. Nobody whom the gateway knows gets
 * more than that page.
 */
static bool begin_turn(struct turn *t, enum err *e)
{
	t->now = t->portal->now();
	t->language = words_for(&t->portal->words, t->asked->language);
	*e = take_losses(t);
	if (!*e)
		*e = view_take(&t->portal->source, t->asked->address, t->now, &t->view);
	if (!*e)
		return true;
	if (*e == ERR_NOT_FOUND) {
		t->page->words = "nobody-attached";
		answer_plain(t, MHD_HTTP_FORBIDDEN,
			     &(struct pages_plain){WORD_NOBODY, WORD_NOBODY_TEXT, false});
		*e = ERR_OK;
	} else if (*e != ERR_LOCKED) {
		t->page->words = err_name(*e);
		answer_plain(t, MHD_HTTP_SERVICE_UNAVAILABLE,
			     &(struct pages_plain){WORD_TROUBLE, WORD_TROUBLE_TEXT, true});
		*e = ERR_OK;
	}
	return false;
}

/* In base64. */
static enum err write_challenge(const struct turn *t, const char *cookie,
				char text[static CHALLENGE_CAP])
{
	uint8_t challenge[GUARD_CHALLENGE_LEN];
	struct wbuf w = wbuf_init((uint8_t *)text, CHALLENGE_CAP);
	enum err e =
		guard_challenge(&t->portal->guard, cookie, t->view.sub.book_revision, challenge);

	base64_put(&w, SLICE_OF(challenge));
	wbuf_u8(&w, 0);
	return e ? e : wbuf_done(&w);
}

static enum err show(struct turn *t, unsigned status, const struct pages_error *error)
{
	struct guard_session session;
	char challenge[CHALLENGE_CAP] = "";
	enum err e = guard_open(&t->portal->guard, t->asked, &t->view.who, t->now, &session);
	const struct pages_ask ask = {.language = t->language,
				      .view = &t->view,
				      .token = session.token,
				      .passkeys = t->portal->source.passkeys,
				      .challenge = challenge,
				      .error = *error};

	if (!e)
		e = write_challenge(t, session.cookie, challenge);
	if (e)
		return e;
	t->page->status = status;
	if (key_form_is_there(&ask))
		t->page->policy = t->portal->key_policy;
	if (session.fresh)
		snprintf(t->page->cookie, sizeof(t->page->cookie),
			 GUARD_COOKIE "=%s; Path=/; Max-Age=%d; Secure; HttpOnly; SameSite=Strict",
			 session.cookie, GUARD_SESSION_S);
	if (session.bad && !t->page->words)
		t->page->words = "cookie-bad";
	pages_state(&ask, &t->page->body);
	return wbuf_done(&t->page->body);
}

static enum err fail_plainly(struct turn *t, unsigned status, enum word word, const char *words)
{
	const struct pages_error error = {word, FACTOR_KINDS, 0};

	t->page->words = words;
	return show(t, status, &error);
}

/* The same with what the store says by now. */
static enum err fail_after(struct turn *t, unsigned status, const struct pages_error *error)
{
	enum err e = view_look(&t->portal->source, t->now, &t->view);

	return e ? e : show(t, status, error);
}

static enum err on_state(void *ctx, const struct http_route *route, const struct http_asked *asked,
			 struct http_page *page)
{
	struct turn t = {.portal = ctx, .asked = asked, .page = page};
	enum err e;

	(void)route;
	if (!begin_turn(&t, &e))
		return e;
	if (guard_count(&t.portal->guard, t.view.who.mac, false, t.now))
		return fail_plainly(&t, MHD_HTTP_TOO_MANY_REQUESTS, WORD_ERROR_MANY,
				    "too-many-pages");
	return show(&t, MHD_HTTP_OK, &PAGES_NO_ERROR);
}

/* A form of a page of ours, of the module that asks, and not too many of them. True: it is taken.
 */
static bool begin_form(struct turn *t, enum err *e)
{
	const char *words = NULL;

	if (!begin_turn(t, e))
		return false;
	if (guard_count(&t->portal->guard, t->view.who.mac, true, t->now))
		*e = fail_plainly(t, MHD_HTTP_TOO_MANY_REQUESTS, WORD_ERROR_MANY, "too-many-forms");
	else if (t->asked->trouble)
		*e = fail_plainly(t, MHD_HTTP_BAD_REQUEST, WORD_ERROR_FORM, "form");
	else if (guard_check_form(&t->portal->guard, t->asked, &t->view.who, t->now, &words))
		*e = fail_plainly(t, MHD_HTTP_FORBIDDEN, WORD_ERROR_SESSION, words);
	else
		return true;
	return false;
}

/* Six digits, with blanks between them or not. */
static bool take_given_code(const struct http_asked *asked, char code[static FACTOR_DIGITS + 1])
{
	const char *given = http_form_get(asked->form, PAGES_CODE);
	size_t n = 0;

	for (; given && *given; given++) {
		if (*given == ' ')
			continue;
		if (*given < '0' || *given > '9' || n == FACTOR_DIGITS)
			return false;
		code[n++] = *given;
	}
	code[n] = 0;
	return n == FACTOR_DIGITS;
}

/* What is told of an attempt that did not succeed. */
static const struct {
	enum err e;
	unsigned status;
	enum word word;
	const char *words;
} verdicts[] = {
	{ERR_FACTOR, MHD_HTTP_FORBIDDEN, WORD_ERROR_WRONG, "wrong-code"},
	{ERR_REPLAY, MHD_HTTP_FORBIDDEN, WORD_ERROR_USED, "used-code"},
	{ERR_EXPIRED, MHD_HTTP_FORBIDDEN, WORD_ERROR_NO_CODE, "no-code"},
	{ERR_REFUSED, MHD_HTTP_FORBIDDEN, WORD_LOCKED, "locked"},
	{ERR_TRIES, MHD_HTTP_TOO_MANY_REQUESTS, WORD_ERROR_WAIT, "too-many-codes"},
	{ERR_NOT_FOUND, MHD_HTTP_CONFLICT, WORD_ERROR_STATE, "not-enrolled"},
	{ERR_UNSUPPORTED, MHD_HTTP_CONFLICT, WORD_ERROR_STATE, "not-wanted"},
	{ERR_WRONG_STATE, MHD_HTTP_CONFLICT, WORD_ERROR_STATE, "wrong-state"},
};

/* What came of a factor: on to the page of the state, or a page that says why not. */
static enum err answer_attempt(struct turn *t, enum err e, enum factor_kind kind, unsigned number)
{
	if (!e) {
		t->page->status = MHD_HTTP_SEE_OTHER;
		t->page->location = PAGES_PATH_STATE;
		return ERR_OK;
	}
	for (size_t i = 0; i < ARRAY_LEN(verdicts); i++) {
		const struct pages_error error = {verdicts[i].word, kind, number};

		if (verdicts[i].e != e)
			continue;
		t->page->words = verdicts[i].words;
		return fail_after(t, verdicts[i].status, &error);
	}
	return e;
}

/* A code of either kind. */
static enum err on_code(void *ctx, const struct http_route *route, const struct http_asked *asked,
			struct http_page *page)
{
	struct turn t = {.portal = ctx, .asked = asked, .page = page};
	enum factor_kind kind = (enum factor_kind)route->function;
	struct operator_store *store = t.portal->source.store;
	char digits[FACTOR_DIGITS + 1] = "";
	struct subscriber after;
	unsigned left = 0;
	enum err e;

	if (!begin_form(&t, &e))
		return e;
	if (!take_given_code(asked, digits)) {
		t.page->words = "no-digits";
		return show(&t, MHD_HTTP_BAD_REQUEST,
			    &(struct pages_error){WORD_ERROR_DIGITS, kind, 0});
	}
	operator_store_hurry(store);
	if (kind == FACTOR_TOTP)
		e = factor_approve_totp(store, &t.view.sub, &(struct factor_code){digits, t.now},
					&after, &left);
	else
		e = sent_approve(store, t.view.sub.id, &(struct factor_code){digits, t.now}, &after,
				 &left);
	secret_wipe(digits, sizeof(digits));
	return answer_attempt(&t, e, kind, left);
}

static enum err on_send(void *ctx, const struct http_route *route, const struct http_asked *asked,
			struct http_page *page)
{
	struct turn t = {.portal = ctx, .asked = asked, .page = page};
	struct operator_store *store = t.portal->source.store;
	struct sent_code code = {.wait_s = 0};
	enum err e, lost = ERR_OK;

	(void)route;
	if (!begin_form(&t, &e))
		return e;
	operator_store_hurry(store);
	e = t.portal->source.sends ? sent_make(store, t.view.sub.id, t.now, &code) : ERR_NOT_FOUND;
	if (!e)
		lost = courier_send(&t.portal->courier, t.view.sub.id, code.address, code.digits,
				    t.now);
	secret_wipe(code.digits, sizeof(code.digits));
	if (!lost)
		return answer_attempt(&t, e, FACTOR_SENT, (unsigned)code.wait_s);
	e = sent_lost(store, t.view.sub.id, t.now, err_text(lost));
	t.page->words = "code-lost";
	return e ? e
		 : fail_after(&t, MHD_HTTP_SERVICE_UNAVAILABLE,
			      &(struct pages_error){WORD_ERROR_LOST, FACTOR_KINDS, 0});
}

static enum err use_key(struct turn *t, const struct passkey_wanted *wanted,
			const struct passkey_answer *answer, bool is_new)
{
	struct operator_store *store = t->portal->source.store;
	struct passkey_attempt attempt = {.wanted = wanted, .answer = answer};
	struct subscriber after;
	struct pages_error error = {WORD_ERROR_KEPT, FACTOR_PASSKEY, 0};
	enum err e;

	operator_store_hurry(store);
	e = is_new ? passkey_enroll(store, t->view.sub.id, wanted, answer)
		   : passkey_approve(store, t->view.sub.id, &attempt, &after);
	if (!e || e == ERR_LOCKED || (!is_new && e != ERR_FACTOR && e != ERR_EXPIRED))
		return answer_attempt(t, e, FACTOR_PASSKEY, 0);
	t->page->words = is_new ? err_name(e) : "wrong-passkey";
	error.number = attempt.tries_left;
	if (!is_new)
		error.word = e == ERR_EXPIRED ? WORD_ERROR_SESSION : WORD_ERROR_PASSKEY;
	return fail_after(t, MHD_HTTP_FORBIDDEN, &error);
}

/* A passkey is used, or a new one comes. */
static enum err on_passkey(void *ctx, const struct http_route *route,
			   const struct http_asked *asked, struct http_page *page)
{
	struct turn t = {.portal = ctx, .asked = asked, .page = page};
	struct wbuf memory = wbuf_grow(KEY_MAX);
	struct passkey_wanted wanted = {.name = t.portal->source.passkeys};
	struct passkey_answer answer;
	char cookie[GUARD_COOKIE_CAP];
	enum err e;

	if (!begin_form(&t, &e))
		return e;
	wanted.now = t.now;
	wanted.revision = t.view.sub.book_revision;
	e = http_cookie(asked->cookie, GUARD_COOKIE, cookie, sizeof(cookie));
	if (!e)
		e = guard_challenge(&t.portal->guard, cookie, wanted.revision, wanted.challenge);
	if (!e && (!wanted.name || key_form_read(asked->form, &memory, &answer)))
		e = fail_plainly(&t, MHD_HTTP_BAD_REQUEST, WORD_ERROR_FORM, "form");
	else if (!e)
		e = use_key(&t, &wanted, &answer, route->function);
	wbuf_free(&memory);
	return e;
}

static enum err on_style(void *ctx, const struct http_route *route, const struct http_asked *asked,
			 struct http_page *page)
{
	(void)ctx, (void)route, (void)asked;
	page->type = STYLE_TYPE;
	wbuf_put(&page->body, slice_str(pages_style));
	return wbuf_done(&page->body);
}

/* RFC 8908 5. Who is not known is captive, too: it is told where to go, and nothing else. */
static enum err on_captive(void *ctx, const struct http_route *route,
			   const struct http_asked *asked, struct http_page *page)
{
	struct turn t = {.portal = ctx, .asked = asked, .page = page};
	char url[HTTP_ADDRESS_CAP + 256];
	json_t *o;
	char *text;
	enum err e;

	(void)route;
	t.now = t.portal->now();
	e = view_take(&t.portal->source, asked->address, t.now, &t.view);
	if (e == ERR_LOCKED)
		return e;
	snprintf(url, sizeof(url), "https://%s" PAGES_PATH_STATE, asked->host ? asked->host : "");
	o = json_pack(
		"{s:b, s:s}", "captive",
		e || strcmp(state_access(t.view.sub.state, t.view.who.subscription), "full") != 0,
		"user-portal-url", url);
	text = json_dumps(o, JSON_COMPACT);
	json_decref(o);
	if (!text)
		return ERR_MEMORY;
	page->type = CAPTIVE_TYPE;
	page->words = e ? err_name(e) : NULL;
	wbuf_put(&page->body, slice_str(text));
	free(text);
	return wbuf_done(&page->body);
}

static struct desk_at desk_of(struct portal *p)
{
	return (struct desk_at){.room = &p->desk,
				.store = p->source.store,
				.guard = &p->guard,
				.words = &p->words,
				.now = p->now()};
}

static enum err on_desk(void *ctx, const struct http_route *route, const struct http_asked *asked,
			struct http_page *page)
{
	struct desk_at at = desk_of(ctx);

	(void)route;
	return desk_show(&at, asked, page);
}

static enum err on_desk_form(void *ctx, const struct http_route *route,
			     const struct http_asked *asked, struct http_page *page)
{
	struct desk_at at = desk_of(ctx);

	return desk_take(&at, (enum desk_form)route->function, asked, page);
}

static enum err on_provider(void *ctx, const struct http_route *route,
			    const struct http_asked *asked, struct http_page *page)
{
	struct portal *p = ctx;

	(void)route;
	return provider_api_approve(p->source.store, asked, p->now(), page);
}

void portal_refusal(void *ctx, const struct http_asked *asked, struct http_page *page)
{
	const struct portal *p = ctx;
	struct pages_plain plain = {WORD_REFUSED, WORD_REFUSED_TEXT, true};

	if (page->status == MHD_HTTP_NOT_FOUND)
		plain.head = WORD_NO_PAGE;
	else if (page->status == MHD_HTTP_TOO_MANY_REQUESTS)
		plain.text = WORD_ERROR_MANY;
	else if (page->status >= MHD_HTTP_INTERNAL_SERVER_ERROR)
		plain = (struct pages_plain){WORD_TROUBLE, WORD_TROUBLE_TEXT, true};
	page->words = "refused";
	pages_plain(words_for(&p->words, asked->language), &plain, &page->body);
}

#define GET(its_path, its_page)                                                                    \
	{                                                                                          \
		.path = its_path, .method = HTTP_METHOD_GET, .interface = PORTAL_MODULES,          \
		.caller = HTTP_CALLER_ANYBODY, .page = its_page                                    \
	}
/* Read again, the page of a form that was sent is that of the state. */
#define FORM(its_path, its_page, its_kind)                                                         \
	{.path = its_path,                                                                         \
	 .method = HTTP_METHOD_POST,                                                               \
	 .body_max = FORM_MAX,                                                                     \
	 .interface = PORTAL_MODULES,                                                              \
	 .caller = HTTP_CALLER_ANYBODY,                                                            \
	 .page = its_page,                                                                         \
	 .function = its_kind},                                                                    \
		GET(its_path, on_state)

#define DESK_PAGE(its_path)                                                                        \
	{                                                                                          \
		.path = its_path, .method = HTTP_METHOD_GET, .interface = PORTAL_DESK,             \
		.caller = HTTP_CALLER_ANYBODY, .page = on_desk                                     \
	}
#define DESK_ROW(its_path, its_form)                                                               \
	{.path = its_path,                                                                         \
	 .method = HTTP_METHOD_POST,                                                               \
	 .body_max = FORM_MAX,                                                                     \
	 .interface = PORTAL_DESK,                                                                 \
	 .caller = HTTP_CALLER_ANYBODY,                                                            \
	 .page = on_desk_form,                                                                     \
	 .function = its_form},                                                                    \
		DESK_PAGE(its_path)

const struct http_route portal_routes[] = {
	GET(PAGES_PATH_STATE, on_state),
	FORM(PAGES_PATH_TOTP, on_code, FACTOR_TOTP),
	FORM(PAGES_PATH_SENT, on_code, FACTOR_SENT),
	FORM(PAGES_PATH_SEND, on_send, FACTOR_SENT),
	FORM(PAGES_PATH_PASSKEY, on_passkey, false),
	FORM(PAGES_PATH_NEW_KEY, on_passkey, true),
	{.path = PAGES_PATH_STYLE,
	 .method = HTTP_METHOD_GET,
	 .interface = PORTAL_MODULES | PORTAL_DESK,
	 .caller = HTTP_CALLER_ANYBODY,
	 .page = on_style},
	DESK_ROW(DESK_PATH_SIGN_IN, DESK_SIGN_IN),
	DESK_ROW(DESK_PATH_OUT, DESK_OUT),
	DESK_ROW(DESK_PATH_LOOK, DESK_LOOK),
	DESK_ROW(DESK_PATH_APPROVE, DESK_APPROVE),
	DESK_ROW(DESK_PATH_SUSPEND, DESK_SUSPEND),
	DESK_ROW(DESK_PATH_RESUME, DESK_RESUME),
	DESK_ROW(DESK_PATH_ROTATE, DESK_ROTATE),
	DESK_PAGE(DESK_PATH),
	GET(PAGES_PATH_CAPTIVE, on_captive),
	{.path = PROVIDER_PATH_APPROVE,
	 .method = HTTP_METHOD_POST,
	 .body_max = HTTP_BODY_MAX,
	 .interface = PORTAL_PROVIDERS,
	 .caller = HTTP_CALLER_REQUESTER,
	 .page = on_provider,
	 .json = true},
	{.path = NULL},
};

#include "host/operator/web/desk_pages.h"

#include <stdio.h>
#include <time.h>

#include "host/operator/policy/account.h"
#include "host/operator/policy/decide.h"
#include "host/operator/store/store.h"
#include "host/operator/web/ask.h"
#include "host/operator/web/desk_paths.h"
#include "host/operator/web/html.h"

#define TIME_CAP    40
#define ENTRIES_MAX 100 /* of the log, the latest */

static const char *desk_word(const struct desk_page *p, enum word word)
{
	return p->language->word[word];
}

static void put_element(struct wbuf *w, const char *open, const char *text, const char *close)
{
	html_put(w, open);
	html_text(w, text);
	html_put(w, close);
}

static void put_filled(struct wbuf *w, const struct desk_page *p, enum word word, const char *value)
{
	html_put(w, "<p>");
	html_fill(w, desk_word(p, word), value);
	html_put(w, "</p>\n");
}

static const char *time_text(int64_t at, char text[static TIME_CAP])
{
	time_t t = (time_t)at;
	struct tm tm;

	if (!gmtime_r(&t, &tm) || !strftime(text, TIME_CAP, "%Y-%m-%d %H:%M:%S UTC", &tm))
		text[0] = 0;
	return text;
}

static void begin_desk_form(struct wbuf *w, const struct desk_page *p, const char *path)
{
	put_element(w, "<form method=\"post\" action=\"", path, "\">\n");
	put_element(w, "<input type=\"hidden\" name=\"token\" value=\"", p->token, "\">\n");
	if (p->sub)
		put_element(w, "<input type=\"hidden\" name=\"imsi\" value=\"", p->imsi, "\">\n");
}

/* A labelled line of text. kind: the input's attributes. */
static void put_text_field(struct wbuf *w, const struct desk_page *p, const char *id,
			   enum word label, const char *kind)
{
	put_element(w, "<label for=\"", id, "\">");
	put_element(w, "", desk_word(p, label), "</label>\n");
	put_element(w, "<input id=\"", id, "\" required ");
	html_put(w, kind);
	html_put(w, ">\n");
}

static void put_button(struct wbuf *w, const struct desk_page *p, enum word word, const char *kind)
{
	html_put(w, "<div><button type=\"submit\"");
	html_put(w, kind);
	put_element(w, ">", desk_word(p, word), "</button></div>\n</form>\n");
}

static void put_sign_in(struct wbuf *w, const struct desk_page *p)
{
	html_put(w, "<section>\n");
	begin_desk_form(w, p, DESK_PATH_SIGN_IN);
	put_text_field(w, p, "name", WORD_DESK_NAME,
		       "type=\"text\" name=\"name\" autocomplete=\"username\" maxlength=\"32\"");
	put_text_field(w, p, "password", WORD_DESK_PASSWORD,
		       "type=\"password\" name=\"password\" autocomplete=\"current-password\"");
	put_text_field(w, p, "code", WORD_DESK_CODE,
		       "type=\"text\" name=\"code\" inputmode=\"numeric\" "
		       "autocomplete=\"one-time-code\" maxlength=\"6\"");
	put_button(w, p, WORD_DESK_SIGN_IN, "");
	html_put(w, "</section>\n");
}

static void put_search(struct wbuf *w, const struct desk_page *p)
{
	struct desk_page fresh = *p;

	fresh.sub = NULL; /* the form asks for another one */
	html_put(w, "<section>\n");
	begin_desk_form(w, &fresh, DESK_PATH_LOOK);
	put_element(w, "<label for=\"imsi\">", desk_word(p, WORD_DESK_IMSI), "</label>\n");
	put_element(w, "<p class=\"hint\" id=\"imsi-hint\">", desk_word(p, WORD_DESK_IMSI_HINT),
		    "</p>\n");
	put_element(w,
		    "<input id=\"imsi\" type=\"text\" class=\"wide\" name=\"imsi\" "
		    "inputmode=\"numeric\" "
		    "autocomplete=\"off\" maxlength=\"15\" required "
		    "aria-describedby=\"imsi-hint\" value=\"",
		    p->imsi, "\">\n");
	put_button(w, p, WORD_DESK_LOOK, "");
	html_put(w, "</section>\n");
}

/* A deed: a heading, a line that says why, a button. */
struct deed {
	enum account_role role;
	const char *path, *id;
	enum word head, label;
	unsigned states; /* in which it is offered: a bit each; 0: all */
};
#define DEED_SUSPENDED (1u << STATE_SUSPENDED)

static void put_deeds(struct wbuf *w, const struct desk_page *p)
{
	static const struct deed deeds[] = {
		{ROLE_APPROVE, DESK_PATH_APPROVE, "evidence", WORD_DESK_APPROVE, WORD_DESK_EVIDENCE,
		 0},
		{ROLE_MANAGE, DESK_PATH_ROTATE, "rotate-reason", WORD_DESK_ROTATE, WORD_DESK_REASON,
		 ~DEED_SUSPENDED},
		{ROLE_MANAGE, DESK_PATH_SUSPEND, "suspend-reason", WORD_DESK_SUSPEND,
		 WORD_DESK_REASON, ~DEED_SUSPENDED},
		{ROLE_MANAGE, DESK_PATH_RESUME, "resume-reason", WORD_DESK_RESUME, WORD_DESK_REASON,
		 DEED_SUSPENDED},
	};

	for (size_t i = 0; i < ARRAY_LEN(deeds); i++) {
		const struct deed *d = &deeds[i];

		if (!(p->roles & d->role) || (d->states && !(d->states & (1u << p->sub->state))))
			continue;
		put_element(w, "<section>\n<h2>", desk_word(p, d->head), "</h2>\n");
		begin_desk_form(w, p, d->path);
		put_text_field(w, p, d->id, d->label,
			       "type=\"text\" class=\"wide\" name=\"text\" maxlength=\"180\" "
			       "autocomplete=\"off\"");
		put_button(w, p, d->head, d->role == ROLE_MANAGE ? " class=\"second\"" : "");
		html_put(w, "</section>\n");
	}
}

struct telling {
	struct wbuf *w;
	size_t skip;
};

static bool count_entry(void *ctx, const struct log_entry *e)
{
	size_t *n = ctx;

	(void)e;
	++*n;
	return true;
}

static bool put_entry(void *ctx, const struct log_entry *e)
{
	struct telling *t = ctx;
	char at[TIME_CAP];

	if (t->skip) {
		t->skip--;
		return true;
	}
	put_element(t->w, "<li><span class=\"quiet\">", time_text(e->at, at), "</span> <strong>");
	put_element(t->w, "", e->event, "</strong> ");
	put_element(t->w, "", e->from, " \xE2\x86\x92 ");
	put_element(t->w, "", e->to, "<br>");
	put_element(t->w, "", e->actor, ": ");
	put_element(t->w, "", e->evidence, "</li>\n");
	return true;
}

static enum err put_timeline(struct wbuf *w, const struct desk_page *p,
			     struct operator_store *store)
{
	struct telling t = {.w = w};
	size_t n = 0;
	enum err e = log_each(store, p->sub->id, count_entry, &n);

	t.skip = n > ENTRIES_MAX ? n - ENTRIES_MAX : 0;
	/* entries are as the log has them, in English */
	put_element(w, "<h2>", desk_word(p, WORD_DESK_TIMELINE),
		    "</h2>\n<ol class=\"timeline\" lang=\"en\">\n");
	if (!e)
		e = log_each(store, p->sub->id, put_entry, &t);
	html_put(w, "</ol>\n");
	return e;
}

/* The state in words, and by the name that the log has for it. */
static void put_state(struct wbuf *w, const struct desk_page *p)
{
	static const struct {
		enum word is, next;
	} words[] = {
		[STATE_PROVISIONED] = {WORD_STATE_PROVISIONED, WORD_NEXT_FIRST_KEY},
		[STATE_LIMITED] = {WORD_STATE_LIMITED, WORD_NEXT_FACTOR},
		[STATE_VERIFIED] = {WORD_STATE_VERIFIED, WORD_NEXT_RELEASE},
		[STATE_RELEASED] = {WORD_STATE_RELEASED, WORD_NEXT_SECOND_KEY},
		[STATE_ACTIVE] = {WORD_STATE_ACTIVE, WORD_NEXT_NOTHING},
		[STATE_SUSPENDED] = {WORD_STATE_SUSPENDED, WORD_NEXT_RESUME},
		[STATE_ROTATING] = {WORD_STATE_ROTATING, WORD_NEXT_ROTATION},
		[STATE_RECALLED] = {WORD_STATE_RECALLED, WORD_NEXT_ROTATION},
	};
	enum subscriber_state s = p->sub->state;

	html_put(w, "<p>");
	html_fill(w, desk_word(p, WORD_DESK_STATE), desk_word(p, words[s].is));
	put_element(w, " (", state_name(s), ")</p>\n");
	put_filled(w, p, WORD_DESK_NEXT, desk_word(p, words[s].next));
}

static void put_wants(struct wbuf *w, const struct desk_page *p)
{
	static const enum word kinds[FACTOR_KINDS] = {
		[FACTOR_TOTP] = WORD_KIND_TOTP,		[FACTOR_SENT] = WORD_KIND_SENT,
		[FACTOR_AGENT] = WORD_KIND_AGENT,	[FACTOR_IDENTITY] = WORD_KIND_IDENTITY,
		[FACTOR_PROVIDER] = WORD_KIND_PROVIDER, [FACTOR_PASSKEY] = WORD_KIND_PASSKEY,
	};
	bool any = !p->wants.all && p->wants.kinds == FACTOR_ALL_KINDS;
	const char *before = " ";

	put_element(w, "<p>",
		    desk_word(p, any		? WORD_DESK_WANTS_ANY
				 : p->wants.all ? WORD_DESK_WANTS_ALL
						: WORD_DESK_WANTS_ONE),
		    "");
	for (unsigned k = 0; k < FACTOR_KINDS && !any; k++) {
		if (!(p->wants.kinds & FACTOR_BIT(k)))
			continue;
		put_element(w, before, desk_word(p, kinds[k]), "");
		before = ", ";
	}
	html_put(w, "</p>\n");
}

static enum err put_subscriber(struct wbuf *w, const struct desk_page *p,
			       struct operator_store *store)
{
	char at[TIME_CAP];

	put_element(w, "<h2>", desk_word(p, WORD_DESK_SUBSCRIBER), " ");
	put_element(w, "", p->sub->name, "</h2>\n");
	put_state(w, p);
	if (subscriber_approved(p->sub, p->now))
		put_filled(w, p, WORD_DESK_UNTIL, time_text(p->sub->second_factor_until, at));
	put_wants(w, p);
	put_deeds(w, p);
	return put_timeline(w, p, store);
}

enum err desk_page_put(const struct desk_page *p, struct operator_store *store, struct wbuf *out)
{
	enum err e = ERR_OK;

	html_put(out, "<!DOCTYPE html>\n<html lang=\"");
	html_text(out, p->language->tag);
	html_put(out, "\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
		      "content=\"width=device-width, initial-scale=1\">\n");
	put_element(out, "<title>", desk_word(p, WORD_DESK), "</title>\n");
	html_put(out, "<link rel=\"stylesheet\" href=\"" PAGES_PATH_STYLE "\">\n</head>\n<body>\n"
		      "<main>\n");
	put_element(out, "<h1>", desk_word(p, WORD_DESK), "</h1>\n");
	if (p->said != WORD_COUNT)
		put_element(out,
			    p->bad ? "<p class=\"bad\" role=\"alert\">" : "<p role=\"status\">",
			    desk_word(p, p->said), "</p>\n");
	if (!p->name) {
		put_sign_in(out, p);
	} else {
		put_filled(out, p, WORD_DESK_WHO, p->name);
		put_search(out, p);
		if (p->sub)
			e = put_subscriber(out, p, store);
		begin_desk_form(out, p, DESK_PATH_OUT);
		put_button(out, p, WORD_DESK_SIGN_OUT, " class=\"second\"");
	}
	html_put(out, "</main>\n</body>\n</html>\n");
	return e ? e : wbuf_done(out);
}

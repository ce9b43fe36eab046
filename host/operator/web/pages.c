#include "host/operator/web/pages.h"

#include <stdio.h>
#include <time.h>

#include "host/operator/factor/sent.h"
#include "host/operator/web/html.h"
#include "host/operator/web/key_form.h"
#include "host/operator/web/view.h"

#define NUMBER_CAP 16
#define TIME_CAP   40

static const char *word_of(const struct language *l, enum word word)
{
	return l->word[word];
}

static void put_word(struct wbuf *w, const struct language *l, enum word word)
{
	html_text(w, word_of(l, word));
}

/* An element around a word; open and close are literals. */
static void put_around(struct wbuf *w, const char *open, const char *text, const char *close)
{
	html_put(w, open);
	html_text(w, text);
	html_put(w, close);
}

static void begin_page(struct wbuf *w, const struct language *l, enum word title)
{
	html_put(w, "<!DOCTYPE html>\n<html lang=\"");
	html_text(w, l->tag);
	html_put(w, "\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
		    "content=\"width=device-width, initial-scale=1\">\n");
	put_around(w, "<title>", word_of(l, title), "</title>\n");
	html_put(w, "<link rel=\"stylesheet\" href=\"" PAGES_PATH_STYLE "\">\n</head>\n<body>\n"
		    "<main>\n");
	put_around(w, "<h1>", word_of(l, title), "</h1>\n");
}

static void end_page(struct wbuf *w, const struct language *l)
{
	html_put(w, "</main>\n<footer>\n");
	put_around(w, "<p>", word_of(l, WORD_FOOT), "</p>\n");
	html_put(w, "</footer>\n</body>\n</html>\n");
}

/* How many of the four steps are done. */
static unsigned steps_done(enum view_stage stage)
{
	switch (stage) {
	case VIEW_WAIT: return 0;
	case VIEW_PROVE:
	case VIEW_EXPIRED:
	case VIEW_LOCKED:
	case VIEW_SUSPENDED: return 1;
	case VIEW_APPROVED: return 2;
	case VIEW_KEY: return 3;
	case VIEW_FULL: return 4;
	}
	return 0;
}

static void put_steps(struct wbuf *w, const struct language *l, enum view_stage stage)
{
	static const enum word steps[] = {WORD_STEP_ATTACHED, WORD_STEP_PROOF, WORD_STEP_KEY,
					  WORD_STEP_FULL};
	static const struct {
		const char *open;
		enum word mark;
	} kinds[] = {
		{"<li class=\"done\">", WORD_IS_DONE},
		{"<li class=\"now\" aria-current=\"step\">", WORD_IS_NOW},
		{"<li>", WORD_IS_LATER},
	};
	unsigned done = steps_done(stage);

	put_around(w, "<ol class=\"steps\" aria-label=\"", word_of(l, WORD_STEPS), "\">\n");
	for (unsigned i = 0; i < ARRAY_LEN(steps); i++) {
		unsigned kind = i < done ? 0 : i == done ? 1 : 2;

		put_around(w, kinds[kind].open, word_of(l, steps[i]), " <span class=\"mark\">(");
		put_around(w, "", word_of(l, kinds[kind].mark), ")</span></li>\n");
	}
	html_put(w, "</ol>\n");
}

static void put_lead(struct wbuf *w, const struct pages_ask *ask)
{
	static const enum word words[] = {
		[VIEW_WAIT] = WORD_WAIT,	 [VIEW_PROVE] = WORD_PROVE,
		[VIEW_EXPIRED] = WORD_EXPIRED,	 [VIEW_LOCKED] = WORD_LOCKED,
		[VIEW_APPROVED] = WORD_APPROVED, [VIEW_KEY] = WORD_KEY,
		[VIEW_FULL] = WORD_FULL,	 [VIEW_SUSPENDED] = WORD_SUSPENDED,
	};
	const struct view *v = ask->view;
	enum word word = words[v->stage];
	time_t until = (time_t)v->sub.second_factor_until;
	char at[TIME_CAP] = "";
	struct tm tm;

	if (v->stage == VIEW_PROVE)
		word = v->part				 ? WORD_PART
		       : state_is_rotation(v->sub.state) ? WORD_ROTATE
							 : WORD_PROVE;
	if (gmtime_r(&until, &tm))
		strftime(at, sizeof(at), "%H:%M UTC", &tm);
	html_put(w, "<p class=\"lead\">");
	html_fill(w, word_of(ask->language, word), at);
	html_put(w, "</p>\n");
	if (v->stage == VIEW_APPROVED)
		put_around(w, "<p>", word_of(ask->language, WORD_APPROVED_NEXT), "</p>\n");
}

static void put_error(struct wbuf *w, const struct pages_ask *ask)
{
	char number[NUMBER_CAP];

	if (ask->error.word == WORD_COUNT)
		return;
	snprintf(number, sizeof(number), "%u", ask->error.number);
	html_put(w, "<p class=\"bad\" role=\"alert\" id=\"error\">");
	html_fill(w, word_of(ask->language, ask->error.word), number);
	html_put(w, "</p>\n");
}

static void begin_form(struct wbuf *w, const char *path, const char *token)
{
	put_around(w, "<form method=\"post\" action=\"", path, "\">\n");
	put_around(w, "<input type=\"hidden\" name=\"token\" value=\"", token, "\">\n");
}

/* A field for six digits, with label and hint. */
struct code_form {
	enum factor_kind kind;
	const char *id, *path;
	enum word label, hint;
	const char *value; /* in the hint */
};

static void put_code_form(struct wbuf *w, const struct pages_ask *ask, const struct code_form *f)
{
	const struct language *l = ask->language;
	bool wrong = ask->error.word != WORD_COUNT && ask->error.kind == f->kind;

	begin_form(w, f->path, ask->token);
	put_around(w, "<label for=\"", f->id, "\">");
	put_word(w, l, f->label);
	put_around(w, "</label>\n<p class=\"hint\" id=\"", f->id, "-hint\">");
	html_fill(w, word_of(l, f->hint), f->value);
	put_around(w, "</p>\n<input type=\"text\" id=\"", f->id, "\" name=\"" PAGES_CODE "\" ");
	html_put(w, "inputmode=\"numeric\" autocomplete=\"one-time-code\" pattern=\"[0-9 ]*\" "
		    "maxlength=\"12\" required aria-describedby=\"");
	put_around(w, wrong ? "error " : "", f->id, "-hint\"");
	html_put(w, wrong ? " aria-invalid=\"true\" autofocus>\n" : ">\n");
	put_around(w, "<div><button type=\"submit\">", word_of(l, WORD_CONFIRM),
		   "</button></div>\n</form>\n");
}

static void put_totp(struct wbuf *w, const struct pages_ask *ask)
{
	static const struct code_form form = {FACTOR_TOTP,     "totp",	       PAGES_PATH_TOTP,
					      WORD_TOTP_LABEL, WORD_TOTP_HINT, ""};

	html_put(w, "<section aria-labelledby=\"totp-head\">\n");
	put_around(w, "<h2 id=\"totp-head\">", word_of(ask->language, WORD_TOTP_HEAD), "</h2>\n");
	put_code_form(w, ask, &form);
	html_put(w, "</section>\n");
}

static void put_sent(struct wbuf *w, const struct pages_ask *ask)
{
	const struct view *v = ask->view;
	bool waits = book_sent_waits(&v->book, v->now) == ERR_OK;
	char masked[SENT_MASKED_CAP];
	const struct code_form form = {FACTOR_SENT,	"sent",		PAGES_PATH_SENT,
				       WORD_SENT_LABEL, WORD_SENT_HINT, masked};

	sent_mask(v->book.sent.address, masked);
	html_put(w, "<section aria-labelledby=\"sent-head\">\n");
	put_around(w, "<h2 id=\"sent-head\">", word_of(ask->language, WORD_SENT_HEAD), "</h2>\n");
	if (waits)
		put_code_form(w, ask, &form);
	begin_form(w, PAGES_PATH_SEND, ask->token);
	html_put(w,
		 waits ? "<button type=\"submit\" class=\"second\">" : "<button type=\"submit\">");
	html_fill(w, word_of(ask->language, waits ? WORD_SENT_AGAIN : WORD_SENT_ASK), masked);
	html_put(w, "</button>\n</form>\n</section>\n");
}

static void put_forms(struct wbuf *w, const struct pages_ask *ask)
{
	const struct view *v = ask->view;

	if (key_form_is_new(ask))
		key_form_put(w, ask, true);
	if (v->stage != VIEW_PROVE && v->stage != VIEW_EXPIRED)
		return;
	if (v->offered & FACTOR_BIT(FACTOR_TOTP))
		put_totp(w, ask);
	if (v->offered & FACTOR_BIT(FACTOR_SENT))
		put_sent(w, ask);
	if (v->offered & FACTOR_BIT(FACTOR_PASSKEY))
		key_form_put(w, ask, false);
	if (!v->offered)
		put_around(w, "<p>", word_of(ask->language, WORD_NO_WAY), "</p>\n");
}

void pages_state(const struct pages_ask *ask, struct wbuf *out)
{
	begin_page(out, ask->language, WORD_TITLE);
	put_error(out, ask);
	put_steps(out, ask->language, ask->view->stage);
	put_lead(out, ask);
	put_forms(out, ask);
	put_around(out, "<p><a href=\"" PAGES_PATH_STATE "\">", word_of(ask->language, WORD_AGAIN),
		   "</a></p>\n");
	if (key_form_is_there(ask))
		key_form_script(out);
	end_page(out, ask->language);
}

void pages_plain(const struct language *l, const struct pages_plain *plain, struct wbuf *out)
{
	begin_page(out, l, plain->head);
	put_around(out, "<p class=\"lead\">", word_of(l, plain->text), "</p>\n");
	if (plain->back)
		put_around(out, "<p><a href=\"" PAGES_PATH_STATE "\">", word_of(l, WORD_START),
			   "</a></p>\n");
	end_page(out, l);
}

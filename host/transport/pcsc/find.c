#include "host/transport/pcsc/find.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "host/transport/pcsc/card.h"

struct search {
	struct transport_wish *wish;
	const struct choice *choice;
	const char *what; /* "ICCID" */
	size_t found, picked;
};

static void note_reader(struct search *s, const struct reader *r, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
static void note_reader(struct search *s, const struct reader *r, const char *fmt, ...)
{
	char *said = s->wish->said;
	size_t at = strlen(said);
	va_list ap;

	at += (size_t)snprintf(said + at, TRANSPORT_SAID_MAX - at, "%s%u: %s (", at ? ", " : "",
			       r->index, r->name);
	if (at >= TRANSPORT_SAID_MAX)
		return;
	va_start(ap, fmt);
	at += (size_t)vsnprintf(said + at, TRANSPORT_SAID_MAX - at, fmt, ap);
	va_end(ap);
	if (at < TRANSPORT_SAID_MAX)
		snprintf(said + at, TRANSPORT_SAID_MAX - at, ")");
}

static enum err ask_number(struct search *s, const struct reader *r,
			   char number[static TRANSPORT_NUMBER_MAX])
{
	const struct transport_question q = {.eid = s->choice->kind == CHOICE_EID,
					     .alone = r->use == READER_FREE,
					     .isdr = s->wish->isdr};
	struct transport *t;
	enum err e = pcsc_card_open(r->name, true, s->wish->cancel, &t);

	return e ? e : s->wish->identify(t, &q, number);
}

/* Errors: those that end the search. */
static enum err look_into(struct search *s, const struct reader *r, size_t place)
{
	char number[TRANSPORT_NUMBER_MAX] = "";
	enum err e;

	if (r->state != READER_CARD) {
		note_reader(s, r, "%s", reader_state_text(r->state));
		return ERR_OK;
	}
	e = r->use == READER_EXCLUSIVE ? ERR_READER_BUSY : ask_number(s, r, number);
	if (e == ERR_CANCELLED || e == ERR_SERVICE_LOST)
		return e;
	if (e == ERR_READER_BUSY)
		note_reader(s, r, "not asked: another program has it for itself");
	else if (e || !*number)
		note_reader(s, r, "no %s%s%s", s->what, e ? ": " : "", e ? err_text(e) : "");
	else
		note_reader(s, r, "%s %s", s->what, number);
	if (!e && *number && choice_is_number(s->choice, number) && !s->found++)
		s->picked = place;
	return ERR_OK;
}

enum err find_number(struct transport_wish *wish, const struct choice *c,
		     const struct reader_list *l, size_t *picked)
{
	struct search s = {
		.wish = wish, .choice = c, .what = c->kind == CHOICE_EID ? "EID" : "ICCID"};

	wish->said[0] = 0;
	if (!wish->identify)
		return ERR_UNSUPPORTED;
	for (size_t i = 0; i < l->count; i++) {
		enum err e = look_into(&s, &l->items[i], i);

		if (e)
			return e;
	}
	if (s.found > 1)
		return ERR_AMBIGUOUS;
	if (!s.found)
		return ERR_NO_SUCH_CARD;
	*picked = s.picked;
	return ERR_OK;
}

#include "host/terminal/failure.h"

#include <stdarg.h>
#include <stdio.h>

#include "host/net/client.h"
#include "host/terminal/uicc.h"

static void put_words(struct failure *f, const char *fmt, va_list ap)
	__attribute__((format(printf, 2, 0)));
static void put_words(struct failure *f, const char *fmt, va_list ap)
{
	vsnprintf(f->text, sizeof(f->text), fmt, ap);
}

struct failure failure_said(enum party party, enum err e, const char *fmt, ...)
{
	struct failure f = {.err = e, .party = party, .is_whole = true};
	va_list ap;

	va_start(ap, fmt);
	put_words(&f, fmt, ap);
	va_end(ap);
	return f;
}

struct failure failure_of(enum party party, enum err e, const char *fmt, ...)
{
	struct failure f = {.err = e, .party = party};
	va_list ap;

	va_start(ap, fmt);
	put_words(&f, fmt, ap);
	va_end(ap);
	return f;
}

/* The card's answer cannot be understood. */
static bool is_bad_answer(enum err e)
{
	return (e >= ERR_TRUNCATED && e <= ERR_PROTOCOL) || e == ERR_SPACE;
}

const char *failure_card_trouble(const struct uicc *u, enum err e,
				 char text[static FAILURE_TROUBLE])
{
	if (e == ERR_CARD && uicc_has_sw(u))
		snprintf(text, FAILURE_TROUBLE, "%04X, %s", uicc_last_sw(u),
			 sw_text(uicc_last_sw(u)));
	else
		snprintf(text, FAILURE_TROUBLE, "%s",
			 is_bad_answer(e) ? "the card answers what no standard has: --trace FILE "
					    "records it"
					  : err_text(e));
	return text;
}

struct failure failure_of_card(const struct uicc *u, enum err e, const char *fmt, ...)
{
	struct failure f = {.err = e, .party = PARTY_CARD};
	char what[FAILURE_TEXT / 2], why[FAILURE_TROUBLE];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	if (u && ((e == ERR_CARD && uicc_has_sw(u)) || is_bad_answer(e)))
		return failure_said(PARTY_CARD, e, "%s: %s", what, failure_card_trouble(u, e, why));
	if (u && (e == ERR_DISCONNECTED || e == ERR_NO_CARD)) /* the others say it themselves */
		return failure_said(
			PARTY_CARD, e,
			"%s: the card or its reader was lost: put it back and start again", what);
	snprintf(f.text, sizeof(f.text), "%s", what);
	return f;
}

struct failure failure_of_operator(const struct http_client *op, enum err e, const char *what)
{
	const char *said = http_client_message(op);

	return *said ? failure_said(PARTY_OPERATOR, e, "the operator at %s, %s: %s",
				    http_client_spec(op), what, said)
		     : failure_of(PARTY_OPERATOR, e, "the operator at %s, %s", http_client_spec(op),
				  what);
}

/*
 * session: what a trace has told so far of its cards: which channels are open, what is selected on
 * each, which PINs were verified. It grows with the number of cards and channels alone.
 */
#ifndef TWINKEY_TRACE_DECODE_SESSION_H
#define TWINKEY_TRACE_DECODE_SESSION_H

#include <stdbool.h>

struct command;
struct ef_kind;
struct exchange;
struct place;

/* Of a key reference (TS 102 221 9.5.1), on a card. */
struct session_pin {
	bool is_verified, has_tries;
	unsigned tries;
};

/* What an exchange is about; borrows from the session for the call. */
struct session_view {
	const struct place *place;     /* the file or directory; of a SELECT what it asks for */
	const struct ef_kind *ef;      /* what the standard says of the file; NULL: nothing */
	const char *path;	       /* place_text() of it */
	bool is_new;		       /* it became current by this exchange */
	const char *remark;	       /* what is odd about it where it stands; or NULL */
	const struct session_pin *pin; /* of a command that names a key reference; or NULL */
};

struct session;

/* NULL: out of memory. */
struct session *session_open(void);
/* The card is as after a reset. */
void session_reset(struct session *s, unsigned card);
/* Takes what an exchange has changed, and says what it is about. command may be NULL. */
void session_take(struct session *s, const struct exchange *x, const struct command *command,
		  struct session_view *out);
void session_close(struct session **s);

#endif

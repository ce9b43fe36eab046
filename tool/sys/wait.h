/*
 * wait: waiting that a wish to stop ends, and that says what it is for when it lasts.
 *
 * Where the token has a teller (tool/sys/cancel.h), a wait is told to people after a second, once.
 * From then on it also ends when nobody reads standard output any more, as if Ctrl-C had been
 * pressed.
 */
#ifndef TWINKEY_TOOL_WAIT_H
#define TWINKEY_TOOL_WAIT_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/err.h"

struct cancel;

struct wait {
	struct cancel *cancel; /* NULL: nobody can end it */
	const char *what;      /* "the card's answer"; borrowed */
	int64_t since_ms;
	bool told;
};

/* Borrows both. */
struct wait wait_begin(struct cancel *cancel, const char *what);
/* A part of the wait: ms, or less. ERR_CANCELLED: there is a wish to stop. */
enum err wait_pause(struct wait *w, unsigned ms) MUST_CHECK;
/*
 * Until fd is ready for events (of poll). ERR_TIMEOUT after timeout_ms (-1: none). ERR_CANCELLED: a
 * wish to stop, and then not ready within grace_ms more; who insists is not made to wait for that.
 */
enum err wait_fd(struct wait *w, int fd, short events, int timeout_ms,
		 unsigned grace_ms) MUST_CHECK;
/* For a wait in somebody else's loop: to be called now and then. */
void wait_tick(struct wait *w);

/* Milliseconds of a clock that nobody sets. */
int64_t wait_now_ms(void);

#endif

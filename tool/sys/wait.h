/*
 * wait: waiting that a wish to stop ends, and that says what it is for when it lasts.
 *
 * Where there is a wait_teller(), a wait is told to people after a second, once. From then on it
 * also ends when nobody reads standard output any more, as if Ctrl-C had been pressed.
 */
#ifndef TWINKEY_TOOL_WAIT_H
#define TWINKEY_TOOL_WAIT_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/err.h"

struct wait {
	const char *what; /* "the card's answer"; borrowed */
	int64_t since_ms;
	bool told;
};

struct wait wait_begin(const char *what);
/* A part of the wait: ms, or less. ERR_CANCELLED: interrupted. */
enum err wait_pause(struct wait *w, unsigned ms) MUST_CHECK;
/*
 * Until fd is ready for events (of poll). ERR_TIMEOUT after timeout_ms (-1: none). ERR_CANCELLED:
 * interrupted, and then not ready within grace_ms more; who insists is not made to wait for that.
 */
enum err wait_fd(struct wait *w, int fd, short events, int timeout_ms,
		 unsigned grace_ms) MUST_CHECK;
/* For a wait in somebody else's loop: to be called now and then. */
void wait_tick(struct wait *w);

/* A wait was ended because nobody reads standard output. */
bool wait_unheard(void);

/* Milliseconds of a clock that nobody sets. */
int64_t wait_now_ms(void);
/* Who tells people what is waited for; NULL (as at first): nobody. */
void wait_teller(void (*tell)(const char *what));

#endif

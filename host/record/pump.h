/*
 * pump: carries octets between two sockets as they come, neither more nor less, and shows them to
 * who records. What is shown is not changed by it.
 */
#ifndef TWINKEY_HOST_RECORD_PUMP_H
#define TWINKEY_HOST_RECORD_PUMP_H

#include "lib/base/bytes.h"

/* The two ends: who asks (a reader, a program), and who answers (a card, a service). */
enum pump_side { PUMP_ASKS, PUMP_ANSWERS, PUMP_SIDES };

#define PUMP_CHUNK 4096 /* the most that is carried at once */

struct pump {
	int fd[PUMP_SIDES];		 /* not blocking; the caller's */
	struct wbuf pending[PUMP_SIDES]; /* what that side has not taken yet */
	/* Before octets of a side go on. An error of it is pump_move()'s. */
	enum err (*show)(void *ctx, enum pump_side from, struct slice octets);
	void *ctx;
};

/* fd[0], fd[1], show and ctx are set. */
void pump_begin(struct pump *p);
/* What poll() is to wait for on that side's socket. */
short pump_events(const struct pump *p, enum pump_side side);
/*
 * Does what poll() has found for a side. ERR_DISCONNECTED: that side has closed, or takes no more.
 */
enum err pump_move(struct pump *p, enum pump_side side, short events) MUST_CHECK;
void pump_end(struct pump *p);

#endif

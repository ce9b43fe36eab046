#include "tool/sys/wait.h"

#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <time.h>
#include <unistd.h>

#include "tool/sys/cancel.h"
#include "tool/sys/errno.h"

#define TELL_AFTER_MS 1000
#define SLICE_MS      100 /* how often the wish to stop is asked for */

int64_t wait_now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

struct wait wait_begin(struct cancel *cancel, const char *what)
{
	return (struct wait){.cancel = cancel, .what = what, .since_ms = wait_now_ms()};
}

/* The reader of the pipe at standard output has gone. */
static bool nobody_reads(void)
{
	struct pollfd p = {.fd = STDOUT_FILENO};

	return poll(&p, 1, 0) > 0 && (p.revents & POLLERR);
}

void wait_tick(struct wait *w)
{
	struct cancel *c = w->cancel;

	if (!c || !c->tell || wait_now_ms() - w->since_ms < TELL_AFTER_MS)
		return;
	if (!w->told)
		c->tell(w->what);
	w->told = true;
	if (!c->unheard && nobody_reads()) {
		c->unheard = true;
		cancel_again(c);
	}
}

enum err wait_pause(struct wait *w, unsigned ms)
{
	int64_t end = wait_now_ms() + ms;
	enum err e;

	do {
		int64_t left = end - wait_now_ms();

		wait_tick(w);
		e = cancel_check(w->cancel);
		if (!e && left > 0)
			poll(NULL, 0, (int)(left < SLICE_MS ? left : SLICE_MS));
	} while (!e && wait_now_ms() < end);
	return e;
}

enum err wait_fd(struct wait *w, int fd, short events, int timeout_ms, unsigned grace_ms)
{
	int64_t start = wait_now_ms(), stopped = -1;

	for (;;) {
		struct pollfd p = {.fd = fd, .events = events};
		int64_t now = wait_now_ms(),
			left = timeout_ms < 0 ? SLICE_MS : start + timeout_ms - now;
		int n = poll(&p, 1, (int)(left < 0 ? 0 : left < SLICE_MS ? left : SLICE_MS));

		if (n > 0)
			return ERR_OK;
		if (n < 0 && errno != EINTR)
			return errno_err(errno);
		if (cancel_is_wished(w->cancel) && stopped < 0)
			stopped = now;
		if (stopped >= 0 && (now - stopped >= grace_ms || cancel_is_insisted(w->cancel)))
			return cancel_check(w->cancel);
		if (n == 0 && timeout_ms >= 0 && left <= SLICE_MS)
			return ERR_TIMEOUT;
		wait_tick(w);
	}
}

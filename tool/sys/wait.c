#include "tool/sys/wait.h"

#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <time.h>
#include <unistd.h>

#include "tool/sys/file.h"
#include "tool/sys/harden.h"

#define TELL_AFTER_MS 1000
#define SLICE_MS      100 /* how often the wish to stop is asked for */

static void (*teller)(const char *what);
static bool unheard;

void wait_teller(void (*tell)(const char *what))
{
	teller = tell;
}

int64_t wait_now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

struct wait wait_begin(const char *what)
{
	return (struct wait){.what = what, .since_ms = wait_now_ms()};
}

/* The reader of the pipe at standard output has gone. */
static bool nobody_reads(void)
{
	struct pollfd p = {.fd = STDOUT_FILENO};

	return poll(&p, 1, 0) > 0 && (p.revents & POLLERR);
}

bool wait_unheard(void)
{
	return unheard;
}

void wait_tick(struct wait *w)
{
	if (wait_now_ms() - w->since_ms < TELL_AFTER_MS)
		return;
	if (!w->told && teller)
		teller(w->what);
	w->told = true;
	if (teller && !unheard && nobody_reads()) {
		unheard = true;
		interrupt_again();
	}
}

enum err wait_pause(struct wait *w, unsigned ms)
{
	int64_t end = wait_now_ms() + ms;
	enum err e;

	do {
		int64_t left = end - wait_now_ms();

		wait_tick(w);
		e = interrupt_check();
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
			return file_errno(errno);
		if (interrupted() && stopped < 0)
			stopped = now;
		if (stopped >= 0 && (now - stopped >= grace_ms || interrupt_insisted()))
			return interrupt_check();
		if (n == 0 && timeout_ms >= 0 && left <= SLICE_MS)
			return ERR_TIMEOUT;
		wait_tick(w);
	}
}

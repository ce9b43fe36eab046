#include "tool/sys/aside.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "tool/sys/wait.h"

struct aside {
	struct cancel *cancel;
	pthread_t thread;
	int begin, done; /* eventfds: a call is there; it has returned */
	bool stuck;
	enum err (*call)(void *ctx); /* NULL: end */
	void *ctx;
	enum err result;
};

static void eventfd_post(int fd)
{
	const uint64_t one = 1;

	while (write(fd, &one, sizeof(one)) < 0 && errno == EINTR)
		;
}

static void eventfd_take(int fd)
{
	uint64_t n;

	while (read(fd, &n, sizeof(n)) < 0 && errno == EINTR)
		;
}

static void *work(void *ctx)
{
	struct aside *a = ctx;

	for (;;) {
		eventfd_take(a->begin);
		if (!a->call)
			return NULL;
		a->result = a->call(a->ctx);
		eventfd_post(a->done);
	}
}

/* Signals are for the thread that waits. */
static int start(struct aside *a)
{
	sigset_t all, before;
	int r;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	r = pthread_create(&a->thread, NULL, work, a);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return r;
}

enum err aside_open(struct cancel *cancel, struct aside **out)
{
	struct aside *a = calloc(1, sizeof(*a));

	if (!a)
		return ERR_MEMORY;
	a->cancel = cancel;
	a->begin = eventfd(0, EFD_CLOEXEC);
	a->done = eventfd(0, EFD_CLOEXEC);
	if (a->begin < 0 || a->done < 0 || start(a)) {
		close(a->begin);
		close(a->done);
		free(a);
		return ERR_MEMORY;
	}
	*out = a;
	return ERR_OK;
}

enum err aside_call(struct aside *a, const char *what, unsigned grace_ms,
		    enum err (*call)(void *ctx), void *ctx)
{
	struct wait w = wait_begin(a->cancel, what);
	enum err e;

	if (a->stuck)
		return ERR_CANCELLED;
	a->call = call;
	a->ctx = ctx;
	eventfd_post(a->begin);
	e = wait_fd(&w, a->done, POLLIN, -1, grace_ms);
	a->stuck = e != ERR_OK;
	if (e)
		return e;
	eventfd_take(a->done);
	return a->result;
}

bool aside_is_stuck(const struct aside *a)
{
	return a->stuck;
}

void aside_close(struct aside **a)
{
	if (*a && !(*a)->stuck) {
		(*a)->call = NULL;
		eventfd_post((*a)->begin);
		pthread_join((*a)->thread, NULL);
		close((*a)->begin);
		close((*a)->done);
		free(*a);
	}
	*a = NULL;
}

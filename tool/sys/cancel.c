#include "tool/sys/cancel.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/bytes.h"

#define WISHES_MAX 3 /* what more there are makes no difference */

static struct cancel *program; /* whose wishes the signals are */

void cancel_wish(struct cancel *c)
{
	int keep = errno;
	ssize_t n = 0;

	if (!c)
		return;
	if (c->wishes < WISHES_MAX)
		c->wishes++;
	if (c->has_pipe) /* wakes poll(); a full pipe has woken it already */
		n = write(c->pipe[1], "", 1);
	(void)n;
	errno = keep;
}

bool cancel_is_wished(const struct cancel *c)
{
	return c && c->wishes > (c->holds ? 1 : 0);
}

bool cancel_is_insisted(const struct cancel *c)
{
	return c && c->wishes > 1;
}

enum err cancel_check(struct cancel *c)
{
	if (!cancel_is_wished(c))
		return ERR_OK;
	c->gave_up = true;
	return ERR_CANCELLED;
}

bool cancel_gave_up(const struct cancel *c)
{
	return c && c->gave_up;
}

static void on_signal(int number)
{
	if (program->wishes) /* nobody looks at it: the next signal ends the process */
		signal(number, SIG_DFL);
	if (number == SIGALRM)
		program->timed_out = 1;
	cancel_wish(program);
}

static void catch_all(void)
{
	static const int numbers[] = {SIGINT, SIGTERM, SIGALRM};
	struct sigaction sa = {.sa_handler = on_signal};

	sigemptyset(&sa.sa_mask);
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
		sigaction(numbers[i], &sa, NULL);
}

bool cancel_take(struct cancel *c)
{
	bool wished = c && c->wishes;
	char drain[16];

	if (!c)
		return false;
	while (c->has_pipe && read(c->pipe[0], drain, sizeof(drain)) > 0)
		;
	c->wishes = 0;
	c->had_given_up = c->gave_up;
	c->gave_up = false;
	if (c->by_signals)
		catch_all(); /* of two, the second has let go of the next */
	return wished;
}

void cancel_again(struct cancel *c)
{
	if (!c)
		return;
	c->gave_up = c->gave_up || c->had_given_up;
	if (c->by_signals && c->wishes)
		signal(SIGINT, SIG_DFL); /* as if Ctrl-C had been pressed */
	cancel_wish(c);
}

void cancel_hold(struct cancel *c)
{
	if (c)
		c->holds++;
}

void cancel_unhold(struct cancel *c)
{
	if (c)
		c->holds--;
}

int cancel_fd(const struct cancel *c)
{
	return c && c->has_pipe ? c->pipe[0] : -1;
}

void cancel_set_teller(struct cancel *c, void (*tell)(const char *what))
{
	if (c)
		c->tell = tell;
}

bool cancel_is_unheard(const struct cancel *c)
{
	return c && c->unheard;
}

enum err cancel_open(struct cancel *c)
{
	memset(c, 0, sizeof(*c));
	if (pipe2(c->pipe, O_CLOEXEC | O_NONBLOCK))
		return ERR_MEMORY;
	c->has_pipe = true;
	return ERR_OK;
}

void cancel_close(struct cancel *c)
{
	if (c->has_pipe) {
		close(c->pipe[0]);
		close(c->pipe[1]);
	}
	memset(c, 0, sizeof(*c));
}

void cancel_on_signals(struct cancel *c)
{
	struct sigaction ignore = {.sa_handler = SIG_IGN};

	if (program)
		return;
	if (cancel_open(c))
		abort();
	c->by_signals = true;
	program = c;
	catch_all();
	sigemptyset(&ignore.sa_mask);
	sigaction(SIGPIPE, &ignore, NULL);
}

void cancel_after(unsigned seconds)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGALRM); /* whoever started this may have it blocked */
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	alarm(seconds);
}

bool cancel_has_timed_out(const struct cancel *c)
{
	return c && c->timed_out;
}

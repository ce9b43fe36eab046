#include "host/record/spy.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "host/record/ledger.h"
#include "host/record/pump.h"
#include "tool/pcsc/readers.h"
#include "tool/sys/cancel.h"
#include "tool/sys/errno.h"
#include "tool/sys/folder.h"
#include "tool/sys/wait.h"

#define SERVICE_PATH "/run/pcscd/pcscd.comm"
#define NAME	     "/pcsc"
#define BACKLOG	     64
#define CALLS_MAX    512 /* at once; pcscd has fewer */
#define LINGER_MS    500 /* at the end, for children that go on */

/* A program's connection, and ours to the service. */
struct call {
	struct spy *spy;
	struct call *next;
	unsigned number;
	struct pump pump;
	struct wire *wire;
};

struct spy {
	char folder[PATH_CAP];
	struct sockaddr_un here, there;
	int listener;
	struct service service; /* our own, for the cards' ATR */
	struct cancel end;
	pthread_t thread;
	bool runs;
	struct ledger *ledger;
	struct call *calls;
	unsigned open;
	struct spy_report report;
};

static void find_atr(void *ctx, const char *reader, struct wbuf *out)
{
	struct spy *s = ctx;
	struct reader_list list;

	if (readers_read(&s->service, &list))
		return;
	for (size_t i = 0; i < list.count; i++) {
		if (strcmp(list.items[i].name, reader) == 0)
			wbuf_put(out, reader_atr(&list.items[i]));
	}
	reader_list_free(&list);
}

static void note_event(void *ctx, const struct wire_event *e)
{
	struct call *c = ctx;

	ledger_take(c->spy->ledger, c->number, e, wait_now_ms());
}

/* What cannot be read is carried all the same: the program does not suffer for it. */
static enum err show_call(void *ctx, enum pump_side from, struct slice octets)
{
	struct call *c = ctx;
	enum err e = ERR_OK;

	if (c->wire)
		e = from == PUMP_ASKS ? wire_from_program(c->wire, octets)
				      : wire_from_service(c->wire, octets);
	if (e) {
		c->spy->report.odd++;
		wire_close(&c->wire);
	}
	return ERR_OK;
}

static int connect_service(const struct spy *s)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd >= 0 && connect(fd, (const struct sockaddr *)&s->there, sizeof(s->there))) {
		close(fd);
		fd = -1;
	}
	return fd;
}

static void hang_up(struct call *c)
{
	struct spy *s = c->spy;

	ledger_end_connection(s->ledger, c->number, wait_now_ms());
	wire_close(&c->wire);
	pump_end(&c->pump);
	for (int i = 0; i < PUMP_SIDES; i++) {
		if (c->pump.fd[i] >= 0)
			close(c->pump.fd[i]);
	}
	s->open--;
	free(c);
}

/* A program has connected; where the service is not to be had, it is hung up on. */
static void pick_up(struct spy *s)
{
	const int program = accept4(s->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct call *c = program >= 0 ? calloc(1, sizeof(*c)) : NULL;
	const struct wire_sink sink = {note_event, c};

	if (!c) {
		if (program >= 0)
			close(program);
		return;
	}
	*c = (struct call){
		.spy = s, .number = ++s->report.connections, .pump = {.show = show_call, .ctx = c}};
	pump_begin(&c->pump);
	c->pump.fd[PUMP_ASKS] = program;
	c->pump.fd[PUMP_ANSWERS] = connect_service(s);
	s->open++;
	if (c->pump.fd[PUMP_ANSWERS] < 0 || wire_open(&sink, &c->wire)) {
		hang_up(c);
		return;
	}
	c->next = s->calls;
	s->calls = c;
}

static enum err move_call(struct call *c, const struct pollfd *fds)
{
	/* the service first: what it has answered is recorded before the program's end */
	enum err e = fds[PUMP_ANSWERS].revents
			     ? pump_move(&c->pump, PUMP_ANSWERS, fds[PUMP_ANSWERS].revents)
			     : ERR_OK;

	if (!e && fds[PUMP_ASKS].revents)
		e = pump_move(&c->pump, PUMP_ASKS, fds[PUMP_ASKS].revents);
	return e;
}

/* fds: two of each call, in their order. */
static void move_calls(struct spy *s, const struct pollfd *fds)
{
	for (struct call **at = &s->calls; *at; fds += PUMP_SIDES) {
		struct call *c = *at;

		if (move_call(c, fds)) {
			*at = c->next;
			hang_up(c);
		} else {
			at = &c->next;
		}
	}
}

/* One round: false, when nothing was ready in this time, or memory is out. */
static bool work(struct spy *s, int timeout_ms, bool takes_more)
{
	struct pollfd *fds = calloc(2 + (size_t)s->open * PUMP_SIDES, sizeof(*fds));
	nfds_t n = 2;
	int ready;

	if (!fds)
		return false;
	fds[0] = (struct pollfd){s->listener, takes_more && s->open < CALLS_MAX ? POLLIN : 0, 0};
	/* not asked whether there is a wish: it may come just now, and must end poll() */
	fds[1] = (struct pollfd){takes_more ? cancel_fd(&s->end) : -1, POLLIN, 0};
	for (struct call *c = s->calls; c; c = c->next) {
		for (int i = 0; i < PUMP_SIDES; i++, n++)
			fds[n] = (struct pollfd){c->pump.fd[i],
						 pump_events(&c->pump, (enum pump_side)i), 0};
	}
	ready = poll(fds, n, timeout_ms);
	if (ready > 0)
		move_calls(s, fds + 2);
	if (ready > 0 && fds[0].revents & POLLIN)
		pick_up(s);
	free(fds);
	return ready > 0 || (ready < 0 && errno == EINTR);
}

static void *carry_calls(void *ctx)
{
	struct spy *s = ctx;
	int64_t last;

	while (!cancel_is_wished(&s->end)) {
		if (!work(s, -1, true))
			break;
	}
	/* what the program has said before it ended */
	last = wait_now_ms() + LINGER_MS;
	while (work(s, 0, false) && wait_now_ms() < last)
		;
	return NULL;
}

static enum err listen_here(struct spy *s)
{
	enum err e = folder_make_short(s->folder);

	if (e)
		return e;
	s->here.sun_family = AF_UNIX;
	snprintf(s->here.sun_path, sizeof(s->here.sun_path), "%.*s" NAME,
		 (int)(sizeof(s->here.sun_path) - sizeof(NAME)), s->folder);
	s->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (s->listener < 0 ||
	    bind(s->listener, (const struct sockaddr *)&s->here, sizeof(s->here)) ||
	    listen(s->listener, BACKLOG))
		return errno_err(errno);
	return ERR_OK;
}

/* Signals are for who waits for the program. */
static enum err begin_thread(struct spy *s)
{
	sigset_t all, before;
	enum err e = cancel_open(&s->end);

	if (e)
		return e;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	s->runs = pthread_create(&s->thread, NULL, carry_calls, s) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return s->runs ? ERR_OK : ERR_MEMORY;
}

enum err spy_open(struct trace *trace, struct spy **out)
{
	struct spy *s = calloc(1, sizeof(*s));
	const char *path = getenv(SPY_VARIABLE);
	const struct ledger_wish wish = {.trace = trace, .atr = find_atr, .ctx = s};
	enum err e;

	if (!s)
		return ERR_MEMORY;
	s->listener = -1;
	s->there.sun_family = AF_UNIX;
	snprintf(s->there.sun_path, sizeof(s->there.sun_path), "%s", path ? path : SERVICE_PATH);
	/* before the variable is another: the library asks for it once */
	e = service_open(&s->service);
	if (!e)
		e = ledger_open(&wish, &s->ledger);
	if (!e)
		e = listen_here(s);
	if (!e)
		e = begin_thread(s);
	if (e)
		(void)spy_close(&s);
	else
		*out = s;
	return e;
}

const char *spy_socket(const struct spy *s)
{
	return s->here.sun_path;
}

struct spy_report spy_close(struct spy **spy)
{
	struct spy *s = *spy;
	struct spy_report report;

	if (s->runs) {
		cancel_wish(&s->end);
		pthread_join(s->thread, NULL);
		cancel_close(&s->end);
	}
	while (s->calls) {
		struct call *c = s->calls;

		s->calls = c->next;
		hang_up(c);
	}
	report = s->report;
	report.exchanges = s->ledger ? ledger_exchanges(s->ledger) : 0;
	report.err = ledger_close(&s->ledger);
	service_close(&s->service);
	if (s->listener >= 0)
		close(s->listener);
	if (*s->here.sun_path)
		unlink(s->here.sun_path);
	if (*s->folder)
		rmdir(s->folder);
	free(s);
	*spy = NULL;
	return report;
}

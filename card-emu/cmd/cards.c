#include "card-emu/cmd/cards.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "card-emu/cmd/cmd.h"
#include "card-emu/link/vpcd.h"
#include "lib/uicc/atr.h"
#include "tool/cli/say.h"
#include "tool/sys/cancel.h"
#include "tool/sys/wait.h"

struct one {
	struct cards *all;
	struct card *card;
	struct link link;
	struct link_observer observer;
	struct trace *trace;
	uint8_t atr[CARD_ATR_MAX];
	size_t atr_len;
	pthread_t thread;
	bool runs;
	enum cards_state state; /* under the lock of all */
};

struct cards {
	struct cancel end;
	pthread_mutex_t lock;
	int news; /* an eventfd: a state has changed */
	size_t count;
	struct one *items;
};

static void note_state(struct one *o, enum cards_state state)
{
	const uint64_t one = 1;
	ssize_t n;

	pthread_mutex_lock(&o->all->lock);
	o->state = state;
	pthread_mutex_unlock(&o->all->lock);
	n = write(o->all->news, &one, sizeof(one));
	(void)n;
}

static void on_event(void *ctx, enum link_event event)
{
	static const enum cards_state states[] = {
		[LINK_TAKEN] = CARDS_TAKEN,   [LINK_LOST] = CARDS_COMING,
		[LINK_ABSENT] = CARDS_ABSENT, [LINK_BUSY] = CARDS_BUSY,
		[LINK_REFUSED] = CARDS_ODD,   [LINK_IGNORED] = CARDS_COMING,
		[LINK_ODD] = CARDS_ODD};

	note_state(ctx, states[event]);
}

static void *serve(void *ctx)
{
	struct one *o = ctx;
	enum err e = vpcd_serve(o->card, &o->link);

	if (e != ERR_CANCELLED)
		note_state(o, CARDS_FAILED);
	return NULL;
}

static int open_one(struct one *o, const struct card_options *options, const char *dir)
{
	struct card_options mine = *options;
	struct slice atr;
	enum err e;

	mine.dir = dir;
	e = card_open(&mine, &o->card);
	if (e)
		return cmd_fail_open(e, dir);
	cmd_warn_open(dir);
	atr = card_atr(o->card);
	memcpy(o->atr, atr.ptr, atr.len);
	o->atr_len = atr.len;
	return TOOL_OK;
}

int cards_open(const struct card_options *o, const char *const *dirs, size_t n, struct cards **out)
{
	struct cards *c = calloc(1, sizeof(*c));
	struct one *items = calloc(n, sizeof(*items));
	int code = TOOL_OK;

	if (!c || !items || cancel_open(&c->end)) {
		free(c);
		free(items);
		return tool_fail(ERR_MEMORY, "%zu cards", n);
	}
	pthread_mutex_init(&c->lock, NULL);
	c->news = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	c->items = items;
	c->count = n;
	for (size_t i = 0; i < n && code == TOOL_OK; i++) {
		items[i].all = c;
		code = open_one(&items[i], o, dirs[i]);
	}
	if (code == TOOL_OK)
		*out = c;
	else
		(void)!cards_end(&c);
	return code;
}

int cards_trace(struct cards *c, const struct record_wish *wish)
{
	enum err e = ERR_OK;

	for (size_t i = 0; i < c->count && !e; i++) {
		struct one *o = &c->items[i];
		char name[32];

		snprintf(name, sizeof(name), "card %zu", i + 1);
		if (i)
			e = trace_join(c->items[0].trace, name, &o->trace);
		else if (record_begin(wish, name, &o->trace) != TOOL_OK)
			return TOOL_FAILED;
		o->observer = record_observer(o->trace);
	}
	return e ? tool_fail(e, "--trace %s", wish->path) : TOOL_OK;
}

enum err cards_begin(struct cards *c, size_t card, const struct link *l)
{
	struct one *o = &c->items[card];
	sigset_t all, before;

	o->link = *l;
	o->link.cancel = &c->end;
	o->link.event = on_event;
	o->link.ctx = o;
	o->link.observer = o->trace ? &o->observer : NULL;
	sigfillset(&all); /* signals are for the thread that waits for them */
	pthread_sigmask(SIG_SETMASK, &all, &before);
	o->runs = pthread_create(&o->thread, NULL, serve, o) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return o->runs ? ERR_OK : ERR_MEMORY;
}

static enum cards_state get_state(struct cards *c, size_t card)
{
	enum cards_state state;

	pthread_mutex_lock(&c->lock);
	state = c->items[card].state;
	pthread_mutex_unlock(&c->lock);
	return state;
}

enum err cards_wait(struct cards *c, size_t card, unsigned ms, struct cancel *cancel,
		    enum cards_state *out)
{
	struct wait w = wait_begin(cancel, "the reader");
	int64_t end = wait_now_ms() + ms;
	uint64_t drain;
	enum err e = ERR_OK;

	while (!e && (*out = get_state(c, card)) == CARDS_COMING && wait_now_ms() < end) {
		e = wait_fd(&w, c->news, POLLIN, (int)(end - wait_now_ms()), 0);
		if (!e && read(c->news, &drain, sizeof(drain)) < 0 && errno != EAGAIN)
			e = ERR_IO;
		if (e == ERR_TIMEOUT)
			e = ERR_OK;
	}
	return e;
}

struct slice cards_atr(const struct cards *c, size_t card)
{
	return slice_make(c->items[card].atr, c->items[card].atr_len);
}

enum err cards_end(struct cards **c)
{
	struct cards *mine = *c;
	enum err e = ERR_OK, trouble;

	*c = NULL;
	if (!mine)
		return ERR_OK;
	cancel_wish(&mine->end);
	for (size_t i = 0; i < mine->count; i++) {
		struct one *o = &mine->items[i];

		if (o->runs)
			pthread_join(o->thread, NULL);
		card_close(&o->card);
		trouble = trace_close(&o->trace);
		e = e ? e : trouble;
	}
	cancel_close(&mine->end);
	pthread_mutex_destroy(&mine->lock);
	close(mine->news);
	free(mine->items);
	free(mine);
	return e;
}

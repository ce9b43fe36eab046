#include "host/transport/pcsc/pcsc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/transport/pcsc/card.h"
#include "host/transport/pcsc/change.h"
#include "host/transport/pcsc/choice.h"
#include "host/transport/pcsc/find.h"
#include "host/transport/pcsc/holders.h"
#include "tool/pcsc/lookout.h"
#include "tool/sys/cancel.h"
#include "tool/sys/wait.h"

#define POLL_MS		 100
#define WATCH_MS	 500  /* who has a card is no news that the service wakes anybody for */
#define MUTE_MS		 1000 /* a reader takes its time to try each voltage */
#define HOLDERS_ROOM	 512

#define WAITS_FOR_CARD	 "a reader with a card"
#define WAITS_FOR_TURN	 "the reader, which another program has"
#define WAITS_FOR_CHANGE "readers and cards to come and go"
#define WAITS_FOR_START	 "the PC/SC service (pcscd) to start"

/* A search that goes on until a card is there. */
struct quest {
	struct transport_wish *wish;
	struct choice choice;
	struct lookout *lookout;
	const struct reader_list *list; /* NULL: never read */
	struct reader_list asked;	/* whose cards were asked for their numbers, in vain */
	enum err answer;		/* of that */
	size_t picked, rivals;
	int64_t woken_ms; /* when a mute card was last given power; 0: never */
};

static bool passes(enum err e)
{
	return e == ERR_NO_CARD || e == ERR_NO_READER || e == ERR_MUTE || e == ERR_READER_BUSY ||
	       e == ERR_NO_SUCH_CARD;
}

static void count_change(void *ctx, enum reader_change c, const struct reader *r)
{
	(void)c, (void)r;
	++*(size_t *)ctx;
}

static enum err keep_list(struct reader_list *to, const struct reader_list *from)
{
	reader_list_free(to);
	to->items = calloc(from->count + 1, sizeof(*to->items));
	if (!to->items)
		return ERR_MEMORY;
	for (size_t i = 0; i < from->count; i++)
		to->items[i] = from->items[i];
	to->count = from->count;
	return ERR_OK;
}

/* No card is asked twice. */
static enum err pick_by_number(struct quest *q)
{
	size_t changes = 0;
	const struct reader_watcher w = {count_change, &changes};
	enum err e;

	if (q->asked.items)
		change_each(&q->asked, q->list, &w);
	if (q->asked.items && !changes && passes(q->answer))
		return q->answer;
	q->answer = find_number(q->wish, &q->choice, q->list, &q->picked);
	e = keep_list(&q->asked, q->list);
	return e ? e : q->answer;
}

/* The service gives a mute card power again when somebody connects to it, and not before. */
static bool may_wake(struct quest *q)
{
	int64_t now = wait_now_ms();

	if (q->woken_ms && now - q->woken_ms < MUTE_MS)
		return false;
	q->woken_ms = now;
	return true;
}

static enum err try_once(struct quest *q, struct transport **out)
{
	enum err e = lookout_read(q->lookout, &q->list);

	if (e)
		return e;
	q->rivals = 0;
	e = choice_asks_card(&q->choice) ? pick_by_number(q)
					 : choice_pick(&q->choice, q->list, &q->picked, &q->rivals);
	if (e == ERR_MUTE && !choice_asks_card(&q->choice) && may_wake(q))
		e = ERR_OK;
	return e ? e
		 : pcsc_card_open(q->list->items[q->picked].name, q->wish->shared, q->wish->cancel,
				  out);
}

/* Looks again and again: readers and cards come and go, others let go, a card that starts is mute
 * for a moment. */
static enum err try_until(struct quest *q, struct transport **out)
{
	struct wait w = wait_begin(q->wish->cancel, WAITS_FOR_CARD);

	for (;;) {
		enum err e = try_once(q, out);

		if (!passes(e) || wait_now_ms() - w.since_ms >= (int64_t)q->wish->timeout_ms)
			return e;
		w.what = e == ERR_READER_BUSY ? WAITS_FOR_TURN : WAITS_FOR_CARD;
		e = wait_pause(&w, POLL_MS);
		if (e)
			return e;
	}
}

static void say_what_is_there(struct quest *q)
{
	char *said = q->wish->said;
	size_t n;

	n = (size_t)snprintf(said, TRANSPORT_SAID_MAX, "%s",
			     q->list->count ? "there are " : "there is no reader");
	reader_list_text(q->list, said + n, TRANSPORT_SAID_MAX - n);
}

static void say_who_has_it(struct quest *q)
{
	const struct reader *r = &q->list->items[q->picked];
	char holders[HOLDERS_ROOM];

	holders_text(holders, sizeof(holders));
	snprintf(q->wish->said, TRANSPORT_SAID_MAX, "%u: %s%s%s%s", r->index, r->name,
		 r->use == READER_SHARED ? " (it shares it: so can --shared)" : "",
		 *holders ? "; who may have it: " : "", holders);
}

static void say_choice(struct quest *q)
{
	char *said = q->wish->said;
	const struct reader *r = &q->list->items[q->picked];

	said[0] = 0;
	if (q->rivals)
		snprintf(said, TRANSPORT_SAID_MAX,
			 "%zu readers with a card fit: this is the first, %u: %s", q->rivals + 1,
			 r->index, r->name);
}

static void say_outcome(struct quest *q, enum err e)
{
	if (!e)
		say_choice(q);
	else if (!q->list || choice_asks_card(&q->choice)) /* find_number() has said it */
		return;
	else if (e == ERR_READER_BUSY)
		say_who_has_it(q);
	else if (e == ERR_NO_CARD || e == ERR_NO_READER || e == ERR_MUTE)
		say_what_is_there(q);
}

enum err pcsc_open(const char *choice, struct transport_wish *wish, struct transport **out)
{
	struct quest q = {.wish = wish};
	enum err e = choice_parse(choice, &q.choice);

	wish->said[0] = 0;
	if (!e)
		e = lookout_open(wish->cancel, &q.lookout);
	if (e)
		return e;
	e = try_until(&q, out);
	say_outcome(&q, e);
	reader_list_free(&q.asked);
	lookout_close(&q.lookout);
	return e;
}

enum err pcsc_list(struct cancel *cancel, struct reader_list *out)
{
	const struct reader_list *list;
	struct lookout *l;
	enum err e = lookout_open(cancel, &l);

	if (e)
		return e;
	e = lookout_read(l, &list);
	if (!e)
		e = keep_list(out, list);
	lookout_close(&l);
	return e;
}

static bool is_away(enum err e)
{
	return e == ERR_NO_SERVICE || e == ERR_SERVICE_DEAD || e == ERR_SERVICE_LOST;
}

struct watch {
	const struct reader_watcher *watcher;
	struct lookout *lookout;
	struct reader_list before;
	bool is_up, was_told; /* of the service; the first time is told in any case */
	struct wait wait;
};

static void tell_service(struct watch *w, bool up)
{
	const struct reader_list none = {0};

	if (w->was_told && w->is_up == up)
		return;
	if (!up) /* what it showed is gone with it */
		change_each(&w->before, &none, w->watcher);
	w->watcher->on_change(w->watcher->ctx,
			      up ? READER_CHANGE_SERVICE_UP : READER_CHANGE_SERVICE_DOWN, NULL);
	if (!up)
		reader_list_free(&w->before);
	w->is_up = up;
	w->was_told = true;
	w->wait = wait_begin(w->wait.cancel, up ? WAITS_FOR_CHANGE : WAITS_FOR_START);
}

static enum err look_once(struct watch *w)
{
	const struct reader_list *list;
	enum err e = lookout_read(w->lookout, &list);

	if (is_away(e)) {
		tell_service(w, false);
		return wait_pause(&w->wait, WATCH_MS);
	}
	if (e)
		return e;
	tell_service(w, true);
	change_each(&w->before, list, w->watcher);
	e = keep_list(&w->before, list);
	if (!e)
		e = lookout_wait(w->lookout, WATCH_MS);
	wait_tick(&w->wait);
	return is_away(e) ? ERR_OK : e ? e : cancel_check(w->wait.cancel);
}

enum err pcsc_watch(const struct reader_watcher *watcher, struct cancel *cancel)
{
	struct watch w = {.watcher = watcher, .wait = wait_begin(cancel, WAITS_FOR_START)};
	enum err e = lookout_open(cancel, &w.lookout);

	if (e)
		return e;
	while (!e)
		e = look_once(&w);
	reader_list_free(&w.before);
	lookout_close(&w.lookout);
	return e;
}

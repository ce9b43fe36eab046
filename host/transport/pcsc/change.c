#include "host/transport/pcsc/change.h"

#include <string.h>

static const struct reader *find_name(const struct reader_list *l, const char *name)
{
	for (size_t i = 0; i < l->count; i++) {
		if (strcmp(l->items[i].name, name) == 0)
			return &l->items[i];
	}
	return NULL;
}

static bool holds_card(const struct reader *r)
{
	return r->state == READER_CARD || r->state == READER_MUTE;
}

static void tell_change(const struct reader_watcher *w, enum reader_change c,
			const struct reader *r)
{
	w->on_change(w->ctx, c, r);
}

static bool was_swapped(const struct reader *a, const struct reader *b)
{
	return a->events != b->events || !slice_equal(reader_atr(a), reader_atr(b)) ||
	       a->state != b->state;
}

/* The same reader, before and after. */
static void compare_reader(const struct reader *a, const struct reader *b,
			   const struct reader_watcher *w)
{
	bool had = holds_card(a), has = holds_card(b);
	bool swapped = had && has && was_swapped(a, b);

	if (had && (!has || swapped)) {
		struct reader empty = *b;

		empty.state = has ? READER_EMPTY : b->state;
		empty.atr_len = 0;
		tell_change(w, READER_CHANGE_CARD_OUT, &empty);
	}
	if (has && (!had || swapped))
		tell_change(w,
			    b->state == READER_MUTE ? READER_CHANGE_CARD_MUTE
						    : READER_CHANGE_CARD_IN,
			    b);
	else if (a->use != b->use && had == has)
		tell_change(w, READER_CHANGE_USE, b);
	if (!had && !has && a->state != b->state)
		tell_change(w, READER_CHANGE_STATE, b);
}

void change_each(const struct reader_list *before, const struct reader_list *after,
		 const struct reader_watcher *watcher)
{
	for (size_t i = 0; i < before->count; i++) {
		if (!find_name(after, before->items[i].name))
			tell_change(watcher, READER_CHANGE_GONE, &before->items[i]);
	}
	for (size_t i = 0; i < after->count; i++) {
		const struct reader *a = find_name(before, after->items[i].name);

		if (a)
			compare_reader(a, &after->items[i], watcher);
		else
			tell_change(watcher, READER_CHANGE_NEW, &after->items[i]);
	}
}

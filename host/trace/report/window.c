#include "host/trace/report/window.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/trace/report/pool.h"
#include "lib/trace/decode/decode.h"

#define BEFORE	     3 /* exchanges */
#define BEHIND	     2
#define NAME_MAX_LEN 48
#define WHAT_LEN     384

/* A line whose texts are its own, for as long as it is not known whether it will be kept. */
struct draft {
	struct report_line line;
	bool is_kept;
	char name[NAME_MAX_LEN], what[WHAT_LEN], status[STATUS_TEXT_MAX];
};

struct window {
	struct report_line *lines;
	size_t count;
	uint64_t taken;
	struct draft drafts[BEFORE + 1]; /* the last ones; of item i at i % (BEFORE + 1) */
	bool wanted;
	unsigned behind; /* so many of those that come are kept */
	struct pool pool;
	bool failed;
};

struct window *window_open(void)
{
	struct window *w = calloc(1, sizeof(*w));

	if (w)
		w->lines = calloc(REPORT_LINES_MAX, sizeof(*w->lines));
	if (w && !w->lines)
		window_close(&w);
	return w;
}

void window_want(struct window *w)
{
	w->wanted = true;
}

static void draft_exchange(struct draft *d, const struct decode_item *item)
{
	const struct exchange *x = item->exchange;
	struct decode_words words;

	d->line.at = (struct audit_spot){.card = x->card,
					 .place = x->first,
					 .last = x->last.number,
					 .has_time = x->has_time,
					 .time_ns = x->time_ns};
	d->line.channel = x->channel;
	d->line.has_sw = x->has_sw;
	d->line.sw = x->sw;
	d->line.level = item->level;
	decode_words(item, &words);
	snprintf(d->name, sizeof(d->name), "%s", words.name);
	snprintf(d->what, sizeof(d->what), "%s%s%s", item->view.path, *words.what ? " " : "",
		 words.what);
	snprintf(d->status, sizeof(d->status), "%s", words.status);
}

static void draft_event(struct draft *d, const struct decode_item *item)
{
	const struct trace_event *e = item->event;

	d->line.at = (struct audit_spot){.card = e->card,
					 .place = e->place,
					 .last = e->place.number,
					 .has_time = e->has_time,
					 .time_ns = e->time_ns};
	d->line.is_event = true;
	d->line.level = e->kind == TRACE_FAULT ? STATUS_ERROR : STATUS_NONE;
	snprintf(d->name, sizeof(d->name), "%s", item->name);
	snprintf(d->what, sizeof(d->what), "%s", e->text ? e->text : "");
	*d->status = 0;
}

static void make_draft(struct draft *d, const struct decode_item *item, uint64_t index)
{
	d->line = (struct report_line){.index = index};
	d->is_kept = false;
	if (item->exchange)
		draft_exchange(d, item);
	else
		draft_event(d, item);
}

static void keep_draft(struct window *w, struct draft *d)
{
	struct report_line *l = &w->lines[w->count];

	if (d->is_kept || w->count == REPORT_LINES_MAX)
		return;
	*l = d->line;
	l->name = pool_text(&w->pool, d->name);
	l->what = pool_text(&w->pool, d->what);
	l->status = pool_text(&w->pool, d->status);
	d->is_kept = l->name && l->what && l->status;
	w->failed = w->failed || !d->is_kept;
	w->count += d->is_kept;
}

void window_take(struct window *w, const struct decode_item *item)
{
	uint64_t index = w->taken++;
	struct draft *mine = &w->drafts[index % ARRAY_LEN(w->drafts)];

	make_draft(mine, item, index);
	for (uint64_t i = BEFORE; w->wanted && i > 0; i--) {
		if (index >= i)
			keep_draft(w, &w->drafts[(index - i) % ARRAY_LEN(w->drafts)]);
	}
	if (w->wanted)
		w->behind = BEHIND + 1;
	if (w->behind || index < REPORT_LINES_ALL)
		keep_draft(w, mine);
	w->behind -= w->behind > 0;
	w->wanted = false;
}

bool window_end(const struct window *w, struct report *r)
{
	r->lines = w->lines;
	r->line_count = w->count;
	r->line_total = w->taken;
	return !w->failed;
}

void window_close(struct window **w)
{
	struct window *mine = *w;

	*w = NULL;
	if (!mine)
		return;
	pool_free(&mine->pool);
	free(mine->lines);
	free(mine);
}

#include "host/exam/watch.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tool/trace/mask.h"
#include "lib/uicc/apdu.h"
#include "lib/uicc/command.h"
#include "tool/sys/cancel.h"

#define SAMPLES_MAX 65536 /* of one command: further ones are not kept */
#define HEX_OCTETS  ((EXAM_HEX - 4) / 2)
#define RESET_NAME  "RESET"
#define OTHER_NAME  "other"

struct samples {
	const char *name;
	uint32_t *us, *sorted;
	size_t count, cap;
};

struct watch {
	struct cancel *cancel;
	unsigned limit_ms;
	uint64_t started_us;
	struct samples samples[EXAM_TIMINGS_MAX];
	struct exam_timing timings[EXAM_TIMINGS_MAX];
	size_t names;
	unsigned authentications;
	uint32_t slowest;
	const char *slowest_name;
	struct exam_exchange ring[EXAM_EXCHANGES];
	size_t ringed; /* since watch_forget() */
	struct mask mask;

	pthread_t thread; /* what follows is shared with it */
	pthread_mutex_t lock;
	pthread_cond_t changed;
	uint64_t deadline_us; /* 0: nothing runs */
	bool hung, ends;
};

static uint64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

/* Waits for a command to begin, then for its end or its deadline. */
static void *guard(void *ctx)
{
	struct watch *w = ctx;

	pthread_mutex_lock(&w->lock);
	while (!w->ends) {
		uint64_t deadline = w->deadline_us;
		struct timespec t = {(time_t)(deadline / 1000000),
				     (long)(deadline % 1000000) * 1000};

		if (!deadline || w->hung) {
			pthread_cond_wait(&w->changed, &w->lock);
		} else if (pthread_cond_timedwait(&w->changed, &w->lock, &t) == ETIMEDOUT &&
			   w->deadline_us == deadline) {
			w->hung = true;
			cancel_wish(w->cancel);
		}
	}
	pthread_mutex_unlock(&w->lock);
	return NULL;
}

static void set_deadline(struct watch *w, uint64_t at)
{
	pthread_mutex_lock(&w->lock);
	w->deadline_us = at;
	pthread_cond_signal(&w->changed);
	pthread_mutex_unlock(&w->lock);
}

static void on_start(void *ctx)
{
	struct watch *w = ctx;

	w->started_us = now_us();
	set_deadline(w, w->started_us + (uint64_t)w->limit_ms * 1000);
}

static struct samples *samples_of(struct watch *w, const char *name)
{
	for (size_t i = 0; i < w->names; i++) {
		if (strcmp(w->samples[i].name, name) == 0)
			return &w->samples[i];
	}
	if (w->names == EXAM_TIMINGS_MAX)
		return NULL;
	w->samples[w->names].name = name;
	return &w->samples[w->names++];
}

static void keep_time(struct watch *w, const char *name, uint32_t us)
{
	struct samples *s = samples_of(w, name);

	if (!s || s->count == SAMPLES_MAX)
		return;
	if (s->count == s->cap) {
		size_t cap = s->cap ? 2 * s->cap : 64;
		uint32_t *more = realloc(s->us, cap * sizeof(*more));

		if (!more)
			return; /* a time less */
		s->us = more;
		s->cap = cap;
	}
	s->us[s->count++] = us;
}

/* The time since on_start(), which ends here. */
static uint32_t take_time(struct watch *w)
{
	uint64_t us = now_us() - w->started_us;

	set_deadline(w, 0);
	return us > UINT32_MAX ? UINT32_MAX : (uint32_t)us;
}

static void put_hex(struct slice s, char out[static EXAM_HEX])
{
	size_t n = s.len > HEX_OCTETS ? HEX_OCTETS : s.len;

	hex_encode(slice_sub(s, 0, n), out, EXAM_HEX);
	if (n < s.len)
		snprintf(out + 2 * n, EXAM_HEX - 2 * n, "..");
}

static void keep_exchange(struct watch *w, struct slice command, struct slice response, uint32_t us)
{
	struct exam_exchange *x = &w->ring[w->ringed++ % EXAM_EXCHANGES];
	struct wbuf shown = wbuf_grow(APDU_EXTENDED_COMMAND_MAX + APDU_EXTENDED_RESPONSE_MAX);
	struct slice whole;
	size_t masked = 0, at;

	*x = (struct exam_exchange){.us = us};
	mask_exchange(&w->mask, command, response, &shown, &masked);
	whole = wbuf_slice(&shown);
	at = whole.len - (response.len < whole.len ? response.len : whole.len);
	put_hex(slice_sub(whole, 0, at), x->command);
	put_hex(slice_sub(whole, at, whole.len), x->answer);
	wbuf_free(&shown);
}

static bool only_reads(const struct command *c)
{
	switch (c ? c->ins : 0) {
	case INS_SELECT:
	case INS_STATUS:
	case INS_READ_BINARY:
	case INS_READ_RECORD:
	case INS_GET_RESPONSE: return true;
	default: return false;
	}
}

static void judge_exchange(struct watch *w, const struct command *c, struct slice response,
			   uint32_t us)
{
	uint16_t sw = (uint16_t)slice_uint(slice_sub(response, response.len - 2, 2), 2);

	if (c && c->ins == INS_AUTHENTICATE && (sw_is_good(sw) || sw >> 8 == SW_AUTH_MAC >> 8))
		w->authentications++;
	if (only_reads(c) && us > w->slowest) {
		w->slowest = us;
		w->slowest_name = c->name;
	}
}

static void on_exchange(void *ctx, struct slice command, struct slice response)
{
	struct watch *w = ctx;
	const struct command *c = command_find(slice_at(command, 0), slice_at(command, 1));
	uint32_t us = take_time(w);

	if (response.len > 1)
		judge_exchange(w, c, response, us);
	if (response.len) /* what failed has no time */
		keep_time(w, c ? c->name : OTHER_NAME, us);
	keep_exchange(w, command, response, us);
}

static void on_reset(void *ctx, struct slice atr)
{
	struct watch *w = ctx;
	struct exam_exchange *x = &w->ring[w->ringed++ % EXAM_EXCHANGES];
	uint32_t us = take_time(w);

	keep_time(w, RESET_NAME, us);
	*x = (struct exam_exchange){.command = "reset", .us = us};
	put_hex(atr, x->answer);
	w->mask = (struct mask){0};
}

enum err watch_open(struct cancel *cancel, unsigned limit_ms, struct watch **out)
{
	struct watch *w = calloc(1, sizeof(*w));
	pthread_condattr_t a;

	if (!w)
		return ERR_MEMORY;
	w->cancel = cancel;
	w->limit_ms = limit_ms;
	pthread_mutex_init(&w->lock, NULL);
	pthread_condattr_init(&a);
	pthread_condattr_setclock(&a, CLOCK_MONOTONIC);
	pthread_cond_init(&w->changed, &a);
	pthread_condattr_destroy(&a);
	if (pthread_create(&w->thread, NULL, guard, w)) {
		free(w);
		return ERR_MEMORY;
	}
	*out = w;
	return ERR_OK;
}

void watch_close(struct watch **out)
{
	struct watch *w = *out;

	if (!w)
		return;
	pthread_mutex_lock(&w->lock);
	w->ends = true;
	pthread_cond_signal(&w->changed);
	pthread_mutex_unlock(&w->lock);
	pthread_join(w->thread, NULL);
	for (size_t i = 0; i < w->names; i++) {
		free(w->samples[i].us);
		free(w->samples[i].sorted);
	}
	pthread_cond_destroy(&w->changed);
	pthread_mutex_destroy(&w->lock);
	free(w);
	*out = NULL;
}

struct transport_observer watch_observer(struct watch *w)
{
	return (struct transport_observer){
		.on_reset = on_reset, .on_exchange = on_exchange, .ctx = w, .on_start = on_start};
}

bool watch_is_hung(struct watch *w)
{
	bool hung;

	pthread_mutex_lock(&w->lock);
	hung = w->hung;
	pthread_mutex_unlock(&w->lock);
	return hung;
}

void watch_forgive(struct watch *w)
{
	pthread_mutex_lock(&w->lock);
	w->hung = false;
	w->deadline_us = 0;
	pthread_mutex_unlock(&w->lock);
}

void watch_forget(struct watch *w)
{
	w->ringed = 0;
}

size_t watch_last(const struct watch *w, struct exam_exchange out[static EXAM_EXCHANGES])
{
	size_t n = w->ringed < EXAM_EXCHANGES ? w->ringed : EXAM_EXCHANGES;

	for (size_t i = 0; i < n; i++)
		out[i] = w->ring[(w->ringed - n + i) % EXAM_EXCHANGES];
	return n;
}

unsigned watch_authentications(const struct watch *w)
{
	return w->authentications;
}

uint32_t watch_slowest(const struct watch *w, const char **name)
{
	*name = w->slowest_name;
	return w->slowest;
}

static int by_size(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static int by_name(const void *a, const void *b)
{
	const struct exam_timing *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static void sum_up(struct samples *s, struct exam_timing *t)
{
	s->sorted = malloc(s->count * sizeof(*s->sorted));
	if (!s->sorted)
		return;
	memcpy(s->sorted, s->us, s->count * sizeof(*s->sorted));
	qsort(s->sorted, s->count, sizeof(*s->sorted), by_size);
	*t = (struct exam_timing){
		.name = s->name,
		.count = s->count,
		.min = s->sorted[0],
		.median = s->sorted[s->count / 2],
		.p90 = s->sorted[(s->count - 1) * 9 / 10],
		.max = s->sorted[s->count - 1],
		.samples = s->us,
	};
}

size_t watch_timings(struct watch *w, const struct exam_timing **out)
{
	size_t n = 0;

	for (size_t i = 0; i < w->names; i++) {
		if (!w->samples[i].count)
			continue;
		sum_up(&w->samples[i], &w->timings[n]);
		n += w->timings[n].name != NULL;
	}
	qsort(w->timings, n, sizeof(*w->timings), by_name);
	*out = w->timings;
	return n;
}

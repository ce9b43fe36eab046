#include "host/relay/timing.h"

#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

/* ISO 14443-4 7.2: FWT = (256 * 16 / fc) * 2^FWI, fc = 13.56 MHz */
#define FWT_CLOCKS 4096
#define FWT_MHZ	   13.56
#define FWI_MAX	   14

struct samples {
	uint32_t *us;
	size_t count, cap;
};

struct timing {
	uint32_t fwt_us, last[TIMING_PARTS];
	int64_t received, sent, heard, answered; /* answered 0: no reader's part comes next */
	uint64_t count, late;
	struct samples of[TIMING_PARTS];
};

static const char *const names[TIMING_PARTS] = {[TIMING_CARD] = "card",
						[TIMING_RELAY] = "relay",
						[TIMING_TOTAL] = "total",
						[TIMING_READER] = "reader"};

const char *timing_name(enum timing_part part)
{
	return names[part];
}

static int64_t clock_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static uint32_t between(int64_t from, int64_t to)
{
	int64_t us = to - from;

	return us < 0 ? 0 : us > UINT32_MAX ? UINT32_MAX : (uint32_t)us;
}

enum err timing_open(unsigned fwi, struct timing **out)
{
	struct timing *t = calloc(1, sizeof(*t));

	if (!t)
		return ERR_MEMORY;
	t->fwt_us = (uint32_t)(FWT_CLOCKS / FWT_MHZ * (1u << (fwi < FWI_MAX ? fwi : FWI_MAX)));
	*out = t;
	return ERR_OK;
}

void timing_close(struct timing **t)
{
	if (!*t)
		return;
	for (size_t i = 0; i < TIMING_PARTS; i++)
		free((*t)->of[i].us);
	free(*t);
	*t = NULL;
}

uint32_t timing_fwt_us(const struct timing *t)
{
	return t->fwt_us;
}

/* Where there is no memory for it, it is no sample. */
static void keep_sample(struct samples *s, uint32_t us)
{
	if (s->count == s->cap && s->cap < TIMING_SAMPLES_MAX) {
		size_t cap = s->cap ? s->cap * 2 : 1024;
		uint32_t *more = realloc(s->us, cap * sizeof(*more));

		if (more) {
			s->us = more;
			s->cap = cap;
		}
	}
	if (s->count < s->cap)
		s->us[s->count++] = us;
}

static void note_us(struct timing *t, enum timing_part part, uint32_t us)
{
	t->last[part] = us;
	keep_sample(&t->of[part], us);
}

void timing_received(struct timing *t)
{
	t->received = clock_us();
	t->last[TIMING_READER] = 0;
	if (t->answered)
		note_us(t, TIMING_READER, between(t->answered, t->received));
}

void timing_sent(struct timing *t)
{
	t->sent = clock_us();
}

void timing_heard(struct timing *t)
{
	t->heard = clock_us();
}

void timing_answered(struct timing *t)
{
	uint32_t card = between(t->sent, t->heard), total;

	t->answered = clock_us();
	total = between(t->received, t->answered);
	note_us(t, TIMING_CARD, card);
	note_us(t, TIMING_TOTAL, total);
	note_us(t, TIMING_RELAY, total - card);
	t->count++;
	t->late += total > t->fwt_us;
}

void timing_paused(struct timing *t)
{
	t->answered = 0;
}

uint32_t timing_last(const struct timing *t, enum timing_part part)
{
	return t->last[part];
}

uint64_t timing_count(const struct timing *t)
{
	return t->count;
}

uint64_t timing_late(const struct timing *t)
{
	return t->late;
}

static int by_size(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

struct timing_figures timing_figures(struct timing *t, enum timing_part part)
{
	struct samples *s = &t->of[part];

	if (!s->count)
		return (struct timing_figures){0};
	qsort(s->us, s->count, sizeof(*s->us), by_size);
	return (struct timing_figures){.min = s->us[0],
				       .median = s->us[s->count / 2],
				       .p90 = s->us[s->count * 9 / 10],
				       .max = s->us[s->count - 1]};
}

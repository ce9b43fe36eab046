#include "tests/property/net/dice.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define NOTES_MAX 400
#define NOTE_CAP  96

static uint64_t of_now;
static char notes[NOTES_MAX][NOTE_CAP];
static unsigned noted;

void dice_order(uint64_t seed, uint64_t order)
{
	of_now = (seed * UINT64_C(0x9E3779B97F4A7C15)) ^ (order * UINT64_C(0xBF58476D1CE4E5B9));
	of_now += !of_now;
	for (int i = 0; i < 8; i++)
		(void)dice(2);
	noted = 0;
}

/* xorshift64* */
uint32_t dice(uint32_t n)
{
	of_now ^= of_now >> 12;
	of_now ^= of_now << 25;
	of_now ^= of_now >> 27;
	return (uint32_t)((of_now * UINT64_C(2685821657736338717)) >> 33) % n;
}

bool dice_once_in(uint32_t n)
{
	return dice(n) == 0;
}

void dice_note(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(notes[noted % NOTES_MAX], NOTE_CAP, fmt, ap);
	va_end(ap);
	noted++;
}

void dice_tell(void)
{
	for (unsigned i = noted > NOTES_MAX ? noted - NOTES_MAX : 0; i < noted; i++)
		fprintf(stderr, "  %s\n", notes[i % NOTES_MAX]);
}

bool dice_plan_read(int argc, char **argv, uint64_t orders, struct dice_plan *out)
{
	struct dice_plan p = {.seed = (uint64_t)time(NULL), .orders = orders};
	unsigned plain = 0;

	for (int i = 1; i < argc; i++) {
		uint64_t *to = plain++ ? &p.seed : &p.orders;

		if (strncmp(argv[i], "--", 2) == 0) {
			to = strcmp(argv[i], "--seed") == 0	? &p.seed
			     : strcmp(argv[i], "--order") == 0	? &p.only
			     : strcmp(argv[i], "--orders") == 0 ? &p.orders
								: NULL;
			plain--;
			if (!to || ++i == argc) {
				fprintf(stderr, "usage: %s [--orders N] [--seed N [--order N]]\n",
					argv[0]);
				return false;
			}
		}
		*to = strtoull(argv[i], NULL, 10);
	}
	*out = p;
	return true;
}

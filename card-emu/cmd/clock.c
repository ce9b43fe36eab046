#include "card-emu/cmd/clock.h"

#include <time.h>

static int64_t now(void *ctx)
{
	const struct cmd_clock *clock = ctx;

	return (int64_t)time(NULL) + clock->ahead;
}

enum err cmd_clock_set(const char *text, struct cmd_clock *clock, struct card_options *o)
{
	struct tm tm = {0}, same;
	const char *end;
	time_t at;

	if (!text)
		return ERR_OK;
	end = strptime(text, "%Y-%m-%dT%H:%M:%SZ", &tm);
	if (!end) {
		tm = (struct tm){0};
		end = strptime(text, "%Y-%m-%d", &tm);
	}
	if (!end || *end)
		return ERR_VALUE;
	same = tm;
	at = timegm(&same);
	if (same.tm_mday != tm.tm_mday) /* 30 February */
		return ERR_VALUE;
	clock->ahead = (int64_t)at - (int64_t)time(NULL);
	o->now = now;
	o->now_ctx = clock;
	return ERR_OK;
}

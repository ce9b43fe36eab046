#include "card-emu/pcscd/running.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool/pcsc/lookout.h"
#include "tool/sys/trouble.h"

#define LINE_MAX_LEN 256
#define STATE_LISTEN 0x0A /* TCP_LISTEN of the kernel's tcp_states.h */

struct running {
	struct lookout *lookout;
	struct reader_list before;
	size_t count;
	char (*names)[READER_NAME_MAX];
};

enum err running_open(size_t cards, struct cancel *cancel, struct running **out)
{
	struct running *r = calloc(1, sizeof(*r));
	enum err e = r ? lookout_open(cancel, &r->lookout) : ERR_MEMORY;

	if (!e) {
		r->names = calloc(cards, sizeof(*r->names));
		r->count = cards;
		e = r->names ? ERR_OK : ERR_MEMORY;
	}
	if (e)
		running_close(&r);
	else
		*out = r;
	return e;
}

void running_close(struct running **r)
{
	struct running *mine = *r;

	*r = NULL;
	if (!mine)
		return;
	if (mine->lookout)
		lookout_close(&mine->lookout);
	reader_list_free(&mine->before);
	free(mine->names);
	free(mine);
}

enum err running_look(struct running *r)
{
	const struct reader_list *now;
	enum err e = lookout_read(r->lookout, &now);

	if (e)
		return e;
	reader_list_free(&r->before);
	r->before.items = calloc(now->count ? now->count : 1, sizeof(*r->before.items));
	if (!r->before.items)
		return ERR_MEMORY;
	memcpy(r->before.items, now->items, now->count * sizeof(*now->items));
	r->before.count = now->count;
	return ERR_OK;
}

/* It holds a card with this ATR, and held none, or another, before. */
static bool is_new(const struct running *r, const struct reader *now, struct slice atr)
{
	if (now->state != READER_CARD || !slice_equal(reader_atr(now), atr))
		return false;
	for (size_t i = 0; i < r->before.count; i++) {
		const struct reader *before = &r->before.items[i];

		if (strcmp(before->name, now->name) == 0)
			return before->state != READER_CARD || before->events != now->events;
	}
	return true;
}

enum err running_find(struct running *r, size_t card, struct slice atr)
{
	const struct reader_list *now;
	enum err e = lookout_read(r->lookout, &now);
	size_t found = 0;

	for (size_t i = 0; !e && i < now->count; i++) {
		if (!is_new(r, &now->items[i], atr))
			continue;
		snprintf(r->names[card], READER_NAME_MAX, "%s", now->items[i].name);
		found++;
	}
	if (e || found == 1)
		return e;
	if (found)
		return trouble_set(ERR_AMBIGUOUS, "another card came into a reader just now, and "
						  "which one is this cannot be told: try again");
	return trouble_set(
		ERR_NO_READER,
		"the PC/SC service that programs find here is another one than that whose "
		"reader took the card (is PCSCLITE_CSOCK_NAME right?)");
}

const char *running_reader(const struct running *r, size_t card)
{
	return r->names[card];
}

bool running_is_open(unsigned port)
{
	FILE *f = fopen("/proc/net/tcp", "re");
	char line[LINE_MAX_LEN];
	bool open = false;

	while (f && !open && fgets(line, sizeof(line), f)) {
		unsigned address, at, state;

		open = sscanf(line, " %*u: %8X:%4X %*8X:%*4X %2X", &address, &at, &state) == 3 &&
		       !address && at == port && state == STATE_LISTEN;
	}
	if (f)
		fclose(f);
	return open;
}

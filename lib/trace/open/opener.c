#include "lib/trace/open/opener.h"

#include <stdlib.h>

#include "lib/trace/decode/exchange.h"
#include "lib/trace/open/channel.h"
#include "lib/trace/open/package.h"
#include "lib/trace/open/scp80.h"
#include "lib/uicc/command.h"

#define CARDS	   64
#define CHANNELS   20
#define PACKET_MAX (1u << 16)

struct opened_card {
	struct channel *channels[CHANNELS];
	struct package *package;
	struct scp80_wish wish;
};

struct opener {
	const struct trace_keys *keys;
	struct opened_card *cards[CARDS];
	struct wbuf packets[OPENED_PACKETS_MAX];
};

struct opener *opener_open(const struct trace_keys *keys)
{
	struct opener *o = calloc(1, sizeof(*o));

	if (!o)
		return NULL;
	o->keys = keys;
	for (size_t i = 0; i < OPENED_PACKETS_MAX; i++)
		o->packets[i] = wbuf_grow(PACKET_MAX);
	return o;
}

static struct opened_card *card_state(struct opener *o, unsigned card)
{
	struct opened_card **c = &o->cards[card < CARDS ? card : CARDS - 1];

	if (!*c)
		*c = calloc(1, sizeof(**c));
	return *c;
}

static void close_channels(struct opened_card *c)
{
	for (size_t i = 0; i < CHANNELS; i++)
		channel_close(&c->channels[i]);
}

/* A response packet, and what is left of a bound profile package, may come after a reset. */
void opener_reset(struct opener *o, unsigned card)
{
	struct opened_card *c = card_state(o, card);

	if (c)
		close_channels(c);
}

static void take_message(struct opener *o, struct opened_card *c, const struct exchange *x,
			 struct opened *out)
{
	struct slice message = out->has_data ? out->data : x->apdu.data;

	if (x->malformed || x->apdu.ins != INS_STORE_DATA ||
	    (apdu_is_secured(x->apdu.cla) && !out->has_data))
		return;
	if (!c->package)
		c->package = package_open(o->keys);
	if (c->package)
		package_take(c->package, message, out);
}

void opener_take(struct opener *o, const struct exchange *x, struct opened *out)
{
	struct opened_card *c = card_state(o, x->card);
	struct channel **channel;

	*out = (struct opened){.by = OPENED_NOT};
	if (!c)
		return;
	channel = &c->channels[x->channel % CHANNELS];
	if (!*channel)
		*channel = channel_open(o->keys);
	if (*channel)
		channel_take(*channel, x, out);
	take_message(o, c, x, out);
}

void opener_take_packet(struct opener *o, const struct exchange *x, bool is_response,
			struct slice packet, struct opened *out)
{
	struct opened_card *c = card_state(o, x->card);
	unsigned n = out->packet_count;

	if (!c || n == OPENED_PACKETS_MAX)
		return;
	if (is_response)
		scp80_open_response(o->keys, packet, &c->wish, &o->packets[n], &out->packets[n]);
	else
		scp80_open_command(o->keys, packet, &o->packets[n], &out->packets[n], &c->wish);
	out->packet_count++;
}

void opener_close(struct opener **o)
{
	struct opener *mine = *o;

	*o = NULL;
	for (size_t i = 0; mine && i < CARDS; i++) {
		if (!mine->cards[i])
			continue;
		close_channels(mine->cards[i]);
		package_close(&mine->cards[i]->package);
		free(mine->cards[i]);
	}
	for (size_t i = 0; mine && i < OPENED_PACKETS_MAX; i++)
		wbuf_free(&mine->packets[i]);
	free(mine);
}

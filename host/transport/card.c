#include "host/transport/card.h"

#include <stdio.h>
#include <stdlib.h>

#include "card-emu/card.h"

struct inner_card {
	struct transport base;
	struct card *card;
};

static enum err card_kind_reset(struct transport *t, struct slice *atr)
{
	*atr = card_reset(((struct inner_card *)t)->card);
	return atr->len ? ERR_OK : ERR_MUTE;
}

static enum err card_kind_power_cycle(struct transport *t, struct slice *atr)
{
	card_power_off(((struct inner_card *)t)->card);
	return card_kind_reset(t, atr);
}

static enum err card_kind_transmit(struct transport *t, struct slice command, struct wbuf *response)
{
	struct card *card = ((struct inner_card *)t)->card;
	enum err e = card_transmit(card, command, response);

	card_settle(card);
	return e;
}

static void card_kind_close(struct transport *t)
{
	struct inner_card *c = (struct inner_card *)t;

	card_power_off(c->card);
	card_close(&c->card);
	free(c);
}

static const struct transport_ops card_ops = {
	.kind = "card",
	.reset = card_kind_reset,
	.power_cycle = card_kind_power_cycle,
	.transmit = card_kind_transmit,
	.close = card_kind_close,
};

enum err transport_card_open(const char *rest, unsigned timeout_ms, struct cancel *cancel,
			     struct transport **out)
{
	struct card_options options = {.dir = rest};
	struct inner_card *c;
	enum err e;

	(void)timeout_ms;
	if (!*rest)
		return ERR_USAGE;
	c = calloc(1, sizeof(*c));
	if (!c)
		return ERR_MEMORY;
	c->base.ops = &card_ops;
	c->base.cancel = cancel;
	snprintf(c->base.name, sizeof(c->base.name), "card:%s", rest);
	e = card_open(&options, &c->card);
	if (e)
		free(c);
	else
		*out = &c->base;
	return e;
}

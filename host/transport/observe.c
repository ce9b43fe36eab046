#include "host/transport/observe.h"

#include <stdlib.h>
#include <string.h>

struct observed {
	struct transport base;
	struct transport *inner;
	struct transport_observer observer;
};

static enum err observed_reset(struct transport *t, struct slice *atr)
{
	struct observed *o = (struct observed *)t;
	enum err e = transport_reset(o->inner, atr);

	if (!e)
		o->observer.on_reset(o->observer.ctx, *atr);
	return e;
}

static enum err observed_transmit(struct transport *t, struct slice command, struct wbuf *response)
{
	struct observed *o = (struct observed *)t;
	size_t before = response->len;
	enum err e = transport_transmit(o->inner, command, response);
	struct slice got = SLICE_EMPTY;

	if (!e)
		got = slice_sub(wbuf_slice(response), before, response->len);
	o->observer.on_exchange(o->observer.ctx, command, got);
	return e;
}

static void observed_close(struct transport *t)
{
	struct observed *o = (struct observed *)t;

	transport_close(&o->inner);
	free(o);
}

static const struct transport_ops observed_ops = {
	.kind = "observed",
	.reset = observed_reset,
	.transmit = observed_transmit,
	.close = observed_close,
};

enum err transport_observe(struct transport *inner, const struct transport_observer *observer,
			   struct transport **out)
{
	struct observed *o = calloc(1, sizeof(*o));

	if (!o)
		return ERR_MEMORY;
	o->base = *inner; /* the name and how commands are sent */
	o->base.ops = &observed_ops;
	o->inner = inner;
	o->observer = *observer;
	*out = &o->base;
	return ERR_OK;
}

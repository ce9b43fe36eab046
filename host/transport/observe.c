#include "host/transport/observe.h"

#include <stdlib.h>
#include <string.h>

struct observed {
	struct transport base;
	struct transport *inner;
	struct transport_observer observer;
};

static void tell_start(struct observed *o)
{
	if (o->observer.on_start)
		o->observer.on_start(o->observer.ctx);
}

static enum err tell_reset(struct observed *o, enum err e, const struct slice *atr)
{
	/* what the card speaks is known now */
	o->base.protocol = o->inner->protocol;
	o->base.apdu_level = o->inner->apdu_level;
	o->base.extended = o->inner->extended;
	o->base.pin_pad = o->inner->pin_pad;
	if (!e)
		o->observer.on_reset(o->observer.ctx, *atr);
	return e;
}

static enum err observed_reset(struct transport *t, struct slice *atr)
{
	struct observed *o = (struct observed *)t;

	tell_start(o);
	return tell_reset(o, transport_reset(o->inner, atr), atr);
}

static enum err observed_power_cycle(struct transport *t, struct slice *atr)
{
	struct observed *o = (struct observed *)t;

	tell_start(o);
	return tell_reset(o, transport_power_cycle(o->inner, atr), atr);
}

static enum err tell_exchange(struct observed *o, struct slice command, enum err e,
			      struct slice got)
{
	o->observer.on_exchange(o->observer.ctx, command, e ? SLICE_EMPTY : got);
	return e;
}

static enum err observed_transmit(struct transport *t, struct slice command, struct wbuf *response)
{
	struct observed *o = (struct observed *)t;
	size_t before = response->len;
	enum err e;

	tell_start(o);
	e = transport_transmit(o->inner, command, response);
	return tell_exchange(o, command, e, slice_sub(wbuf_slice(response), before, response->len));
}

static enum err observed_verify_pin(struct transport *t, const struct transport_pin *pin,
				    struct wbuf *response)
{
	struct observed *o = (struct observed *)t;
	size_t before = response->len;
	enum err e;

	tell_start(o);
	e = transport_verify_pin(o->inner, pin, response);
	return tell_exchange(o, pin->command, e,
			     slice_sub(wbuf_slice(response), before, response->len));
}

static enum err observed_begin(struct transport *t)
{
	return transport_begin(((struct observed *)t)->inner);
}

static enum err observed_end(struct transport *t)
{
	return transport_end(((struct observed *)t)->inner);
}

static enum err observed_properties(struct transport *t, struct transport_properties *out)
{
	return transport_properties(((struct observed *)t)->inner, out);
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
	.power_cycle = observed_power_cycle,
	.begin = observed_begin,
	.end = observed_end,
	.verify_pin = observed_verify_pin,
	.properties = observed_properties,
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

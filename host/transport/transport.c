#include "host/transport/transport.h"

#define SW_LEN 2

enum err transport_reset(struct transport *t, struct slice *atr)
{
	return t->ops->reset(t, atr);
}

enum err transport_transmit(struct transport *t, struct slice command, struct wbuf *response)
{
	size_t before = response->len, got;
	enum err e = t->ops->transmit(t, command, response);

	if (!e)
		e = wbuf_done(response);
	got = e ? SW_LEN : response->len - before;
	/* a card that dies in the middle of a command: PC/SC says success and hands over nothing */
	if (got < SW_LEN) {
		wbuf_cut(response, before);
		e = got ? ERR_PROTOCOL : ERR_DISCONNECTED;
	}
	return e;
}

void transport_close(struct transport **t)
{
	if (*t)
		(*t)->ops->close(*t);
	*t = NULL;
}

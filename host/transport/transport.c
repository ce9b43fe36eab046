#include "host/transport/transport.h"

#include <string.h>

#include "host/transport/kinds.h"

#define SW_LEN 2

static const struct {
	const char *prefix;
	enum err (*open)(const char *rest, unsigned timeout_ms, struct cancel *cancel,
			 struct transport **out);
} kinds[] = {
	{"pcsc", transport_pcsc_open},
	{"card", transport_card_open},
	{"vpcd", transport_vpcd_open},
};

enum err transport_open(const char *spec, unsigned timeout_ms, struct cancel *cancel,
			struct transport **out)
{
	if (!spec)
		spec = "";
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		size_t len = strlen(kinds[i].prefix);

		if (strncmp(spec, kinds[i].prefix, len) != 0)
			continue;
		if (spec[len] == ':')
			return kinds[i].open(spec + len + 1, timeout_ms, cancel, out);
		if (!spec[len])
			return kinds[i].open("", timeout_ms, cancel, out);
	}
	return transport_pcsc_open(spec, timeout_ms, cancel, out);
}

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

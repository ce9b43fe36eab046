#include "host/transport/transport.h"

#define SW_LEN 2

bool transport_is_lost(enum err e)
{
	switch (e) {
	case ERR_DISCONNECTED:
	case ERR_NO_CARD:
	case ERR_CARD_LOST:
	case ERR_CARD_SILENT:
	case ERR_CARD_RESET:
	case ERR_READER_LOST:
	case ERR_NFC_LOST:
	case ERR_NFC_MUTE:
	case ERR_NFC_CRASH:
	case ERR_SERVICE_LOST: return true;
	default: return false;
	}
}

enum err transport_reset(struct transport *t, struct slice *atr)
{
	return t->ops->reset(t, atr);
}

enum err transport_power_cycle(struct transport *t, struct slice *atr)
{
	return t->ops->power_cycle ? t->ops->power_cycle(t, atr) : transport_reset(t, atr);
}

/* What came behind the first octets of response is an answer, or no answer at all. */
static enum err check_answer(enum err e, struct wbuf *response, size_t before)
{
	size_t got;

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

enum err transport_transmit(struct transport *t, struct slice command, struct wbuf *response)
{
	size_t before = response->len;

	return check_answer(t->ops->transmit(t, command, response), response, before);
}

enum err transport_verify_pin(struct transport *t, const struct transport_pin *pin,
			      struct wbuf *response)
{
	size_t before = response->len;

	if (!t->pin_pad || !t->ops->verify_pin)
		return ERR_UNSUPPORTED;
	return check_answer(t->ops->verify_pin(t, pin, response), response, before);
}

enum err transport_begin(struct transport *t)
{
	return t->ops->begin ? t->ops->begin(t) : ERR_OK;
}

enum err transport_end(struct transport *t)
{
	return t->ops->end ? t->ops->end(t) : ERR_OK;
}

enum err transport_properties(struct transport *t, struct transport_properties *out)
{
	*out = (struct transport_properties){0};
	return t->ops->properties ? t->ops->properties(t, out) : ERR_OK;
}

void transport_close(struct transport **t)
{
	if (*t)
		(*t)->ops->close(*t);
	*t = NULL;
}

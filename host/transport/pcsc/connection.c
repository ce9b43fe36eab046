#include "host/transport/pcsc/connection.h"

#include <string.h>

#include <reader.h>

#include "lib/base/secret.h"

#define PROTOCOLS (SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1)
#define SETTLE_MS 1000 /* the service looks for cards two or three times a second */
#define SW_LEN	  2

static DWORD share_mode(const struct connection *c)
{
	return c->shared ? SCARD_SHARE_SHARED : SCARD_SHARE_EXCLUSIVE;
}

static enum err send_control(struct connection *c, uint32_t code)
{
	LONG r;

	c->got_len = 0;
	r = SCardControl(c->card, code, c->sent, c->sent_len, c->got, sizeof(c->got), &c->got_len);
	secret_wipe(c->sent, c->sent_len);
	return service_error_within(r);
}

/* What it does not say, it does not have: a driver without part 10 refuses the request. */
static void ask_features(struct connection *c)
{
	c->features = (struct part10_features){0};
	c->properties = (struct transport_properties){0};
	c->sent_len = 0;
	if (send_control(c, CM_IOCTL_GET_FEATURE_REQUEST) ||
	    part10_features(slice_make(c->got, c->got_len), &c->features))
		return;
	c->sent_len = 0;
	if (c->features.properties &&
	    (send_control(c, c->features.properties) ||
	     part10_properties(slice_make(c->got, c->got_len), &c->properties)))
		c->properties = (struct transport_properties){0};
	c->properties.pin_pad = part10_has_keys(&c->features);
}

/* The service says the same of a mute card as of one whose protocol the reader refuses (PPS). */
static enum err look_why_unresponsive(const struct connection *c)
{
	SCARD_READERSTATE s = {.szReader = c->reader};

	if (SCardGetStatusChange(c->context, 0, &s, 1) == SCARD_S_SUCCESS &&
	    !(s.dwEventState & SCARD_STATE_MUTE) && s.cbAtr)
		return ERR_CARD_PROTOCOL;
	return service_error(SCARD_W_UNRESPONSIVE_CARD);
}

static enum err connect_error(const struct connection *c, LONG r)
{
	return r == SCARD_W_UNRESPONSIVE_CARD ? look_why_unresponsive(c) : service_error(r);
}

static enum err connect_as(struct connection *c, DWORD mode, DWORD protocols)
{
	LONG r = SCardConnect(c->context, c->reader, mode, protocols, &c->card, &c->protocol);

	c->is_open = r == SCARD_S_SUCCESS;
	return connect_error(c, r);
}

/* Where the card is shared, another program's transaction would be in the way of the questions. */
static enum err ask_in_turn(struct connection *c)
{
	enum err e = c->shared ? connection_begin(c) : ERR_OK;

	if (e)
		return e;
	ask_features(c);
	return c->shared ? connection_end(c) : ERR_OK;
}

enum err connection_open(struct connection *c)
{
	enum err e = connect_as(c, share_mode(c), PROTOCOLS);

	if (!e)
		e = ask_in_turn(c);
	if (e)
		connection_close(c);
	return e;
}

enum err connection_open_reader(struct connection *c)
{
	enum err e;

	c->shared = true;
	e = connect_as(c, SCARD_SHARE_DIRECT, 0);
	if (!e)
		ask_features(c);
	return e;
}

enum err connection_look(struct connection *c)
{
	DWORD state;

	c->atr_len = sizeof(c->atr);
	return service_error_within(
		SCardStatus(c->card, NULL, NULL, &state, &c->protocol, c->atr, &c->atr_len));
}

enum err connection_reset(struct connection *c, bool cold)
{
	LONG r = SCardReconnect(c->card, share_mode(c), PROTOCOLS,
				cold ? SCARD_UNPOWER_CARD : SCARD_RESET_CARD, &c->protocol);

	/* ERR_NO_CARD: one that has just gone, or has never been there */
	return r == SCARD_S_SUCCESS ? connection_look(c) : connect_error(c, r);
}

/* A driver says the same of a card that was pulled out as of one that does not answer. */
static enum err look_what_is_lost(const struct connection *c)
{
	SCARD_READERSTATE s = {.szReader = c->reader, .dwCurrentState = SCARD_STATE_PRESENT};
	LONG r = SCardGetStatusChange(c->context, 0, &s, 1);

	s.dwCurrentState = s.dwEventState & ~(DWORD)SCARD_STATE_CHANGED;
	if ((r == SCARD_S_SUCCESS || r == SCARD_E_TIMEOUT) && s.dwEventState & SCARD_STATE_PRESENT)
		r = SCardGetStatusChange(c->context, SETTLE_MS, &s, 1);
	if (r != SCARD_S_SUCCESS && r != SCARD_E_TIMEOUT)
		return service_error_within(r);
	if (s.dwEventState & (SCARD_STATE_UNKNOWN | SCARD_STATE_UNAVAILABLE))
		return ERR_READER_LOST;
	return s.dwEventState & SCARD_STATE_EMPTY ? ERR_CARD_LOST : ERR_CARD_SILENT;
}

enum err connection_transmit(struct connection *c)
{
	const SCARD_IO_REQUEST *pci =
		c->protocol == SCARD_PROTOCOL_T0 ? SCARD_PCI_T0 : SCARD_PCI_T1;
	enum err e;

	c->got_len = c->got_max;
	e = service_error_within(
		SCardTransmit(c->card, pci, c->sent, c->sent_len, NULL, c->got, &c->got_len));
	secret_wipe(c->sent, c->sent_len); /* it may have been a PIN */
	/* of a card that dies some drivers say success, and hand over nothing */
	if ((!e && c->got_len < SW_LEN) || e == ERR_CARD_SILENT)
		return look_what_is_lost(c);
	return e;
}

enum err connection_control(struct connection *c, uint32_t code)
{
	enum err e = send_control(c, code);

	return e == ERR_CARD_SILENT ? look_what_is_lost(c) : e;
}

enum err connection_begin(struct connection *c)
{
	return service_error_within(SCardBeginTransaction(c->card));
}

enum err connection_end(struct connection *c)
{
	return service_error_within(SCardEndTransaction(c->card, SCARD_LEAVE_CARD));
}

void connection_close(struct connection *c)
{
	if (c->is_open)
		SCardDisconnect(c->card, c->shared ? SCARD_LEAVE_CARD : SCARD_RESET_CARD);
	c->is_open = false;
}

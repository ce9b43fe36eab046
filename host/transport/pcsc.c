/* pcsc: readers of the platform's PC/SC service (pcsc-lite). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <winscard.h>

#include "host/transport/kinds.h"
#include "lib/apdu.h"
#include "lib/secret.h"
#include "tool/harden.h"

#define READERS_MAX 16
#define POLL_MS	    100

struct pcsc {
	struct transport base;
	SCARDCONTEXT context;
	SCARDHANDLE card;
	DWORD protocol;
	uint8_t atr[MAX_ATR_SIZE];
};

struct readers {
	char *names; /* the service's multi-string */
	SCARD_READERSTATE states[READERS_MAX];
	DWORD count;
};

static enum err pcsc_error(LONG r)
{
	static const struct {
		LONG code;
		enum err e;
	} table[] = {
		{SCARD_S_SUCCESS, ERR_OK},
		{SCARD_E_NO_SERVICE, ERR_NO_SERVICE},
		{SCARD_E_SERVICE_STOPPED, ERR_NO_SERVICE},
		{SCARD_F_COMM_ERROR, ERR_NO_SERVICE},
		{SCARD_E_NO_ACCESS, ERR_PERMISSION},
		{SCARD_W_SECURITY_VIOLATION, ERR_PERMISSION},
		{SCARD_E_NO_READERS_AVAILABLE, ERR_NO_READER},
		{SCARD_E_UNKNOWN_READER, ERR_NO_READER},
		{SCARD_E_READER_UNAVAILABLE, ERR_NO_READER},
		{SCARD_E_NO_SMARTCARD, ERR_NO_CARD},
		{SCARD_W_UNPOWERED_CARD, ERR_NO_CARD},
		{SCARD_W_UNRESPONSIVE_CARD, ERR_NO_CARD},
		{SCARD_W_UNSUPPORTED_CARD, ERR_UNSUPPORTED},
		{SCARD_E_PROTO_MISMATCH, ERR_UNSUPPORTED},
		{SCARD_E_SHARING_VIOLATION, ERR_LOCKED},
		{SCARD_W_REMOVED_CARD, ERR_DISCONNECTED},
		{SCARD_W_RESET_CARD, ERR_DISCONNECTED},
		{SCARD_E_NOT_TRANSACTED, ERR_DISCONNECTED},
		{SCARD_E_TIMEOUT, ERR_TIMEOUT},
		{SCARD_E_CANCELLED, ERR_CANCELLED},
		{SCARD_E_NO_MEMORY, ERR_MEMORY},
		{SCARD_E_INSUFFICIENT_BUFFER, ERR_PROTOCOL},
	};

	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		if (table[i].code == r)
			return table[i].e;
	}
	return ERR_IO;
}

static void readers_free(SCARDCONTEXT context, struct readers *r)
{
	if (r->names)
		SCardFreeMemory(context, r->names);
	memset(r, 0, sizeof(*r));
}

/* All readers with their present states. */
static enum err readers_get(SCARDCONTEXT context, struct readers *out)
{
	DWORD len = SCARD_AUTOALLOCATE;
	LONG r;

	memset(out, 0, sizeof(*out));
	r = SCardListReaders(context, NULL, (LPSTR)&out->names, &len);
	if (r != SCARD_S_SUCCESS) {
		out->names = NULL;
		return pcsc_error(r);
	}
	for (const char *n = out->names; *n && out->count < READERS_MAX; n += strlen(n) + 1)
		out->states[out->count++].szReader = n;
	if (!out->count) {
		readers_free(context, out);
		return ERR_NO_READER;
	}
	r = SCardGetStatusChange(context, 0, out->states, out->count);
	if (r == SCARD_S_SUCCESS || r == SCARD_E_TIMEOUT)
		return ERR_OK;
	readers_free(context, out);
	return pcsc_error(r);
}

static bool has_card(const SCARD_READERSTATE *s)
{
	return (s->dwEventState & SCARD_STATE_PRESENT) && !(s->dwEventState & SCARD_STATE_MUTE);
}

/* The first reader of this name (prefix) that holds a card. */
static enum err find_reader(SCARDCONTEXT context, const char *prefix, char *name, size_t cap)
{
	struct readers readers;
	enum err e = readers_get(context, &readers);

	if (e)
		return e;
	e = ERR_NO_READER;
	for (DWORD i = 0; i < readers.count && e; i++) {
		const SCARD_READERSTATE *s = &readers.states[i];

		if (strncmp(s->szReader, prefix, strlen(prefix)) != 0)
			continue;
		e = has_card(s) ? ERR_OK : ERR_NO_CARD;
		if (!e)
			snprintf(name, cap, "%s", s->szReader);
	}
	readers_free(context, &readers);
	return e;
}

static enum err connect_reader(struct pcsc *p)
{
	LONG r = SCardConnect(p->context, p->base.name, SCARD_SHARE_EXCLUSIVE,
			      SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1, &p->card, &p->protocol);

	p->base.apdu_level = p->protocol == SCARD_PROTOCOL_T1;
	return pcsc_error(r);
}

/* Looks again and again: readers and cards come and go, and the service may be starting. */
static enum err wait_for_card(struct pcsc *p, const char *prefix, unsigned timeout_ms)
{
	const struct timespec pause = {.tv_nsec = POLL_MS * 1000000L};

	for (unsigned waited = 0;; waited += POLL_MS) {
		enum err e = find_reader(p->context, prefix, p->base.name, sizeof(p->base.name));

		if (!e)
			e = connect_reader(p);
		if ((e != ERR_NO_CARD && e != ERR_NO_READER) || waited >= timeout_ms)
			return e;
		nanosleep(&pause, NULL);
		if (interrupted())
			return ERR_CANCELLED;
	}
}

static enum err pcsc_reset(struct transport *t, struct slice *atr)
{
	struct pcsc *p = (struct pcsc *)t;
	DWORD atr_len = sizeof(p->atr), state, protocol;
	LONG r = SCardReconnect(p->card, SCARD_SHARE_EXCLUSIVE,
				SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1, SCARD_RESET_CARD,
				&p->protocol);

	if (r == SCARD_S_SUCCESS)
		r = SCardStatus(p->card, NULL, NULL, &state, &protocol, p->atr, &atr_len);
	if (r != SCARD_S_SUCCESS)
		return pcsc_error(r);
	p->base.apdu_level = p->protocol == SCARD_PROTOCOL_T1;
	*atr = slice_make(p->atr, atr_len);
	return ERR_OK;
}

/* ISO 7816-3 12.2: under T=0 a command has five header octets, and none that sends data asks too.
 */
static void put_t0(struct wbuf *w, struct slice command)
{
	struct apdu a;

	wbuf_put(w, command);
	if (apdu_parse(command, &a))
		return; /* as it stands: the card shall refuse it */
	if (!a.has_p3)
		wbuf_u8(w, 0);
	else if (a.data.len && a.has_le)
		wbuf_cut(w, w->len - 1);
}

static enum err pcsc_transmit(struct transport *t, struct slice command, struct wbuf *response)
{
	struct pcsc *p = (struct pcsc *)t;
	const SCARD_IO_REQUEST *pci =
		p->protocol == SCARD_PROTOCOL_T0 ? SCARD_PCI_T0 : SCARD_PCI_T1;
	uint8_t sent[APDU_COMMAND_MAX + 1], got[APDU_RESPONSE_MAX];
	struct wbuf w = wbuf_init(sent, sizeof(sent));
	DWORD got_len = sizeof(got);
	LONG r;

	if (p->protocol == SCARD_PROTOCOL_T0)
		put_t0(&w, command);
	else
		wbuf_put(&w, command);
	if (wbuf_done(&w) || command.len < 4)
		return ERR_LENGTH;
	r = SCardTransmit(p->card, pci, sent, w.len, NULL, got, &got_len);
	wbuf_cut(&w, 0); /* wipes: it may have been a PIN */
	if (r != SCARD_S_SUCCESS)
		return pcsc_error(r) == ERR_IO ? ERR_DISCONNECTED : pcsc_error(r);
	wbuf_put(response, slice_make(got, got_len));
	secret_wipe(got, sizeof(got));
	return ERR_OK;
}

static void pcsc_close(struct transport *t)
{
	struct pcsc *p = (struct pcsc *)t;

	SCardDisconnect(p->card, SCARD_RESET_CARD); /* nobody inherits a verified PIN */
	SCardReleaseContext(p->context);
	free(p);
}

static const struct transport_ops pcsc_ops = {
	.kind = "pcsc",
	.reset = pcsc_reset,
	.transmit = pcsc_transmit,
	.close = pcsc_close,
};

enum err transport_pcsc_open(const char *rest, unsigned timeout_ms, struct transport **out)
{
	struct pcsc *p = calloc(1, sizeof(*p));
	enum err e;

	if (!p)
		return ERR_MEMORY;
	p->base.ops = &pcsc_ops;
	e = pcsc_error(SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &p->context));
	if (e)
		goto out;
	e = wait_for_card(p, rest, timeout_ms);
	if (e)
		SCardReleaseContext(p->context);
out:
	if (e)
		free(p);
	else
		*out = &p->base;
	return e;
}

enum err transport_list(void (*each)(void *ctx, const char *name, bool card_present,
				     struct slice atr),
			void *ctx)
{
	struct readers readers;
	SCARDCONTEXT context;
	enum err e = pcsc_error(SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context));

	if (e)
		return e;
	e = readers_get(context, &readers);
	for (DWORD i = 0; !e && i < readers.count; i++) {
		const SCARD_READERSTATE *s = &readers.states[i];

		each(ctx, s->szReader, has_card(s), slice_make(s->rgbAtr, s->cbAtr));
	}
	readers_free(context, &readers);
	SCardReleaseContext(context);
	return e == ERR_NO_READER ? ERR_OK : e;
}

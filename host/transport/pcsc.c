#include "host/transport/pcsc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <winscard.h>

#include "host/transport/aside.h"
#include "lib/base/secret.h"
#include "lib/uicc/apdu.h"
#include "tool/sys/wait.h"

#define READERS_MAX	16
#define POLL_MS		100

#define SERVICE_ANSWERS "the PC/SC service"

struct pcsc {
	struct transport base;
	struct aside *aside; /* makes every call into the library */
	const char *wanted;  /* the beginning of the reader's name */
	SCARDCONTEXT context;
	bool has_context;
	SCARDHANDLE card;
	DWORD protocol, atr_len, sent_len, got_len;
	uint8_t atr[MAX_ATR_SIZE];
	uint8_t sent[APDU_COMMAND_MAX + 1], got[APDU_RESPONSE_MAX];
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
		{SCARD_E_NO_ACCESS, ERR_POLKIT},
		{SCARD_W_SECURITY_VIOLATION, ERR_POLKIT},
		{SCARD_E_NO_READERS_AVAILABLE, ERR_NO_READER},
		{SCARD_E_UNKNOWN_READER, ERR_NO_READER},
		{SCARD_E_READER_UNAVAILABLE, ERR_NO_READER},
		{SCARD_E_NO_SMARTCARD, ERR_NO_CARD},
		{SCARD_W_UNPOWERED_CARD, ERR_NO_CARD},
		{SCARD_W_UNRESPONSIVE_CARD, ERR_MUTE},
		{SCARD_W_UNSUPPORTED_CARD, ERR_ATR},
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
		if (has_card(s))
			e = ERR_OK;
		else if (e != ERR_MUTE)
			e = s->dwEventState & SCARD_STATE_MUTE ? ERR_MUTE : ERR_NO_CARD;
		if (!e)
			snprintf(name, cap, "%s", s->szReader);
	}
	readers_free(context, &readers);
	return e;
}

/* Where polkit refuses a user, some versions of the service hang up instead of saying so. */
static enum err establish(SCARDCONTEXT *context)
{
	LONG r = SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, context);

	return r == SCARD_F_COMM_ERROR ? ERR_POLKIT : pcsc_error(r);
}

static enum err call_establish(void *ctx)
{
	struct pcsc *p = ctx;
	enum err e = establish(&p->context);

	p->has_context = !e;
	return e;
}

static enum err call_connect(void *ctx)
{
	struct pcsc *p = ctx;
	enum err e = find_reader(p->context, p->wanted, p->base.name, sizeof(p->base.name));

	if (!e)
		e = pcsc_error(SCardConnect(p->context, p->base.name, SCARD_SHARE_EXCLUSIVE,
					    SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1, &p->card,
					    &p->protocol));
	p->base.apdu_level = p->protocol == SCARD_PROTOCOL_T1;
	return e;
}

/* Looks again and again: readers and cards come and go, and the service may be starting. */
static enum err wait_for_card(struct pcsc *p, unsigned timeout_ms)
{
	struct wait w = wait_begin(p->base.cancel, "a reader with a card");

	for (unsigned waited = 0;; waited += POLL_MS) {
		enum err e = aside_call(p->aside, "the card's start", 0, call_connect, p);

		/* a card that starts is mute for a moment */
		if ((e != ERR_NO_CARD && e != ERR_NO_READER && e != ERR_MUTE) ||
		    waited >= timeout_ms)
			return e;
		e = wait_pause(&w, POLL_MS);
		if (e)
			return e;
	}
}

static enum err call_reset(void *ctx)
{
	struct pcsc *p = ctx;
	DWORD state, protocol;
	LONG r = SCardReconnect(p->card, SCARD_SHARE_EXCLUSIVE,
				SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1, SCARD_RESET_CARD,
				&p->protocol);

	p->atr_len = sizeof(p->atr);
	if (r == SCARD_S_SUCCESS)
		r = SCardStatus(p->card, NULL, NULL, &state, &protocol, p->atr, &p->atr_len);
	return pcsc_error(r);
}

static enum err pcsc_reset(struct transport *t, struct slice *atr)
{
	struct pcsc *p = (struct pcsc *)t;
	enum err e = aside_call(p->aside, "the card's start", TRANSPORT_GRACE_MS, call_reset, p);

	if (e)
		return e;
	p->base.apdu_level = p->protocol == SCARD_PROTOCOL_T1;
	*atr = slice_make(p->atr, p->atr_len);
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

static enum err call_transmit(void *ctx)
{
	struct pcsc *p = ctx;
	const SCARD_IO_REQUEST *pci =
		p->protocol == SCARD_PROTOCOL_T0 ? SCARD_PCI_T0 : SCARD_PCI_T1;
	LONG r;

	p->got_len = sizeof(p->got);
	r = SCardTransmit(p->card, pci, p->sent, p->sent_len, NULL, p->got, &p->got_len);
	secret_wipe(p->sent, sizeof(p->sent)); /* it may have been a PIN */
	return pcsc_error(r) == ERR_IO ? ERR_DISCONNECTED : pcsc_error(r);
}

static enum err pcsc_transmit(struct transport *t, struct slice command, struct wbuf *response)
{
	struct pcsc *p = (struct pcsc *)t;
	struct wbuf w;
	enum err e;

	if (aside_is_stuck(p->aside))
		return ERR_CANCELLED;
	w = wbuf_init(p->sent, sizeof(p->sent));
	if (p->protocol == SCARD_PROTOCOL_T0)
		put_t0(&w, command);
	else
		wbuf_put(&w, command);
	if (wbuf_done(&w) || command.len < 4)
		return ERR_LENGTH;
	p->sent_len = w.len;
	e = aside_call(p->aside, TRANSPORT_CARD_ANSWERS, TRANSPORT_GRACE_MS, call_transmit, p);
	if (!e) {
		wbuf_put(response, slice_make(p->got, p->got_len));
		secret_wipe(p->got, sizeof(p->got));
	}
	return e;
}

static enum err call_close(void *ctx)
{
	struct pcsc *p = ctx;

	if (p->card)
		SCardDisconnect(p->card, SCARD_RESET_CARD); /* nobody inherits a verified PIN */
	if (p->has_context)
		SCardReleaseContext(p->context);
	return ERR_OK;
}

/* The service itself lets go of what belongs to a process that has ended. */
static void free_pcsc(struct pcsc *p)
{
	if (aside_call(p->aside, SERVICE_ANSWERS, TRANSPORT_GRACE_MS, call_close, p))
		return; /* the thread has it still */
	aside_close(&p->aside);
	secret_wipe(p, sizeof(*p));
	free(p);
}

static void pcsc_close(struct transport *t)
{
	free_pcsc((struct pcsc *)t);
}

static const struct transport_ops pcsc_ops = {
	.kind = "pcsc",
	.reset = pcsc_reset,
	.transmit = pcsc_transmit,
	.close = pcsc_close,
};

enum err transport_pcsc_open(const char *rest, unsigned timeout_ms, struct cancel *cancel,
			     struct transport **out)
{
	struct pcsc *p = calloc(1, sizeof(*p));
	enum err e;

	if (!p)
		return ERR_MEMORY;
	p->base.ops = &pcsc_ops;
	p->base.cancel = cancel;
	p->wanted = rest;
	e = aside_open(cancel, &p->aside);
	if (e) {
		free(p);
		return e;
	}
	e = aside_call(p->aside, SERVICE_ANSWERS, 0, call_establish, p);
	if (!e)
		e = wait_for_card(p, timeout_ms);
	if (e)
		free_pcsc(p);
	else
		*out = &p->base;
	return e;
}

struct list {
	SCARDCONTEXT context;
	bool has_context;
	struct readers readers;
};

static enum err call_list(void *ctx)
{
	struct list *l = ctx;
	enum err e = establish(&l->context);

	l->has_context = !e;
	if (!e)
		e = readers_get(l->context, &l->readers);
	return e;
}

static enum err call_list_end(void *ctx)
{
	struct list *l = ctx;

	readers_free(l->context, &l->readers);
	if (l->has_context)
		SCardReleaseContext(l->context);
	return ERR_OK;
}

enum err transport_pcsc_list(void (*each)(void *ctx, const char *name, bool card_present,
					  struct slice atr),
			     void *ctx, struct cancel *cancel)
{
	struct list *l = calloc(1, sizeof(*l));
	struct aside *aside = NULL;
	enum err e = l ? aside_open(cancel, &aside) : ERR_MEMORY;

	if (e) {
		free(l);
		return e;
	}
	e = aside_call(aside, SERVICE_ANSWERS, 0, call_list, l);
	for (DWORD i = 0; !e && i < l->readers.count; i++) {
		const SCARD_READERSTATE *s = &l->readers.states[i];

		each(ctx, s->szReader, has_card(s), slice_make(s->rgbAtr, s->cbAtr));
	}
	if (!aside_call(aside, SERVICE_ANSWERS, TRANSPORT_GRACE_MS, call_list_end, l))
		free(l);
	aside_close(&aside);
	return e == ERR_NO_READER ? ERR_OK : e;
}

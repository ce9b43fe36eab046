#include "host/transport/pcsc/card.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool/sys/aside.h"
#include "host/transport/pcsc/connection.h"
#include "lib/base/secret.h"
#include "lib/uicc/apdu.h"
#include "lib/uicc/atr.h"
#include "tool/sys/wait.h"

#define SERVICE_ANSWERS "the PC/SC service"
#define CARD_STARTS	"the card's start"
#define CARD_IS_FREE	"the card, which another program has"
#define KEYS_ANSWER	"the PIN at the reader's keys"
#define KEY_POLL_MS	100
#define EXTENDED_OVER	256 /* octets of data that a reader takes which knows extended APDUs */

struct pcsc {
	struct transport base;
	struct aside *aside; /* makes every call into the library */
	struct service service;
	struct connection card;
	bool has_started; /* after that, a reset is one */
	bool cold;
	unsigned depth;	  /* of transactions in one another */
	uint32_t control; /* code of the call that is made */
};

static enum err call_open(void *ctx)
{
	struct pcsc *p = ctx;
	enum err e = service_open(&p->service);

	p->card.context = p->service.context;
	return e ? e : connection_open(&p->card);
}

static enum err call_open_reader(void *ctx)
{
	struct pcsc *p = ctx;
	enum err e = service_open(&p->service);

	p->card.context = p->service.context;
	return e ? e : connection_open_reader(&p->card);
}

static enum err call_reset(void *ctx)
{
	struct pcsc *p = ctx;

	if (p->card.shared && !p->has_started)
		return connection_look(&p->card);
	return connection_reset(&p->card, p->cold);
}

static enum err call_begin(void *ctx)
{
	return connection_begin(&((struct pcsc *)ctx)->card);
}

static enum err call_end(void *ctx)
{
	return connection_end(&((struct pcsc *)ctx)->card);
}

static enum err call_transmit(void *ctx)
{
	return connection_transmit(&((struct pcsc *)ctx)->card);
}

static enum err call_control(void *ctx)
{
	struct pcsc *p = ctx;

	return connection_control(&p->card, p->control);
}

static enum err call_close(void *ctx)
{
	struct pcsc *p = ctx;

	connection_close(&p->card);
	service_close(&p->service);
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

/* What the card speaks, once it has given its ATR. */
static void take_level(struct pcsc *p)
{
	struct slice atr = slice_make(p->card.atr, p->card.atr_len);
	bool blocks = p->card.protocol != SCARD_PROTOCOL_T0;

	p->base.protocol = !blocks		     ? TRANSPORT_T0
			   : atr_is_contactless(atr) ? TRANSPORT_TCL
						     : TRANSPORT_T1;
	p->base.apdu_level = blocks;
	p->base.extended = blocks && atr_takes_extended(atr) &&
			   p->card.properties.apdu_data_max > EXTENDED_OVER;
	p->base.pin_pad = part10_has_keys(&p->card.features);
}

static enum err start_card(struct pcsc *p, bool cold, struct slice *atr)
{
	enum err e = transport_begin(&p->base), ended = ERR_OK;
	bool held = !e;

	if (e && e != ERR_CARD_RESET) /* after another's reset, one of one's own mends the way */
		return e;
	p->cold = cold;
	p->has_started = p->has_started || !held;
	e = aside_call(p->aside, CARD_STARTS, TRANSPORT_GRACE_MS, call_reset, p);
	if (held)
		ended = transport_end(&p->base);
	if (e || ended)
		return e ? e : ended;
	p->has_started = true;
	take_level(p);
	*atr = slice_make(p->card.atr, p->card.atr_len);
	return ERR_OK;
}

static enum err pcsc_reset(struct transport *t, struct slice *atr)
{
	return start_card((struct pcsc *)t, false, atr);
}

static enum err pcsc_power_cycle(struct transport *t, struct slice *atr)
{
	struct pcsc *p = (struct pcsc *)t;

	p->has_started = true; /* who asks for that means it */
	return start_card(p, true, atr);
}

static enum err pcsc_begin(struct transport *t)
{
	struct pcsc *p = (struct pcsc *)t;
	enum err e = ERR_OK;

	if (p->card.shared && !p->depth)
		e = aside_call(p->aside, CARD_IS_FREE, 0, call_begin, p);
	p->depth += !e;
	return e;
}

static enum err pcsc_end(struct transport *t)
{
	struct pcsc *p = (struct pcsc *)t;

	if (!p->depth || --p->depth || !p->card.shared)
		return ERR_OK;
	return aside_call(p->aside, SERVICE_ANSWERS, TRANSPORT_GRACE_MS, call_end, p);
}

/* ISO 7816-3 12.2: under T=0 a command has five header octets, and none that sends data asks too.
 */
static void put_t0(struct wbuf *w, struct slice command)
{
	struct apdu a;

	wbuf_put(w, command);
	if (apdu_parse(command, &a) || a.extended)
		return; /* as it stands: the card shall refuse it */
	if (!a.has_p3)
		wbuf_u8(w, 0);
	else if (a.data.len && a.has_le)
		wbuf_cut(w, w->len - 1);
}

static enum err put_command(struct pcsc *p, struct slice command)
{
	struct wbuf w = wbuf_init(p->card.sent, sizeof(p->card.sent));

	if (p->base.protocol == TRANSPORT_T0)
		put_t0(&w, command);
	else
		wbuf_put(&w, command);
	p->card.sent_len = w.len;
	p->card.got_max = p->base.extended ? APDU_EXTENDED_RESPONSE_MAX : APDU_RESPONSE_MAX;
	return wbuf_done(&w) || command.len < 4 ? ERR_LENGTH : ERR_OK;
}

static void give_answer(struct pcsc *p, struct wbuf *response)
{
	wbuf_put(response, slice_make(p->card.got, p->card.got_len));
	secret_wipe(p->card.got, p->card.got_len);
}

static enum err pcsc_transmit(struct transport *t, struct slice command, struct wbuf *response)
{
	struct pcsc *p = (struct pcsc *)t;
	enum err e = transport_begin(t), ended;

	if (e)
		return e;
	/* what a call that was given up works on is not touched */
	e = aside_is_stuck(p->aside) ? ERR_CANCELLED : put_command(p, command);
	if (!e)
		e = aside_call(p->aside, TRANSPORT_CARD_ANSWERS, TRANSPORT_GRACE_MS, call_transmit,
			       p);
	ended = transport_end(t);
	if (!e)
		give_answer(p, response);
	return e ? e : ended;
}

static enum err pcsc_control(struct pcsc *p, uint32_t code, const char *what)
{
	p->control = code;
	return aside_call(p->aside, what, TRANSPORT_GRACE_MS, call_control, p);
}

/* PC/SC part 10 2.5.4: after START the keys are asked for until the person is done. */
static enum err wait_for_keys(struct pcsc *p)
{
	struct wait w = wait_begin(p->base.cancel, KEYS_ANSWER);

	while (p->card.features.key_pressed) {
		enum err e;

		p->card.sent_len = 0;
		e = pcsc_control(p, p->card.features.key_pressed, KEYS_ANSWER);
		if (e)
			return e;
		switch (p->card.got_len ? p->card.got[0] : PART10_KEY_NONE) {
		case PART10_KEY_ENTER:
		case PART10_KEY_TIMEOUT: /* FINISH says what became of it */
		case PART10_KEY_CANCEL:
		case PART10_KEY_ABORT: return ERR_OK;
		default: break;
		}
		e = wait_pause(&w, KEY_POLL_MS);
		if (e)
			return e;
	}
	return ERR_OK;
}

static enum err verify_by_steps(struct pcsc *p)
{
	const struct part10_features *f = &p->card.features;
	enum err e = pcsc_control(p, f->verify_start, KEYS_ANSWER);

	if (!e)
		e = wait_for_keys(p);
	p->card.sent_len = 0;
	if (!e)
		e = pcsc_control(p, f->verify_finish, KEYS_ANSWER);
	return e;
}

static enum err verify_now(struct pcsc *p, const struct transport_pin *pin)
{
	struct wbuf w = wbuf_init(p->card.sent, sizeof(p->card.sent));
	enum err e = part10_put_verify(pin, &p->card.properties, &w);

	if (e)
		return e;
	p->card.sent_len = w.len;
	e = p->card.features.verify_direct
		    ? pcsc_control(p, p->card.features.verify_direct, KEYS_ANSWER)
		    : verify_by_steps(p);
	if (!e)
		e = part10_outcome(slice_make(p->card.got, p->card.got_len));
	/* some readers announce keys that they do not have */
	return e == ERR_CARD_SILENT || e == ERR_PROTOCOL || e == ERR_UNSUPPORTED ? ERR_KEYS_FAILED
										 : e;
}

static enum err pcsc_verify_pin(struct transport *t, const struct transport_pin *pin,
				struct wbuf *response)
{
	struct pcsc *p = (struct pcsc *)t;
	enum err e = transport_begin(t), ended;

	if (e)
		return e;
	e = aside_is_stuck(p->aside) ? ERR_CANCELLED : verify_now(p, pin);
	ended = transport_end(t);
	if (!e)
		give_answer(p, response);
	return e ? e : ended;
}

static enum err pcsc_properties(struct transport *t, struct transport_properties *out)
{
	*out = ((struct pcsc *)t)->card.properties;
	return ERR_OK;
}

static const struct transport_ops pcsc_ops = {
	.kind = "pcsc",
	.reset = pcsc_reset,
	.transmit = pcsc_transmit,
	.close = pcsc_close,
	.power_cycle = pcsc_power_cycle,
	.begin = pcsc_begin,
	.end = pcsc_end,
	.verify_pin = pcsc_verify_pin,
	.properties = pcsc_properties,
};

static enum err make_pcsc(const char *reader, bool shared, struct cancel *cancel, struct pcsc **out)
{
	struct pcsc *p = calloc(1, sizeof(*p));
	enum err e;

	if (!p)
		return ERR_MEMORY;
	p->base.ops = &pcsc_ops;
	p->base.cancel = cancel;
	p->card.shared = shared;
	snprintf(p->base.name, sizeof(p->base.name), "%s", reader);
	snprintf(p->card.reader, sizeof(p->card.reader), "%s", reader);
	e = aside_open(cancel, &p->aside);
	if (e)
		free(p);
	else
		*out = p;
	return e;
}

enum err pcsc_card_open(const char *reader, bool shared, struct cancel *cancel,
			struct transport **out)
{
	struct pcsc *p;
	enum err e = make_pcsc(reader, shared, cancel, &p);

	if (e)
		return e;
	e = aside_call(p->aside, shared ? CARD_IS_FREE : CARD_STARTS, 0, call_open, p);
	if (e)
		free_pcsc(p);
	else
		*out = &p->base;
	return e;
}

enum err pcsc_card_properties(const char *reader, struct cancel *cancel,
			      struct transport_properties *out)
{
	struct pcsc *p;
	enum err e = make_pcsc(reader, true, cancel, &p);

	if (e)
		return e;
	e = aside_call(p->aside, SERVICE_ANSWERS, 0, call_open_reader, p);
	if (!e)
		*out = p->card.properties;
	free_pcsc(p);
	return e;
}

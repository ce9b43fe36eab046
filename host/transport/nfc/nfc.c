#include "host/transport/nfc/nfc.h"

#include <stdio.h>
#include <stdlib.h>

#include "host/transport/nfc/contactless.h"
#include "host/transport/nfc/field.h"
#include "lib/base/secret.h"
#include "tool/nfc/fence.h"
#include "tool/sys/trouble.h"
#include "tool/sys/wait.h"

#define SEARCH_MS      100   /* between two looks into the field */
#define READER_MS      20000 /* more than libnfc's own waits: it hangs */
#define WORDS_MAX      300
#define MESSAGE_MAX    (2 + FIELD_ANSWER_MAX + 8)
#define READER_ANSWERS "the NFC reader"

struct nfc {
	struct transport base;
	struct field_setup setup;
	struct fence *fence;
	enum err given_up; /* an answer is still to come, and would be taken for another's */
	uint8_t atr[CONTACTLESS_ATR_MAX];
};

/* An error of the work's, with its words. */
static enum err say_again(enum err e, struct slice words)
{
	char text[WORDS_MAX];

	if (!words.len || slice_text(words, text, sizeof(text)))
		return e;
	return trouble_set(e, "%s", text);
}

/* One answer of the work, appended to out. */
static enum err take_answer(struct nfc *n, const char *what, struct wbuf *out)
{
	const struct fence_wait w = {
		.what = what, .timeout_ms = READER_MS, .grace_ms = TRANSPORT_GRACE_MS};
	uint8_t octets[MESSAGE_MAX];
	struct wbuf message = wbuf_init(octets, sizeof(octets));
	enum err e = fence_receive(n->fence, &w, &message);

	if (e == ERR_TIMEOUT)
		e = ERR_NFC_MUTE;
	if (e) {
		n->given_up = fence_works(n->fence) ? e : ERR_OK;
	} else {
		struct cursor c = cursor_of(wbuf_slice(&message));
		unsigned value = cursor_u16(&c);

		e = c.err || value >= ERR_COUNT ? ERR_PROTOCOL : (enum err)value;
		if (e)
			e = say_again(e, cursor_take_rest(&c));
		else
			wbuf_put(out, cursor_take_rest(&c));
	}
	secret_wipe(octets, sizeof(octets));
	return e ? e : wbuf_done(out);
}

/* The reader is opened: at first, and when it was lost. */
static enum err open_reader(struct nfc *n)
{
	char name[FIELD_NAME_MAX + 1];
	uint8_t octets[FIELD_NAME_MAX];
	struct wbuf w = wbuf_init(octets, sizeof(octets));
	enum err e = fence_start(n->fence);

	if (!e)
		e = take_answer(n, READER_ANSWERS, &w);
	if (!e && !slice_text(wbuf_slice(&w), name, sizeof(name)))
		snprintf(n->base.name, sizeof(n->base.name), "nfc:%s", name);
	return e;
}

static enum err ask_field(struct nfc *n, enum field_wish wish, struct slice command,
			  struct wbuf *out)
{
	uint8_t octets[1 + FIELD_COMMAND_MAX];
	struct wbuf w = wbuf_init(octets, sizeof(octets));
	enum err e = n->given_up;

	wbuf_u8(&w, (uint8_t)wish);
	wbuf_put(&w, command);
	if (!e)
		e = wbuf_done(&w) ? ERR_LENGTH : ERR_OK;
	if (!e)
		e = fence_send(n->fence, wbuf_slice(&w));
	/* why the work has ended comes as its answer */
	if (!e || (e == ERR_DISCONNECTED && fence_works(n->fence)))
		e = take_answer(n, wish == FIELD_COMMAND ? TRANSPORT_CARD_ANSWERS : READER_ANSWERS,
				out);
	secret_wipe(octets, sizeof(octets)); /* it may have been a PIN */
	return e;
}

static enum err start_card(struct nfc *n, enum field_wish wish, struct slice *atr)
{
	struct wbuf w = wbuf_init(n->atr, sizeof(n->atr));
	enum err e = n->given_up;

	if (!e && !fence_works(n->fence)) {
		e = open_reader(n);
		wish = FIELD_SELECT;
	}
	if (!e)
		e = ask_field(n, wish, SLICE_EMPTY, &w);
	if (!e)
		*atr = wbuf_slice(&w);
	return e;
}

static enum err nfc_reset(struct transport *t, struct slice *atr)
{
	return start_card((struct nfc *)t, FIELD_RESET, atr);
}

static enum err nfc_power_cycle(struct transport *t, struct slice *atr)
{
	return start_card((struct nfc *)t, FIELD_SELECT, atr);
}

static enum err nfc_transmit(struct transport *t, struct slice command, struct wbuf *response)
{
	return ask_field((struct nfc *)t, FIELD_COMMAND, command, response);
}

static void free_nfc(struct transport *t)
{
	struct nfc *n = (struct nfc *)t;

	fence_close(&n->fence);
	free(n);
}

static const struct transport_ops nfc_ops = {
	.kind = "nfc",
	.reset = nfc_reset,
	.transmit = nfc_transmit,
	.close = free_nfc,
	.power_cycle = nfc_power_cycle,
};

/* Cards come and go, and there may be none yet. */
static enum err await_card(struct nfc *n, unsigned timeout_ms)
{
	struct wait w = wait_begin(n->base.cancel, "a card on the NFC reader");
	int64_t end = wait_now_ms() + timeout_ms;

	for (;;) {
		struct slice atr;
		enum err e = start_card(n, FIELD_SELECT, &atr);

		if (e != ERR_NO_CARD || wait_now_ms() >= end)
			return e == ERR_NO_CARD ? trouble_set(e, "no card is on the NFC reader")
						: e;
		e = wait_pause(&w, SEARCH_MS);
		if (e)
			return e;
	}
}

static enum err new_nfc(const char *rest, struct cancel *cancel, struct nfc **out)
{
	const char *standing = getenv("LIBNFC_DEFAULT_DEVICE");
	struct nfc *n = calloc(1, sizeof(*n));
	struct fence_options f = {.work = field_work, .cancel = cancel};
	enum err e = ERR_OK;

	if (!n)
		return ERR_MEMORY;
	n->base = (struct transport){
		.ops = &nfc_ops, .cancel = cancel, .protocol = TRANSPORT_TCL, .apdu_level = true};
	snprintf(n->base.name, sizeof(n->base.name), "nfc");
	if (!*rest && standing)
		rest = standing;
	if (snprintf(n->setup.connstring, sizeof(n->setup.connstring), "%s", rest) >=
	    (int)sizeof(n->setup.connstring))
		e = ERR_USAGE;
	f.ctx = &n->setup;
	if (!e)
		e = fence_open(&f, &n->fence);
	if (e)
		free(n);
	else
		*out = n;
	return e;
}

enum err transport_nfc_open(const char *rest, unsigned timeout_ms, struct cancel *cancel,
			    struct transport **out)
{
	struct nfc *n;
	enum err e = new_nfc(rest, cancel, &n);

	if (e)
		return e;
	e = await_card(n, timeout_ms);
	if (e)
		free_nfc(&n->base);
	else
		*out = &n->base;
	return e;
}

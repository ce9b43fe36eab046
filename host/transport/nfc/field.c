#include "host/transport/nfc/field.h"

#include <poll.h>
#include <string.h>

#include "host/transport/nfc/contactless.h"
#include "lib/base/secret.h"
#include "lib/uicc/command.h"
#include "tool/nfc/fence.h"
#include "tool/nfc/port.h"
#include "tool/sys/trouble.h"

#define FIELD_OFF_MS   15   /* long enough for each card to lose its power: ISO 14443-3 says 5 */
#define SAK_ISO14443_4 0x20 /* ISO/IEC 14443-3 6.5.3 */
#define UID_RANDOM     0x08
#define UID_RANDOM_LEN 4
#define MESSAGE_MAX    (2 + FIELD_ANSWER_MAX + 8)
_Static_assert(FIELD_COMMAND_MAX == PORT_FRAME_MAX, "a command is one frame of the chip");

struct field {
	struct fence_child *child;
	struct port port;
};

/* For the handler of the signal that ends the work. */
static nfc_device *volatile blocked_reader;

static void abort_exchange(void *ctx)
{
	(void)ctx;
	if (blocked_reader)
		nfc_abort_command(blocked_reader);
}

static enum err answer_wish(struct field *f, enum err e, struct slice content)
{
	uint8_t octets[MESSAGE_MAX];
	struct wbuf w = wbuf_init(octets, sizeof(octets));

	wbuf_u16(&w, (uint16_t)e);
	wbuf_put(&w, e ? slice_str(trouble_of(e)) : content);
	e = wbuf_done(&w);
	if (!e)
		e = fence_child_send(f->child, wbuf_slice(&w));
	secret_wipe(octets, sizeof(octets));
	return e;
}

static enum err turn_field(struct field *f, bool on)
{
	return port_err(nfc_device_set_property_bool(f->port.device, NP_ACTIVATE_FIELD, on));
}

static enum err cut_power(struct field *f)
{
	enum err e = turn_field(f, false);

	if (!e) {
		poll(NULL, 0, FIELD_OFF_MS);
		e = turn_field(f, true);
	}
	return e;
}

/*
 * A card that has another UID each time it is found (ISO 14443-3 6.5.4), and wakes up by itself
 * when it was put to sleep, as phones and our own card do.
 */
static bool is_one(const nfc_target t[static 2])
{
	const nfc_iso14443a_info *a = &t[0].nti.nai, *b = &t[1].nti.nai;

	return t[0].nm.nmt == NMT_ISO14443A && a->szUidLen == UID_RANDOM_LEN &&
	       b->szUidLen == UID_RANDOM_LEN && a->abtUid[0] == UID_RANDOM &&
	       b->abtUid[0] == UID_RANDOM && a->szAtsLen == b->szAtsLen &&
	       memcmp(a->abtAts, b->abtAts, a->szAtsLen) == 0;
}

/* 0: there is none; 1: it is in t; 2: there are more. Negative: libnfc's error. */
static int look_for(struct field *f, nfc_modulation_type type, nfc_target t[static 2])
{
	const nfc_modulation m = {.nmt = type, .nbr = NBR_106};
	int n = nfc_initiator_list_passive_targets(f->port.device, m, t, 2);

	if (n == 2 && is_one(t))
		return 1;
	/* a PN53x without type B says so */
	return n == NFC_EDEVNOTSUPP || n == NFC_EINVARG ? 0 : n;
}

static enum err atr_of(const nfc_target *t, struct wbuf *atr)
{
	const nfc_iso14443a_info *a = &t->nti.nai;
	const nfc_iso14443b_info *b = &t->nti.nbi;

	if (t->nm.nmt == NMT_ISO14443B)
		return contactless_atr_b(SLICE_OF(b->abtApplicationData),
					 SLICE_OF(b->abtProtocolInfo), atr);
	if (!(a->btSak & SAK_ISO14443_4))
		return trouble_set(ERR_NFC_KIND,
				   "the card in the field is of another kind (SAK %02X): it does "
				   "not speak ISO/IEC 14443-4",
				   a->btSak);
	if (a->szAtsLen > sizeof(a->abtAts))
		return ERR_ATR;
	return contactless_atr_a(slice_make(a->abtAts, a->szAtsLen), atr);
}

/* Makes the card that was found ready for commands. */
static enum err activate(struct field *f, nfc_modulation_type type, nfc_target *t)
{
	static const uint8_t all_families[] = {0x00}; /* AFI, ISO/IEC 14443-3 7.7.3 */
	const nfc_modulation m = {.nmt = type, .nbr = NBR_106};
	bool b = type == NMT_ISO14443B;
	int n = nfc_initiator_select_passive_target(f->port.device, m, b ? all_families : NULL,
						    b ? sizeof(all_families) : 0, t);

	if (n == 0 || n == NFC_ERFTRANS || n == NFC_ETIMEOUT || n == NFC_ETGRELEASED)
		return ERR_NO_CARD;
	return n < 0 ? port_err(n) : ERR_OK;
}

static enum err find_card(struct field *f, nfc_target *t)
{
	static const nfc_modulation_type types[] = {NMT_ISO14443A, NMT_ISO14443B};
	nfc_target found[2];

	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		int n = look_for(f, types[i], found);

		if (n > 1)
			return ERR_NFC_CARDS;
		if (n < 0 && n != NFC_ERFTRANS && n != NFC_ETIMEOUT && n != NFC_ETGRELEASED)
			return port_err(n);
		if (n > 0) { /* it was put to sleep in between */
			enum err e = cut_power(f);

			return e ? e : activate(f, types[i], t);
		}
	}
	return ERR_NO_CARD;
}

static enum err select_from_off(struct field *f, struct wbuf *atr)
{
	nfc_target t = {.nm = {.nmt = NMT_ISO14443A}};
	enum err e = cut_power(f);

	if (!e)
		e = find_card(f, &t);
	return e ? e : atr_of(&t, atr);
}

/* A chip that wakes only cards that were not put to sleep finds it by way of the power. */
static enum err select_again(struct field *f, struct wbuf *atr)
{
	nfc_target t = {.nm = {.nmt = NMT_ISO14443A}};
	enum err e;

	if (nfc_initiator_deselect_target(f->port.device) < 0)
		return select_from_off(f, atr);
	e = activate(f, NMT_ISO14443A, &t);
	if (e == ERR_NO_CARD)
		return select_from_off(f, atr);
	return e ? e : atr_of(&t, atr);
}

/*
 * A command failed. What the reader says next tells whether it still works, and whether the card is
 * there; what was garbled was flushed by libnfc.
 */
static enum err blame(struct field *f, int failure)
{
	int n = nfc_initiator_target_is_present(f->port.device, NULL);

	if (n == NFC_ETIMEOUT || port_err(n) == ERR_NFC_LOST)
		return ERR_NFC_LOST;
	if (failure == NFC_EIO || failure == NFC_EOVFLOW)
		return ERR_NFC_GARBLED;
	if (n != NFC_SUCCESS)
		return ERR_DISCONNECTED;
	return failure == NFC_EINVARG || failure == NFC_ECHIP ? ERR_NFC_CHIP : ERR_NFC_RADIO;
}

/* What a failure of a command means. */
static enum err exchange_err(struct field *f, int failure)
{
	if (fence_child_is_stopped(f->child))
		return ERR_CANCELLED;
	switch (failure) {
	case NFC_ETIMEOUT: return ERR_NFC_MUTE;
	case NFC_EIO:
	case NFC_EOVFLOW:
	case NFC_EINVARG:
	case NFC_ECHIP:
	case NFC_ERFTRANS:
	case NFC_EMFCAUTHFAIL: return blame(f, failure);
	default: return port_err(failure);
	}
}

/* What a UICC does with files, PINs and its algorithm takes it less than a second. */
static int answer_ms(struct slice command)
{
	const struct command *c = command_find(slice_at(command, 0), slice_at(command, 1));

	if (!c || c->of_others || c->interface == COMMAND_OF_GLOBALPLATFORM ||
	    c->ins == INS_ENVELOPE)
		return FIELD_CARD_MS;
	return FIELD_QUICK_MS;
}

static enum err exchange(struct field *f, struct slice command, struct wbuf *answer)
{
	uint8_t octets[FIELD_ANSWER_MAX];
	enum err e;
	int n;

	if (command.len > FIELD_COMMAND_MAX)
		return ERR_LENGTH;
	n = nfc_initiator_transceive_bytes(f->port.device, command.ptr, command.len, octets,
					   sizeof(octets), answer_ms(command));
	e = n < 0 ? exchange_err(f, n) : ERR_OK;
	if (!e)
		wbuf_put(answer, slice_make(octets, (size_t)n));
	secret_wipe(octets, sizeof(octets));
	return e ? e : wbuf_done(answer);
}

static enum err do_wish(struct field *f, struct slice message, struct wbuf *out)
{
	struct cursor c = cursor_of(message);

	switch (cursor_u8(&c)) {
	case FIELD_SELECT: return select_from_off(f, out);
	case FIELD_RESET: return select_again(f, out);
	case FIELD_COMMAND: return exchange(f, cursor_take_rest(&c), out);
	default: return ERR_PROTOCOL;
	}
}

/* With these the reader is of no use any more. */
static bool ends_reader(enum err e)
{
	return e == ERR_NFC_LOST || e == ERR_NFC_MUTE || e == ERR_CANCELLED;
}

static enum err serve_wishes(struct field *f)
{
	uint8_t in[1 + FIELD_COMMAND_MAX + 1], out[FIELD_ANSWER_MAX];
	enum err e = ERR_OK;

	while (!e) {
		struct wbuf message = wbuf_init(in, sizeof(in)),
			    answer = wbuf_init(out, sizeof(out));

		e = fence_child_receive(f->child, &message);
		if (!e) {
			enum err done;

			trouble_forget();
			done = do_wish(f, wbuf_slice(&message), &answer);
			e = ends_reader(done) ? done : answer_wish(f, done, wbuf_slice(&answer));
		}
		secret_wipe(in, sizeof(in)); /* a PIN passes here */
		secret_wipe(out, sizeof(out));
	}
	return e == ERR_DISCONNECTED ? ERR_OK : e;
}

/* What each reader does by itself is left to it: field, ISO 14443-4, no endless search. */
static enum err start_reader(struct field *f)
{
	nfc_device *d = f->port.device;
	enum err e = port_err(nfc_initiator_init(d));

	if (!e)
		e = port_err(nfc_device_set_property_bool(d, NP_INFINITE_SELECT, false));
	if (!e)
		e = port_err(nfc_device_set_property_bool(d, NP_AUTO_ISO14443_4, true));
	return e;
}

enum err field_work(void *ctx, struct fence_child *child)
{
	const struct field_setup *setup = ctx;
	struct field f = {.child = child};
	const char *name;
	enum err e = port_open(setup->connstring, &f.port);

	if (e)
		return e;
	blocked_reader = f.port.device;
	fence_child_on_stop(child, abort_exchange, NULL);
	e = start_reader(&f);
	name = nfc_device_get_name(f.port.device);
	if (!e)
		e = answer_wish(&f, ERR_OK, slice_make(name, strnlen(name, FIELD_NAME_MAX)));
	if (!e)
		e = serve_wishes(&f);
	blocked_reader = NULL;
	port_close(&f.port);
	return e;
}

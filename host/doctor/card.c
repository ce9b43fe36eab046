/* card: the links of reader and card: listed, powered, its ATR, how it speaks T=0. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/doctor/link.h"
#include "lib/uicc/atr.h"
#include "host/terminal/uicc.h"
#include "lib/uicc/command.h"

#define CATEGORY_UICC  0x80 /* TS 102 221 6.3.1: first historical octet */
#define UICC_PROTOCOLS 0x03 /* TS 102 221 7: T=0, T=1 or both */
#define T_GLOBAL       15   /* ISO 7816-3 8.2.3: what follows qualifies all protocols */

static bool has_usb_reader(const struct doctor *d)
{
	for (size_t i = 0; i < d->usb.count; i++) {
		if (d->usb.devices[i].kind == USB_CCID)
			return true;
	}
	return false;
}

static void tell_no_reader(const struct doctor *d, struct doctor_finding *f)
{
	if (d->troubles) {
		finding_trouble(f, "PC/SC lists no reader");
		finding_mend(f, "mend first what is in trouble above");
	} else if (has_usb_reader(d)) {
		finding_trouble(f, "there is a reader on the USB, and pcscd does not list it");
		finding_mend(f, "plug it out and in again; or: sudo systemctl restart pcscd (then "
				"look at: journalctl -u pcscd)");
	} else if (d->usb.count) {
		finding_trouble(f, "PC/SC lists no reader; an NFC reader is not PC/SC's");
		finding_mend(f, "twinkey doctor --reader nfc");
	} else {
		finding_trouble(f, "PC/SC lists no reader");
		finding_mend(f, "plug one in; a virtual card needs none: twinkey doctor --reader "
				"card:DIR");
	}
}

void link_reader(struct doctor *d, struct doctor_finding *f)
{
	char list[DOCTOR_TEXT] = "";
	size_t n = 0;

	if (!d->uses_pcsc) {
		finding_absent(f, "no PC/SC reader is in use");
		return;
	}
	if (!d->reader_count) {
		tell_no_reader(d, f);
		return;
	}
	for (size_t i = 0; i < d->reader_count && n < sizeof(list); i++)
		n += (size_t)snprintf(list + n, sizeof(list) - n, "%s%s (%s)", n ? "; " : "",
				      d->readers[i].name,
				      d->readers[i].has_card ? "a card" : "no card");
	finding_good(f, "%s", list);
}

/* What a person does about a card that does not open; others have the error's own hint. */
static const struct {
	enum err e;
	const char *text, *mend;
} card_troubles[] = {
	{ERR_NO_CARD, "there is no card in the reader",
	 "put one in until it stops, contacts first; a small one needs an adapter"},
	{ERR_MUTE,
	 "the card does not answer: it may lie upside down, or need a voltage (5, 3, 1.8 V) that "
	 "this reader does not give",
	 "turn it over, clean its contacts with alcohol; then try another reader"},
	{ERR_ATR, "what the card answers to its reset is no ATR: a bad contact, or no smart card",
	 "clean its contacts with alcohol; then try another reader"},
	{ERR_CARD_PROTOCOL,
	 "pcscd finds no protocol in what the card answers to its reset: a bad contact, or no "
	 "smart "
	 "card",
	 "clean its contacts with alcohol; then try another reader"},
	{ERR_READER_BUSY, "another program has the card for itself",
	 "end it: sudo fuser -v /run/pcscd/pcscd.comm names who talks to pcscd (gpg's scdaemon: "
	 "gpgconf --kill scdaemon)"},
	{ERR_NO_READER, "no reader has the name that --reader gives", "twinkey readers"},
	{ERR_NOT_FOUND, "there is no virtual card in that folder",
	 "twinkey-card create --dir DIR --profile FILE"},
	{ERR_CARD_LOST, "the card was taken out, or the reader unplugged, just now",
	 "put it in again, and start once more"},
	{ERR_DISCONNECTED, "the card was taken out, or the reader unplugged, just now",
	 "put it in again, and start once more"},
	{ERR_NO_SUCH_CARD, "no card has the number that --reader gives",
	 "twinkey readers; twinkey info"},
	{ERR_NFC_ABSENT, "libnfc finds no NFC reader that it may use",
	 "plug it in; where the kernel's pn533 has it: sudo make install-udev, or sudo modprobe -r "
	 "pn533_usb; a PN532 at a serial port is named: --reader nfc:pn532_uart:/dev/ttyUSB0"},
	{ERR_USAGE, "--reader names no way to a card", "twinkey readers; twinkey doctor --help"},
};

static void tell_card(const struct doctor *d, enum err e, struct doctor_finding *f)
{
	for (size_t i = 0; i < ARRAY_LEN(card_troubles); i++) {
		if (card_troubles[i].e == e) {
			finding_trouble(f, "%s", card_troubles[i].text);
			finding_mend(f, "%s", card_troubles[i].mend);
			return;
		}
	}
	finding_trouble(f, "%s: %s", d->plan->reader ? d->plan->reader : "the reader", err_text(e));
	finding_mend(f, "%s",
		     *err_hint(e) ? err_hint(e)
				  : "plug the reader out and in, and start once more");
}

void link_card(struct doctor *d, struct doctor_finding *f)
{
	struct transport *t = NULL;
	const struct transport_ops *ops;
	enum err e = d->plan->ways.open(d->plan->reader, d->plan->wait_ms, d->cancel, &t);

	if (!e) {
		ops = t->ops;
		e = uicc_open(t, &d->u);
		if (e) {
			d->u = NULL;
			transport_close(&t);
		} else {
			d->protocol = t->protocol;
			finding_good(f, "answers its reset in %s (%s)", uicc_reader(d->u),
				     ops->kind);
		}
	}
	if (e)
		tell_card(d, e, f);
}

/* TS 102 221 6.3.3: in the first TA after T=15 the lower six bits are the classes of voltage. */
static unsigned voltage_classes(struct slice atr)
{
	struct cursor c = cursor_of(slice_sub(atr, 1, atr.len - 1));
	uint8_t y = cursor_u8(&c);
	bool global = false;

	while (!c.err && y & 0xF0) {
		for (unsigned bit = 0x10; bit < 0x80; bit <<= 1) {
			uint8_t octet = y & bit ? cursor_u8(&c) : 0;

			if (global && bit == 0x10 && y & bit)
				return octet & 0x3F;
		}
		if (!(y & 0x80))
			return 0;
		y = cursor_u8(&c);
		global = (y & 0x0F) == T_GLOBAL;
	}
	return 0;
}

static const char *voltage_text(unsigned classes)
{
	static const char *const texts[] = {"",
					    ", for 5 V alone",
					    ", for 3 V alone",
					    ", for 5 and 3 V",
					    ", for 1.8 V alone",
					    "",
					    ", for 3 and 1.8 V",
					    ", for 5, 3 and 1.8 V"};

	return classes < ARRAY_LEN(texts) ? texts[classes] : "";
}

/* NULL: nothing departs from TS 102 221. */
static const char *departure(const struct atr *a)
{
	if (!(a->protocols & UICC_PROTOCOLS))
		return "it offers neither T=0 nor T=1 (TS 102 221 7)";
	if (!a->historical.len || slice_at(a->historical, 0) != CATEGORY_UICC)
		return "its historical octets do not begin with 80 (TS 102 221 6.3.1)";
	return NULL;
}

void link_atr(struct doctor *d, struct doctor_finding *f)
{
	struct slice raw = uicc_atr(d->u);
	const char *trouble = atr_trouble(raw);
	char hex[2 * 64 + 1] = "";
	struct atr a = {0};

	if (d->protocol == TRANSPORT_TCL) {
		finding_absent(f, "a contactless card has an ATS");
		return;
	}
	if (!trouble && !atr_parse(raw, &a) && departure(&a)) {
		finding_trouble(f, "the ATR is none of a UICC: %s", departure(&a));
		finding_mend(f, "nothing, for a SIM of 2G or a card of another kind (see kind "
				"below); a UICC with it has trouble in phones: tell its maker");
	} else if (trouble) {
		finding_trouble(f, "the ATR is wrong: %s", trouble);
		finding_mend(f, "clean the contacts, or try another reader; if it stays so, tell "
				"the card's maker");
	} else if (hex_encode(raw, hex, sizeof(hex))) {
		finding_trouble(f, "the ATR is too long");
		finding_mend(f, "try another reader");
	} else {
		finding_good(f, "%s%s", hex, voltage_text(voltage_classes(raw)));
	}
}

struct exchange {
	struct doctor *d;
	enum err e;
	uint16_t sw;
	size_t len; /* of the data */
};

/* One TPDU as it stands. */
static void exchange_one(struct exchange *x, const struct apdu *a, bool has_data)
{
	uint8_t sent[APDU_COMMAND_MAX], got[APDU_RESPONSE_MAX];
	struct wbuf command = wbuf_init(sent, sizeof(sent)), response = wbuf_init(got, sizeof(got));
	struct slice all;

	if (has_data) {
		apdu_put(&command, a);
	} else {
		wbuf_u8(&command, a->cla);
		wbuf_u8(&command, a->ins);
		wbuf_u8(&command, a->p1);
		wbuf_u8(&command, a->p2);
		wbuf_u8(&command, a->p3);
	}
	x->e = wbuf_done(&command);
	if (!x->e)
		x->e = uicc_raw(x->d->u, wbuf_slice(&command), &response);
	all = wbuf_slice(&response);
	if (!x->e && all.len < 2)
		x->e = ERR_PROTOCOL;
	if (!x->e) {
		x->len = all.len - 2;
		x->sw = (uint16_t)(slice_at(all, x->len) << 8 | slice_at(all, x->len + 1));
	}
}

static void select_mf(struct exchange *x)
{
	static const uint8_t mf[] = {0x3F, 0x00};
	struct apdu a = command_apdu(COMMAND_SELECT, 0);

	a.p1 = SELECT_FID;
	a.p2 = SELECT_RETURN_FCP;
	a.data = SLICE_OF(mf);
	exchange_one(x, &a, true);
}

static void get_response(struct exchange *x, unsigned octets)
{
	struct apdu a = command_apdu(COMMAND_GET_RESPONSE, 0);

	a.p3 = (uint8_t)octets;
	exchange_one(x, &a, false);
}

/* TS 102 221 7.3.1.1.4: what waits is announced by 61xx, fetched by GET RESPONSE; a wrong Le is
 * put right by 6Cxx. False: said what is wrong. */
static bool check_t0(struct exchange *x, unsigned octets, struct doctor_finding *f)
{
	get_response(x, octets);
	if (!x->e && (!sw_is_good(x->sw) || x->len != octets)) {
		finding_trouble(f, "T=0: the card announced %u octets, and gave %zu (%04X)", octets,
				x->len, x->sw);
		return false;
	}
	if (!x->e)
		select_mf(x);
	if (!x->e)
		get_response(x, octets == 255 ? 1 : octets + 1);
	if (x->e || sw_is_good(x->sw) || sw_is(x->sw, SW_WRONG_LENGTH) ||
	    (sw_is(x->sw, SW_CORRECT_LE) && sw_number(x->sw) == octets))
		return true;
	finding_trouble(f, "T=0: the card answers a wrong Le by %04X (%s), not by 6C%02X", x->sw,
			sw_text(x->sw), octets & 0xFF);
	return false;
}

void link_t0(struct doctor *d, struct doctor_finding *f)
{
	struct exchange x = {.d = d};
	bool right = true;

	if (d->protocol != TRANSPORT_T0) {
		finding_absent(f, "the card speaks %s",
			       d->protocol == TRANSPORT_T1 ? "T=1" : "T=CL");
		return;
	}
	select_mf(&x);
	if (!x.e && sw_is(x.sw, SW_RESPONSE)) {
		right = check_t0(&x, sw_number(x.sw), f);
		if (right && !x.e)
			finding_good(f, "61xx, GET RESPONSE and 6Cxx are right");
	} else if (!x.e && sw_is_good(x.sw) && x.len) {
		finding_good(f, "the reader fetches answers itself");
	} else if (!x.e && sw_is_good(x.sw)) {
		finding_trouble(f, "T=0: SELECT with an answer is not followed by 61xx (%04X)",
				x.sw);
		right = false;
	} else if (!x.e) {
		finding_absent(f, "the card selects no MF (%04X): there is nothing to look at",
			       x.sw);
	}
	if (x.e)
		finding_trouble(f, "T=0: %s", err_text(x.e));
	if (x.e || !right)
		finding_mend(f, "try another reader; if it stays so, tell the card's maker "
				"(twinkey test-card names the clauses)");
}

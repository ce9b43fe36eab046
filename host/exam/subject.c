#include "host/exam/subject.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "host/exam/probe.h"
#include "host/terminal/chip.h"
#include "host/terminal/kra.h"
#include "host/terminal/lpa/lpa.h"
#include "host/terminal/usim.h"
#include "lib/base/tlv.h"
#include "lib/rsp/es10b.h"
#include "lib/rsp/es10c.h"
#include "lib/rsp/known_issuer.h"
#include "lib/uicc/aid.h"
#include "lib/uicc/fcp.h"
#include "host/exam/history.h"

static void learn(struct exam_subject *s, const char *key, const char *label, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

static void learn(struct exam_subject *s, const char *key, const char *label, const char *fmt, ...)
{
	struct exam_fact *f;
	va_list ap;

	if (s->fact_count == EXAM_FACTS_MAX)
		return;
	f = &s->facts[s->fact_count++];
	f->key = key;
	f->label = label;
	va_start(ap, fmt);
	vsnprintf(f->text, sizeof(f->text), fmt, ap);
	va_end(ap);
}

/* ERR_CARD and ERR_PROTOCOL are answers, and the cases' business. */
static enum err lenient(enum err e)
{
	return e == ERR_CARD || e == ERR_PROTOCOL || e == ERR_NOT_FOUND || e == ERR_ENCODING ||
			       e == ERR_SPACE
		       ? ERR_OK
		       : e;
}

static void learn_way(struct exam *x)
{
	static const char *const protocols[] = {
		[TRANSPORT_T0] = "T=0", [TRANSPORT_T1] = "T=1", [TRANSPORT_TCL] = "T=CL"};
	struct transport *t = uicc_transport(x->u);
	struct exam_subject *s = x->card;

	snprintf(s->reader, sizeof(s->reader), "%s", t->name);
	snprintf(s->protocol, sizeof(s->protocol), "%s", protocols[t->protocol]);
	if (transport_properties(t, &s->properties))
		s->properties = (struct transport_properties){0};
	if (t->protocol != TRANSPORT_TCL)
		s->has |= EXAM_CONTACTS;
	if (t->extended)
		s->has |= EXAM_EXTENDED;
	if (t->pin_pad)
		s->has |= EXAM_PIN_PAD;
}

static void learn_atr(struct exam *x)
{
	struct exam_subject *s = x->card;
	struct atr_walk w;
	struct card_capabilities c;
	enum err e = atr_walk(uicc_atr(x->u), &w);

	(void)e; /* atr.form is about that; what the ATR says counts all the same */
	hex_encode(uicc_atr(x->u), s->atr, sizeof(s->atr));
	learn(s, "speed", "Speed", "TA1 %02X", w.rounds[0].has_a ? w.rounds[0].a : 0x11);
	if (!card_capabilities(w.historical, &c))
		return;
	if (c.channels > 1) {
		s->has |= EXAM_CHANNELS;
		learn(s, "channels", "Logical channels", "%u", c.channels);
	}
	if (c.extended_lengths)
		learn(s, "extended", "Extended lengths", "announced");
}

static enum err learn_sides(struct exam *x)
{
	static const uint8_t mf[] = {FID_MF >> 8, FID_MF & 0xFF};
	struct apdu a = exam_command(COMMAND_SELECT, SELECT_FID, SELECT_RETURN_FCP, 0);
	struct exam_answer got;

	a.data = SLICE_OF(mf);
	if (sw_is_good(exam_send(x, &a, &got))) {
		x->card->has |= EXAM_UICC;
		/* under T=0 what a command with data answers is announced */
		if (uicc_transport(x->u)->protocol == TRANSPORT_T0 && !x->trouble) {
			static const uint8_t tpdu[] = {CLA_INTERINDUSTRY, INS_SELECT, SELECT_FID,
						       SELECT_RETURN_FCP, sizeof(mf), FID_MF >> 8,
						       FID_MF & 0xFF};

			exam_tpdu(x, SLICE_OF(tpdu), &got);
			if (sw_is(got.sw, SW_RESPONSE) && !got.len)
				x->card->has |= EXAM_TPDU;
		}
	}
	a = exam_command(COMMAND_GSM_SELECT, 0, 0, 0);
	a.data = SLICE_OF(mf);
	if (sw_is_good(exam_send(x, &a, &got)))
		x->card->has |= EXAM_GSM;
	return x->trouble;
}

static enum err learn_applications(struct exam *x)
{
	struct usim_app apps[USIM_APPS_MAX];
	char names[160] = "";
	size_t count = 0, len = 0;
	enum err e = lenient(usim_applications(x->u, apps, &count));

	for (size_t i = 0; i < count && !e; i++) {
		struct slice aid = slice_make(apps[i].aid, apps[i].aid_len);
		bool usim = slice_starts(aid, aid_of(AID_USIM));
		bool isim = slice_starts(aid, aid_of(AID_ISIM));

		if (usim && !x->usim_aid_len) {
			x->usim_aid_len = aid.len;
			memcpy(x->usim_aid, apps[i].aid, aid.len);
		}
		x->card->has |= isim ? EXAM_ISIM : 0;
		if (len < sizeof(names))
			len += (size_t)snprintf(names + len, sizeof(names) - len, "%s%s",
						len ? ", " : "",
						usim   ? "USIM"
						: isim ? "ISIM"
						       : "other");
	}
	if (len)
		learn(x->card, "applications", "Applications", "%s", names);
	return e;
}

static enum err learn_usim(struct exam *x)
{
	struct apdu a = exam_command(COMMAND_SELECT, SELECT_AID, SELECT_RETURN_FCP, 256);
	struct exam_answer got;
	bool enabled = true;
	enum err e;

	if (!x->usim_aid_len) { /* EF.DIR may be the fault */
		x->usim_aid_len = aid_of(AID_USIM).len;
		memcpy(x->usim_aid, aid_of(AID_USIM).ptr, aid_of(AID_USIM).len);
	}
	a.data = slice_make(x->usim_aid, x->usim_aid_len);
	if (!sw_is_good(exam_send(x, &a, &got)))
		return x->trouble;
	x->card->has |= EXAM_USIM;
	e = lenient(usim_pin_enabled(x->u, USIM_PIN1, &enabled));
	if (e)
		return e;
	a = exam_command(COMMAND_VERIFY_PIN, 0, USIM_PIN1, 0);
	exam_send(x, &a, &got);
	if (sw_is(got.sw, SW_VERIFY_FAILED)) {
		x->pin_tries = (int)sw_number(got.sw);
		x->card->has |= enabled ? EXAM_PIN_ENABLED : EXAM_PIN;
	} else if (got.sw == SW_PIN_BLOCKED) {
		x->pin_tries = 0;
		x->card->has |= EXAM_PIN_ENABLED;
	} else {
		x->card->has |= EXAM_PIN; /* disabled, or none is needed */
	}
	if (x->pin_tries >= 0)
		learn(x->card, "pin", "PIN1", "%s, tries left: %d",
		      enabled ? "enabled" : "not enabled", x->pin_tries);
	return x->trouble;
}

static enum err learn_iccid(struct exam *x)
{
	enum err e = lenient(usim_read_iccid(x->u, x->card->iccid));

	return e;
}

static enum err learn_enabled(struct exam *x, struct lpa *l)
{
	struct wbuf der = wbuf_grow(UICC_RESPONSE_MAX);
	struct es10c_profile_info p;
	struct slice items = SLICE_EMPTY;
	struct cursor c;
	unsigned n = 0;
	enum err e = lenient(lpa_profiles(l, &der, &items));

	c = cursor_of(items);
	while (!e && es10c_next_profile(&c, &p)) {
		n++;
		if (p.has_state && p.state == ES10C_ENABLED)
			x->card->has |= EXAM_ENABLED_PROFILE;
	}
	if (!e)
		learn(x->card, "profiles", "Profiles", "%u", n);
	wbuf_free(&der);
	return e;
}

/* Whose certificates the eUICC has: "the GSMA's issuer, another (0102..)". */
static void learn_issuers(struct exam *x, struct slice key_ids)
{
	struct cursor c = cursor_of(key_ids);
	char text[160] = "", hex[2 * 20 + 1];
	size_t len = 0;

	while (cursor_left(&c) && len < sizeof(text)) {
		struct slice id = tlv_expect(&c, ASN1_OCTET_STRING);
		const struct known_issuer *issuer = known_issuer_of(id);

		if (c.err || hex_encode(slice_sub(id, 0, 20), hex, sizeof(hex)))
			break;
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s%s", len ? ", " : "",
					issuer ? "" : "another: ", issuer ? issuer->name : hex);
	}
	if (len)
		learn(x->card, "issuers", "Certificates under", "%s", text);
}

static enum err learn_euicc(struct exam *x)
{
	struct wbuf der = wbuf_grow(UICC_RESPONSE_MAX);
	struct es10b_euicc_info2 info;
	struct lpa *l = NULL;
	enum err e = lenient(lpa_open(x->u, x->plan->isdr_aid, &l));

	if (!l)
		goto out;
	if (!lpa_info2(l, &der, &info) && info.svn.len == RSP_VERSION_LEN) {
		learn(x->card, "svn", "SGP.22 version", "%u.%u.%u", slice_at(info.svn, 0),
		      slice_at(info.svn, 1), slice_at(info.svn, 2));
		learn_issuers(x, info.ci_sign);
	}
	e = learn_enabled(x, l);
	lpa_close(&l);
out:
	wbuf_free(&der);
	return e;
}

/* An ISD-R whose FCI is one of SGP.22 5.7.1, whatever it then answers. */
static enum err learn_isdr(struct exam *x, bool *there)
{
	struct slice aid = x->plan->isdr_aid.len ? x->plan->isdr_aid : aid_of(AID_ISDR);
	uint8_t octets[APDU_RESPONSE_MAX];
	struct wbuf fci = wbuf_init(octets, sizeof(octets));
	struct slice body, isdr;
	unsigned channel;
	uint16_t sw;
	enum err e = uicc_channel_open(x->u, aid, &channel, &fci, &sw);

	*there = !e && !tlv_only(wbuf_slice(&fci), UICC_FCI, &body) &&
		 tlv_find(body, UICC_FCI_ISDR, &isdr);
	if (!e)
		e = uicc_channel_close(x->u, channel);
	return lenient(e);
}

static enum err learn_chip(struct exam *x)
{
	struct chip chip = {0};
	bool isdr = false;
	enum err e = lenient(chip_detect(x->u, x->plan->isdr_aid, &chip));

	if (!e)
		e = learn_isdr(x, &isdr);
	if (e)
		return e;
	if (chip.has_eid)
		hex_encode(SLICE_OF(chip.eid), x->card->eid, sizeof(x->card->eid));
	learn(x->card, "chip", "Chip", "%s", chip_text(chip.kind));
	if (chip.kind != CHIP_SGP22 && chip.kind != CHIP_SGP32 && !isdr)
		return ERR_OK;
	x->card->has |= EXAM_ISDR;
	return learn_euicc(x);
}

static enum err learn_kra(struct exam *x)
{
	struct kra k;
	struct kra_status status;
	enum err e = kra_open(x->u, &k);

	if (e)
		return lenient(e);
	x->card->has |= EXAM_KRA;
	e = lenient(kra_ask_status(&k, &status));
	if (!e)
		e = lenient(kra_close(&k));
	return e;
}

static void name_kind(struct exam_subject *s)
{
	snprintf(s->kind, sizeof(s->kind), "%s%s%s",
		 s->has & EXAM_ISDR   ? "eUICC"
		 : s->has & EXAM_USIM ? "USIM card"
		 : s->has & EXAM_UICC ? "UICC"
		 : s->has & EXAM_GSM  ? "SIM of 2G"
				      : "smart card, but no UICC",
		 !(s->has & EXAM_ISDR) ? ""
		 : s->has & EXAM_USIM  ? " with a USIM"
				       : " without a USIM",
		 s->has & EXAM_KRA ? " and a key-release application" : "");
}

enum err subject_learn(struct exam *x)
{
	static enum err (*const steps[])(struct exam *) = {
		learn_sides, learn_applications, learn_usim, learn_iccid, learn_chip, learn_kra};
	enum err e = ERR_OK;

	x->pin_tries = -1;
	learn_way(x);
	learn_atr(x);
	for (size_t i = 0; i < ARRAY_LEN(steps) && !e; i++)
		e = steps[i](x);
	if (x->plan->keys)
		x->card->has |= EXAM_KEYS;
	if (x->plan->journey)
		x->card->has |= EXAM_OPERATOR;
	if (x->plan->allow_changes)
		x->card->has |= EXAM_CHANGES;
	name_kind(x->card);
	return e;
}

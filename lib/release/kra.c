#include "lib/release/kra.h"

#include <string.h>

#include "lib/crypto/ec.h"
#include "lib/release/fields.h"

#define TAG_WANTED_ICCID 0x80u /* of GetChallenge */
#define TAG_ERROR	 0x80u
#define TAG_CERTIFICATE	 ASN1_SEQUENCE

/* Fields by message */
enum challenge_tag { CH_EID = 0x80, CH_ICCID, CH_KEY_ID, CH_NONCE };
enum outcome_tag { OUT_EID = 0x80, OUT_ICCID, OUT_KEY_ID, OUT_NONCE, OUT_RESULT };
enum status_tag { ST_EID = 0x80, ST_ICCID, ST_KEY_ID, ST_STATE, ST_ACTIVE, ST_IN_MEMORY };

const uint8_t kra_aid[9] = {0xF0, 'T', 'W', 'I', 'N', 'K', 'E', 'Y', 0x01};

const char *kra_result_text(enum kra_result r)
{
	switch (r) {
#define KRA_TEXT(name, value, text)                                                                \
	case name: return text;
		KRA_RESULT_TABLE(KRA_TEXT)
#undef KRA_TEXT
	}
	return "unknown result";
}

const char *kra_state_name(enum kra_state state)
{
	static const char *const names[] = {
		[KRA_STATE_NO_PROFILE] = "no profile",
		[KRA_STATE_NO_SEALED_PART] = "no sealed part",
		[KRA_STATE_SEALED] = "sealed",
		[KRA_STATE_RELEASED] = "released",
	};

	return (size_t)state < ARRAY_LEN(names) ? names[state] : "unknown";
}

static enum kra_result take_result(struct cursor *c, uint32_t tag)
{
	uint64_t v = tlv_expect_uint(c, tag);

	return v > KRA_RESULT_UNDEFINED ? KRA_RESULT_UNDEFINED : (enum kra_result)v;
}

void kra_put_get_status(struct wbuf *w)
{
	tlv_put(w, KRA_TAG_STATUS, SLICE_EMPTY);
}

void kra_put_status(struct wbuf *w, const struct kra_status *s)
{
	size_t whole = tlv_open(w, KRA_TAG_STATUS);

	tlv_put(w, ST_EID, SLICE_OF(s->eid));
	if (s->has_iccid)
		tlv_put(w, ST_ICCID, SLICE_OF(s->iccid));
	tlv_put_uint(w, ST_KEY_ID, s->key_id);
	tlv_put_uint(w, ST_STATE, (uint64_t)s->state);
	tlv_put_uint(w, ST_ACTIVE, s->active);
	if (s->in_memory)
		tlv_put_bool(w, ST_IN_MEMORY, true);
	tlv_close(w, whole);
}

enum err kra_parse_status(struct slice message, struct kra_status *out)
{
	struct cursor c = cursor_of(message), in = tlv_enter(&c, KRA_TAG_STATUS);
	struct kra_status s = {0};
	uint64_t state, active;
	enum err e;

	fields_copy(&in, ST_EID, s.eid, sizeof(s.eid));
	s.has_iccid = tlv_peek(&in) == ST_ICCID;
	if (s.has_iccid)
		fields_copy(&in, ST_ICCID, s.iccid, sizeof(s.iccid));
	s.key_id = fields_u32(&in, ST_KEY_ID);
	state = tlv_expect_uint(&in, ST_STATE);
	active = tlv_expect_uint(&in, ST_ACTIVE);
	if (tlv_peek(&in) == ST_IN_MEMORY) {
		s.in_memory = tlv_expect_bool(&in, ST_IN_MEMORY);
		if (!in.err && !s.in_memory) /* X.690 11.5: a default is not encoded */
			cursor_fail(&in, ERR_ENCODING);
	}
	if (state > KRA_STATE_RELEASED || active > 2)
		cursor_fail(&in, ERR_VALUE);
	s.state = (enum kra_state)state;
	s.active = (uint8_t)active;
	tlv_leave(&c, &in);
	e = cursor_done(&c);
	if (!e)
		*out = s;
	return e;
}

void kra_put_get_challenge(struct wbuf *w, const uint8_t iccid[static KRA_ICCID_LEN])
{
	size_t whole = tlv_open(w, KRA_TAG_CHALLENGE);

	tlv_put(w, TAG_WANTED_ICCID, slice_make(iccid, KRA_ICCID_LEN));
	tlv_close(w, whole);
}

enum err kra_parse_get_challenge(struct slice message, uint8_t iccid[static KRA_ICCID_LEN])
{
	struct cursor c = cursor_of(message), in = tlv_enter(&c, KRA_TAG_CHALLENGE);
	uint8_t got[KRA_ICCID_LEN] = {0};
	enum err e;

	fields_copy(&in, TAG_WANTED_ICCID, got, sizeof(got));
	tlv_leave(&c, &in);
	e = cursor_done(&c);
	if (!e)
		memcpy(iccid, got, sizeof(got));
	return e;
}

enum err kra_put_challenge(struct wbuf *w, const struct kra_challenge *c,
			   const struct ec_key *sk_euicc)
{
	size_t whole = tlv_open(w, KRA_TAG_CHALLENGE), start = w->len;
	size_t part = tlv_open(w, FIELDS_TAG_SIGNED);
	enum err e;

	tlv_put(w, CH_EID, SLICE_OF(c->binding.eid));
	tlv_put(w, CH_ICCID, SLICE_OF(c->binding.iccid));
	tlv_put_uint(w, CH_KEY_ID, c->binding.key_id);
	tlv_put(w, CH_NONCE, SLICE_OF(c->binding.nonce));
	tlv_put(w, FIELDS_TAG_OTPK, c->card_otpk);
	tlv_close(w, part);
	e = fields_sign(w, start, sk_euicc);
	wbuf_put(w, c->euicc_cert);
	wbuf_put(w, c->eum_cert);
	tlv_close(w, whole);
	return e ? e : wbuf_done(w);
}

void kra_put_error(struct wbuf *w, uint32_t tag, enum kra_result error)
{
	size_t whole = tlv_open(w, tag);

	tlv_put_uint(w, TAG_ERROR, (uint64_t)error);
	tlv_close(w, whole);
}

enum err kra_parse_challenge(struct slice message, struct kra_challenge *out,
			     enum kra_result *error)
{
	struct cursor c = cursor_of(message), in = tlv_enter(&c, KRA_TAG_CHALLENGE), part;
	struct kra_challenge ch = {0};
	enum err e;

	if (tlv_peek(&in) == TAG_ERROR) {
		enum kra_result r = take_result(&in, TAG_ERROR);

		tlv_leave(&c, &in);
		e = cursor_done(&c);
		if (!e && error)
			*error = r;
		return e ? e : ERR_REFUSED;
	}
	part = fields_enter_signed(&in, &ch.signed_part);
	fields_copy(&part, CH_EID, ch.binding.eid, KRA_EID_LEN);
	fields_copy(&part, CH_ICCID, ch.binding.iccid, KRA_ICCID_LEN);
	ch.binding.key_id = fields_u32(&part, CH_KEY_ID);
	fields_copy(&part, CH_NONCE, ch.binding.nonce, KRA_NONCE_LEN);
	ch.card_otpk = fields_sized(&part, FIELDS_TAG_OTPK, EC_POINT_LEN);
	tlv_leave(&in, &part);
	ch.signature = fields_sized(&in, FIELDS_TAG_SIGNATURE, EC_SIGNATURE_LEN);
	ch.euicc_cert = tlv_expect_raw(&in, TAG_CERTIFICATE);
	ch.eum_cert = tlv_expect_raw(&in, TAG_CERTIFICATE);
	tlv_leave(&c, &in);
	e = cursor_done(&c);
	if (!e)
		*out = ch;
	return e;
}

static struct slice find_field(struct slice fields, uint32_t tag)
{
	struct slice v;

	return tlv_find(fields, tag, &v) ? v : SLICE_EMPTY;
}

void kra_view_grant(struct slice message, struct kra_grant_view *out)
{
	struct slice whole = find_field(message, KRA_TAG_GRANT);
	struct slice part = find_field(whole, FIELDS_TAG_SIGNED);
	struct cursor c = cursor_of(whole);

	*out = (struct kra_grant_view){
		.key_id = find_field(part, GR_KEY_ID),
		.iccid = find_field(part, GR_ICCID),
		.eid = find_field(part, GR_EID),
		.nonce = find_field(part, GR_NONCE),
		.operator_otpk = find_field(part, FIELDS_TAG_OTPK),
		.signed_part = tlv_expect_raw(&c, FIELDS_TAG_SIGNED),
		.signature = find_field(whole, FIELDS_TAG_SIGNATURE),
	};
}

enum err kra_put_outcome(struct wbuf *w, const struct kra_binding *b, enum kra_result result,
			 const struct ec_key *sk_euicc)
{
	size_t whole = tlv_open(w, KRA_TAG_GRANT), start = w->len;
	size_t part = tlv_open(w, FIELDS_TAG_SIGNED);
	enum err e;

	tlv_put(w, OUT_EID, SLICE_OF(b->eid));
	tlv_put(w, OUT_ICCID, SLICE_OF(b->iccid));
	tlv_put_uint(w, OUT_KEY_ID, b->key_id);
	tlv_put(w, OUT_NONCE, SLICE_OF(b->nonce));
	tlv_put_uint(w, OUT_RESULT, (uint64_t)result);
	tlv_close(w, part);
	e = fields_sign(w, start, sk_euicc);
	tlv_close(w, whole);
	return e ? e : wbuf_done(w);
}

enum err kra_parse_outcome(struct slice message, struct kra_outcome *out)
{
	struct cursor c = cursor_of(message), in = tlv_enter(&c, KRA_TAG_GRANT), part;
	struct kra_outcome o = {0};
	enum err e;

	part = fields_enter_signed(&in, &o.signed_part);
	fields_copy(&part, OUT_EID, o.binding.eid, KRA_EID_LEN);
	fields_copy(&part, OUT_ICCID, o.binding.iccid, KRA_ICCID_LEN);
	o.binding.key_id = fields_u32(&part, OUT_KEY_ID);
	fields_copy(&part, OUT_NONCE, o.binding.nonce, KRA_NONCE_LEN);
	o.result = take_result(&part, OUT_RESULT);
	tlv_leave(&in, &part);
	o.signature = fields_sized(&in, FIELDS_TAG_SIGNATURE, EC_SIGNATURE_LEN);
	tlv_leave(&c, &in);
	e = cursor_done(&c);
	if (!e)
		*out = o;
	return e;
}

enum err kra_put_reseal(struct wbuf *w, struct slice sealed, const struct ec_key *release_key)
{
	size_t whole = tlv_open(w, KRA_TAG_RESEAL), start = w->len;
	enum err e;

	wbuf_put(w, sealed);
	e = fields_sign(w, start, release_key);
	tlv_close(w, whole);
	return e ? e : wbuf_done(w);
}

enum err kra_parse_reseal(struct slice message, struct kra_reseal *out)
{
	struct cursor c = cursor_of(message), in = tlv_enter(&c, KRA_TAG_RESEAL);
	struct kra_reseal r;
	enum err e;

	r.sealed = tlv_expect_raw(&in, ASN1_SEQUENCE);
	r.signature = fields_sized(&in, FIELDS_TAG_SIGNATURE, EC_SIGNATURE_LEN);
	tlv_leave(&c, &in);
	e = cursor_done(&c);
	if (!e)
		*out = r;
	return e;
}

void kra_put_reseal_result(struct wbuf *w, enum kra_result result)
{
	kra_put_error(w, KRA_TAG_RESEAL, result);
}

enum err kra_parse_reseal_result(struct slice message, enum kra_result *result)
{
	struct cursor c = cursor_of(message), in = tlv_enter(&c, KRA_TAG_RESEAL);
	enum kra_result r = take_result(&in, TAG_ERROR);
	enum err e;

	tlv_leave(&c, &in);
	e = cursor_done(&c);
	if (!e)
		*result = r;
	return e;
}

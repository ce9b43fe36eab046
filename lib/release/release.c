#include "lib/release/release.h"

#include <string.h>

#include "lib/crypto/symmetric.h"
#include "lib/base/tlv.h"

#define TAG_SIGNED	0xB0u
#define TAG_SIGNATURE	0x5F37u
#define TAG_OTPK	0x5F49u
#define TAG_ERROR	0x80u
#define TAG_CERTIFICATE ASN1_SEQUENCE
#define KEK_LEN		32

/* Fields of the signed parts, by message */
enum challenge_tag { CH_EID = 0x80, CH_ICCID, CH_KEY_ID, CH_NONCE };
enum grant_tag { GR_KEY_ID = 0x80, GR_ICCID, GR_EID, GR_NONCE, GR_WRAPPED };
enum outcome_tag { OUT_EID = 0x80, OUT_ICCID, OUT_KEY_ID, OUT_NONCE, OUT_RESULT };
enum status_tag { ST_EID = 0x80, ST_ICCID, ST_KEY_ID, ST_STATE, ST_ACTIVE };

const uint8_t release_aid[9] = {0xF0, 'T', 'W', 'I', 'N', 'K', 'E', 'Y', 0x01};

const char *release_result_text(enum release_result r)
{
	switch (r) {
#define RELEASE_TEXT(name, value, text)                                                            \
	case name: return text;
		RELEASE_RESULT_TABLE(RELEASE_TEXT)
#undef RELEASE_TEXT
	}
	return "unknown result";
}

/* The next object's value, which must have exactly n octets. */
static void take_fixed(struct cursor *c, uint32_t tag, uint8_t *dst, size_t n)
{
	struct slice v = tlv_expect(c, tag);

	if (!c->err && slice_copy(v, dst, n))
		cursor_fail(c, ERR_LENGTH);
}

static struct slice take_sized(struct cursor *c, uint32_t tag, size_t n)
{
	struct slice v = tlv_expect(c, tag);

	if (!c->err && v.len != n)
		cursor_fail(c, ERR_LENGTH);
	return v;
}

static uint32_t take_u32(struct cursor *c, uint32_t tag)
{
	uint64_t v = tlv_expect_uint(c, tag);

	if (v > UINT32_MAX)
		cursor_fail(c, ERR_VALUE);
	return (uint32_t)v;
}

static enum release_result take_result(struct cursor *c, uint32_t tag)
{
	uint64_t v = tlv_expect_uint(c, tag);

	return v > RELEASE_UNDEFINED ? RELEASE_UNDEFINED : (enum release_result)v;
}

/* What was written from mark on, signed. */
static enum err sign_from(struct wbuf *w, size_t mark, const struct ec_key *key)
{
	struct slice part = slice_sub(wbuf_slice(w), mark, w->len);
	uint8_t signature[EC_SIGNATURE_LEN];
	enum err e = wbuf_done(w);

	if (!e)
		e = ec_sign(key, &part, 1, signature);
	if (!e)
		tlv_put(w, TAG_SIGNATURE, SLICE_OF(signature));
	return e;
}

void release_put_get_status(struct wbuf *w)
{
	tlv_put(w, RELEASE_TAG_STATUS, SLICE_EMPTY);
}

void release_put_status(struct wbuf *w, const struct release_status *s)
{
	size_t whole = tlv_open(w, RELEASE_TAG_STATUS);

	tlv_put(w, ST_EID, SLICE_OF(s->eid));
	if (s->has_iccid)
		tlv_put(w, ST_ICCID, SLICE_OF(s->iccid));
	tlv_put_uint(w, ST_KEY_ID, s->key_id);
	tlv_put_uint(w, ST_STATE, (uint64_t)s->state);
	tlv_put_uint(w, ST_ACTIVE, s->active);
	tlv_close(w, whole);
}

enum err release_parse_status(struct slice message, struct release_status *out)
{
	struct cursor c = cursor_of(message), in = tlv_enter(&c, RELEASE_TAG_STATUS);
	struct release_status s = {0};
	uint64_t state, active;
	enum err e;

	take_fixed(&in, ST_EID, s.eid, sizeof(s.eid));
	s.has_iccid = tlv_peek(&in) == ST_ICCID;
	if (s.has_iccid)
		take_fixed(&in, ST_ICCID, s.iccid, sizeof(s.iccid));
	s.key_id = take_u32(&in, ST_KEY_ID);
	state = tlv_expect_uint(&in, ST_STATE);
	active = tlv_expect_uint(&in, ST_ACTIVE);
	if (state > RELEASE_STATE_RELEASED || active > 2)
		cursor_fail(&in, ERR_VALUE);
	s.state = (enum release_state)state;
	s.active = (uint8_t)active;
	tlv_leave(&c, &in);
	e = cursor_done(&c);
	if (!e)
		*out = s;
	return e;
}

void release_put_get_challenge(struct wbuf *w, const uint8_t iccid[static RELEASE_ICCID_LEN])
{
	size_t whole = tlv_open(w, RELEASE_TAG_CHALLENGE);

	tlv_put(w, 0x80, slice_make(iccid, RELEASE_ICCID_LEN));
	tlv_close(w, whole);
}

enum err release_parse_get_challenge(struct slice message, uint8_t iccid[static RELEASE_ICCID_LEN])
{
	struct cursor c = cursor_of(message), in = tlv_enter(&c, RELEASE_TAG_CHALLENGE);
	uint8_t got[RELEASE_ICCID_LEN] = {0};
	enum err e;

	take_fixed(&in, 0x80, got, sizeof(got));
	tlv_leave(&c, &in);
	e = cursor_done(&c);
	if (!e)
		memcpy(iccid, got, sizeof(got));
	return e;
}

enum err release_put_challenge(struct wbuf *w, const struct release_binding *b,
			       struct slice card_otpk, const struct ec_key *sk_euicc,
			       struct slice euicc_cert, struct slice eum_cert)
{
	size_t whole = tlv_open(w, RELEASE_TAG_CHALLENGE), start = w->len;
	size_t part = tlv_open(w, TAG_SIGNED);
	enum err e;

	tlv_put(w, CH_EID, SLICE_OF(b->eid));
	tlv_put(w, CH_ICCID, SLICE_OF(b->iccid));
	tlv_put_uint(w, CH_KEY_ID, b->key_id);
	tlv_put(w, CH_NONCE, SLICE_OF(b->nonce));
	tlv_put(w, TAG_OTPK, card_otpk);
	tlv_close(w, part);
	e = sign_from(w, start, sk_euicc);
	wbuf_put(w, euicc_cert);
	wbuf_put(w, eum_cert);
	tlv_close(w, whole);
	return e ? e : wbuf_done(w);
}

void release_put_error(struct wbuf *w, uint32_t tag, enum release_result error)
{
	size_t whole = tlv_open(w, tag);

	tlv_put_uint(w, TAG_ERROR, (uint64_t)error);
	tlv_close(w, whole);
}

/* The signed part of a message: its fields by a cursor, and the whole of it for the signature. */
static struct cursor enter_signed(struct cursor *in, struct slice *signed_part)
{
	struct cursor copy = *in;

	*signed_part = tlv_expect_raw(&copy, TAG_SIGNED);
	return tlv_enter(in, TAG_SIGNED);
}

enum err release_parse_challenge(struct slice message, struct release_challenge *out,
				 enum release_result *error)
{
	struct cursor c = cursor_of(message), in = tlv_enter(&c, RELEASE_TAG_CHALLENGE), part;
	struct release_challenge ch = {0};
	enum err e;

	if (tlv_peek(&in) == TAG_ERROR) {
		enum release_result r = take_result(&in, TAG_ERROR);

		tlv_leave(&c, &in);
		e = cursor_done(&c);
		if (!e && error)
			*error = r;
		return e ? e : ERR_REFUSED;
	}
	part = enter_signed(&in, &ch.signed_part);
	take_fixed(&part, CH_EID, ch.binding.eid, RELEASE_EID_LEN);
	take_fixed(&part, CH_ICCID, ch.binding.iccid, RELEASE_ICCID_LEN);
	ch.binding.key_id = take_u32(&part, CH_KEY_ID);
	take_fixed(&part, CH_NONCE, ch.binding.nonce, RELEASE_NONCE_LEN);
	ch.card_otpk = take_sized(&part, TAG_OTPK, EC_POINT_LEN);
	tlv_leave(&in, &part);
	ch.signature = take_sized(&in, TAG_SIGNATURE, EC_SIGNATURE_LEN);
	ch.euicc_cert = tlv_expect_raw(&in, TAG_CERTIFICATE);
	ch.eum_cert = tlv_expect_raw(&in, TAG_CERTIFICATE);
	tlv_leave(&c, &in);
	e = cursor_done(&c);
	if (!e)
		*out = ch;
	return e;
}

static enum err derive_kek(const struct ec_key *own, struct slice peer, struct slice info,
			   struct secret **kek)
{
	struct secret *z = NULL, *k = NULL;
	enum err e = ec_agree(own, peer, &z);

	if (!e) {
		k = secret_new(KEK_LEN);
		e = k ? x963_kdf_sha256(secret_slice(z), info, k->bytes, k->len) : ERR_MEMORY;
	}
	secret_free(&z);
	if (e)
		secret_free(&k);
	else
		*kek = k;
	return e;
}

/* The fields that the KEK is bound to: keyId .. operatorOtpk */
static void put_grant_fields(struct wbuf *w, const struct release_binding *b, struct slice otpk)
{
	tlv_put_uint(w, GR_KEY_ID, b->key_id);
	tlv_put(w, GR_ICCID, SLICE_OF(b->iccid));
	tlv_put(w, GR_EID, SLICE_OF(b->eid));
	tlv_put(w, GR_NONCE, SLICE_OF(b->nonce));
	tlv_put(w, TAG_OTPK, otpk);
}

enum err release_put_grant(struct wbuf *w, const struct release_binding *b, struct slice card_otpk,
			   const struct secret *s, const struct ec_key *release_key)
{
	uint8_t info_mem[256], wrapped_mem[RELEASE_WRAPPED_LEN + 2 * AES_BLOCK];
	struct wbuf info = wbuf_init(info_mem, sizeof(info_mem));
	struct wbuf wrapped = wbuf_init(wrapped_mem, sizeof(wrapped_mem));
	struct ec_key *ot = NULL;
	struct secret *kek = NULL;
	size_t whole, start, part;
	enum err e = s->len == RELEASE_S_LEN ? ec_key_generate(EC_P256, &ot) : ERR_KEY;

	if (!e) {
		put_grant_fields(&info, b, ec_key_point(ot));
		e = derive_kek(ot, card_otpk, wbuf_slice(&info), &kek);
	}
	if (!e)
		e = aes_key_wrap(secret_slice(kek), secret_slice(s), &wrapped);
	if (!e) {
		whole = tlv_open(w, RELEASE_TAG_GRANT);
		start = w->len;
		part = tlv_open(w, TAG_SIGNED);
		wbuf_put(w, wbuf_slice(&info));
		tlv_put(w, GR_WRAPPED, wbuf_slice(&wrapped));
		tlv_close(w, part);
		e = sign_from(w, start, release_key);
		tlv_close(w, whole);
	}
	secret_free(&kek);
	ec_key_free(&ot);
	return e ? e : wbuf_done(w);
}

enum err release_parse_grant(struct slice message, struct release_grant *out)
{
	struct cursor c = cursor_of(message), in = tlv_enter(&c, RELEASE_TAG_GRANT), part;
	struct release_grant g;
	struct slice fields;
	enum err e;

	part = enter_signed(&in, &g.signed_part);
	fields = part.rest;
	g.binding.key_id = take_u32(&part, GR_KEY_ID);
	take_fixed(&part, GR_ICCID, g.binding.iccid, RELEASE_ICCID_LEN);
	take_fixed(&part, GR_EID, g.binding.eid, RELEASE_EID_LEN);
	take_fixed(&part, GR_NONCE, g.binding.nonce, RELEASE_NONCE_LEN);
	g.operator_otpk = take_sized(&part, TAG_OTPK, EC_POINT_LEN);
	g.shared_info = slice_sub(fields, 0, fields.len - cursor_left(&part));
	g.wrapped = take_sized(&part, GR_WRAPPED, RELEASE_WRAPPED_LEN);
	tlv_leave(&in, &part);
	g.signature = take_sized(&in, TAG_SIGNATURE, EC_SIGNATURE_LEN);
	tlv_leave(&c, &in);
	e = cursor_done(&c);
	if (!e)
		*out = g;
	return e;
}

enum err release_open_grant(const struct release_grant *g, const struct ec_key *card_ot,
			    struct secret **s)
{
	struct secret *kek = NULL, *key = NULL;
	struct wbuf w;
	enum err e = derive_kek(card_ot, g->operator_otpk, g->shared_info, &kek);

	if (e)
		return e;
	/* EVP writes up to two blocks more than the key while it unwraps: room for them, then a
	 * copy */
	key = secret_new(RELEASE_WRAPPED_LEN + 2 * AES_BLOCK);
	if (!key)
		e = ERR_MEMORY;
	if (!e) {
		w = wbuf_init(key->bytes, key->len);
		e = aes_key_unwrap(secret_slice(kek), g->wrapped, &w);
	}
	if (!e && w.len != RELEASE_S_LEN)
		e = ERR_MAC;
	if (!e) {
		*s = secret_copy(wbuf_slice(&w));
		e = *s ? ERR_OK : ERR_MEMORY;
	}
	secret_free(&key);
	secret_free(&kek);
	return e;
}

enum err release_put_outcome(struct wbuf *w, const struct release_binding *b,
			     enum release_result result, const struct ec_key *sk_euicc)
{
	size_t whole = tlv_open(w, RELEASE_TAG_GRANT), start = w->len;
	size_t part = tlv_open(w, TAG_SIGNED);
	enum err e;

	tlv_put(w, OUT_EID, SLICE_OF(b->eid));
	tlv_put(w, OUT_ICCID, SLICE_OF(b->iccid));
	tlv_put_uint(w, OUT_KEY_ID, b->key_id);
	tlv_put(w, OUT_NONCE, SLICE_OF(b->nonce));
	tlv_put_uint(w, OUT_RESULT, (uint64_t)result);
	tlv_close(w, part);
	e = sign_from(w, start, sk_euicc);
	tlv_close(w, whole);
	return e ? e : wbuf_done(w);
}

enum err release_parse_outcome(struct slice message, struct release_outcome *out)
{
	struct cursor c = cursor_of(message), in = tlv_enter(&c, RELEASE_TAG_GRANT), part;
	struct release_outcome o = {0};
	enum err e;

	part = enter_signed(&in, &o.signed_part);
	take_fixed(&part, OUT_EID, o.binding.eid, RELEASE_EID_LEN);
	take_fixed(&part, OUT_ICCID, o.binding.iccid, RELEASE_ICCID_LEN);
	o.binding.key_id = take_u32(&part, OUT_KEY_ID);
	take_fixed(&part, OUT_NONCE, o.binding.nonce, RELEASE_NONCE_LEN);
	o.result = take_result(&part, OUT_RESULT);
	tlv_leave(&in, &part);
	o.signature = take_sized(&in, TAG_SIGNATURE, EC_SIGNATURE_LEN);
	tlv_leave(&c, &in);
	e = cursor_done(&c);
	if (!e)
		*out = o;
	return e;
}

enum err release_put_reseal(struct wbuf *w, struct slice sealed, const struct ec_key *release_key)
{
	size_t whole = tlv_open(w, RELEASE_TAG_RESEAL), start = w->len;
	enum err e;

	wbuf_put(w, sealed);
	e = sign_from(w, start, release_key);
	tlv_close(w, whole);
	return e ? e : wbuf_done(w);
}

enum err release_parse_reseal(struct slice message, struct release_reseal *out)
{
	struct cursor c = cursor_of(message), in = tlv_enter(&c, RELEASE_TAG_RESEAL);
	struct release_reseal r;
	enum err e;

	r.sealed = tlv_expect_raw(&in, ASN1_SEQUENCE);
	r.signature = take_sized(&in, TAG_SIGNATURE, EC_SIGNATURE_LEN);
	tlv_leave(&c, &in);
	e = cursor_done(&c);
	if (!e)
		*out = r;
	return e;
}

void release_put_reseal_result(struct wbuf *w, enum release_result result)
{
	release_put_error(w, RELEASE_TAG_RESEAL, result);
}

enum err release_parse_reseal_result(struct slice message, enum release_result *result)
{
	struct cursor c = cursor_of(message), in = tlv_enter(&c, RELEASE_TAG_RESEAL);
	enum release_result r = take_result(&in, TAG_ERROR);
	enum err e;

	tlv_leave(&c, &in);
	e = cursor_done(&c);
	if (!e)
		*result = r;
	return e;
}

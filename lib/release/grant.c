#include "lib/release/grant.h"

#include "lib/base/secret.h"
#include "lib/crypto/ec.h"
#include "lib/crypto/symmetric.h"
#include "lib/release/fields.h"

#define KEK_LEN 32

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
static void put_grant_fields(struct wbuf *w, const struct kra_binding *b, struct slice otpk)
{
	tlv_put_uint(w, GR_KEY_ID, b->key_id);
	tlv_put(w, GR_ICCID, SLICE_OF(b->iccid));
	tlv_put(w, GR_EID, SLICE_OF(b->eid));
	tlv_put(w, GR_NONCE, SLICE_OF(b->nonce));
	tlv_put(w, FIELDS_TAG_OTPK, otpk);
}

enum err grant_build(struct wbuf *w, const struct kra_binding *b, struct slice card_otpk,
		     const struct secret *s, const struct ec_key *release_key)
{
	uint8_t info_mem[256], wrapped_mem[GRANT_WRAPPED_LEN + 2 * AES_BLOCK];
	struct wbuf info = wbuf_init(info_mem, sizeof(info_mem));
	struct wbuf wrapped = wbuf_init(wrapped_mem, sizeof(wrapped_mem));
	struct ec_key *ot = NULL;
	struct secret *kek = NULL;
	size_t whole, start, part;
	enum err e = s->len == GRANT_S_LEN ? ec_key_generate(EC_P256, &ot) : ERR_KEY;

	if (!e) {
		put_grant_fields(&info, b, ec_key_point(ot));
		e = derive_kek(ot, card_otpk, wbuf_slice(&info), &kek);
	}
	if (!e)
		e = aes_key_wrap(secret_slice(kek), secret_slice(s), &wrapped);
	if (!e) {
		whole = tlv_open(w, KRA_TAG_GRANT);
		start = w->len;
		part = tlv_open(w, FIELDS_TAG_SIGNED);
		wbuf_put(w, wbuf_slice(&info));
		tlv_put(w, GR_WRAPPED, wbuf_slice(&wrapped));
		tlv_close(w, part);
		e = fields_sign(w, start, release_key);
		tlv_close(w, whole);
	}
	secret_free(&kek);
	ec_key_free(&ot);
	return e ? e : wbuf_done(w);
}

enum err grant_parse(struct slice message, struct grant *out)
{
	struct cursor c = cursor_of(message), in = tlv_enter(&c, KRA_TAG_GRANT), part;
	struct grant g;
	struct slice fields;
	enum err e;

	part = fields_enter_signed(&in, &g.signed_part);
	fields = part.rest;
	g.binding.key_id = fields_u32(&part, GR_KEY_ID);
	fields_copy(&part, GR_ICCID, g.binding.iccid, KRA_ICCID_LEN);
	fields_copy(&part, GR_EID, g.binding.eid, KRA_EID_LEN);
	fields_copy(&part, GR_NONCE, g.binding.nonce, KRA_NONCE_LEN);
	g.operator_otpk = fields_sized(&part, FIELDS_TAG_OTPK, EC_POINT_LEN);
	g.shared_info = slice_sub(fields, 0, fields.len - cursor_left(&part));
	g.wrapped = fields_sized(&part, GR_WRAPPED, GRANT_WRAPPED_LEN);
	tlv_leave(&in, &part);
	g.signature = fields_sized(&in, FIELDS_TAG_SIGNATURE, EC_SIGNATURE_LEN);
	tlv_leave(&c, &in);
	e = cursor_done(&c);
	if (!e)
		*out = g;
	return e;
}

enum err grant_open(const struct grant *g, const struct ec_key *card_ot, struct secret **s)
{
	struct secret *kek = NULL, *key = NULL;
	struct wbuf w;
	enum err e = derive_kek(card_ot, g->operator_otpk, g->shared_info, &kek);

	if (e)
		return e;
	/* EVP writes up to two blocks more than the key while it unwraps: room for them, then a
	 * copy */
	key = secret_new(GRANT_WRAPPED_LEN + 2 * AES_BLOCK);
	if (!key)
		e = ERR_MEMORY;
	if (!e) {
		w = wbuf_init(key->bytes, key->len);
		e = aes_key_unwrap(secret_slice(kek), g->wrapped, &w);
	}
	if (!e && w.len != GRANT_S_LEN)
		e = ERR_MAC;
	if (!e) {
		*s = secret_copy(wbuf_slice(&w));
		e = *s ? ERR_OK : ERR_MEMORY;
	}
	secret_free(&key);
	secret_free(&kek);
	return e;
}

#include "lib/release/grant.h"

#include "lib/base/secret.h"
#include "lib/crypto/ec.h"
#include "lib/crypto/symmetric.h"
#include "lib/release/fields.h"

#define KEK_LEN	 32
#define INFO_MAX 256

struct agreed { /* secret */
	struct secret *kek, *k2;
};

static void agreed_free(struct agreed *a)
{
	secret_free(&a->kek);
	secret_free(&a->k2);
}

static enum err derive_from(const struct secret *z, struct slice info, size_t octets,
			    struct secret **out)
{
	struct secret *k = secret_new(octets);
	enum err e = k ? x963_kdf_sha256(secret_slice(z), info, k->bytes, k->len) : ERR_MEMORY;

	if (e)
		secret_free(&k);
	else
		*out = k;
	return e;
}

/* The SharedInfo of the KEK begins with 80, that of K2 with 06: neither is the other's. */
static enum err derive_k2(const struct secret *z, struct slice fields,
			  const struct grant_derivation *from, struct secret **out)
{
	uint8_t mem[INFO_MAX];
	struct wbuf info = wbuf_init(mem, sizeof(mem));
	enum err e;

	tlv_put(&info, ASN1_OID, from->kdf);
	wbuf_put(&info, fields);
	e = wbuf_done(&info);
	return e ? e : derive_from(z, wbuf_slice(&info), from->octets, out);
}

/* fields: keyId .. operatorOtpk. from (NULL: none is asked for): of K2. */
static enum err agree_on(const struct ec_key *own, struct slice peer, struct slice fields,
			 const struct grant_derivation *from, struct agreed *out)
{
	struct agreed a = {NULL, NULL};
	struct secret *z = NULL;
	enum err e = ec_agree(own, peer, &z);

	if (!e)
		e = derive_from(z, fields, KEK_LEN, &a.kek);
	if (!e && from)
		e = derive_k2(z, fields, from, &a.k2);
	secret_free(&z);
	if (e)
		agreed_free(&a);
	else
		*out = a;
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

/* The message with its signature; last: what follows the fields. */
static enum err put_grant(struct wbuf *w, struct slice fields, struct slice last,
			  const struct ec_key *release_key)
{
	size_t whole = tlv_open(w, KRA_TAG_GRANT), start = w->len;
	size_t part = tlv_open(w, FIELDS_TAG_SIGNED);
	enum err e;

	wbuf_put(w, fields);
	wbuf_put(w, last);
	tlv_close(w, part);
	e = fields_sign(w, start, release_key);
	tlv_close(w, whole);
	return e ? e : wbuf_done(w);
}

enum err grant_build(struct wbuf *w, const struct kra_binding *b, struct slice card_otpk,
		     const struct secret *s, const struct ec_key *release_key)
{
	uint8_t info_mem[INFO_MAX], wrapped_mem[GRANT_WRAPPED_LEN + 2 * AES_BLOCK], last_mem[64];
	struct wbuf info = wbuf_init(info_mem, sizeof(info_mem));
	struct wbuf wrapped = wbuf_init(wrapped_mem, sizeof(wrapped_mem));
	struct wbuf last = wbuf_init(last_mem, sizeof(last_mem));
	struct agreed a = {NULL, NULL};
	struct ec_key *ot = NULL;
	enum err e = s->len == GRANT_S_LEN ? ec_key_generate(EC_P256, &ot) : ERR_KEY;

	if (!e) {
		put_grant_fields(&info, b, ec_key_point(ot));
		e = agree_on(ot, card_otpk, wbuf_slice(&info), NULL, &a);
	}
	if (!e)
		e = aes_key_wrap(secret_slice(a.kek), secret_slice(s), &wrapped);
	if (!e) {
		tlv_put(&last, GR_WRAPPED, wbuf_slice(&wrapped));
		e = put_grant(w, wbuf_slice(&info), wbuf_slice(&last), release_key);
	}
	agreed_free(&a);
	ec_key_free(&ot);
	return e;
}

/* A nonce, and the elements under the KEK */
static enum err encrypt_elements(const struct secret *kek, const struct grant_elements *elements,
				 struct wbuf *out)
{
	struct wbuf sealed = wbuf_grow(KRA_MESSAGE_MAX);
	uint8_t nonce[GCM_NONCE_LEN];
	enum err e = random_bytes(nonce, sizeof(nonce));
	size_t mark;

	if (!e)
		e = aes_gcm_seal(secret_slice(kek), nonce, elements->from.sealed, elements->plain,
				 &sealed);
	if (!e) {
		mark = tlv_open(out, GR_ELEMENTS);
		tlv_put(out, ASN1_OCTET_STRING, SLICE_OF(nonce));
		tlv_put(out, ASN1_OCTET_STRING, wbuf_slice(&sealed));
		tlv_close(out, mark);
		e = wbuf_done(out);
	}
	wbuf_free(&sealed);
	return e;
}

enum err grant_build_derived(struct wbuf *w, const struct kra_challenge *c,
			     const struct grant_elements *elements,
			     const struct ec_key *release_key, struct secret **k2)
{
	uint8_t info_mem[INFO_MAX];
	struct wbuf info = wbuf_init(info_mem, sizeof(info_mem)), last = wbuf_grow(KRA_MESSAGE_MAX);
	struct agreed a = {NULL, NULL};
	struct ec_key *ot = NULL;
	enum err e = elements->from.octets ? ec_key_generate(EC_P256, &ot) : ERR_KEY;

	if (!e) {
		put_grant_fields(&info, &c->binding, ec_key_point(ot));
		e = agree_on(ot, c->card_otpk, wbuf_slice(&info), &elements->from, &a);
	}
	if (!e)
		e = encrypt_elements(a.kek, elements, &last);
	if (!e)
		e = put_grant(w, wbuf_slice(&info), wbuf_slice(&last), release_key);
	if (!e) {
		*k2 = a.k2;
		a.k2 = NULL;
	}
	agreed_free(&a);
	ec_key_free(&ot);
	wbuf_free(&last);
	return e;
}

static void parse_elements(struct cursor *part, struct grant *g)
{
	struct cursor c = tlv_enter(part, GR_ELEMENTS);

	g->nonce = fields_sized(&c, ASN1_OCTET_STRING, GCM_NONCE_LEN);
	g->encrypted = tlv_expect(&c, ASN1_OCTET_STRING);
	if (!c.err && g->encrypted.len <= GCM_TAG_LEN)
		cursor_fail(&c, ERR_LENGTH);
	tlv_leave(part, &c);
}

enum err grant_parse(struct slice message, struct grant *out)
{
	struct cursor c = cursor_of(message), in = tlv_enter(&c, KRA_TAG_GRANT), part;
	struct grant g = {.wrapped = SLICE_EMPTY};
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
	if (tlv_peek(&part) == GR_ELEMENTS)
		parse_elements(&part, &g);
	else
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
	struct agreed a = {NULL, NULL};
	struct secret *key = NULL;
	struct wbuf w;
	enum err e = g->wrapped.len ? agree_on(card_ot, g->operator_otpk, g->shared_info, NULL, &a)
				    : ERR_UNSUPPORTED;

	if (e)
		return e;
	/* EVP writes up to two blocks more than the key while it unwraps: room for them, then a
	 * copy */
	key = secret_new(GRANT_WRAPPED_LEN + 2 * AES_BLOCK);
	if (!key)
		e = ERR_MEMORY;
	if (!e) {
		w = wbuf_init(key->bytes, key->len);
		e = aes_key_unwrap(secret_slice(a.kek), g->wrapped, &w);
	}
	if (!e && w.len != GRANT_S_LEN)
		e = ERR_MAC;
	if (!e) {
		*s = secret_copy(wbuf_slice(&w));
		e = *s ? ERR_OK : ERR_MEMORY;
	}
	secret_free(&key);
	agreed_free(&a);
	return e;
}

static enum err decrypt_elements(const struct grant *g, const struct secret *kek,
				 const struct grant_derivation *from, struct secret **out)
{
	struct secret *plain = secret_new(g->encrypted.len - GCM_TAG_LEN);
	uint8_t n[GCM_NONCE_LEN];
	struct wbuf w;
	enum err e = plain ? slice_copy(g->nonce, n, sizeof(n)) : ERR_MEMORY;

	if (!e) {
		w = wbuf_init(plain->bytes, plain->len);
		e = aes_gcm_open(secret_slice(kek), n, from->sealed, g->encrypted, &w);
	}
	if (e)
		secret_free(&plain);
	else
		*out = plain;
	return e;
}

enum err grant_open_derived(const struct grant *g, const struct ec_key *card_ot,
			    const struct grant_derivation *from, struct grant_derived *out)
{
	struct grant_derived d = {NULL, NULL};
	struct agreed a = {NULL, NULL};
	enum err e = g->encrypted.len > GCM_TAG_LEN ? ERR_OK : ERR_UNSUPPORTED;

	if (!e)
		e = agree_on(card_ot, g->operator_otpk, g->shared_info, from, &a);
	if (!e)
		e = decrypt_elements(g, a.kek, from, &d.elements);
	if (!e) {
		d.k2 = a.k2;
		a.k2 = NULL;
		*out = d;
	}
	agreed_free(&a);
	return e;
}

void grant_derived_free(struct grant_derived *d)
{
	secret_free(&d->elements);
	secret_free(&d->k2);
}

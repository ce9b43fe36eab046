#include "lib/profile/sealed.h"

#include <string.h>

#include "lib/base/tlv.h"

/* mode is a CHOICE inside an automatically tagged SEQUENCE: its alternatives keep [0] and [1]. */
enum sealed_tag { TAG_SEALED = 0xA0, TAG_DERIVED = 0xA1 };

struct slice sealed_issuer(void)
{
	static const uint8_t oid[] = {0x69, 0xE6, 0xF8, 0x9C, 0xE5, 0xA3, 0xFB, 0xEA, 0x93, 0x85,
				      0xAF, 0xF8, 0x82, 0x8D, 0xB8, 0xC1, 0xE5, 0xA4, 0x07};

	return SLICE_OF(oid);
}

/* The issuer's arc, 1 (key derivation), and which one */
static const uint8_t kdf_128[] = {0x69, 0xE6, 0xF8, 0x9C, 0xE5, 0xA3, 0xFB, 0xEA, 0x93, 0x85, 0xAF,
				  0xF8, 0x82, 0x8D, 0xB8, 0xC1, 0xE5, 0xA4, 0x07, 0x01, 0x01};
static const uint8_t kdf_256[] = {0x69, 0xE6, 0xF8, 0x9C, 0xE5, 0xA3, 0xFB, 0xEA, 0x93, 0x85, 0xAF,
				  0xF8, 0x82, 0x8D, 0xB8, 0xC1, 0xE5, 0xA4, 0x07, 0x01, 0x02};

struct slice sealed_kdf(size_t octets)
{
	return octets == 16 ? SLICE_OF(kdf_128) : octets == 32 ? SLICE_OF(kdf_256) : SLICE_EMPTY;
}

size_t sealed_kdf_octets(struct slice kdf)
{
	if (slice_equal(kdf, SLICE_OF(kdf_128)))
		return 16;
	return slice_equal(kdf, SLICE_OF(kdf_256)) ? 32 : 0;
}

static void parse_fields(struct cursor *c, struct sealed_fields *f)
{
	uint64_t version = tlv_expect_uint(c, ASN1_INTEGER), key_id;
	enum ec_curve curve = EC_P256;
	struct slice spki;
	enum err e;

	if (!c->err && version != SEALED_VERSION)
		cursor_fail(c, ERR_VERSION);
	key_id = tlv_expect_uint(c, ASN1_INTEGER);
	if (!c->err && (key_id == 0 || key_id > UINT32_MAX))
		cursor_fail(c, ERR_VALUE);
	f->key_id = (uint32_t)key_id;
	e = slice_copy(tlv_expect(c, ASN1_OCTET_STRING), f->iccid, sizeof(f->iccid));
	if (e)
		cursor_fail(c, e);
	spki = tlv_expect_raw(c, ASN1_SEQUENCE);
	if (c->err)
		return;
	e = ec_parse_spki(spki, &curve, &f->release_point);
	if (e || curve != EC_P256)
		cursor_fail(c, e ? e : ERR_POINT);
	if (tlv_peek(c) == ASN1_BOOLEAN) {
		f->in_memory_only = tlv_expect_bool(c, ASN1_BOOLEAN);
		if (!c->err && !f->in_memory_only) /* X.690 11.5: a default is not encoded */
			cursor_fail(c, ERR_ENCODING);
	}
}

static void parse_mode(struct cursor *c, struct sealed *s)
{
	bool derived = tlv_peek(c) == TAG_DERIVED;
	struct cursor m = tlv_enter(c, derived ? TAG_DERIVED : TAG_SEALED);
	enum err e;

	s->mode = derived ? SEALED_DERIVED : SEALED_WITH_KEY;
	if (derived) {
		s->kdf = tlv_expect(&m, ASN1_OID);
	} else {
		e = slice_copy(tlv_expect(&m, ASN1_OCTET_STRING), s->nonce, sizeof(s->nonce));
		if (e)
			cursor_fail(&m, e);
		s->ciphertext = tlv_expect(&m, ASN1_OCTET_STRING);
		if (s->ciphertext.len <= GCM_TAG_LEN)
			cursor_fail(&m, ERR_LENGTH);
	}
	tlv_leave(c, &m);
}

enum err sealed_parse(struct slice der, struct sealed *out)
{
	struct cursor c = cursor_of(der), inner;
	struct sealed s = {.whole = der};
	struct slice body;
	enum err e;

	if (der.len > SEALED_LEN_MAX)
		return ERR_LENGTH;
	inner = tlv_enter(&c, ASN1_SEQUENCE);
	body = inner.rest;
	parse_fields(&inner, &s.fields);
	s.aad = slice_sub(body, 0, body.len - cursor_left(&inner));
	parse_mode(&inner, &s);
	tlv_leave(&c, &inner);
	e = cursor_done(&c);
	if (!e)
		*out = s;
	return e;
}

bool sealed_is_known(const struct sealed *sealed)
{
	return sealed->mode == SEALED_WITH_KEY || sealed_kdf_octets(sealed->kdf);
}

static void put_fields(const struct sealed_fields *f, struct wbuf *w)
{
	tlv_put_uint(w, ASN1_INTEGER, SEALED_VERSION);
	tlv_put_uint(w, ASN1_INTEGER, f->key_id);
	tlv_put(w, ASN1_OCTET_STRING, SLICE_OF(f->iccid));
	ec_put_spki(w, EC_P256, f->release_point);
	if (f->in_memory_only)
		tlv_put_bool(w, ASN1_BOOLEAN, true);
}

enum err sealed_seal(const struct sealed_fields *fields, struct slice s, struct slice elements,
		     struct wbuf *out)
{
	uint8_t nonce[GCM_NONCE_LEN];
	struct wbuf aad = wbuf_grow(SEALED_LEN_MAX), sealed = wbuf_grow(SEALED_LEN_MAX);
	size_t whole, mode;
	enum err e;

	if (fields->key_id == 0 || fields->release_point.len != EC_POINT_LEN)
		return ERR_VALUE;
	if (s.len != SEALED_KEY_LEN)
		return ERR_KEY;
	if (elements.len == 0)
		return ERR_LENGTH;
	put_fields(fields, &aad);
	e = wbuf_done(&aad);
	if (!e)
		e = random_bytes(nonce, sizeof(nonce));
	if (!e)
		e = aes_gcm_seal(s, nonce, wbuf_slice(&aad), elements, &sealed);
	if (!e) {
		whole = tlv_open(out, ASN1_SEQUENCE);
		wbuf_put(out, wbuf_slice(&aad));
		mode = tlv_open(out, TAG_SEALED);
		tlv_put(out, ASN1_OCTET_STRING, SLICE_OF(nonce));
		tlv_put(out, ASN1_OCTET_STRING, wbuf_slice(&sealed));
		tlv_close(out, mode);
		tlv_close(out, whole);
		e = wbuf_done(out);
	}
	wbuf_free(&aad);
	wbuf_free(&sealed);
	return e;
}

enum err sealed_put_derived(const struct sealed_fields *fields, size_t octets, struct wbuf *out)
{
	struct slice kdf = sealed_kdf(octets);
	size_t whole, mode;

	if (fields->key_id == 0 || fields->release_point.len != EC_POINT_LEN)
		return ERR_VALUE;
	if (!kdf.len)
		return ERR_KEY;
	whole = tlv_open(out, ASN1_SEQUENCE);
	put_fields(fields, out);
	mode = tlv_open(out, TAG_DERIVED);
	tlv_put(out, ASN1_OID, kdf);
	tlv_close(out, mode);
	tlv_close(out, whole);
	return wbuf_done(out);
}

enum err sealed_open(const struct sealed *sealed, struct slice s, struct secret **elements)
{
	struct secret *plain;
	struct wbuf w;
	enum err e;

	if (sealed->mode != SEALED_WITH_KEY)
		return ERR_UNSUPPORTED;
	if (s.len != SEALED_KEY_LEN)
		return ERR_KEY;
	if (sealed->ciphertext.len <= GCM_TAG_LEN ||
	    sealed->ciphertext.len - GCM_TAG_LEN > SECRET_MAX)
		return ERR_LENGTH;
	plain = secret_new(sealed->ciphertext.len - GCM_TAG_LEN);
	if (!plain)
		return ERR_MEMORY;
	w = wbuf_init(plain->bytes, plain->len);
	e = aes_gcm_open(s, sealed->nonce, sealed->aad, sealed->ciphertext, &w);
	if (e)
		secret_free(&plain);
	else
		*elements = plain;
	return e;
}

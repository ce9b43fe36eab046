#include "lib/release/sealed_code.h"

#include "lib/base/secret.h"
#include "lib/base/tlv.h"
#include "lib/crypto/symmetric.h"

#define S_LEN 32

_Static_assert(SEALED_CODE_NONCE_LEN == GCM_NONCE_LEN, "the nonce of AES-GCM");

static void take_iccid(struct cursor *c, uint8_t iccid[static SEALED_CODE_ICCID_LEN])
{
	enum err e = slice_copy(tlv_expect(c, ASN1_OCTET_STRING), iccid, SEALED_CODE_ICCID_LEN);

	if (e)
		cursor_fail(c, e);
}

enum err sealed_code_parse(struct slice der, struct sealed_code *out)
{
	struct cursor c = cursor_of(der), inner;
	struct sealed_code s = {0};
	struct slice body;
	uint64_t version, key_id;
	enum err e;

	if (der.len > SEALED_CODE_LEN_MAX)
		return ERR_LENGTH;
	inner = tlv_enter(&c, ASN1_SEQUENCE);
	body = inner.rest;
	version = tlv_expect_uint(&inner, ASN1_INTEGER);
	if (!inner.err && version != SEALED_CODE_VERSION)
		return ERR_VERSION;
	key_id = tlv_expect_uint(&inner, ASN1_INTEGER);
	if (!inner.err && (key_id == 0 || key_id > UINT32_MAX))
		cursor_fail(&inner, ERR_VALUE);
	s.key_id = (uint32_t)key_id;
	take_iccid(&inner, s.iccid);
	take_iccid(&inner, s.second_iccid);
	s.aad = slice_sub(body, 0, body.len - cursor_left(&inner));
	e = slice_copy(tlv_expect(&inner, ASN1_OCTET_STRING), s.nonce, sizeof(s.nonce));
	if (e)
		cursor_fail(&inner, e);
	s.ciphertext = tlv_expect(&inner, ASN1_OCTET_STRING);
	if (s.ciphertext.len <= GCM_TAG_LEN ||
	    s.ciphertext.len > GCM_TAG_LEN + SEALED_CODE_TEXT_MAX)
		cursor_fail(&inner, ERR_LENGTH);
	tlv_leave(&c, &inner);
	e = cursor_done(&c);
	if (!e)
		*out = s;
	return e;
}

enum err sealed_code_seal(const struct sealed_code *c, struct slice s, struct slice code,
			  struct wbuf *out)
{
	uint8_t nonce[GCM_NONCE_LEN], aad_mem[64], sealed_mem[SEALED_CODE_TEXT_MAX + GCM_TAG_LEN];
	struct wbuf aad = wbuf_init(aad_mem, sizeof(aad_mem));
	struct wbuf sealed = wbuf_init(sealed_mem, sizeof(sealed_mem));
	size_t whole;
	enum err e;

	if (c->key_id == 0)
		return ERR_VALUE;
	if (s.len != S_LEN)
		return ERR_KEY;
	if (code.len == 0 || code.len > SEALED_CODE_TEXT_MAX)
		return ERR_LENGTH;
	tlv_put_uint(&aad, ASN1_INTEGER, SEALED_CODE_VERSION);
	tlv_put_uint(&aad, ASN1_INTEGER, c->key_id);
	tlv_put(&aad, ASN1_OCTET_STRING, SLICE_OF(c->iccid));
	tlv_put(&aad, ASN1_OCTET_STRING, SLICE_OF(c->second_iccid));
	e = wbuf_done(&aad);
	if (!e)
		e = random_bytes(nonce, sizeof(nonce));
	if (!e)
		e = aes_gcm_seal(s, nonce, wbuf_slice(&aad), code, &sealed);
	if (e)
		return e;
	whole = tlv_open(out, ASN1_SEQUENCE);
	wbuf_put(out, wbuf_slice(&aad));
	tlv_put(out, ASN1_OCTET_STRING, SLICE_OF(nonce));
	tlv_put(out, ASN1_OCTET_STRING, wbuf_slice(&sealed));
	tlv_close(out, whole);
	return wbuf_done(out);
}

enum err sealed_code_open(const struct sealed_code *c, struct slice s, struct secret **code)
{
	struct secret *plain;
	struct wbuf w;
	enum err e;

	if (s.len != S_LEN)
		return ERR_KEY;
	plain = secret_new(c->ciphertext.len - GCM_TAG_LEN);
	if (!plain)
		return ERR_MEMORY;
	w = wbuf_init(plain->bytes, plain->len);
	e = aes_gcm_open(s, c->nonce, c->aad, c->ciphertext, &w);
	if (e)
		secret_free(&plain);
	else
		*code = plain;
	return e;
}

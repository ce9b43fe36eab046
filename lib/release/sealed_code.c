#include "lib/release/sealed_code.h"

#include "lib/base/secret.h"
#include "lib/base/tlv.h"
#include "lib/crypto/symmetric.h"

#define S_LEN 32

_Static_assert(SECOND_CODE_NONCE_LEN == GCM_NONCE_LEN && SECOND_CODE_TAG_LEN == GCM_TAG_LEN,
	       "nonce and tag of AES-GCM");

enum err sealed_code_seal(const struct second_code *c, struct slice s, struct slice code,
			  struct wbuf *out)
{
	uint8_t nonce[GCM_NONCE_LEN], aad_mem[64], sealed_mem[SECOND_CODE_TEXT_MAX + GCM_TAG_LEN];
	struct wbuf aad = wbuf_init(aad_mem, sizeof(aad_mem));
	struct wbuf sealed = wbuf_init(sealed_mem, sizeof(sealed_mem));
	size_t whole;
	enum err e;

	if (c->key_id == 0)
		return ERR_VALUE;
	if (s.len != S_LEN)
		return ERR_KEY;
	if (code.len == 0 || code.len > SECOND_CODE_TEXT_MAX)
		return ERR_LENGTH;
	tlv_put_uint(&aad, ASN1_INTEGER, SECOND_CODE_VERSION);
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

enum err sealed_code_open(const struct second_code *c, struct slice s, struct secret **code)
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

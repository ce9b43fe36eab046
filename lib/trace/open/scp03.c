#include "lib/trace/open/scp03.h"

#include <string.h>

#include "lib/base/secret.h"
#include "lib/crypto/symmetric.h"

#define DIVERSIFICATION 10
#define KEY_INFO	3 /* key version, protocol, the option i */
#define SEQUENCE	3 /* at the end, where challenges are pseudo-random */
#define SHORT_LEN	8
#define LABEL_ZEROS	11
#define ANSWER_BIT	0x80 /* of the counter of answers, 6.2.7 */
#define EXTENDED	0x00

/* Derivation constants, table 4-1 */
enum constant {
	OF_CARD_CRYPTOGRAM = 0x00,
	OF_HOST_CRYPTOGRAM = 0x01,
	OF_ENC = 0x04,
	OF_MAC = 0x06,
	OF_R_MAC = 0x07
};

static enum err sum(struct slice key, const struct slice *parts, size_t n,
		    uint8_t out[static AES_BLOCK])
{
	struct cmac *m = NULL;
	enum err e = cmac_new(key, &m);

	if (!e)
		e = cmac_sum(m, parts, n, out);
	cmac_free(&m);
	return e;
}

/* 4.1.5: NIST SP 800-108 in counter mode, by CMAC */
static enum err derive_octets(struct slice key, enum constant constant,
			      const struct channel_session *s, size_t len, uint8_t *out)
{
	uint8_t text[LABEL_ZEROS + 5] = {0}, block[AES_BLOCK];
	const struct slice parts[] = {SLICE_OF(text),
				      slice_make(s->host_challenge, s->challenge_len),
				      slice_make(s->card_challenge, s->challenge_len)};
	enum err e = ERR_OK;

	text[LABEL_ZEROS] = (uint8_t)constant;
	text[LABEL_ZEROS + 2] = (uint8_t)(8 * len >> 8);
	text[LABEL_ZEROS + 3] = (uint8_t)(8 * len);
	for (size_t at = 0; at < len && !e; at += AES_BLOCK) {
		text[LABEL_ZEROS + 4]++;
		e = sum(key, parts, ARRAY_LEN(parts), block);
		if (!e)
			memcpy(out + at, block, len - at < AES_BLOCK ? len - at : AES_BLOCK);
	}
	secret_wipe(block, sizeof(block));
	return e;
}

static enum err make_keys(const struct key_row *row, struct channel_session *s)
{
	struct slice enc = secret_slice(row->parts[0]), mac = secret_slice(row->parts[1]);
	enum err e;

	if (enc.len != mac.len)
		return ERR_KEY;
	s->key_len = mac.len;
	e = derive_octets(enc, OF_ENC, s, s->key_len, s->enc);
	if (!e)
		e = derive_octets(mac, OF_MAC, s, s->key_len, s->mac);
	if (!e)
		e = derive_octets(mac, OF_R_MAC, s, s->key_len, s->r_mac);
	return e;
}

static enum err start_scp03(const struct key_row *row, struct slice host_challenge,
			    struct slice answer, struct channel_session *s, bool *right)
{
	struct cursor c = cursor_of(answer);
	uint8_t expected[AES_BLOCK];
	struct slice said;
	enum err e;

	(void)cursor_take(&c, DIVERSIFICATION + KEY_INFO);
	/* S16 has challenges and MACs of 16 octets, 4.1.4 */
	s->mac_len = host_challenge.len == AES_BLOCK ? AES_BLOCK : SHORT_LEN;
	s->challenge_len = s->mac_len;
	cursor_copy(&c, s->card_challenge, s->challenge_len);
	said = cursor_take(&c, s->mac_len);
	if (c.err || (cursor_left(&c) && cursor_left(&c) != SEQUENCE) ||
	    host_challenge.len != s->challenge_len)
		return ERR_LENGTH;
	memcpy(s->host_challenge, host_challenge.ptr, s->challenge_len);
	e = make_keys(row, s);
	if (!e)
		e = derive_octets(slice_make(s->mac, s->key_len), OF_CARD_CRYPTOGRAM, s, s->mac_len,
				  expected);
	if (!e)
		*right = secret_equal(slice_make(expected, s->mac_len), said);
	return e;
}

static enum err host_cryptogram(const struct channel_session *s, uint8_t *out)
{
	return derive_octets(slice_make(s->mac, s->key_len), OF_HOST_CRYPTOGRAM, s, s->mac_len,
			     out);
}

/* 6.2.6, 6.2.7: AES-CBC, whose ICV is the encrypted counter */
static enum err decipher_counted(const struct channel_session *s, uint8_t direction,
				 struct slice body, struct wbuf *out)
{
	static const uint8_t zero[AES_BLOCK];
	uint8_t block[AES_BLOCK] = {direction}, icv[AES_BLOCK];
	struct wbuf plain = wbuf_grow(body.len), count = wbuf_init(block + AES_BLOCK - 8, 8);
	uint8_t *to = wbuf_reserve(&plain, body.len);
	struct cbc *cipher = NULL;
	struct slice text;
	enum err e = to ? cbc_new(slice_make(s->enc, s->key_len), &cipher) : ERR_MEMORY;

	wbuf_uint(&count, s->counter, 8);
	if (!e)
		e = cbc_encrypt(cipher, zero, SLICE_OF(block), icv);
	if (!e)
		e = cbc_decrypt(cipher, icv, body, to);
	if (!e)
		e = session_unpad(wbuf_slice(&plain), &text);
	if (!e)
		wbuf_put(out, text);
	cbc_free(&cipher);
	wbuf_free(&plain);
	return e;
}

/* Lc as it was sent, which the MAC covers */
static struct slice put_length(struct wbuf *w, size_t len)
{
	if (len > UINT8_MAX) {
		wbuf_u8(w, EXTENDED);
		wbuf_u16(w, (uint16_t)len);
	} else {
		wbuf_u8(w, (uint8_t)len);
	}
	return wbuf_slice(w);
}

static enum err unwrap_scp03(struct channel_session *s, const struct channel_command *c,
			     struct wbuf *out, bool *right)
{
	uint8_t mac[AES_BLOCK], mem[4];
	struct wbuf length = wbuf_init(mem, sizeof(mem));
	size_t n = c->data.len - s->mac_len;
	struct slice body = slice_sub(c->data, 0, n);
	const struct slice parts[] = {SLICE_OF(s->chain), SLICE_OF(c->head),
				      put_length(&length, c->data.len), body};
	enum err e;

	if (c->data.len < s->mac_len || c->data.len > UINT16_MAX)
		return ERR_LENGTH;
	e = sum(slice_make(s->mac, s->key_len), parts, ARRAY_LEN(parts), mac);
	if (e)
		return e;
	memcpy(s->chain, mac, sizeof(s->chain));
	*right = secret_equal(slice_make(mac, s->mac_len), slice_sub(c->data, n, s->mac_len));
	if (!(s->level & LEVEL_CIPHER)) {
		wbuf_put(out, body);
		return ERR_OK;
	}
	/* it counts commands without data, too */
	s->counter++;
	return body.len ? decipher_counted(s, 0, body, out) : ERR_OK;
}

static enum err unwrap_answer(struct channel_session *s, struct slice answer, uint16_t sw,
			      struct wbuf *out, bool *right)
{
	const uint8_t status[] = {(uint8_t)(sw >> 8), (uint8_t)sw};
	uint8_t mac[AES_BLOCK];
	size_t n = answer.len - s->mac_len;
	struct slice body = slice_sub(answer, 0, n);
	const struct slice parts[] = {SLICE_OF(s->chain), body, SLICE_OF(status)};
	enum err e;

	if (answer.len < s->mac_len)
		return ERR_LENGTH;
	e = sum(slice_make(s->r_mac, s->key_len), parts, ARRAY_LEN(parts), mac);
	if (e)
		return e;
	*right = secret_equal(slice_make(mac, s->mac_len), slice_sub(answer, n, s->mac_len));
	if (s->level & LEVEL_R_CIPHER && body.len)
		return decipher_counted(s, ANSWER_BIT, body, out);
	wbuf_put(out, body);
	return ERR_OK;
}

const struct channel_scheme scp03_scheme = {start_scp03, host_cryptogram, unwrap_scp03,
					    unwrap_answer};

#include "lib/trace/open/scp02.h"

#include <string.h>

#include "lib/base/secret.h"
#include "lib/crypto/des.h"
#include "lib/uicc/apdu.h"

#define DIVERSIFICATION 10
#define KEY_INFO	2
#define SEQUENCE	2
#define CARD_CHALLENGE	6
#define HOST_CHALLENGE	8
#define CRYPTOGRAM	8
#define PAD_START	0x80
#define TEXT_MAX	32
#define COMMAND_MAX	300
#define MACED_MAX	600 /* a command and its answer, padded */

/* Derivation constants, E.4.1 */
static const uint8_t constant_enc[] = {0x01, 0x82}, constant_mac[] = {0x01, 0x01},
		     constant_r_mac[] = {0x01, 0x02};

static enum err encrypt(struct slice key, const uint8_t iv[static DES_BLOCK], struct slice in,
			uint8_t *out)
{
	struct des_run run = {.key = &key, .encrypt = true};

	memcpy(run.iv, iv, DES_BLOCK);
	return des_cbc(&run, in, out);
}

static const uint8_t no_iv[DES_BLOCK];

/* E.4.1: the constant, the sequence counter, zeros, under the static key */
static enum err derive_key(struct slice key, const uint8_t constant[static 2],
			   const uint8_t sequence[static SEQUENCE],
			   uint8_t out[static CHANNEL_BLOCK])
{
	uint8_t text[DES_TWO_KEYS] = {constant[0], constant[1], sequence[0], sequence[1]};

	return encrypt(key, no_iv, SLICE_OF(text), out);
}

static void put_pad(struct wbuf *w)
{
	wbuf_u8(w, PAD_START);
	wbuf_fill(w, 0, (DES_BLOCK - w->len % DES_BLOCK) % DES_BLOCK);
}

/* E.3.2: the last block of triple DES over three parts */
static enum err cryptogram(const struct channel_session *s, const struct slice parts[static 3],
			   uint8_t out[static CRYPTOGRAM])
{
	uint8_t mem[TEXT_MAX];
	struct wbuf w = wbuf_init(mem, sizeof(mem));
	enum err e;

	for (size_t i = 0; i < 3; i++)
		wbuf_put(&w, parts[i]);
	put_pad(&w);
	e = wbuf_done(&w);
	if (!e)
		e = encrypt(slice_make(s->enc, DES_TWO_KEYS), no_iv, wbuf_slice(&w), mem);
	if (!e)
		memcpy(out, mem + w.len - CRYPTOGRAM, CRYPTOGRAM);
	return e;
}

static enum err start_scp02(const struct key_row *row, struct slice host_challenge,
			    struct slice answer, struct channel_session *s, bool *right)
{
	struct cursor c = cursor_of(answer);
	uint8_t sum[CRYPTOGRAM];
	struct slice parts[3], said;
	enum err e;

	(void)cursor_take(&c, DIVERSIFICATION + KEY_INFO);
	cursor_copy(&c, s->sequence, SEQUENCE);
	cursor_copy(&c, s->card_challenge, CARD_CHALLENGE);
	said = cursor_take(&c, CRYPTOGRAM);
	if (cursor_done(&c) || host_challenge.len != HOST_CHALLENGE)
		return ERR_LENGTH;
	memcpy(s->host_challenge, host_challenge.ptr, HOST_CHALLENGE);
	s->mac_len = CRYPTOGRAM;
	s->key_len = DES_TWO_KEYS;
	e = derive_key(secret_slice(row->parts[0]), constant_enc, s->sequence, s->enc);
	if (!e)
		e = derive_key(secret_slice(row->parts[1]), constant_mac, s->sequence, s->mac);
	if (!e)
		e = derive_key(secret_slice(row->parts[1]), constant_r_mac, s->sequence, s->r_mac);
	parts[0] = host_challenge;
	parts[1] = slice_make(s->sequence, SEQUENCE);
	parts[2] = slice_make(s->card_challenge, CARD_CHALLENGE);
	if (!e)
		e = cryptogram(s, parts, sum);
	if (!e)
		*right = secret_equal(SLICE_OF(sum), said);
	return e;
}

static enum err host_cryptogram(const struct channel_session *s, uint8_t *out)
{
	const struct slice parts[] = {slice_make(s->sequence, SEQUENCE),
				      slice_make(s->card_challenge, CARD_CHALLENGE),
				      slice_make(s->host_challenge, HOST_CHALLENGE)};

	return cryptogram(s, parts, out);
}

/* ISO 9797-1 algorithm 3: DES, and triple DES over the last block. text is padded. */
static enum err retail_mac(struct slice key, const uint8_t iv[static DES_BLOCK], struct slice text,
			   uint8_t out[static DES_BLOCK])
{
	uint8_t mem[MACED_MAX], last[DES_BLOCK];
	size_t head = text.len - DES_BLOCK;
	enum err e = ERR_OK;

	memcpy(last, iv, DES_BLOCK);
	if (head) {
		e = encrypt(slice_sub(key, 0, DES_BLOCK), iv, slice_sub(text, 0, head), mem);
		if (!e)
			memcpy(last, mem + head - DES_BLOCK, DES_BLOCK);
	}
	return e ? e : encrypt(key, last, slice_sub(text, head, DES_BLOCK), out);
}

/* E.4.4, E.4.6: what is ciphered was MACed before it was */
static enum err decipher_data(const struct channel_session *s, struct slice body, uint8_t *mem,
			      struct slice *out)
{
	struct slice key = slice_make(s->enc, DES_TWO_KEYS);
	struct des_run run = {.key = &key};
	enum err e;

	*out = body;
	if (!(s->level & LEVEL_CIPHER) || !body.len)
		return ERR_OK;
	e = des_cbc(&run, body, mem);
	return e ? e : session_unpad(slice_make(mem, body.len), out);
}

/* E.4.5: without secure messaging, and Lc is always there. The command that begins a session with
 * R-MACs gives their first ICV, its C-MAC. */
static void keep_command(struct channel_session *s, const struct channel_command *c,
			 struct slice plain, const uint8_t mac[static DES_BLOCK])
{
	struct wbuf w = wbuf_init(s->stripped, sizeof(s->stripped));

	wbuf_u8(&w, c->head[0] & (uint8_t)~CLA_GP_SECURED);
	wbuf_put(&w, slice_make(c->head + 1, sizeof(c->head) - 1));
	wbuf_u8(&w, (uint8_t)plain.len);
	wbuf_put(&w, plain);
	s->stripped_len = wbuf_done(&w) ? 0 : w.len;
	if (!(s->level & LEVEL_R_MAC))
		memcpy(s->r_chain, mac, DES_BLOCK);
}

static enum err open_answer_scp02(struct channel_session *s, struct slice answer, uint16_t sw,
				  struct wbuf *out, bool *right)
{
	uint8_t mem[MACED_MAX], mac[DES_BLOCK];
	struct wbuf text = wbuf_init(mem, sizeof(mem));
	struct slice data = slice_sub(answer, 0, answer.len - CRYPTOGRAM);
	enum err e;

	if (!s->stripped_len)
		return ERR_NOT_FOUND;
	if (answer.len < CRYPTOGRAM)
		return ERR_LENGTH;
	wbuf_put(&text, slice_make(s->stripped, s->stripped_len));
	wbuf_u8(&text, (uint8_t)data.len);
	wbuf_put(&text, data);
	wbuf_u16(&text, sw);
	put_pad(&text);
	e = wbuf_done(&text);
	if (!e)
		e = retail_mac(slice_make(s->r_mac, DES_TWO_KEYS), s->r_chain, wbuf_slice(&text),
			       mac);
	if (e)
		return e;
	*right = secret_equal(SLICE_OF(mac), slice_sub(answer, data.len, CRYPTOGRAM));
	memcpy(s->r_chain, mac, DES_BLOCK);
	wbuf_put(out, data);
	return ERR_OK;
}

static enum err unwrap_scp02(struct channel_session *s, const struct channel_command *c,
			     struct wbuf *out, bool *right)
{
	uint8_t mem[COMMAND_MAX], plain_mem[COMMAND_MAX], mac[DES_BLOCK];
	struct wbuf text = wbuf_init(mem, sizeof(mem));
	struct slice key = slice_make(s->mac, DES_TWO_KEYS), plain;
	size_t body = c->data.len - CRYPTOGRAM;
	enum err e;

	s->stripped_len = 0;
	if (c->data.len < CRYPTOGRAM || c->data.len > UINT8_MAX)
		return ERR_LENGTH;
	e = decipher_data(s, slice_sub(c->data, 0, body), plain_mem, &plain);
	if (e)
		return e;
	wbuf_put(&text, SLICE_OF(c->head));
	wbuf_u8(&text, (uint8_t)(plain.len + CRYPTOGRAM));
	wbuf_put(&text, plain);
	put_pad(&text);
	e = retail_mac(key, s->chain, wbuf_slice(&text), mac);
	if (e)
		return e;
	*right = secret_equal(SLICE_OF(mac), slice_sub(c->data, body, CRYPTOGRAM));
	if (*right)
		keep_command(s, c, plain, mac);
	wbuf_put(out, plain);
	/* E.3.4: the next ICV is the MAC, encrypted by DES */
	return encrypt(slice_sub(key, 0, DES_BLOCK), no_iv, SLICE_OF(mac), s->chain);
}

const struct channel_scheme scp02_scheme = {start_scp02, host_cryptogram, unwrap_scp02,
					    open_answer_scp02};

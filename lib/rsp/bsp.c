#include "lib/rsp/bsp.h"

#include <string.h>

#include "lib/base/secret.h"
#include "lib/base/tlv.h"
#include "lib/crypto/symmetric.h"

#define SEGMENT_LEN_MAX 65535
#define PAD_START	0x80

struct bsp {
	struct cbc *enc;
	struct cmac *mac;
	uint8_t chain[BSP_CHAIN_LEN];
	uint64_t counter; /* of the next segment */
	bool broken;
};

enum err bsp_from_keys(struct slice enc, struct slice mac, struct slice chain, struct bsp **out)
{
	struct bsp *b = secret_object_new(sizeof(*b));
	enum err e;

	if (!b)
		return ERR_MEMORY;
	e = bsp_replace_keys(b, enc, mac, chain);
	if (e)
		bsp_free(&b);
	else
		*out = b;
	return e;
}

enum err bsp_derive(struct slice shared_secret, const struct bsp_shared_info *info,
		    struct bsp **out)
{
	uint8_t info_mem[2 + 2 * (1 + 16)];
	struct wbuf w = wbuf_init(info_mem, sizeof(info_mem));
	struct secret *keys;
	struct cursor c;
	struct slice chain, enc, mac;
	enum err e;

	if (info->host_id.len < 1 || info->host_id.len > 16 || info->eid.len != 16 ||
	    info->key_len != BSP_KEY_LEN)
		return ERR_LENGTH;
	/* SGP.22 annex G: key type, key length, LV of host id, LV of EID; out come the initial
	 * chaining value, S-ENC and S-MAC. */
	wbuf_u8(&w, info->key_type);
	wbuf_u8(&w, info->key_len);
	wbuf_u8(&w, (uint8_t)info->host_id.len);
	wbuf_put(&w, info->host_id);
	wbuf_u8(&w, (uint8_t)info->eid.len);
	wbuf_put(&w, info->eid);
	keys = secret_new(3 * BSP_KEY_LEN);
	if (!keys)
		return ERR_MEMORY;
	e = x963_kdf_sha256(shared_secret, wbuf_slice(&w), keys->bytes, keys->len);
	if (!e) {
		c = cursor_of(secret_slice(keys));
		chain = cursor_take(&c, BSP_CHAIN_LEN);
		enc = cursor_take(&c, BSP_KEY_LEN);
		mac = cursor_take(&c, BSP_KEY_LEN);
		e = bsp_from_keys(enc, mac, chain, out);
	}
	secret_free(&keys);
	return e;
}

enum err bsp_replace_keys(struct bsp *b, struct slice enc, struct slice mac, struct slice chain)
{
	struct cbc *new_enc = NULL;
	struct cmac *new_mac = NULL;
	enum err e;

	if (enc.len != BSP_KEY_LEN || mac.len != BSP_KEY_LEN || chain.len != BSP_CHAIN_LEN)
		return ERR_LENGTH;
	e = cbc_new(enc, &new_enc);
	if (!e)
		e = cmac_new(mac, &new_mac);
	if (e) {
		cbc_free(&new_enc);
		return e;
	}
	cbc_free(&b->enc);
	cmac_free(&b->mac);
	b->enc = new_enc;
	b->mac = new_mac;
	memcpy(b->chain, chain.ptr, BSP_CHAIN_LEN);
	b->counter = 1;
	return ERR_OK;
}

void bsp_free(struct bsp **b)
{
	if (*b) {
		cbc_free(&(*b)->enc);
		cmac_free(&(*b)->mac);
		secret_object_free(*b, sizeof(**b));
	}
	*b = NULL;
}

/* The ICV: the segment counter, big endian in a block, encrypted (AES-CBC of one block, IV 0). */
static enum err segment_icv(const struct bsp *b, uint8_t icv[static AES_BLOCK])
{
	static const uint8_t zero[AES_BLOCK];
	uint8_t block[AES_BLOCK];
	struct wbuf w = wbuf_init(block, sizeof(block));

	wbuf_fill(&w, 0, AES_BLOCK - sizeof(b->counter));
	wbuf_uint(&w, b->counter, sizeof(b->counter));
	return cbc_encrypt(b->enc, zero, SLICE_OF(block), icv);
}

/* The CMAC over chaining value, tag, length (of data and MAC) and data. */
static enum err segment_mac(const struct bsp *b, uint8_t tag, struct slice data,
			    uint8_t mac[static AES_BLOCK])
{
	uint8_t head_mem[8];
	struct wbuf head = wbuf_init(head_mem, sizeof(head_mem));
	struct slice parts[3];

	tlv_put_header(&head, tag, data.len + BSP_MAC_LEN);
	parts[0] = SLICE_OF(b->chain);
	parts[1] = wbuf_slice(&head);
	parts[2] = data;
	return cmac_sum(b->mac, parts, ARRAY_LEN(parts), mac);
}

static enum err finish_segment(struct bsp *b, uint8_t tag, struct slice data, struct wbuf *out)
{
	uint8_t mac[AES_BLOCK];
	enum err e = segment_mac(b, tag, data, mac);

	if (e)
		return e;
	tlv_put_header(out, tag, data.len + BSP_MAC_LEN);
	wbuf_put(out, data);
	wbuf_put(out, slice_make(mac, BSP_MAC_LEN));
	memcpy(b->chain, mac, BSP_CHAIN_LEN);
	b->counter++;
	return wbuf_done(out);
}

enum err bsp_protect(struct bsp *b, uint8_t tag, struct slice plain, struct wbuf *out)
{
	struct wbuf data = wbuf_grow(SEGMENT_LEN_MAX);
	uint8_t icv[AES_BLOCK];
	enum err e;

	wbuf_put(&data, plain);
	wbuf_u8(&data, PAD_START);
	wbuf_fill(&data, 0, (AES_BLOCK - data.len % AES_BLOCK) % AES_BLOCK);
	e = wbuf_done(&data);
	if (!e)
		e = segment_icv(b, icv);
	if (!e)
		e = cbc_encrypt(b->enc, icv, wbuf_slice(&data), data.ptr);
	if (!e)
		e = finish_segment(b, tag, wbuf_slice(&data), out);
	wbuf_free(&data);
	return e;
}

enum err bsp_protect_mac_only(struct bsp *b, uint8_t tag, struct slice plain, struct wbuf *out)
{
	return finish_segment(b, tag, plain, out);
}

enum err bsp_protect_all(struct bsp *b, const struct bsp_cut *cut, struct slice plain,
			 struct wbuf *out)
{
	size_t overhead = tlv_header_len(cut->tag, cut->max) + BSP_MAC_LEN;
	size_t room = cut->max > overhead ? cut->max - overhead : 0;
	struct cursor c = cursor_of(plain);
	enum err e = ERR_OK;

	if (cut->encrypt) /* at least one octet of padding */
		room = room < AES_BLOCK ? 0 : room - room % AES_BLOCK - 1;
	if (room == 0)
		return ERR_LENGTH;
	do {
		size_t n = cursor_left(&c) < room ? cursor_left(&c) : room;
		struct slice part = cursor_take(&c, n);

		e = cut->encrypt ? bsp_protect(b, cut->tag, part, out)
				 : bsp_protect_mac_only(b, cut->tag, part, out);
	} while (!e && cursor_left(&c));
	return e;
}

/* Checks form and MAC; *data is what the MAC covers. */
static enum err check_segment(struct bsp *b, uint8_t tag, struct slice segment, struct slice *data)
{
	uint8_t mac[AES_BLOCK];
	struct slice value;
	enum err e = tlv_only(segment, tag, &value);

	if (e)
		return e;
	if (value.len < BSP_MAC_LEN)
		return ERR_LENGTH;
	*data = slice_sub(value, 0, value.len - BSP_MAC_LEN);
	e = segment_mac(b, tag, *data, mac);
	if (e)
		return e;
	if (!secret_equal(slice_make(mac, BSP_MAC_LEN),
			  slice_sub(value, value.len - BSP_MAC_LEN, BSP_MAC_LEN)))
		return ERR_MAC;
	memcpy(b->chain, mac, BSP_CHAIN_LEN);
	return ERR_OK;
}

static enum err append_unpadded(struct slice plain, struct wbuf *out)
{
	size_t n = plain.len;

	while (n && slice_at(plain, n - 1) == 0)
		n--;
	if (n == 0 || slice_at(plain, n - 1) != PAD_START || plain.len - n >= AES_BLOCK)
		return ERR_MAC;
	wbuf_put(out, slice_sub(plain, 0, n - 1));
	return wbuf_done(out);
}

static enum err open_data(struct bsp *b, struct slice data, struct wbuf *out)
{
	struct wbuf plain = wbuf_grow(SEGMENT_LEN_MAX);
	uint8_t icv[AES_BLOCK];
	uint8_t *p;
	enum err e;

	if (data.len == 0 || data.len % AES_BLOCK)
		return ERR_LENGTH;
	p = wbuf_reserve(&plain, data.len);
	e = wbuf_done(&plain);
	if (!e)
		e = segment_icv(b, icv);
	if (!e && p)
		e = cbc_decrypt(b->enc, icv, data, p);
	if (!e)
		e = append_unpadded(wbuf_slice(&plain), out);
	wbuf_free(&plain);
	return e;
}

static enum err open_segment(struct bsp *b, uint8_t tag, bool encrypted, struct slice segment,
			     struct wbuf *out)
{
	struct slice data = SLICE_EMPTY;
	enum err e;

	if (b->broken)
		return ERR_PROTOCOL;
	e = check_segment(b, tag, segment, &data);
	if (!e && encrypted) {
		e = open_data(b, data, out);
	} else if (!e) {
		wbuf_put(out, data);
		e = wbuf_done(out);
	}
	b->counter++;
	b->broken = e != ERR_OK;
	return e;
}

enum err bsp_open(struct bsp *b, uint8_t tag, struct slice segment, struct wbuf *out)
{
	return open_segment(b, tag, true, segment, out);
}

enum err bsp_open_mac_only(struct bsp *b, uint8_t tag, struct slice segment, struct wbuf *out)
{
	return open_segment(b, tag, false, segment, out);
}

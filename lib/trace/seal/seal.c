#include "lib/trace/seal/seal.h"

#include <string.h>

#include "lib/crypto/ec.h"
#include "lib/trace/pcapng.h"

#define VERSION	   1
#define LENGTH_AT  4 /* block total length, from the block's beginning */
#define LENGTH_LEN 4
#define HEAD_LEN   8 /* type and length */
#define END_LEN	   8 /* opt_endofopt, and the total length once more */
#define NUMBER_LEN 8
#define PLACE_LEN  (NUMBER_LEN + SHA256_LEN) /* number, and tag of the record before */
#define VALUE_LEN  (PLACE_LEN + SHA256_LEN)
#define CLAIM_LEN  72 /* of a signature's body: version to zeros */
#define CLAIM_PAD  3
#define SPKI_MAX   128

/* The total length at both ends. */
static void put_lengths(struct wbuf *block)
{
	uint8_t octets[LENGTH_LEN];
	struct wbuf w = wbuf_init(octets, sizeof(octets));

	wbuf_u32(&w, (uint32_t)block->len);
	memcpy(block->ptr + LENGTH_AT, octets, sizeof(octets));
	memcpy(block->ptr + block->len - LENGTH_LEN, octets, sizeof(octets));
}

/* Of the block with a seal in it, whose own tag is left out. */
static enum err make_tag(struct slice block, uint8_t tag[static SHA256_LEN])
{
	const size_t at = block.len - END_LEN - SHA256_LEN;
	const struct slice parts[] = {slice_str(SEAL_WORDS), slice_sub(block, 0, at),
				      slice_sub(block, at + SHA256_LEN, block.len)};

	return sha256(parts, ARRAY_LEN(parts), tag);
}

enum err seal_begin(struct seal_chain *chain)
{
	chain->next = 0;
	return random_bytes(chain->tag, sizeof(chain->tag));
}

enum err seal_put(struct seal_chain *chain, struct wbuf *block)
{
	uint8_t octets[SEAL_OVERHEAD], tag[SHA256_LEN], *gap;
	struct wbuf w = wbuf_init(octets, sizeof(octets));
	enum err e = wbuf_done(block);

	if (e)
		return e;
	if (block->len < HEAD_LEN + END_LEN)
		return ERR_LENGTH;
	wbuf_u16(&w, SEAL_OPTION);
	wbuf_u16(&w, VALUE_LEN);
	wbuf_uint(&w, chain->next, NUMBER_LEN);
	wbuf_put(&w, SLICE_OF(chain->tag));
	wbuf_fill(&w, 0, SHA256_LEN);
	gap = wbuf_insert(block, block->len - END_LEN, SEAL_OVERHEAD);
	if (!gap)
		return wbuf_done(block);
	memcpy(gap, octets, sizeof(octets));
	put_lengths(block);
	e = make_tag(wbuf_slice(block), tag);
	if (e)
		return e;
	memcpy(gap + SEAL_OVERHEAD - SHA256_LEN, tag, sizeof(tag));
	memcpy(chain->tag, tag, sizeof(tag));
	chain->next++;
	return ERR_OK;
}

bool seal_is_due(const struct seal_chain *chain)
{
	return chain->next % SEAL_EVERY == 1;
}

/* What is signed: the claim of a signature's body, and the place that its record has in the chain.
 */
struct words {
	uint8_t number[NUMBER_LEN];
	struct slice parts[4];
};

static void put_words(struct words *w, struct slice claim, uint64_t number, struct slice before)
{
	struct wbuf n = wbuf_init(w->number, sizeof(w->number));

	wbuf_uint(&n, number, NUMBER_LEN);
	w->parts[0] = slice_str(SEAL_WORDS);
	w->parts[1] = claim;
	w->parts[2] = SLICE_OF(w->number);
	w->parts[3] = before;
}

enum err seal_sign(struct seal_chain *chain, const struct ec_key *key, bool last, struct wbuf *out)
{
	uint8_t claim[CLAIM_LEN], signature[EC_SIGNATURE_LEN];
	struct wbuf c = wbuf_init(claim, sizeof(claim));
	struct words w;
	enum err e;

	wbuf_u16(&c, VERSION);
	wbuf_u16(&c, last);
	wbuf_put(&c, ec_key_point(key));
	wbuf_fill(&c, 0, CLAIM_PAD);
	put_words(&w, SLICE_OF(claim), chain->next, SLICE_OF(chain->tag));
	e = ec_key_curve(key) == EC_P256 ? wbuf_done(&c) : ERR_KEY;
	if (!e)
		e = ec_sign(key, w.parts, ARRAY_LEN(w.parts), signature);
	if (e)
		return e;
	wbuf_u32(out, SEAL_BLOCK);
	wbuf_u32(out, SEAL_BLOCK_LEN);
	wbuf_put(out, SLICE_OF(claim));
	wbuf_put(out, SLICE_OF(signature));
	wbuf_u32(out, OPTION_END);
	wbuf_u32(out, SEAL_BLOCK_LEN);
	return seal_put(chain, out);
}

enum err seal_fingerprint(struct slice point, uint8_t out[static SHA256_LEN])
{
	uint8_t spki[SPKI_MAX];
	struct wbuf w = wbuf_init(spki, sizeof(spki));
	struct slice der;
	enum err e;

	ec_put_spki(&w, EC_P256, point);
	e = wbuf_done(&w);
	der = wbuf_slice(&w);
	return e ? e : sha256(&der, 1, out);
}

/* Its value, or nothing. */
static struct slice find_value(struct slice block)
{
	const size_t len = END_LEN + SEAL_OVERHEAD;
	struct cursor c = cursor_of(slice_sub(block, block.len - len, block.len));
	const uint16_t code = cursor_u16(&c), value_len = cursor_u16(&c);

	if (block.len < HEAD_LEN + len || code != SEAL_OPTION || value_len != VALUE_LEN)
		return SLICE_EMPTY;
	return cursor_take(&c, VALUE_LEN);
}

bool seal_is_in(struct slice block)
{
	return find_value(block).len > 0;
}

/* c: its value */
static enum err read_value(struct slice block, struct cursor c, struct seal *out)
{
	uint8_t tag[SHA256_LEN];
	enum err e = make_tag(block, tag);

	if (e)
		return e;
	out->number = cursor_uint(&c, NUMBER_LEN);
	out->before = cursor_take(&c, SHA256_LEN);
	out->tag = cursor_take(&c, SHA256_LEN);
	out->intact = slice_equal(out->tag, SLICE_OF(tag));
	return ERR_OK;
}

enum err seal_read(struct slice block, struct seal *out, bool *sealed)
{
	struct slice value = find_value(block);
	enum err e = value.len ? read_value(block, cursor_of(value), out) : ERR_OK;

	*sealed = value.len && !e;
	return e;
}

enum err seal_read_signature(struct slice block, const struct seal *seal,
			     struct seal_signature *out, bool *is_one)
{
	struct slice body = slice_sub(block, HEAD_LEN, block.len);
	struct cursor type = cursor_of(block), c = cursor_of(body);
	struct words w;
	enum err e;

	*is_one = cursor_u32(&type) == SEAL_BLOCK && block.len == SEAL_BLOCK_LEN &&
		  cursor_u16(&c) == VERSION;
	if (!*is_one)
		return ERR_OK;
	out->last = cursor_u16(&c) == 1;
	out->point = cursor_take(&c, EC_POINT_LEN);
	cursor_take(&c, CLAIM_PAD);
	put_words(&w, slice_sub(body, 0, CLAIM_LEN), seal->number, seal->before);
	e = ec_verify(EC_P256, out->point, w.parts, ARRAY_LEN(w.parts),
		      cursor_take(&c, EC_SIGNATURE_LEN));
	out->good = e == ERR_OK;
	return e == ERR_CRYPTO || e == ERR_MEMORY ? e : ERR_OK;
}

#include "lib/trace/open/scp80.h"

#include <string.h>

#include "lib/base/secret.h"
#include "lib/crypto/des.h"
#include "lib/crypto/symmetric.h"
#include "lib/trace/open/crc.h"

#define TAR_LEN	       3
#define COUNTER_LEN    5
#define CC_LEN	       8
#define COMMAND_FIXED  13 /* octets of the header behind its length, without the CC */
#define RESPONSE_FIXED 10
#define PACKET_MAX     (1u << 16)
#define ALGORITHM_MASK 0x0F
/* KIc and KID, 5.1.2, 5.1.3: the algorithm and its mode */
#define DES_SINGLE 0x01
#define DES_TWO	   0x05
#define DES_THREE  0x09
#define AES_CIPHER 0x02
/* KID of a redundancy check, 5.1.3.1; where both know the algorithm, its length says which it is */
#define RC_KNOWN 0x00
#define RC_CRC16 0x01
#define RC_CRC32 0x05
/* SPI, 5.1.1 */
#define INTEGRITY_MASK 0x03
#define CIPHERED       0x04
#define PROOF_AT       2
#define PROOF_CIPHERED 0x10

static const uint8_t response_header[] = {0x02, 0x71, 0x00};

/* A packet by its parts. */
struct parts {
	struct slice head; /* all in front of the counter */
	struct slice rest; /* from the counter on */
	size_t fixed,
		extra; /* octets of the header behind head that are fixed, and its RC, CC, DS */
	bool ciphered;
	enum opened_integrity integrity;
	uint8_t kic, kid;
};

static enum err decipher(struct slice key, uint8_t algorithm, struct slice in, uint8_t *out)
{
	static const uint8_t zero[AES_BLOCK];
	struct des_run run = {.key = &key};
	struct cbc *cipher = NULL;
	enum err e;

	switch (algorithm) {
	case DES_SINGLE:
	case DES_TWO:
	case DES_THREE: return des_cbc(&run, in, out);
	case AES_CIPHER:
		e = cbc_new(key, &cipher);
		if (!e)
			e = cbc_decrypt(cipher, zero, in, out);
		cbc_free(&cipher);
		return e;
	default: return ERR_UNSUPPORTED;
	}
}

/* 5.1.3: the last block of CBC over the text, filled up by zeros; or CMAC, cut to 8 octets */
static enum err checksum(struct slice key, uint8_t algorithm, struct slice text,
			 uint8_t out[static CC_LEN])
{
	struct wbuf padded = wbuf_grow(text.len + DES_BLOCK);
	struct des_run run = {.key = &key, .encrypt = true};
	uint8_t block[AES_BLOCK];
	struct cmac *m = NULL;
	enum err e = ERR_UNSUPPORTED;

	if (algorithm == AES_CIPHER) {
		e = cmac_new(key, &m);
		if (!e)
			e = cmac_sum(m, &text, 1, block);
		if (!e)
			memcpy(out, block, CC_LEN);
		cmac_free(&m);
	} else if (algorithm == DES_SINGLE || algorithm == DES_TWO || algorithm == DES_THREE) {
		wbuf_put(&padded, text);
		wbuf_fill(&padded, 0, (DES_BLOCK - padded.len % DES_BLOCK) % DES_BLOCK);
		e = wbuf_done(&padded);
		if (!e)
			e = des_cbc(&run, wbuf_slice(&padded), padded.ptr);
		if (!e)
			memcpy(out, padded.ptr + padded.len - DES_BLOCK, CC_LEN);
	}
	wbuf_free(&padded);
	return e;
}

/* Nothing where the KID's algorithm has no check of this length */
static void redundancy(const struct parts *p, struct slice text, struct wbuf *sum)
{
	uint8_t kid = p->kid & ALGORITHM_MASK;

	if (p->extra == CRC16_LEN && (kid == RC_CRC16 || kid == RC_KNOWN))
		wbuf_u16(sum, crc16_sum(text));
	else if (p->extra == CRC32_LEN && (kid == RC_CRC32 || kid == RC_KNOWN))
		wbuf_u32(sum, crc32_sum(text));
}

/* What the check ought to be; empty, and why, where that is not known. */
static const char *expect_check(const struct parts *p, const struct key_row *row, struct slice text,
				struct wbuf *sum)
{
	uint8_t cc[CC_LEN];

	if (p->integrity == INTEGRITY_RC) {
		redundancy(p, text, sum);
		return sum->len ? NULL : "its KID names no CRC of this length";
	}
	if (p->integrity == INTEGRITY_DS)
		return "a digital signature is by an algorithm of the operator's own";
	if (!row->parts[1])
		return "the keys file has no key for it";
	if (p->extra != CC_LEN ||
	    checksum(secret_slice(row->parts[1]), p->kid & ALGORITHM_MASK, text, cc))
		return "its KID names no algorithm of this key and length";
	wbuf_put(sum, SLICE_OF(cc));
	return NULL;
}

/* The first key that gives the right sum decides; without a CC the first one that there is. */
static void check(const struct parts *p, const struct key_row *row, struct slice clear,
		  struct opened_packet *out)
{
	struct wbuf text = wbuf_grow(PACKET_MAX);
	uint8_t mem[CC_LEN];
	struct wbuf sum = wbuf_init(mem, sizeof(mem));

	/* TS 31.115 4.3: of a response the user data header counts, too */
	if (out->is_response)
		wbuf_put(&text, SLICE_OF(response_header));
	wbuf_put(&text, p->head);
	wbuf_put(&text, slice_sub(clear, 0, p->fixed));
	wbuf_put(&text, slice_sub(clear, p->fixed + p->extra, clear.len));
	out->unchecked = expect_check(p, row, wbuf_slice(&text), &sum);
	if (!out->unchecked)
		out->check = secret_equal(wbuf_slice(&sum), slice_sub(clear, p->fixed, p->extra))
				     ? OPENED_RIGHT
				     : OPENED_WRONG;
	wbuf_free(&text);
}

/* Of what is clear: counter, padding, status, data. */
static void take_clear(const struct parts *p, struct slice clear, struct opened_packet *out)
{
	struct cursor c = cursor_of(clear);
	size_t padding;
	struct slice data;

	out->counter = cursor_uint(&c, COUNTER_LEN);
	padding = cursor_u8(&c);
	if (out->is_response)
		out->status = cursor_u8(&c);
	(void)cursor_take(&c, p->extra);
	data = cursor_take_rest(&c);
	out->has_plain = !c.err && padding <= data.len && out->check != OPENED_WRONG;
	if (out->has_plain)
		out->plain = slice_sub(data, 0, data.len - padding);
	else
		out->fault = out->check != OPENED_WRONG ? "what is deciphered is no packet"
			     : p->integrity == INTEGRITY_RC
				     ? "the redundancy check is not of its text"
				     : "the checksum is not of this key";
}

static void try_row(const struct parts *p, const struct key_row *row, struct wbuf *mem,
		    struct opened_packet *out)
{
	struct slice clear = p->rest;
	uint8_t *to;

	out->fault = NULL;
	if (p->ciphered) {
		wbuf_reset(mem);
		to = wbuf_reserve(mem, p->rest.len);
		if (!to || !row->parts[0] ||
		    decipher(secret_slice(row->parts[0]), p->kic & ALGORITHM_MASK, p->rest, to)) {
			out->fault = "the keys file has no key of this algorithm for it";
			return;
		}
		clear = wbuf_slice(mem);
	}
	if (p->integrity)
		check(p, row, clear, out);
	take_clear(p, clear, out);
}

static void open_parts(const struct trace_keys *keys, const struct parts *p, struct wbuf *mem,
		       struct opened_packet *out)
{
	const uint8_t id[] = {p->kic, p->kid};
	static const struct key_row none;
	const struct key_row *row = NULL;

	out->was_ciphered = p->ciphered;
	out->integrity = p->integrity;
	out->fault = "the keys file has no keys for its KIc and KID";
	while ((row = keys_next(keys, KEY_SCP80, SLICE_OF(id), row)) != NULL) {
		try_row(p, row, mem, out);
		if (out->has_plain)
			return;
	}
	if (!p->ciphered && !out->has_plain && out->check == OPENED_NOT_CHECKED)
		try_row(p, &none, mem, out);
}

/* The length of the packet, that of its header, and the header's fixed part */
static bool take_lengths(struct cursor *c, size_t fixed, struct parts *p)
{
	size_t length = cursor_u16(c), header = cursor_u8(c);

	if (c->err || length != cursor_left(c) + 1 || header < fixed)
		return false;
	p->extra = header - fixed;
	return true;
}

void scp80_open_command(const struct trace_keys *keys, struct slice packet, struct wbuf *mem,
			struct opened_packet *out, struct scp80_wish *wish)
{
	struct cursor c = cursor_of(packet);
	struct parts p = {.fixed = COUNTER_LEN + 1};
	uint8_t spi;

	*out = (struct opened_packet){.fault = "its lengths are not those of a packet"};
	if (!take_lengths(&c, COMMAND_FIXED, &p))
		return;
	spi = cursor_u8(&c);
	*wish = (struct scp80_wish){.is_known = true};
	wish->spi_2 = cursor_u8(&c);
	wish->kic = p.kic = cursor_u8(&c);
	wish->kid = p.kid = cursor_u8(&c);
	(void)cursor_take(&c, TAR_LEN);
	p.head = slice_sub(packet, 0, packet.len - cursor_left(&c));
	p.rest = cursor_take_rest(&c);
	p.ciphered = spi & CIPHERED;
	p.integrity = (enum opened_integrity)(spi & INTEGRITY_MASK);
	open_parts(keys, &p, mem, out);
}

void scp80_open_response(const struct trace_keys *keys, struct slice packet,
			 const struct scp80_wish *wish, struct wbuf *mem, struct opened_packet *out)
{
	struct cursor c = cursor_of(packet);
	struct parts p = {.fixed = COUNTER_LEN + 2, .kic = wish->kic, .kid = wish->kid};

	*out = (struct opened_packet){.is_response = true,
				      .fault = "its lengths are not those of a packet"};
	if (!take_lengths(&c, RESPONSE_FIXED, &p))
		return;
	if (!wish->is_known) {
		out->fault = "the trace does not show the command that it responds to";
		return;
	}
	(void)cursor_take(&c, TAR_LEN);
	p.head = slice_sub(packet, 0, packet.len - cursor_left(&c));
	p.rest = cursor_take_rest(&c);
	p.ciphered = wish->spi_2 & PROOF_CIPHERED;
	p.integrity = (enum opened_integrity)(wish->spi_2 >> PROOF_AT & INTEGRITY_MASK);
	open_parts(keys, &p, mem, out);
}

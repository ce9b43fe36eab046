#include "host/operator/keysource/wrapped.h"

#include <string.h>

#include "lib/base/secret.h"
#include "lib/crypto/symmetric.h"

#define MAGIC	 "TWINKEY"
#define VERSION	 1
#define MARK_LEN 16
#define PURPOSE	 "twinkey: which outer key this is"

struct parts {
	struct slice source, ticket, mark, nonce, sealed, sum;
	struct slice named, head, summed; /* what the mark, the seal and the sum are over */
};

bool wrapped_is(struct slice file)
{
	return slice_starts(file, slice_str(MAGIC));
}

static enum err split(struct slice file, struct parts *p)
{
	struct cursor c = cursor_of(file);

	uint8_t version;

	(void)cursor_take(&c, strlen(MAGIC));
	version = cursor_u8(&c);
	if (!wrapped_is(file) || c.err)
		return ERR_CORRUPT;
	if (version != VERSION)
		return ERR_VERSION;
	p->source = cursor_take(&c, cursor_u16(&c));
	p->ticket = cursor_take(&c, cursor_u16(&c));
	p->named = slice_make(file.ptr, file.len - cursor_left(&c));
	p->mark = cursor_take(&c, MARK_LEN);
	p->head = slice_make(file.ptr, file.len - cursor_left(&c));
	p->nonce = cursor_take(&c, GCM_NONCE_LEN);
	p->sealed = cursor_take(&c, WRAPPED_CONTENT + GCM_TAG_LEN);
	p->summed = slice_make(file.ptr, file.len - cursor_left(&c));
	p->sum = cursor_take(&c, SHA256_LEN);
	return cursor_done(&c) ? ERR_CORRUPT : ERR_OK;
}

static enum err check_sum(const struct parts *p)
{
	uint8_t sum[SHA256_LEN];
	enum err e = sha256(&p->summed, 1, sum);

	return e ? e : slice_equal(SLICE_OF(sum), p->sum) ? ERR_OK : ERR_CORRUPT;
}

static enum err read_parts(struct slice file, struct parts *p, struct wrapped *w)
{
	enum err e = split(file, p);

	if (!e)
		e = check_sum(p);
	if (!e && (key_source_parse(p->source, &w->source) || p->ticket.len > KEY_TICKET_MAX))
		e = ERR_CORRUPT;
	if (e)
		return e;
	w->ticket.len = p->ticket.len;
	return slice_copy(p->ticket, w->ticket.octets, p->ticket.len);
}

enum err wrapped_parse(struct slice file, struct wrapped *out)
{
	struct wrapped w = {.ticket = {.len = 0}};
	struct parts p;
	enum err e = read_parts(file, &p, &w);

	if (!e)
		*out = w;
	return e;
}

static enum err make_mark(struct slice outer, struct slice named, uint8_t mark[static MARK_LEN])
{
	const struct slice parts[] = {slice_str(PURPOSE), named};
	uint8_t mac[SHA256_LEN];
	enum err e = hmac_sha256(outer, parts, ARRAY_LEN(parts), mac);

	memcpy(mark, mac, MARK_LEN);
	return e;
}

static void put_short(struct wbuf *out, struct slice s)
{
	wbuf_u16(out, (uint16_t)s.len);
	wbuf_put(out, s);
}

enum err wrapped_put(const struct wrapped *w, struct slice outer, struct slice content,
		     struct wbuf *out)
{
	uint8_t mark[MARK_LEN], nonce[GCM_NONCE_LEN], sum[SHA256_LEN];
	uint8_t octets[WRAPPED_MAX];
	struct wbuf file = wbuf_init(octets, sizeof(octets));
	struct slice all;
	enum err e =
		content.len == WRAPPED_CONTENT ? random_bytes(nonce, sizeof(nonce)) : ERR_LENGTH;

	if (e)
		return e;
	wbuf_put(&file, slice_str(MAGIC));
	wbuf_u8(&file, VERSION);
	put_short(&file, slice_str(w->source.text));
	put_short(&file, slice_make(w->ticket.octets, w->ticket.len));
	e = make_mark(outer, wbuf_slice(&file), mark);
	if (e)
		return e;
	wbuf_put(&file, SLICE_OF(mark));
	all = wbuf_slice(&file); /* which is in place while the rest is written behind it */
	wbuf_put(&file, SLICE_OF(nonce));
	e = aes_gcm_seal(outer, nonce, all, content, &file);
	if (e)
		return e;
	all = wbuf_slice(&file);
	e = sha256(&all, 1, sum);
	if (e)
		return e;
	wbuf_put(&file, SLICE_OF(sum));
	wbuf_put(out, wbuf_slice(&file));
	return file.err ? file.err : wbuf_done(out);
}

enum err wrapped_open(struct slice file, struct slice outer, struct wbuf *out)
{
	struct wrapped w;
	struct parts p;
	uint8_t mark[MARK_LEN];
	enum err e = read_parts(file, &p, &w);

	if (!e)
		e = make_mark(outer, p.named, mark);
	if (!e && !secret_equal(SLICE_OF(mark), p.mark))
		e = ERR_KEY;
	if (e)
		return e;
	e = aes_gcm_open(outer, p.nonce.ptr, p.head, p.sealed, out);
	return e == ERR_MAC ? ERR_CORRUPT : e;
}

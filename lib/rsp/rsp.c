#include "lib/rsp/rsp.h"

#include "lib/utf8.h"

enum err rsp_parse_empty(struct slice der, uint32_t tag)
{
	struct slice v = SLICE_EMPTY;
	enum err e = tlv_only(der, tag, &v);

	return e ? e : v.len ? ERR_TRAILING : ERR_OK;
}

enum err rsp_parse_result(struct slice der, uint32_t tag, uint32_t *result)
{
	struct cursor c = cursor_of(der), in = tlv_enter(&c, tag);
	uint64_t v = tlv_expect_uint(&in, ASN1_CONTEXT(0));
	enum err e;

	if (v > UINT32_MAX)
		cursor_fail(&in, ERR_VALUE);
	tlv_leave(&c, &in);
	e = cursor_done(&c);
	if (!e)
		*result = (uint32_t)v;
	return e;
}

void rsp_put_result(struct wbuf *w, uint32_t tag, uint32_t result)
{
	size_t m = tlv_open(w, tag);

	tlv_put_uint(w, ASN1_CONTEXT(0), result);
	tlv_close(w, m);
}

struct slice rsp_expect_range(struct cursor *c, uint32_t tag, size_t min, size_t max)
{
	struct slice s = tlv_expect(c, tag);

	if (!c->err && (s.len < min || s.len > max))
		cursor_fail(c, ERR_LENGTH);
	return s;
}

bool rsp_optional_range(struct cursor *c, uint32_t tag, size_t min, size_t max, struct slice *out)
{
	*out = SLICE_EMPTY;
	if (!tlv_optional(c, tag, out))
		return false;
	if (out->len < min || out->len > max)
		cursor_fail(c, ERR_LENGTH);
	return c->err == ERR_OK;
}

uint32_t rsp_expect_bits(struct cursor *c, uint32_t tag)
{
	struct slice s = tlv_expect(c, tag);
	uint32_t bits = 0;
	enum err e;

	if (c->err)
		return 0;
	e = tlv_bits(s, &bits);
	if (e)
		cursor_fail(c, e);
	return bits;
}

void rsp_put_optional(struct wbuf *w, uint32_t tag, struct slice value)
{
	if (value.ptr)
		tlv_put(w, tag, value);
}

enum err rsp_check_text(struct slice text, size_t max)
{
	size_t n = 0;
	enum err e = utf8_count(text, &n);

	return e ? e : n > max ? ERR_LENGTH : ERR_OK;
}

void rsp_leave(struct cursor *c, struct cursor *inner)
{
	struct tlv t;

	while (tlv_next(inner, &t))
		;
	tlv_leave(c, inner);
}

bool rsp_key_ids_have(struct slice list, struct slice key_id)
{
	struct cursor c = cursor_of(list);
	struct tlv t;

	while (tlv_next(&c, &t)) {
		if (t.tag == ASN1_OCTET_STRING && slice_equal(t.value, key_id))
			return true;
	}
	return false;
}

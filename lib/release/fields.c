#include "lib/release/fields.h"

#include "lib/crypto/ec.h"

void fields_copy(struct cursor *c, uint32_t tag, uint8_t *dst, size_t n)
{
	struct slice v = tlv_expect(c, tag);

	if (!c->err && slice_copy(v, dst, n))
		cursor_fail(c, ERR_LENGTH);
}

struct slice fields_sized(struct cursor *c, uint32_t tag, size_t n)
{
	struct slice v = tlv_expect(c, tag);

	if (!c->err && v.len != n)
		cursor_fail(c, ERR_LENGTH);
	return v;
}

uint32_t fields_u32(struct cursor *c, uint32_t tag)
{
	uint64_t v = tlv_expect_uint(c, tag);

	if (v > UINT32_MAX)
		cursor_fail(c, ERR_VALUE);
	return (uint32_t)v;
}

struct cursor fields_enter_signed(struct cursor *in, struct slice *signed_part)
{
	struct cursor copy = *in;

	*signed_part = tlv_expect_raw(&copy, FIELDS_TAG_SIGNED);
	return tlv_enter(in, FIELDS_TAG_SIGNED);
}

enum err fields_sign(struct wbuf *w, size_t mark, const struct ec_key *key)
{
	struct slice part = slice_sub(wbuf_slice(w), mark, w->len);
	uint8_t signature[EC_SIGNATURE_LEN];
	enum err e = wbuf_done(w);

	if (!e)
		e = ec_sign(key, &part, 1, signature);
	if (!e)
		tlv_put(w, FIELDS_TAG_SIGNATURE, SLICE_OF(signature));
	return e;
}

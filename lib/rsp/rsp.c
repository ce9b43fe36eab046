#include "lib/rsp/rsp.h"

#include <string.h>

#include "lib/base/tlv.h"
#include "lib/base/bytes.h"
#include "lib/base/utf8.h"

#define BEGIN(type, kind, tag)	      static const uint32_t known_##type[] = {
#define MEMBER(type, member, tag, of) tag,
#define LATER(type, member, tag, of)  tag,
#define END(type)                                                                                  \
	0                                                                                          \
	}                                                                                          \
	;
#include "lib/rsp/definitions.def"
#undef BEGIN
#undef MEMBER
#undef LATER
#undef END

#define BEGIN(type, kind, tag)	      static const struct rsp_member members_##type[] = {
#define MEMBER(type, member, tag, of) {#member, tag, &rsp_type_##of, false},
#define LATER(type, member, tag, of)  {#member, tag, &rsp_type_##of, true},
#define END(type)                                                                                  \
	{                                                                                          \
		NULL, 0, NULL, false                                                               \
	}                                                                                          \
	}                                                                                          \
	;
#include "lib/rsp/definitions.def"
#undef BEGIN
#undef MEMBER
#undef LATER
#undef END

const struct rsp_type rsp_type_LEAF = {.name = "LEAF", .kind = RSP_LEAF};
#define BEGIN(type, kind, tag)                                                                     \
	const struct rsp_type rsp_type_##type = {#type, RSP_##kind, tag, known_##type,             \
						 members_##type};
#define MEMBER(type, member, tag, of)
#define LATER(type, member, tag, of)
#define END(type)
#include "lib/rsp/definitions.def"
#undef BEGIN

#define BEGIN(type, kind, tag) &rsp_type_##type,
const struct rsp_type *const rsp_types[] = {
#include "lib/rsp/definitions.def"
	NULL};

struct cursor rsp_enter(struct cursor *c, uint32_t tag, const struct rsp_type *type)
{
	return tlv_enter_open(c, tag, type->kind == RSP_SEQUENCE ? type->known : NULL);
}

struct cursor rsp_contents(struct slice value, const struct rsp_type *type)
{
	struct cursor c = cursor_of(value);

	c.known = type->kind == RSP_SEQUENCE ? type->known : NULL;
	return c;
}

enum err rsp_parse_empty(struct slice der, const struct rsp_type *type)
{
	struct cursor c = cursor_of(der), in = rsp_enter(&c, type->tag, type);

	tlv_leave(&c, &in);
	return cursor_done(&c);
}

enum err rsp_parse_result(struct slice der, uint32_t tag, uint32_t *result)
{
	struct cursor c = cursor_of(der), in = rsp_enter(&c, tag, &rsp_type_SetNicknameResponse);
	uint64_t v = tlv_expect_uint(&in, RSP_SetNicknameResponse_setNicknameResult);
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

	tlv_put_uint(w, RSP_SetNicknameResponse_setNicknameResult, result);
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
	uint8_t first[1 + sizeof(uint32_t)] = {0};
	uint32_t bits = 0;
	enum err e;

	if (c->err)
		return 0;
	if (s.len > sizeof(first) && slice_at(s, 0) < 8) { /* bits that later versions name */
		memcpy(first + 1, s.ptr + 1, sizeof(uint32_t));
		s = SLICE_OF(first);
	}
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

void rsp_no_alternative(struct cursor *c)
{
	bool any = cursor_left(c) > 0;

	tlv_skip(c);
	cursor_fail(c, any ? ERR_UNSUPPORTED : ERR_TAG);
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

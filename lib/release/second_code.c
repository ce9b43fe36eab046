#include "lib/release/second_code.h"

#include "lib/base/tlv.h"

static void take_iccid(struct cursor *c, uint8_t iccid[static SECOND_CODE_ICCID_LEN])
{
	enum err e = slice_copy(tlv_expect(c, ASN1_OCTET_STRING), iccid, SECOND_CODE_ICCID_LEN);

	if (e)
		cursor_fail(c, e);
}

enum err second_code_parse(struct slice der, struct second_code *out)
{
	struct cursor c = cursor_of(der), inner;
	struct second_code s = {0};
	struct slice body;
	uint64_t version, key_id;
	enum err e;

	if (der.len > SECOND_CODE_LEN_MAX)
		return ERR_LENGTH;
	inner = tlv_enter(&c, ASN1_SEQUENCE);
	body = inner.rest;
	version = tlv_expect_uint(&inner, ASN1_INTEGER);
	if (!inner.err && version != SECOND_CODE_VERSION)
		return ERR_VERSION;
	key_id = tlv_expect_uint(&inner, ASN1_INTEGER);
	if (!inner.err && (key_id == 0 || key_id > UINT32_MAX))
		cursor_fail(&inner, ERR_VALUE);
	s.key_id = (uint32_t)key_id;
	take_iccid(&inner, s.iccid);
	take_iccid(&inner, s.second_iccid);
	s.aad = slice_sub(body, 0, body.len - cursor_left(&inner));
	e = slice_copy(tlv_expect(&inner, ASN1_OCTET_STRING), s.nonce, sizeof(s.nonce));
	if (e)
		cursor_fail(&inner, e);
	s.ciphertext = tlv_expect(&inner, ASN1_OCTET_STRING);
	if (s.ciphertext.len <= SECOND_CODE_TAG_LEN ||
	    s.ciphertext.len > SECOND_CODE_TAG_LEN + SECOND_CODE_TEXT_MAX)
		cursor_fail(&inner, ERR_LENGTH);
	tlv_leave(&c, &inner);
	e = cursor_done(&c);
	if (!e)
		*out = s;
	return e;
}

/* the sealed part: made, parsed, opened, changed at each octet */
#include "tests/unit/test.h"

#include <string.h>

#include "lib/profile/sealed.h"
#include "lib/base/tlv.h"

static const uint8_t key_s[SEALED_KEY_LEN] = {0x51, 0x52, 0x53};
static const uint8_t plain[] = {0xA4, 0x06, 0x0C, 0x04, 't', 'e', 's', 't'};

struct sample {
	struct ec_key *release;
	struct sealed_fields fields;
	uint8_t mem[512];
	struct wbuf der;
};

static void sample_make(struct sample *s, bool in_memory)
{
	memset(s, 0, sizeof(*s));
	CU_ASSERT_FATAL(ec_key_generate(EC_P256, &s->release) == ERR_OK);
	s->fields.key_id = 0x80000001;
	memset(s->fields.iccid, 0x98, sizeof(s->fields.iccid));
	s->fields.release_point = ec_key_point(s->release);
	s->fields.in_memory_only = in_memory;
	s->der = wbuf_init(s->mem, sizeof(s->mem));
	CU_ASSERT_FATAL(sealed_seal(&s->fields, SLICE_OF(key_s), SLICE_OF(plain), &s->der) ==
			ERR_OK);
}

static enum err reopen(struct slice der, struct slice s)
{
	struct secret *got = NULL;
	struct sealed parsed;
	enum err e = sealed_parse(der, &parsed);

	if (!e)
		e = sealed_open(&parsed, s, &got);
	if (e)
		CU_ASSERT_PTR_NULL(got);
	secret_free(&got);
	return e;
}

static void test_round_trip(void)
{
	for (int in_memory = 0; in_memory < 2; in_memory++) {
		struct secret *got = NULL;
		struct sealed parsed;
		struct sample s;

		sample_make(&s, in_memory == 1);
		ASSERT_ERR(sealed_parse(wbuf_slice(&s.der), &parsed), ERR_OK);
		CU_ASSERT_EQUAL(parsed.fields.key_id, s.fields.key_id);
		CU_ASSERT_EQUAL(parsed.fields.in_memory_only, in_memory == 1);
		ASSERT_OCTETS(SLICE_OF(parsed.fields.iccid), SLICE_OF(s.fields.iccid), "ICCID");
		ASSERT_OCTETS(parsed.fields.release_point, s.fields.release_point, "release key");
		ASSERT_ERR(sealed_open(&parsed, SLICE_OF(key_s), &got), ERR_OK);
		ASSERT_OCTETS(secret_slice(got), SLICE_OF(plain), "elements");
		secret_free(&got);
		ec_key_free(&s.release);
	}
}

static void test_every_bit(void)
{
	struct sample s;
	struct slice der;

	sample_make(&s, true);
	der = wbuf_slice(&s.der);
	for (size_t bit = 0; bit < der.len * 8; bit++) {
		s.mem[bit / 8] ^= (uint8_t)(1u << bit % 8);
		CU_ASSERT_NOT_EQUAL(reopen(der, SLICE_OF(key_s)), ERR_OK);
		s.mem[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	ASSERT_ERR(reopen(der, SLICE_OF(key_s)), ERR_OK);
	ec_key_free(&s.release);
}

static void test_cut_and_trailing(void)
{
	struct sample s;
	struct sealed parsed;
	struct slice der;

	sample_make(&s, false);
	der = wbuf_slice(&s.der);
	for (size_t n = 0; n < der.len; n++)
		CU_ASSERT_NOT_EQUAL(sealed_parse(slice_sub(der, 0, n), &parsed), ERR_OK);
	wbuf_u8(&s.der, 0);
	ASSERT_ERR(sealed_parse(wbuf_slice(&s.der), &parsed), ERR_TRAILING);
	ec_key_free(&s.release);
}

static void test_wrong_key(void)
{
	uint8_t other[SEALED_KEY_LEN] = {0};
	struct sample s;
	struct wbuf w;

	sample_make(&s, false);
	ASSERT_ERR(reopen(wbuf_slice(&s.der), SLICE_OF(other)), ERR_MAC);
	ASSERT_ERR(reopen(wbuf_slice(&s.der), slice_make(key_s, 16)), ERR_KEY);
	w = wbuf_init(s.mem, sizeof(s.mem));
	ASSERT_ERR(sealed_seal(&s.fields, slice_make(key_s, 31), SLICE_OF(plain), &w), ERR_KEY);
	s.fields.key_id = 0;
	ASSERT_ERR(sealed_seal(&s.fields, SLICE_OF(key_s), SLICE_OF(plain), &w), ERR_VALUE);
	ec_key_free(&s.release);
}

/* The fields by hand: version and keyId as given, then a mode of the caller's. */
static enum err parse_with(uint64_t version, uint64_t key_id, bool explicit_default,
			   struct slice mode, struct sealed *out)
{
	struct sample s;
	struct wbuf w = wbuf_grow(1024);
	size_t mark = tlv_open(&w, ASN1_SEQUENCE);
	enum err e;

	sample_make(&s, false);
	tlv_put_uint(&w, ASN1_INTEGER, version);
	tlv_put_uint(&w, ASN1_INTEGER, key_id);
	tlv_put(&w, ASN1_OCTET_STRING, SLICE_OF(s.fields.iccid));
	ec_put_spki(&w, EC_P256, s.fields.release_point);
	if (explicit_default)
		tlv_put_bool(&w, ASN1_BOOLEAN, false);
	wbuf_put(&w, mode);
	tlv_close(&w, mark);
	e = sealed_parse(wbuf_slice(&w), out);
	wbuf_free(&w);
	ec_key_free(&s.release);
	return e;
}

static void test_fields(void)
{
	struct slice derived = test_unhex("A105 0603 2A0304");
	struct slice short_nonce = test_unhex("A020 040B 0102030405060708090A0B 0411 "
					      "0102030405060708090A0B0C0D0E0F1011");
	struct secret *got = NULL;
	struct sealed s;

	ASSERT_ERR(parse_with(1, 1, false, derived, &s), ERR_OK);
	CU_ASSERT_EQUAL(s.mode, SEALED_DERIVED);
	ASSERT_ERR(sealed_open(&s, SLICE_OF(key_s), &got), ERR_UNSUPPORTED);
	ASSERT_ERR(parse_with(2, 1, false, derived, &s), ERR_VERSION);
	ASSERT_ERR(parse_with(1, 0, false, derived, &s), ERR_VALUE);
	ASSERT_ERR(parse_with(1, UINT64_C(1) << 32, false, derived, &s), ERR_VALUE);
	ASSERT_ERR(parse_with(1, UINT32_MAX, false, derived, &s), ERR_OK);
	ASSERT_ERR(parse_with(1, 1, true, derived, &s), ERR_ENCODING);
	ASSERT_ERR(parse_with(1, 1, false, short_nonce, &s), ERR_LENGTH);
	ASSERT_ERR(parse_with(1, 1, false, SLICE_EMPTY, &s), ERR_TAG);
}

TEST_SUITE(sealed, {"what is sealed opens again", test_round_trip},
	   {"one changed bit anywhere is refused", test_every_bit},
	   {"cut or with trailing bytes it is refused", test_cut_and_trailing},
	   {"a wrong key does not open it", test_wrong_key},
	   {"versions, key ids and modes", test_fields})

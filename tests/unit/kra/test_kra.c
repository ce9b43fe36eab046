/* The key-release application by APDUs: what is no valid grant changes nothing (I1, I2, I6, I7). */
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

#include "lib/release/grant.h"
#include "lib/uicc/apdu.h"
#include "lib/base/tlv.h"
#include "tests/unit/support/card_fixture.h"
#include "tests/unit/support/release_fixture.h"

static const size_t blocks[] = {255, 128, 100, 31, 3};

/* Where a field's octets stand, and what a grant with another value there is answered. */
struct field {
	const char *name;
	size_t at, len;
	enum kra_result resigned;
};

#define FIELDS 7
#define KEY_ID 0 /* the fields' order in B0; the signature is behind it */

static size_t find(struct slice in, struct slice what)
{
	for (size_t at = 0; at + what.len <= in.len; at++) {
		if (slice_equal(slice_sub(in, at, what.len), what))
			return at;
	}
	CU_FAIL("the field is not in the grant");
	return 0;
}

static void find_fields(const struct release_grant_bytes *g, struct field out[static FIELDS])
{
	struct slice whole = slice_make(g->bytes, g->len);
	static const uint8_t key_id[] = {0x80, 0x02, RELEASE_FIXTURE_KEY_ID >> 8,
					 RELEASE_FIXTURE_KEY_ID & 0xFF};
	struct grant p;

	ASSERT_ERR(grant_parse(whole, &p), ERR_OK);
	out[KEY_ID] = (struct field){"keyId", find(whole, SLICE_OF(key_id)) + 2, 2,
				     KRA_RESULT_WRONG_KEY_ID};
	out[1] = (struct field){"iccid", find(whole, SLICE_OF(p.binding.iccid)), 10,
				KRA_RESULT_WRONG_PROFILE};
	out[2] = (struct field){"eid", find(whole, SLICE_OF(p.binding.eid)), 16,
				KRA_RESULT_WRONG_CARD};
	out[3] = (struct field){"nonce", find(whole, SLICE_OF(p.binding.nonce)), 16,
				KRA_RESULT_WRONG_NONCE};
	out[4] = (struct field){"operatorOtpk", find(whole, p.operator_otpk), EC_POINT_LEN,
				KRA_RESULT_BAD_POINT};
	out[5] = (struct field){"wrappedKey", find(whole, p.wrapped), GRANT_WRAPPED_LEN,
				KRA_RESULT_BAD_KEY};
	out[6] = (struct field){"signature", find(whole, p.signature), EC_SIGNATURE_LEN,
				KRA_RESULT_BAD_SIGNATURE};
}

static const struct field *field_at(const struct field fields[static FIELDS], size_t at)
{
	for (size_t i = 0; i < FIELDS; i++) {
		if (at >= fields[i].at && at < fields[i].at + fields[i].len)
			return &fields[i];
	}
	return NULL;
}

/* A keyId that DER does not allow: negative, or with a zero octet too many. */
static bool no_integer(const struct release_grant_bytes *g, const struct field *key_id)
{
	return g->bytes[key_id->at] & 0x80 || g->bytes[key_id->at] == 0;
}

/* Every bit of it, framing too. Every block length has its turn. */
static void every_bit(void)
{
	struct release_fixture f;
	struct release_grant_bytes g = {.len = 3}; /* until the first is made */
	struct field fields[FIELDS];
	char what[64];

	release_fixture_open(&f);
	for (size_t bit = 0; bit < 8 * g.len; bit++) {
		const struct field *field;

		release_fixture_fresh_grant(&f, &g);
		find_fields(&g, fields);
		field = field_at(fields, bit / 8);
		g.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
		snprintf(what, sizeof(what), "octet %zu bit %zu", bit / 8, bit % 8);
		f.block = blocks[bit % ARRAY_LEN(blocks)];
		release_fixture_refused(&f, &g,
					field && !no_integer(&g, &fields[KEY_ID])
						? KRA_RESULT_BAD_SIGNATURE
						: RELEASE_FIXTURE_MALFORMED,
					what);
	}
	release_fixture_still_releases(&f);
	release_fixture_close(&f);
}

/* Every bit of every field, under a signature of the release key. */
static void every_bit_signed(void)
{
	struct release_fixture f;
	struct release_grant_bytes g;
	struct field fields[FIELDS];

	release_fixture_open(&f);
	release_fixture_fresh_grant(&f, &g);
	find_fields(&g, fields);
	for (size_t i = 0; i < FIELDS - 1; i++) {
		for (size_t bit = 0; bit < 8 * fields[i].len; bit++) {
			struct field now[FIELDS];

			release_fixture_fresh_grant(&f, &g);
			find_fields(&g, now);
			g.bytes[now[i].at + bit / 8] ^= (uint8_t)(1u << bit % 8);
			if (i == KEY_ID && no_integer(&g, &now[i])) {
				release_fixture_refused(&f, &g, RELEASE_FIXTURE_MALFORMED,
							now[i].name);
				continue;
			}
			release_fixture_resign(&g, f.release_key);
			release_fixture_refused(&f, &g, now[i].resigned, now[i].name);
		}
	}
	release_fixture_still_releases(&f);
	release_fixture_close(&f);
}

static void cut_and_longer(void)
{
	struct release_fixture f;
	struct release_grant_bytes g;

	release_fixture_open(&f);
	release_fixture_fresh_grant(&f, &g);
	for (size_t len = 1; len < g.len; len++) {
		struct release_grant_bytes cut;

		release_fixture_fresh_grant(&f, &cut);
		f.block = blocks[len % ARRAY_LEN(blocks)];
		cut.len = len;
		release_fixture_refused(&f, &cut, RELEASE_FIXTURE_MALFORMED, "cut");
	}
	release_fixture_fresh_grant(&f, &g);
	g.bytes[g.len++] = 0;
	release_fixture_refused(&f, &g, RELEASE_FIXTURE_MALFORMED, "a byte behind it");
	release_fixture_fresh_grant(&f, &g);
	memmove(g.bytes + 4, g.bytes + 3, g.len++ - 3); /* a length with an octet too many */
	g.bytes[2] = 0x82;
	g.bytes[3] = 0;
	release_fixture_refused(&f, &g, RELEASE_FIXTURE_MALFORMED, "a length that is not minimal");
	release_fixture_fresh_grant(&f, &g);
	g.bytes[2] = 0x80;
	release_fixture_refused(&f, &g, RELEASE_FIXTURE_MALFORMED, "an indefinite length");
	release_fixture_still_releases(&f);
	release_fixture_close(&f);
}

/* A grant whose binding the operator got wrong as a whole, sealed and signed for it. */
static void another_binding(void)
{
	struct release_fixture f;
	static const enum kra_result want[] = {KRA_RESULT_WRONG_CARD,	KRA_RESULT_WRONG_PROFILE,
					       KRA_RESULT_WRONG_NONCE,	KRA_RESULT_WRONG_KEY_ID,
					       KRA_RESULT_WRONG_KEY_ID, KRA_RESULT_BAD_SIGNATURE,
					       KRA_RESULT_BAD_SIGNATURE};

	release_fixture_open(&f);
	for (size_t i = 0; i < ARRAY_LEN(want); i++) {
		struct ec_key *stranger = NULL;
		const struct ec_key *keys[] = {f.release_key, f.sk_euicc, NULL};
		struct release_grant_bytes g;
		struct kra_binding wrong;
		struct wbuf w = wbuf_init(g.bytes, sizeof(g.bytes));

		ASSERT_ERR(ec_key_generate(EC_P256, &stranger), ERR_OK);
		keys[2] = stranger;
		CU_ASSERT_EQUAL(release_fixture_challenge(&f), KRA_RESULT_OK);
		wrong = f.open;
		switch (i) {
		case 0: memset(wrong.eid, 0x11, sizeof(wrong.eid)); break;
		case 1: memset(wrong.iccid, 0x11, sizeof(wrong.iccid)); break;
		case 2: memset(wrong.nonce, 0x11, sizeof(wrong.nonce)); break;
		case 3: wrong.key_id--; break;
		case 4: wrong.key_id = UINT32_MAX; break;
		default: break;
		}
		ASSERT_ERR(grant_build(&w, &wrong, SLICE_OF(f.card_otpk), f.s,
				       keys[i < 5 ? 0 : i - 4]),
			   ERR_OK);
		g.len = w.len;
		release_fixture_refused(&f, &g, want[i], "another binding");
		ec_key_free(&stranger);
	}
	release_fixture_still_releases(&f);
	release_fixture_close(&f);
}

static void points(void)
{
	static const struct {
		const char *hex; /* the first octets; the rest are zero */
		enum kra_result want;
	} rows[] = {
		{"00", KRA_RESULT_BAD_POINT}, /* infinity, filled up */
		{"04", KRA_RESULT_BAD_POINT}, /* (0, 0) */
		/* X9.62 compressed and hybrid forms of the base point's X */
		{"036b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296",
		 KRA_RESULT_BAD_POINT},
		{"076b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
		 "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5",
		 KRA_RESULT_BAD_POINT},
		/* the coordinates are no field elements: p and p */
		{"04ffffffff00000001000000000000000000000000ffffffffffffffffffffffff"
		 "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff",
		 KRA_RESULT_BAD_POINT},
		/* brainpoolP256r1's base point */
		{"048bd2aeb9cb7e57cb2c4b482ffc81b7afb9de27e1e3bd23c23a4453bd9ace3262"
		 "547ef835c3dac4fd97f8461a14611dc9c27745132ded8e545c1d54c72f046997",
		 KRA_RESULT_BAD_POINT},
		/* P-256's base point: a point, but not the one that the KEK was made with */
		{"046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
		 "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5",
		 KRA_RESULT_BAD_KEY},
	};
	struct release_fixture f;
	struct release_grant_bytes g;
	struct field fields[FIELDS];

	release_fixture_open(&f);
	for (size_t i = 0; i <= ARRAY_LEN(rows); i++) {
		bool own = i == ARRAY_LEN(rows); /* the card's own point, sent back */
		struct slice p;

		release_fixture_fresh_grant(&f, &g);
		find_fields(&g, fields);
		p = own ? SLICE_OF(f.card_otpk) : test_unhex(rows[i].hex);
		memset(g.bytes + fields[4].at, 0, EC_POINT_LEN);
		memcpy(g.bytes + fields[4].at, p.ptr, p.len);
		release_fixture_resign(&g, f.release_key);
		release_fixture_refused(&f, &g, own ? KRA_RESULT_BAD_KEY : rows[i].want, "point");
	}
	/* infinity as it is encoded: one octet; the length of the field is fixed */
	release_fixture_fresh_grant(&f, &g);
	find_fields(&g, fields);
	g.bytes[fields[4].at - 1] = 1;
	g.bytes[fields[4].at] = 0;
	release_fixture_refused(&f, &g, RELEASE_FIXTURE_MALFORMED, "infinity");
	release_fixture_still_releases(&f);
	release_fixture_close(&f);
}

/* Signatures that are none, and the right one over something else. */
static void signatures(void)
{
	/* the order of the group of P-256 */
	struct slice order =
		test_unhex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
	struct release_fixture f;
	struct release_grant_bytes g;
	struct field fields[FIELDS];

	release_fixture_open(&f);
	for (unsigned i = 0; i < 5; i++) {
		uint8_t *s;

		release_fixture_fresh_grant(&f, &g);
		find_fields(&g, fields);
		s = g.bytes + fields[6].at;
		switch (i) {
		case 0: memset(s, 0, 64); break;
		case 1: memset(s + 32, 0, 32); break;
		case 2: memcpy(s, order.ptr, 32); break;
		case 3: memset(s, 0xFF, 64); break;
		default: /* over the contents of B0, not the TLV */
		{
			struct grant p;
			struct slice inside;

			ASSERT_ERR(grant_parse(slice_make(g.bytes, g.len), &p), ERR_OK);
			ASSERT_ERR(tlv_only(p.signed_part, 0xB0, &inside), ERR_OK);
			ASSERT_ERR(ec_sign(f.release_key, &inside, 1, s), ERR_OK);
		}
		}
		release_fixture_refused(&f, &g, KRA_RESULT_BAD_SIGNATURE, "signature");
	}
	release_fixture_still_releases(&f);
	release_fixture_close(&f);
}

/* Another S, rightly wrapped; and what it opens is no subscription. */
static void wrong_contents(void)
{
	struct release_fixture f;
	struct release_grant_bytes g;
	struct wbuf w = wbuf_init(g.bytes, sizeof(g.bytes)), sealed = wbuf_grow(SEALED_LEN_MAX);
	struct sealed_fields fields;
	struct secret *other = random_secret(SEALED_KEY_LEN);
	static const char *const elements[] = {
		"00", "a0", /* no element; a header, which no patch may have */
		"a400",	    /* PE-AKAParameter without its contents */
		"aa05a003810103"};

	release_fixture_open(&f);
	CU_ASSERT_EQUAL(release_fixture_challenge(&f), KRA_RESULT_OK);
	ASSERT_ERR(grant_build(&w, &f.open, SLICE_OF(f.card_otpk), other, f.release_key), ERR_OK);
	g.len = w.len;
	release_fixture_refused(&f, &g, KRA_RESULT_BAD_SEALED_PART, "another S");
	for (unsigned i = 0; i < ARRAY_LEN(elements); i++) {
		fields = release_fixture_fields(&f, RELEASE_FIXTURE_KEY_ID + 1 + i);
		wbuf_reset(&sealed);
		ASSERT_ERR(
			sealed_seal(&fields, secret_slice(f.s), test_unhex(elements[i]), &sealed),
			ERR_OK);
		CU_ASSERT_EQUAL(release_fixture_reseal(&f, wbuf_slice(&sealed), f.release_key),
				KRA_RESULT_OK);
		release_fixture_fresh_grant(&f, &g);
		release_fixture_refused(&f, &g, KRA_RESULT_BAD_ELEMENTS, "elements");
	}
	secret_free(&other);
	wbuf_free(&sealed);
	release_fixture_close(&f);
}

/* docs/protocol.md section 2: what is not well formed is answered 6A80, and ends an open session.
 */
static void no_message_ends_session(void)
{
	static const char *const rows[] = {
		"BF7400",				/* a tag that is none of the four */
		"BF2000",				/* one of ES10 */
		"5A00",					/* one octet long */
		"DF720101",				/* a primitive one */
		"00",					/* none */
		"BF",					/* half a tag */
		"BF70",					/* no length */
		"BF7001",				/* no content */
		"BF7081",				/* half a length */
		"BF708100",				/* a length that is not minimal */
		"BF708000",				/* indefinite */
		"BF7000BF7000",				/* two */
		"BF700000",				/* a byte behind it */
		"BF7003800101",				/* something in what has nothing */
		"BF7100",				/* a challenge without ICCID */
		"BF710B80098901234567890123",		/* a short one */
		"BF710C810A98890112000000000017",	/* another tag */
		"BF710F800A98890112000000000017810100", /* one more */
		"BF7200",				/* a grant without all */
		"BF7203B00100",				/* without most */
		"BF7300",
		"BF73033001005F3700",
	};
	uint8_t mem[300];
	struct wbuf out = wbuf_init(mem, sizeof(mem));
	struct release_fixture f;
	struct release_grant_bytes g;

	release_fixture_open(&f);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct fixture_before b;

		release_fixture_fresh_grant(&f, &g);
		b = fixture_take(&f);
		CU_ASSERT_EQUAL(release_fixture_send(&f, test_unhex(rows[i]), &out), SW_WRONG_DATA);
		CU_ASSERT_EQUAL(out.len, 0);
		release_fixture_result_is(
			release_fixture_deliver(&f, slice_make(g.bytes, g.len), NULL),
			KRA_RESULT_NO_SESSION, rows[i]);
		fixture_unchanged(&f, &b, rows[i]);
	}
	/* a question that is well formed ends nothing, nor does a chain that breaks off */
	release_fixture_fresh_grant(&f, &g);
	CU_ASSERT_EQUAL(release_fixture_send(&f, test_unhex("BF7000"), &out), SW_OK);
	CU_ASSERT_EQUAL(fixture_exchange(f.card, test_unhex("81E211000ABF7282010B"), &out),
			SW_WRONG_LENGTH);
	CU_ASSERT_EQUAL(fixture_exchange(f.card, test_unhex("81E2110002BF72"), &out), SW_OK);
	CU_ASSERT_EQUAL(fixture_exchange(f.card, test_unhex("81E2910502BF72"), &out),
			SW_WRONG_P1P2);
	release_fixture_result_is(release_fixture_deliver(&f, slice_make(g.bytes, g.len), NULL),
				  KRA_RESULT_OK, "after a question");
	release_fixture_close(&f);
}

TEST_SUITE(kra, {"what is no message ends a session", no_message_ends_session},
	   {"every bit of a grant", every_bit}, {"every bit of a field, signed", every_bit_signed},
	   {"cut, longer, not minimal", cut_and_longer}, {"another binding", another_binding},
	   {"points", points}, {"signatures", signatures}, {"wrong contents", wrong_contents})

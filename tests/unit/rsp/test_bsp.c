/* BSP against vectors: keys, MAC chain, counters */
#include "tests/unit/test.h"

#include <string.h>

#include "lib/base/tlv.h"
#include "lib/base/bytes.h"
#include "lib/crypto/symmetric.h"
#include "lib/rsp/bsp.h"
#include "lib/rsp/es8p.h"

/* Calls each() for every vector that has the field; asserts that there were some. */
static void each_vector(const char *field, void (*each)(const json_t *v))
{
	json_t *all = test_vectors("bsp_scp03t"), *v;
	size_t i, seen = 0;

	json_array_foreach(json_object_get(all, "vectors"), i, v)
	{
		if (json_object_get(v, field)) {
			each(v);
			seen++;
		}
	}
	CU_ASSERT(seen > 0);
	json_decref(all);
}

static uint8_t tag_of(const json_t *step)
{
	return slice_at(test_hex(step, "tag"), 0);
}

static void run_steps(struct bsp *send, struct bsp *receive, const json_t *steps)
{
	json_t *s;
	size_t i;

	json_array_foreach(steps, i, s)
	{
		struct wbuf w = wbuf_grow(1 << 17), p = wbuf_grow(1 << 17);
		bool encrypt = strcmp(json_string_value(json_object_get(s, "op")), "mac_only") != 0;
		struct slice plain = test_hex(s, "plain");

		ASSERT_ERR(encrypt ? bsp_protect(send, tag_of(s), plain, &w)
				   : bsp_protect_mac_only(send, tag_of(s), plain, &w),
			   ERR_OK);
		ASSERT_OCTETS(wbuf_slice(&w), test_hex(s, "protected"), "segment");
		ASSERT_ERR(encrypt ? bsp_open(receive, tag_of(s), wbuf_slice(&w), &p)
				   : bsp_open_mac_only(receive, tag_of(s), wbuf_slice(&w), &p),
			   ERR_OK);
		ASSERT_OCTETS(wbuf_slice(&p), plain, "opened");
		wbuf_free(&w);
		wbuf_free(&p);
	}
}

static void protect_sequence(const json_t *v)
{
	struct bsp *send = NULL, *receive = NULL;

	ASSERT_ERR(bsp_from_keys(test_hex(v, "s_enc"), test_hex(v, "s_mac"),
				 test_hex(v, "initial_mcv"), &send),
		   ERR_OK);
	ASSERT_ERR(bsp_from_keys(test_hex(v, "s_enc"), test_hex(v, "s_mac"),
				 test_hex(v, "initial_mcv"), &receive),
		   ERR_OK);
	run_steps(send, receive, json_object_get(v, "steps"));
	bsp_free(&send);
	bsp_free(&receive);
}

static void test_protect(void)
{
	each_vector("steps", protect_sequence);
}

/* Derived keys and given keys protect alike. */
static void derive_keys(const json_t *v)
{
	struct bsp *derived = NULL, *given = NULL;
	struct wbuf a = wbuf_grow(256), b = wbuf_grow(256);

	ASSERT_ERR(bsp_derive(test_hex(v, "shared_secret"),
			      &(struct bsp_shared_info){slice_at(test_hex(v, "key_type"), 0),
							slice_at(test_hex(v, "key_length"), 0),
							test_hex(v, "host_id"), test_hex(v, "eid")},
			      &derived),
		   json_string_length(json_object_get(v, "host_id")) > 32 ? ERR_LENGTH : ERR_OK);
	ASSERT_ERR(bsp_from_keys(test_hex(v, "s_enc"), test_hex(v, "s_mac"),
				 test_hex(v, "initial_mcv"), &given),
		   ERR_OK);
	if (derived) {
		ASSERT_ERR(bsp_protect(derived, 0x87, test_unhex("bf2400"), &a), ERR_OK);
		ASSERT_ERR(bsp_protect(given, 0x87, test_unhex("bf2400"), &b), ERR_OK);
		ASSERT_OCTETS(wbuf_slice(&a), wbuf_slice(&b), "first segment");
	}
	bsp_free(&derived);
	bsp_free(&given);
	wbuf_free(&a);
	wbuf_free(&b);
}

static void test_derive(void)
{
	each_vector("shared_secret", derive_keys);
}

static void open_all(struct bsp *b, struct slice segments, uint8_t tag, bool encrypted,
		     struct wbuf *out)
{
	struct cursor c = cursor_of(segments);
	struct tlv t;

	while (tlv_next(&c, &t))
		ASSERT_ERR(encrypted ? bsp_open(b, tag, t.raw, out)
				     : bsp_open_mac_only(b, tag, t.raw, out),
			   ERR_OK);
	ASSERT_ERR(cursor_done(&c), ERR_OK);
}

static void open_package(const json_t *v)
{
	struct wbuf out = wbuf_grow(1 << 17);
	struct es8p_package p = {0};
	struct bsp *b = NULL;

	ASSERT_ERR(es8p_parse_package(test_hex(v, "bpp"), &p), ERR_OK);
	ASSERT_ERR(bsp_from_keys(test_hex(v, "s_enc"), test_hex(v, "s_mac"),
				 test_hex(v, "initial_mcv"), &b),
		   ERR_OK);
	open_all(b, p.first87, ES8P_TAG_ENCRYPTED, true, &out);
	ASSERT_OCTETS(wbuf_slice(&out), test_hex(v, "configure_isdp"), "ConfigureISDP");
	wbuf_reset(&out);
	open_all(b, p.seq88, ES8P_TAG_METADATA, false, &out);
	ASSERT_OCTETS(wbuf_slice(&out), test_hex(v, "store_metadata"), "StoreMetadata");
	wbuf_reset(&out);
	ASSERT_ERR(bsp_replace_keys(b, test_hex(v, "ppk_enc"), test_hex(v, "ppk_mac"),
				    test_hex(v, "ppk_initial_mcv")),
		   ERR_OK);
	open_all(b, p.seq86, ES8P_TAG_PROFILE, true, &out);
	ASSERT_OCTETS(wbuf_slice(&out), test_hex(v, "upp"), "profile package");
	bsp_free(&b);
	wbuf_free(&out);
}

static void test_package(void)
{
	each_vector("bpp", open_package);
}

static struct bsp *fresh(void)
{
	struct bsp *b = NULL;
	static const uint8_t key[16] = {1};

	ASSERT_ERR(bsp_from_keys(SLICE_OF(key), SLICE_OF(key), SLICE_OF(key), &b), ERR_OK);
	return b;
}

/* Each bit of a segment counts, each cut is refused, and nothing is opened after a failure. */
static void test_refuses(void)
{
	struct wbuf w = wbuf_grow(256), out = wbuf_grow(256);
	struct bsp *b = fresh();
	struct slice whole;

	ASSERT_ERR(bsp_protect(b, 0x86, test_unhex("0102030405"), &w), ERR_OK);
	bsp_free(&b);
	whole = wbuf_slice(&w);
	for (size_t bit = 0; bit < whole.len * 8; bit++) {
		w.ptr[bit / 8] ^= (uint8_t)(1 << bit % 8);
		b = fresh();
		CU_ASSERT_NOT_EQUAL(bsp_open(b, 0x86, whole, &out), ERR_OK);
		w.ptr[bit / 8] ^= (uint8_t)(1 << bit % 8);
		ASSERT_ERR(bsp_open(b, 0x86, whole, &out), ERR_PROTOCOL);
		bsp_free(&b);
	}
	for (size_t cut = 0; cut < whole.len; cut++) {
		b = fresh();
		CU_ASSERT_NOT_EQUAL(bsp_open(b, 0x86, slice_sub(whole, 0, cut), &out), ERR_OK);
		bsp_free(&b);
	}
	b = fresh();
	ASSERT_ERR(bsp_open_mac_only(b, 0x86, test_unhex("860701020304050607"), &out), ERR_LENGTH);
	bsp_free(&b);
	CU_ASSERT_EQUAL(out.len, 0);
	wbuf_free(&w);
	wbuf_free(&out);
}

/* Cutting at every interesting length keeps segments in bounds and joins again. */
static void test_cutting(void)
{
	static const size_t lengths[] = {0, 1, 15, 16, 17, 1006, 1007, 1008, 1009, 4000, 65535};

	for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
		struct wbuf plain = wbuf_grow(1 << 17), w = wbuf_grow(1 << 18),
			    back = wbuf_grow(1 << 17);
		struct bsp *send = fresh(), *receive = fresh();
		struct cursor c;
		struct tlv t;

		wbuf_fill(&plain, 0x80, lengths[i]);
		ASSERT_ERR(bsp_protect_all(send, &(struct bsp_cut){0x86, true, 1020},
					   wbuf_slice(&plain), &w),
			   ERR_OK);
		c = cursor_of(wbuf_slice(&w));
		while (tlv_next(&c, &t)) {
			CU_ASSERT(t.raw.len <= 1020);
			ASSERT_ERR(bsp_open(receive, 0x86, t.raw, &back), ERR_OK);
		}
		CU_ASSERT(slice_equal(wbuf_slice(&plain), wbuf_slice(&back)));
		bsp_free(&send);
		bsp_free(&receive);
		wbuf_free(&plain);
		wbuf_free(&w);
		wbuf_free(&back);
	}
}

TEST_SUITE(bsp, {"session keys", test_derive}, {"protect and open, all vectors", test_protect},
	   {"a whole bound profile package", test_package},
	   {"each bit and each cut is refused", test_refuses},
	   {"long data in segments", test_cutting})

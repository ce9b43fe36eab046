/* profile packages that are put into a card, and what refuses them */
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

#include "card-emu/fs/pins.h"
#include "card-emu/profile/subscription.h"
#include "card-emu/store/store.h"
#include "lib/auth/aka.h"
#include "lib/base/secret.h"
#include "card-emu/fs/fs.h"
#include "card-emu/profile/install.h"
#include "lib/profile/build.h"
#include "lib/profile/pe.h"
#include "lib/profile/sealed.h"
#include "lib/profile/services.h"
#include "lib/base/tlv.h"

#define NUMBER 3u

static const uint8_t key_s[SEALED_KEY_LEN] = {0x51, 0x52};
static const uint8_t k1[16] = {1}, opc1[16] = {2}, k2[16] = {3}, opc2[16] = {4};

static struct profile_spec spec_of(const char *imsi, struct slice k, struct slice opc)
{
	struct profile_spec s = {.iccid = "8988211000000000017",
				 .mnc_length = 2,
				 .algorithm = AKA_MILENAGE,
				 .k = k,
				 .opc = opc,
				 .pin = "1234",
				 .puk = "12345678",
				 .adm = "4321"};

	snprintf(s.imsi, sizeof(s.imsi), "%s", imsi);
	return s;
}

/* SealedElements for this ICCID around the patch of the second subscription */
static void make_sealed(const char *iccid, struct wbuf *out)
{
	struct profile_spec second = spec_of("001010000000002", SLICE_OF(k2), SLICE_OF(opc2));
	struct sealed_fields fields = {.key_id = 7};
	struct wbuf patch = wbuf_grow(PROFILE_PACKAGE_MAX);
	struct ec_key *key = NULL;

	second.mnc_length = 3;
	CU_ASSERT_FATAL(ec_key_generate(EC_P256, &key) == ERR_OK);
	fields.release_point = ec_key_point(key);
	ASSERT_ERR(profile_iccid(iccid, fields.iccid), ERR_OK);
	ASSERT_ERR(profile_build_patch(&second, &patch), ERR_OK);
	ASSERT_ERR(sealed_seal(&fields, SLICE_OF(key_s), wbuf_slice(&patch), out), ERR_OK);
	wbuf_free(&patch);
	ec_key_free(&key);
}

static enum err install(struct store *s, struct slice upp, uint8_t iccid[static 10],
			struct wbuf *report)
{
	struct store_txn *t = store_begin(s);
	enum err e = install_profile(&(struct install_place){t, NUMBER, 0}, upp, iccid, report);

	if (!e)
		return store_commit(t);
	store_rollback(t);
	return e;
}

static struct slice content_of(struct store *s, const char *path)
{
	struct fs_file f = {0};

	ASSERT_ERR(fs_load(s, NUMBER, path, &f), ERR_OK);
	return f.content;
}

static struct store *installed(const char *sealed_iccid, struct wbuf *sealed)
{
	struct profile_spec first = spec_of("001010000000001", SLICE_OF(k1), SLICE_OF(opc1));
	struct wbuf upp = wbuf_grow(PROFILE_PACKAGE_MAX);
	struct store *s = NULL;
	uint8_t iccid[10];

	CU_ASSERT_FATAL(store_open(NULL, STORE_CREATE | STORE_MEMORY, &s) == ERR_OK);
	make_sealed(sealed_iccid, sealed);
	ASSERT_ERR(profile_build(&first, wbuf_slice(sealed), &upp), ERR_OK);
	if (install(s, wbuf_slice(&upp), iccid, NULL))
		store_close(&s);
	else
		ASSERT_OCTETS(SLICE_OF(iccid), test_unhex("988812010000000010F7"), "ICCID");
	wbuf_free(&upp);
	return s;
}

static void test_install(void)
{
	struct wbuf sealed = wbuf_grow(SEALED_LEN_MAX);
	struct store *s = installed("8988211000000000017", &sealed);
	struct pin_record pin;
	struct aka_key *key = NULL;
	struct slice stored;
	struct fs_file f;

	CU_ASSERT_PTR_NOT_NULL_FATAL(s);
	ASSERT_OCTETS(content_of(s, "7FF06F07"), test_unhex("080910100000000010"), "EF.IMSI");
	ASSERT_ERR(fs_load(s, NUMBER, "7FF0", &f), ERR_OK);
	ASSERT_OCTETS(f.aid, test_unhex("A0000000871002FF49FF0589"), "AID");
	ASSERT_OCTETS(f.pin_status, test_unhex("9001C0 830101 83010A"), "PIN status");
	CU_ASSERT_EQUAL(f.kind, UICC_DF);
	ASSERT_ERR(fs_load(s, NUMBER, "7FF06FB7", &f), ERR_OK);
	CU_ASSERT_EQUAL(f.records, 2);
	CU_ASSERT_EQUAL(f.record_len, 4);
	ASSERT_ERR(pin_load(s, NUMBER, 1, &pin), ERR_OK);
	ASSERT_OCTETS(SLICE_OF(pin.value), test_unhex("31323334FFFFFFFF"), "PIN");
	CU_ASSERT(pin.enabled && pin.has_puk && pin.tries == 3 && pin.puk_tries == 10);
	ASSERT_ERR(subscription_load(s, NUMBER, 1, &key), ERR_OK);
	aka_key_free(&key);
	ASSERT_ERR(subscription_load(s, NUMBER, 2, &key), ERR_NOT_FOUND);
	CU_ASSERT_TRUE(store_get(s, "p/03/sealed", &stored));
	ASSERT_OCTETS(stored, wbuf_slice(&sealed), "sealed part");
	store_close(&s);
	wbuf_free(&sealed);
}

static enum err patch_with(struct store *s, struct store_txn *t, uint32_t without,
			   struct slice elements)
{
	return install_patch(s, &(struct install_place){t, NUMBER, without},
			     &(struct install_opened){.elements = elements});
}

static void test_release(void)
{
	struct wbuf sealed = wbuf_grow(SEALED_LEN_MAX);
	struct store *s = installed("8988211000000000017", &sealed);
	struct secret *elements = NULL;
	struct aka_key *key = NULL;
	struct sealed parsed;
	struct store_txn *t;
	struct fs_file f;
	struct cursor c;
	struct tlv first;

	CU_ASSERT_PTR_NOT_NULL_FATAL(s);
	ASSERT_ERR(sealed_parse(wbuf_slice(&sealed), &parsed), ERR_OK);
	ASSERT_ERR(sealed_open(&parsed, SLICE_OF(key_s), &elements), ERR_OK);
	t = store_begin(s);
	ASSERT_ERR(patch_with(s, t, 0, secret_slice(elements)), ERR_OK);
	ASSERT_OCTETS(content_of(s, "7FF06F07"), test_unhex("080910100000000010"), "before");
	ASSERT_ERR(store_commit(t), ERR_OK);
	ASSERT_OCTETS(content_of(s, "7FF06F07"), test_unhex("080910100000000020"), "EF.IMSI");
	ASSERT_OCTETS(content_of(s, "7FF06FAD"), test_unhex("00000003"), "EF.AD");
	ASSERT_OCTETS(content_of(s, "7FF06F78"), test_unhex("0004"), "EF.ACC");
	ASSERT_ERR(fs_load(s, NUMBER, "7FF06F07", &f), ERR_OK);
	CU_ASSERT_EQUAL(f.sfi, 7);
	ASSERT_ERR(subscription_load(s, NUMBER, 2, &key), ERR_OK);
	aka_key_free(&key);
	ASSERT_ERR(subscription_load(s, NUMBER, 1, &key), ERR_OK);
	aka_key_free(&key);
	c = cursor_of(secret_slice(elements)); /* the key alone is a patch of its own */
	CU_ASSERT_TRUE(tlv_next(&c, &first));
	for (size_t n = 0; n < elements->len; n++) {
		enum err want = n == first.raw.len ? ERR_OK : ERR_REFUSED;

		t = store_begin(s);
		ASSERT_ERR(patch_with(s, t, 0, slice_sub(secret_slice(elements), 0, n)), want);
		store_rollback(t);
	}
	secret_free(&elements);
	store_close(&s);
	wbuf_free(&sealed);
}

/* A K2 of 256 bits over a K1 of 128; a card that was made without it says so, and stays as it was.
 */
static void test_release_256(void)
{
	static const uint8_t k[32] = {3, 4}, topc[32] = {5};
	struct profile_spec second = spec_of("001010000000002", SLICE_OF(k), SLICE_OF(topc));
	struct wbuf sealed = wbuf_grow(SEALED_LEN_MAX), patch = wbuf_grow(PROFILE_PACKAGE_MAX);
	struct store *s = installed("8988211000000000017", &sealed);
	struct aka_key *key = NULL;
	struct store_txn *t;

	CU_ASSERT_PTR_NOT_NULL_FATAL(s);
	ASSERT_ERR(profile_build_patch(&second, &patch), ERR_KEY); /* MILENAGE */
	second.algorithm = AKA_TUAK;
	ASSERT_ERR(profile_build_patch(&second, &patch), ERR_OK);
	t = store_begin(s);
	ASSERT_ERR(patch_with(s, t, SERVICE_SET(SERVICE_TUAK256), wbuf_slice(&patch)), ERR_REFUSED);
	store_rollback(t);
	t = store_begin(s);
	ASSERT_ERR(patch_with(s, t, SERVICE_SET(SERVICE_TUAK128), wbuf_slice(&patch)), ERR_OK);
	ASSERT_ERR(store_commit(t), ERR_OK);
	ASSERT_ERR(subscription_load(s, NUMBER, 2, &key), ERR_OK);
	aka_key_free(&key);
	store_close(&s);
	wbuf_free(&patch);
	wbuf_free(&sealed);
}

static void test_sealed_of_another_profile(void)
{
	struct wbuf sealed = wbuf_grow(SEALED_LEN_MAX);
	struct store *s = installed("8988211000000000025", &sealed);

	CU_ASSERT_PTR_NULL(s);
	wbuf_free(&sealed);
}

static void test_nothing_half_done(void)
{
	struct profile_spec first = spec_of("001010000000001", SLICE_OF(k1), SLICE_OF(opc1));
	struct wbuf upp = wbuf_grow(PROFILE_PACKAGE_MAX), report = wbuf_grow(256);
	struct store *s = NULL;
	uint8_t iccid[10];
	size_t used;

	CU_ASSERT_FATAL(store_open(NULL, STORE_CREATE | STORE_MEMORY, &s) == ERR_OK);
	ASSERT_ERR(profile_build(&first, SLICE_EMPTY, &upp), ERR_OK);
	used = store_used(s);
	for (size_t n = 0; n < upp.len; n += 7) {
		wbuf_reset(&report);
		ASSERT_ERR(install(s, slice_sub(wbuf_slice(&upp), 0, n), iccid, &report),
			   ERR_REFUSED);
		CU_ASSERT_EQUAL(store_used(s), used);
		CU_ASSERT(report.len > 0);
	}
	wbuf_free(&upp);
	wbuf_free(&report);
	store_close(&s);
}

/* ProfileHeader, then one PE-GenericFileManagement that creates this file n times, then end */
static enum err create_many(const char *fcp, unsigned n)
{
	struct wbuf w = wbuf_grow(1 << 20);
	struct store *s = NULL;
	struct slice step = test_unhex(fcp);
	size_t pe, list, steps;
	uint8_t iccid[10];
	enum err e;

	CU_ASSERT_FATAL(store_open(NULL, STORE_CREATE | STORE_MEMORY, &s) == ERR_OK);
	wbuf_put(&w, test_unhex("A016 800102 810103 830A8988211000000000017F A500 A600"));
	pe = tlv_open(&w, PE_GENERIC_FILE_MANAGEMENT);
	wbuf_put(&w, test_unhex("A003810102"));
	list = tlv_open(&w, 0xA1);
	steps = tlv_open(&w, ASN1_SEQUENCE);
	wbuf_put(&w, test_unhex("620F 82027821 83023F00 8B0101 C6020A0B")); /* the MF */
	for (unsigned i = 0; i < n; i++)
		wbuf_put(&w, step);
	tlv_close(&w, steps);
	tlv_close(&w, list);
	tlv_close(&w, pe);
	wbuf_put(&w, test_unhex("AA05A003810103"));
	e = install(s, wbuf_slice(&w), iccid, NULL);
	wbuf_free(&w);
	store_close(&s);
	return e;
}

static void test_limits(void)
{
	ASSERT_ERR(create_many("620E 82024121 83026F01 8B0101 800110", 1), ERR_OK);
	ASSERT_ERR(create_many("620E 82024121 83026F01 8B0101 800110", 2), ERR_REFUSED);
	ASSERT_ERR(create_many("6211 82024121 83026F01 8B0101 8004FFFFFFFF", 1), ERR_REFUSED);
	ASSERT_ERR(create_many("6212 82024121 83026F01 8B0101 8005FFFFFFFFFF", 1), ERR_REFUSED);
	ASSERT_ERR(create_many("620D 82024121 83026F01 8B0101 8000", 1), ERR_REFUSED);
	ASSERT_ERR(create_many("6210 820442210000 83026F01 8B0101 800110", 1), ERR_REFUSED);
	ASSERT_ERR(create_many("620F 82027821 83027F01 8B0101 C6020102", 12), ERR_REFUSED);
}

TEST_SUITE(install, {"a package becomes files, PINs and a subscription", test_install},
	   {"the opened elements become the second subscription", test_release},
	   {"a second key of 256 bits", test_release_256},
	   {"the sealed part of another profile is refused", test_sealed_of_another_profile},
	   {"a refused package leaves nothing", test_nothing_half_done},
	   {"absurd files are refused", test_limits})

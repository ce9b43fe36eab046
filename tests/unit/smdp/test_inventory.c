/* inventory, qr: packages that come in, codes that go out. */
#include "lib/base/tlv.h"
#include "tests/unit/test.h"

#include <qrencode.h>
#include <string.h>

#include "host/operator/smdp/inventory.h"
#include "host/operator/release/prepare.h"
#include "tool/cli/qr.h"
#include "lib/profile/build.h"
#include "lib/rsp/es8p.h"

#define DIGITS	"8988211000000000042"
#define ADDRESS "dp.example.com"

static void make_package(struct wbuf *w, unsigned mnc_length)
{
	static const uint8_t k[16] = {1}, opc[16] = {2};
	const struct profile_spec spec = {.iccid = DIGITS,
					  .imsi = "310150123456789",
					  .mnc_length = mnc_length,
					  .name = "Gold",
					  .algorithm = AKA_MILENAGE,
					  .k = SLICE_OF(k),
					  .opc = SLICE_OF(opc)};

	ASSERT_ERR(profile_build(&spec, SLICE_EMPTY, w), ERR_OK);
}

static void test_own_package(void)
{
	static const uint8_t mnc3[] = {0x13, 0x00, 0x51}, mnc2[] = {0x13, 0xF0, 0x51};
	struct inventory_labels l = {.provider = "P",
				     .name = "N",
				     .profile_class = ES10C_OPERATIONAL,
				     .ppr = RSP_PPR2,
				     .smdp_address = ADDRESS};
	struct wbuf upp = wbuf_grow(PROFILE_PACKAGE_MAX), w = wbuf_grow(2048);
	struct inventory_info info;
	struct es8p_metadata m;
	struct slice mcc_mnc;
	char text[21], lots[300];

	make_package(&upp, 3);
	CU_ASSERT_FATAL(inventory_read(wbuf_slice(&upp), &info) == ERR_OK);
	profile_iccid_text(info.iccid, text);
	CU_ASSERT_STRING_EQUAL(text, DIGITS);
	CU_ASSERT_STRING_EQUAL(info.type, "Gold");
	CU_ASSERT(info.has_owner);
	ASSERT_OCTETS(SLICE_OF(info.mcc_mnc), SLICE_OF(mnc3), "MCC and MNC of three digits");
	ASSERT_ERR(inventory_metadata(&info, &l, &w), ERR_OK);
	CU_ASSERT_FATAL(es8p_parse_metadata(wbuf_slice(&w), &m) == ERR_OK);
	ASSERT_OCTETS(m.iccid, SLICE_OF(info.iccid), "ICCID");
	CU_ASSERT_EQUAL(m.ppr, RSP_PPR2);
	CU_ASSERT(tlv_find(m.owner, 0x80, &mcc_mnc));
	ASSERT_OCTETS(mcc_mnc, SLICE_OF(mnc3), "owner");
	memset(lots, 'x', sizeof(lots));
	lots[ES10C_PROFILE_NAME_MAX + 1] = 0;
	l.name = lots;
	ASSERT_ERR(inventory_metadata(&info, &l, &w), ERR_LENGTH);
	l.name = "Gold";
	lots[ES10C_SERVICE_PROVIDER_MAX + 1] = 0;
	l.provider = lots;
	ASSERT_ERR(inventory_metadata(&info, &l, &w), ERR_LENGTH);
	l.provider = "no UTF-8: \xff";
	ASSERT_ERR(inventory_metadata(&info, &l, &w), ERR_LENGTH);
	/* what is taken, an eUICC takes as well: 32 characters of three octets */
	for (size_t i = 0; i < ES10C_SERVICE_PROVIDER_MAX; i++)
		memcpy(lots + 3 * i, "\u4e2d", 4);
	l.provider = lots;
	wbuf_reset(&w);
	ASSERT_ERR(inventory_metadata(&info, &l, &w), ERR_OK);
	ASSERT_ERR(es8p_parse_metadata(wbuf_slice(&w), &m), ERR_OK);
	CU_ASSERT(slice_is(m.service_provider, lots));
	wbuf_reset(&upp);
	make_package(&upp, 2);
	CU_ASSERT_FATAL(inventory_read(wbuf_slice(&upp), &info) == ERR_OK);
	ASSERT_OCTETS(SLICE_OF(info.mcc_mnc), SLICE_OF(mnc2), "MCC and MNC of two digits");
	/* cut at every octet, with something behind, without its ends */
	for (size_t i = 0; i < upp.len; i++)
		CU_ASSERT_NOT_EQUAL(inventory_read(slice_sub(wbuf_slice(&upp), 0, i), &info),
				    ERR_OK);
	wbuf_u8(&upp, 0x30);
	wbuf_u8(&upp, 0);
	ASSERT_ERR(inventory_read(wbuf_slice(&upp), &info), ERR_TAG);
	ASSERT_ERR(inventory_read(slice_sub(wbuf_slice(&upp), 2, upp.len), &info), ERR_TAG);
	ASSERT_ERR(inventory_read(SLICE_EMPTY, &info), ERR_TAG);
	wbuf_free(&upp);
	wbuf_free(&w);
}

static void test_header(void)
{
	static const struct {
		const char *hex;
		enum err e;
		uint32_t ppr;
	} rows[] = {
		{"a00c830a89000123456789012341aa00", ERR_OK, 0},
		{"a00f830a89000123456789012341840103aa00", ERR_OK, RSP_PPR1 | RSP_PPR2},
		{"a00f830a89000123456789012341840101aa00", ERR_OK, RSP_PPR1},
		{"a00e830a890001234567890123418400aa00", ERR_OK, 0},
		{"a00c830a890001234567890123 4aaa00", ERR_OK, 0}, /* operators are known that do */
		{"a00c830a8900012f456789012341aa00", ERR_VALUE, 0}, /* a filler within */
		{"a00b830989000123456789012 3aa00", ERR_VALUE, 0},
		{"a0028300aa00", ERR_VALUE, 0},
		{"a00380010 2aa00", ERR_TAG, 0},
		{"b000aa00", ERR_TAG, 0},
		{"a00c830a89000123456789012341", ERR_TAG, 0},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct inventory_info info = {.ppr = 0};
		char hex[64];
		size_t n = 0;

		for (const char *c = rows[i].hex; *c; c++)
			if (*c != ' ')
				hex[n++] = *c;
		hex[n] = 0;
		ASSERT_ERR(inventory_read(test_unhex(hex), &info), rows[i].e);
		CU_ASSERT_EQUAL(info.ppr, rows[i].ppr);
	}
}

static void test_strangers(void)
{
	static const struct {
		const char *path, *iccid;
	} rows[] = {
		{"rsp/upp/TS48v1_A.der", "89000123456789012341"},
		{"rsp/upp/TS48v5_SAIP2.3_BERTLV_SUCI.der", "89000123456789012341"},
		{"rsp/upp/TS48V1-A-UNIQUE.der", "8949449999999990023"},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct slice upp = test_shared(rows[i].path);
		struct inventory_info info;
		char text[21];

		if (!upp.len)
			continue;
		CU_ASSERT_FATAL(inventory_read(upp, &info) == ERR_OK);
		profile_iccid_text(info.iccid, text);
		CU_ASSERT_STRING_EQUAL(text, rows[i].iccid);
		CU_ASSERT(info.elements > 20 && *info.type && info.has_owner);
	}
}

/* SGP.22 2.4.5.3, 5.5.3: iconType and icon, at most 1024 octets. */
static void test_icon(void)
{
	static const uint8_t png[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
	static const uint8_t jpeg[] = {0xFF, 0xD8, 0xFF, 0xE0};
	const struct inventory_info info = {.iccid = {0x98}};
	struct inventory_labels l = {.provider = "P",
				     .name = "N",
				     .profile_class = ES10C_OPERATIONAL,
				     .smdp_address = ADDRESS};
	uint8_t icon[ES10C_ICON_MAX + 1] = {0};
	struct wbuf w = wbuf_grow(2048);
	struct es8p_metadata m;

	ASSERT_ERR(inventory_metadata(&info, &l, &w), ERR_OK);
	CU_ASSERT_FATAL(es8p_parse_metadata(wbuf_slice(&w), &m) == ERR_OK);
	CU_ASSERT_FALSE(m.has_icon_type);
	CU_ASSERT_PTR_NULL(m.icon.ptr);
	l.icon = slice_make(icon, ES10C_ICON_MAX);
	ASSERT_ERR(inventory_metadata(&info, &l, &w), ERR_UNSUPPORTED);
	for (int is_png = 0; is_png < 2; is_png++) {
		memcpy(icon, is_png ? png : jpeg, is_png ? sizeof(png) : sizeof(jpeg));
		wbuf_reset(&w);
		ASSERT_ERR(inventory_metadata(&info, &l, &w), ERR_OK);
		CU_ASSERT_FATAL(es8p_parse_metadata(wbuf_slice(&w), &m) == ERR_OK);
		CU_ASSERT(m.has_icon_type);
		CU_ASSERT_EQUAL(m.icon_type, is_png ? ES10C_ICON_PNG : ES10C_ICON_JPEG);
		ASSERT_OCTETS(m.icon, l.icon, "icon");
	}
	l.icon = SLICE_OF(icon);
	ASSERT_ERR(inventory_metadata(&info, &l, &w), ERR_SPACE);
	l.icon = slice_make(icon, sizeof(png) - 1);
	ASSERT_ERR(inventory_metadata(&info, &l, &w), ERR_UNSUPPORTED);
	wbuf_free(&w);
}

/* Whether the picture's module is light: two to a character, as qr.h says. */
static bool drawn(struct slice picture, int size, int x, int y)
{
	struct cursor c = cursor_of(picture);
	unsigned light = 0;

	for (int line = 0; line <= y / 2; line++) {
		for (int i = 0; i < size; i++) {
			uint32_t block = 0;

			light = 0;
			if (cursor_u8(&c) != ' ')
				block = cursor_u16(&c);
			if (block == 0x9688)
				light = 3;
			else if (block)
				light = block == 0x9680 ? 1 : 2; /* upper, lower */
			if (line == y / 2 && i == x)
				return light >> (y % 2) & 1;
		}
		CU_ASSERT_EQUAL(cursor_u8(&c), '\n');
	}
	return false;
}

static void test_qr(void)
{
	static const char code[] = "LPA:1$dp.example.com$ABCDEF-0123456789$$1";
	QRcode *q = QRcode_encodeString8bit(code, 0, QR_ECLEVEL_M);
	struct wbuf w = wbuf_grow(QR_MAX);
	int size;

	CU_ASSERT_FATAL(q != NULL);
	ASSERT_ERR(qr_put(code, &w), ERR_OK);
	size = q->width + 2 * QR_QUIET;
	for (int y = 0; y < size; y++) {
		for (int x = 0; x < size; x++) {
			int mx = x - QR_QUIET, my = y - QR_QUIET;
			bool quiet = mx < 0 || my < 0 || mx >= q->width || my >= q->width;
			bool light = quiet || !(q->data[my * q->width + mx] & 1);

			CU_ASSERT_EQUAL(drawn(wbuf_slice(&w), size, x, y), light);
		}
	}
	QRcode_free(q);
	ASSERT_ERR(qr_put("", &w), ERR_LENGTH);
	wbuf_free(&w);
}

/* ITU-T E.118; the first is the example that goes round for Luhn's formula. */
static void test_check_digits(void)
{
	uint8_t iccid[10], other[10];
	char text[21];

	CU_ASSERT_EQUAL(prepare_check_digit("7992739871", 10), '3');
	CU_ASSERT_EQUAL(prepare_check_digit("898821100000000001", 18), '1');
	CU_ASSERT_EQUAL(prepare_check_digit("0", 1), '0');
	CU_ASSERT_EQUAL(prepare_check_digit("9", 1), '1');
	for (size_t i = 0; i < 100; i++) {
		ASSERT_ERR(prepare_random_iccid(iccid), ERR_OK);
		profile_iccid_text(iccid, text);
		CU_ASSERT_EQUAL(strlen(text), 19);
		CU_ASSERT_EQUAL(text[18], prepare_check_digit(text, 18));
		CU_ASSERT(i == 0 || memcmp(iccid, other, sizeof(iccid)) != 0);
		memcpy(other, iccid, sizeof(other));
	}
}

TEST_SUITE(inventory, {"check digits", test_check_digits},
	   {"a package of our own", test_own_package}, {"what a header must have", test_header},
	   {"packages of others", test_strangers}, {"an icon", test_icon}, {"QR codes", test_qr})

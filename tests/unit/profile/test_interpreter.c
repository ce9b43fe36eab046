/* What the interpreter makes of each element, and what the EUICCResponse says. */
#include "lib/base/bytes.h"
#include "lib/auth/sqn.h"
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

#include "card-emu/fs/fs.h"
#include "card-emu/fs/path.h"
#include "card-emu/fs/pins.h"
#include "card-emu/profile/subscription.h"
#include "card-emu/store/store.h"
#include "card-emu/profile/applist.h"
#include "card-emu/profile/install.h"
#include "lib/auth/aka.h"
#include "lib/profile/pe.h"
#include "lib/base/tlv.h"
#include "tests/unit/profile/upp_notation.h"
#include "tests/unit/profile/upp_outcome.h"

#define K16	  "000102030405060708090A0B0C0D0E0F"
#define OPC32	  "202122232425262728292A2B2C2D2E2F303132333435363738393A3B3C3D3E3F"
#define PIN	  "30(80:01 81:3132333435363738) "
#define ADM	  "30(80:0A 81:3132333435363738) 30(80:0B 81:3132333435363738)"
#define AKA(body) "A4(A0(80: 81:0B) A1(" body ")) "

static void expect(const char *text, unsigned status, unsigned note)
{
	struct upp_outcome o = upp_install(text, 0);

	if (o.status != status || o.note != note)
		fprintf(stderr, "\n%.100s...: %u, note %u\n", text, o.status, o.note);
	CU_ASSERT_EQUAL(o.status, status);
	CU_ASSERT_EQUAL(o.note, note);
	store_close(&o.store);
}

/* One element behind header and MF */
#define AFTER_MF(element)   UPP_HEADER_WITH("") UPP_MF element UPP_END
#define AFTER_USIM(element) AFTER_MF(UPP_USIM element)

static void test_header(void)
{
	expect(AFTER_MF(""), PE_OK, 0);
	expect("A0(80:01 81:00 83:" UPP_ICCID " A5() A6()) " UPP_MF UPP_END,
	       PE_VERSION_NOT_SUPPORTED, 0);
	expect("A0(80:04 81:00 83:" UPP_ICCID " A5() A6()) " UPP_MF UPP_END,
	       PE_VERSION_NOT_SUPPORTED, 0);
	expect("A0(80:02 81:03 83:8900012345678901 A5() A6()) " UPP_END, PE_INVALID_FORMAT, 0);
	expect("A0(80:02 81:03 83:" UPP_ICCID " A5()) " UPP_END, PE_INVALID_FORMAT, 0);
	expect(UPP_HEADER_WITH("81: 82: 84: 85: 8D: 8E: 90: 91: 92: 93:") UPP_MF UPP_END, PE_OK, 0);
	expect(UPP_HEADER_WITH("83: 8F:") UPP_MF UPP_END, PE_OK, PE_FEATURE_NOT_SUPPORTED);
	expect(UPP_HEADER_WITH("95: 96: 97:") UPP_MF UPP_END, PE_OK, 0);
	expect(UPP_HEADER_WITH("8B:") UPP_MF UPP_END, PE_OK, PE_RUNTIME_NOT_SUPPORTED);
	expect(UPP_HEADER_WITH("8C:") UPP_MF UPP_END, PE_RUNTIME_NOT_SUPPORTED, 0);
	for (unsigned n = 0; n <= 32; n++) {
		static const unsigned refused[] = {0,  6,  7,  8,  9,  10, 20,
						   24, 25, 26, 27, 28, 29, 31};
		char text[512];

		for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
			if (refused[i] != n)
				continue;
			snprintf(text, sizeof(text),
				 "A0(80:02 81:03 83:" UPP_ICCID " A5(%X:) A6()) " UPP_END,
				 n < 31 ? 0x80 + n : 0x9F00 + n);
			expect(text, PE_FEATURE_NOT_SUPPORTED, 0);
		}
	}
	expect("A0(80:02 81:03 83:" UPP_ICCID
	       " A5() A6(6:67810F01020D04 6:67810F010201)) " UPP_MF UPP_END,
	       PE_OK, 0);
	expect("A0(80:02 81:03 83:" UPP_ICCID " A5() A6(6:67810F010263)) " UPP_END,
	       PE_TEMPLATE_NOT_SUPPORTED, 0);
	expect("A0(80:02 81:03 83:" UPP_ICCID
	       " A5() A6() A8(30(80:A0000000090003FFFFFFFF8910 81:0100))) " UPP_END,
	       PE_LIB_NOT_SUPPORTED, 0);
	expect("A0(80:03 81:03 83:" UPP_ICCID " A5() A6() A9(80:10020304050607)) " UPP_END,
	       PE_FEATURE_NOT_SUPPORTED, 0);
	expect("A0(80:03 81:09 82:41 83:" UPP_ICCID " 84:00 A5() A6() 87:01 8A:00) " UPP_MF UPP_END,
	       PE_OK, PE_INVALID_PARAMETER);
	expect(UPP_HEADER_WITH("") UPP_HEADER_WITH("") UPP_END, PE_INVALID_FORMAT, 0);
	expect(UPP_MF UPP_END, PE_INVALID_FORMAT, 0);
	expect(UPP_HEADER_WITH("") UPP_MF, PE_INVALID_FORMAT, 0);
	expect(AFTER_MF("") UPP_END, PE_INVALID_FORMAT, 0);
}

/* What isn't known ends the walk when it is mandated, and stands in the report when it isn't. */
static void test_not_supported(void)
{
	static const uint32_t tags[] = {0xAB, 0xAC, 0xAF, 0xBB, 0xBF20, 0xBF21, 0xBF22};
	char text[512];

	for (size_t i = 0; i < ARRAY_LEN(tags); i++) {
		snprintf(text, sizeof(text), AFTER_MF("%X(A0(80: 81:2A)) "), (unsigned)tags[i]);
		expect(text, PE_NOT_SUPPORTED, 0);
		snprintf(text, sizeof(text), AFTER_MF("%X(A0(81:2A)) "), (unsigned)tags[i]);
		expect(text, PE_OK, PE_NOT_SUPPORTED);
	}
	expect(AFTER_MF("B1(A0(80: 81:07) 81:67810F010263) "), PE_TEMPLATE_NOT_SUPPORTED, 0);
	expect(AFTER_MF("B1(A0(81:07) 81:67810F010263) "), PE_OK, PE_TEMPLATE_NOT_SUPPORTED);
	expect(AFTER_MF("A9(A0(80: 81:07) 81:2A0304 82:00) "), PE_NOT_SUPPORTED, 0);
	expect(AFTER_MF("A9(A0(81:07) 81:2A0304 82:00) "), PE_OK, PE_NOT_SUPPORTED);
	expect(AFTER_MF("A9(A0(81:07) 81:2A0304) "), PE_INVALID_FORMAT, 0);
}

static void test_pins(void)
{
#define PINS(entries) "A2(A0(80: 81:04) A1(A0(" entries "))) "
#define PUKS(entries) "A3(A0(80: 81:05) A1(" entries ")) "
#define LOCAL(more)   "30(80:0081 81:3132333435363738 " more ") "
	expect(AFTER_MF(PINS(PIN ADM)), PE_OK, 0);
	expect(AFTER_MF(PINS(PIN PIN)), PE_INVALID_PARAMETER, 0);
	expect(AFTER_MF(PINS(PIN) PINS(PIN)), PE_INVALID_PARAMETER, 0);
	expect(AFTER_MF(PINS("30(80:09 81:3132333435363738)")), PE_INVALID_PARAMETER, 0);
	expect(AFTER_MF(PINS("30(80:01 81:31323334353637)")), PE_INVALID_FORMAT, 0);
	expect(AFTER_MF(PINS("30(80:01 81:3132333435363738 84:34)")), PE_INVALID_PARAMETER, 0);
	expect(AFTER_MF(PINS("30(80:01 81:3132333435363738 84:00)")), PE_INVALID_PARAMETER, 0);
	expect(AFTER_MF(PINS("30(80:01 81:3132333435363738 83:08)")), PE_INVALID_PARAMETER, 0);
	expect(AFTER_MF(PINS("")), PE_INVALID_FORMAT, 0);
	/* the PUK that a PIN names comes before it */
	expect(AFTER_MF(PINS("30(80:01 81:3132333435363738 82:01)")), PE_PIN_MISSING, 0);
	expect(AFTER_MF(PUKS(PIN) PINS("30(80:01 81:3132333435363738 82:01)")), PE_OK, 0);
	expect(AFTER_MF(PUKS(PIN PIN)), PE_INVALID_PARAMETER, 0);
	expect(AFTER_MF(PUKS("30(80:0A 81:3132333435363738)")), PE_INVALID_PARAMETER, 0);
	/* global references with the MF, local ones elsewhere */
	expect(AFTER_MF(PINS(LOCAL(""))), PE_INVALID_PARAMETER, 0);
	expect(AFTER_USIM(PINS(LOCAL(""))), PE_OK, 0);
	expect(AFTER_USIM(PINS(PIN)), PE_INVALID_PARAMETER, 0);
	/* a PIN that a folder names has to be there at the end */
	expect(AFTER_MF(UPP_USIM_WITH("01")), PE_PIN_MISSING, 0);
	expect(AFTER_MF(PINS(PIN) UPP_USIM_WITH("010A")), PE_OK, 0);
	expect(AFTER_MF(UPP_USIM_WITH("81")), PE_PIN_MISSING, 0);
	expect(AFTER_MF(UPP_USIM_WITH("81") PINS(LOCAL(""))), PE_OK, 0);
	expect(AFTER_MF(UPP_USIM_WITH("010203040506070881")), PE_INVALID_PARAMETER, 0);
	/* shared with another DF */
#define SHARE(path) "A2(A0(80: 81:06) A1(81:" path ")) "
	expect(AFTER_MF(UPP_USIM_WITH("81") PINS(LOCAL("")) UPP_ISIM SHARE("7FD0")), PE_OK, 0);
	expect(AFTER_MF(UPP_USIM UPP_ISIM SHARE("7FB0")), PE_INVALID_PARAMETER, 0);
	expect(AFTER_MF(UPP_USIM UPP_ISIM SHARE("7FC0")), PE_INVALID_PARAMETER, 0);
	expect(AFTER_MF(UPP_USIM UPP_ISIM SHARE("7F")), PE_INVALID_PARAMETER, 0);
	expect(AFTER_MF(UPP_USIM UPP_ISIM SHARE("7FD0") SHARE("7FD0")), PE_INVALID_PARAMETER, 0);
}

static void test_local_pins_apart(void)
{
	struct upp_outcome o = upp_install(AFTER_MF(UPP_USIM PINS(LOCAL("83:03")) UPP_ISIM SHARE(
						   "7FD0") PINS("30(80:0082 81:3939393939393939)")),
					   0);
	struct pin_record pin;
	char df[FS_PATH_MAX];

	CU_ASSERT_EQUAL(o.status, PE_OK);
	CU_ASSERT_TRUE(pin_home(o.store, 1, "7FD06F07", 0x81, df));
	CU_ASSERT_STRING_EQUAL(df, "7FD0");
	ASSERT_ERR(pin_load_in(o.store, 1, df, 0x81, &pin), ERR_OK);
	CU_ASSERT(pin.enabled && !pin.no_change && pin.no_disable);
	CU_ASSERT_TRUE(pin_home(o.store, 1, "7FB06F07", 0x81, df));
	CU_ASSERT_STRING_EQUAL(df, "7FD0");
	CU_ASSERT_FALSE(pin_home(o.store, 1, "3F007F10", 0x81, df));
	CU_ASSERT_FALSE(pin_home(o.store, 1, "3F00", 0x81, df));
	store_close(&o.store);
}

/* The PIN context is the first DF that the last element with one has made, whatever it selects. */
static void test_pin_context(void)
{
	struct upp_outcome o = upp_install(
		AFTER_MF("A1(A0(80: 81:20) A1(30(62(82:7821 83:7F10 8B:01 C6:0A) "
			 "62(82:7821 83:5F10 8B:01 C6:0A) 80: 62(82:4121 83:2F10 8B:01 80:04)))) "
			 "A1(A0(80: 81:21) A1(30(80:2F10 81:00))) " PINS(LOCAL(""))),
		0);
	char df[FS_PATH_MAX];

	CU_ASSERT_EQUAL(o.status, PE_OK);
	CU_ASSERT_TRUE(pin_home(o.store, 1, "3F007F105F10", 0x81, df));
	CU_ASSERT_STRING_EQUAL(df, "3F007F10");
	store_close(&o.store);
	/* the MF by file management, as it is */
	expect(AFTER_MF(PINS(PIN)), PE_OK, 0);
	expect(AFTER_MF("A1(A0(80: 81:21) A1(30(80:2F06 81:00))) " PINS(PIN)), PE_OK, 0);
}

/* An application may come by file management as well: its key is its own. */
static void test_generic_naa(void)
{
	struct upp_outcome o =
		upp_install(AFTER_USIM(AKA("A1(80:03 81:02 82:" K16 " 83:)") UPP_ISIM
				       "A1(A0(80: 81:20) A1(30(62(82:7821 83:7FC0 "
				       "84:A0000000871004FF49FF058A 8B:01 C6:0A)))) " AKA(
					       "A1(80:03 81:02 82:" K16 " 83:)")),
			    0);

	CU_ASSERT_EQUAL(o.status, PE_OK);
	CU_ASSERT_EQUAL(subscription_of_adf(o.store, 1, "7FD0"), SUBSCRIPTION_FIRST);
	CU_ASSERT_EQUAL(subscription_of_adf(o.store, 1, "7FB0"), 0);
	CU_ASSERT(subscription_of_adf(o.store, 1, "7FC0") >= SUBSCRIPTION_OTHER);
	store_close(&o.store);
}

static void test_keys(void)
{
	expect(AFTER_MF(AKA("A1(80:01 81:01 82:" K16 " 83:" K16 ")")), PE_INVALID_PARAMETER, 0);
	expect(AFTER_USIM(AKA("A1(80:01 81:01 82:" K16 " 83:" K16 ")")), PE_OK, 0);
	expect(AFTER_USIM(AKA("A1(80:01 81:01 82:" K16 " 83:" K16 " 84:0001020304)")), PE_OK, 0);
	expect(AFTER_USIM(AKA("A1(80:01 81:01 82:" K16 " 83:" K16 " 84:8000204060)")),
	       PE_INVALID_PARAMETER, 0);
	expect(AFTER_USIM(AKA("A1(80:01 81:01 82:" K16 " 83:" K16 " 86:000010)")),
	       PE_FEATURE_NOT_SUPPORTED, 0);
	expect(AFTER_USIM(AKA("A1(80:01 81:01 82:0001 83:" K16 ")")), PE_INVALID_PARAMETER, 0);
	expect(AFTER_USIM(AKA("A1(80:02 81:01 82:" K16 " 83:" OPC32 " 87:02)")), PE_OK, 0);
	expect(AFTER_USIM(AKA("A1(80:02 81:01 82:" K16 " 83:" OPC32 " 87:00)")),
	       PE_INVALID_PARAMETER, 0);
	expect(AFTER_USIM(AKA("A1(80:02 81:0A 82:" OPC32 " 83:" OPC32 ")")), PE_OK, 0);
	expect(AFTER_USIM(AKA("A1(80:02 81:04 82:" OPC32 " 83:" OPC32 ")")),
	       PE_FEATURE_NOT_SUPPORTED, 0);
	expect(AFTER_USIM(AKA("A1(80:02 81:11 82:" OPC32 " 83:" OPC32 ")")),
	       PE_FEATURE_NOT_SUPPORTED, 0);
	expect(AFTER_USIM(AKA("A1(80:02 81:41 82:" OPC32 " 83:" OPC32 ")")),
	       PE_FEATURE_NOT_SUPPORTED, 0);
	expect(AFTER_USIM(AKA("A1(80:02 81:01 82:" OPC32 " 83:" K16 ")")), PE_INVALID_PARAMETER, 0);
	expect(AFTER_USIM(AKA("A1(80:03 81:02 82:" K16 " 83:)")), PE_OK, 0);
	expect(AFTER_USIM(AKA("A1(80:04 81:02 82:" K16 " 83:)")), PE_FEATURE_NOT_SUPPORTED, 0);
	expect(AFTER_USIM("A4(A0(81:0B) A1(A1(80:04 81:02 82:" K16 " 83:))) "), PE_OK,
	       PE_FEATURE_NOT_SUPPORTED);
	expect(AFTER_USIM(AKA("A1(80:03 81:02 82:" K16 " 83:)")
				  AKA("A1(80:03 81:02 82:" K16 " 83:)")),
	       PE_INVALID_PARAMETER, 0);
	/* the key of another application */
	expect(AFTER_USIM(AKA("A1(80:03 81:02 82:" K16 " 83:)")
				  UPP_ISIM AKA("A0(80:06 81:A0000000871002FF49FF0589)")),
	       PE_OK, 0);
	expect(AFTER_USIM(AKA("A0(80:06 81:A0000000871002FF49FF0589)")), PE_INVALID_PARAMETER, 0);
	expect(AFTER_USIM(UPP_ISIM AKA("A0(80:06 81:A0000000871002FF49FF0588)")),
	       PE_INVALID_PARAMETER, 0);
	expect(AFTER_USIM("A5(A0(80: 81:0C) 81:0001020304050607) "), PE_INVALID_PARAMETER, 0);
}

static void test_sequence_numbers(void)
{
	struct wbuf w = wbuf_grow(UPP_PACKAGE_MAX);
	struct sqn_array sqn;
	struct upp_outcome o;

	notation_put(&w, UPP_HEADER_WITH("") UPP_MF UPP_USIM);
	notation_put(&w, "A4(A0(80: 81:0B) A1(A1(80:01 81:01 82:" K16 " 83:" K16
			 ")) 82:03 83:000000000100 84:000000000007 A5("
			 "4:000000000001 4:000000000002 4:000000000003 4:000000000004 "
			 "4:000000000005 4:000000000006 4:000000000007 4:000000000008 "
			 "4:000000000009 4:00000000000A 4:00000000000B 4:00000000000C "
			 "4:00000000000D 4:00000000000E 4:00000000000F 4:000000000010 "
			 "4:000000000011 4:000000000012 4:000000000013 4:000000000014 "
			 "4:000000000015 4:000000000016 4:000000000017 4:000000000018 "
			 "4:000000000019 4:00000000001A 4:00000000001B 4:00000000001C "
			 "4:00000000001D 4:00000000001E 4:00000000001F 4:000000000020)) " UPP_END);
	o = upp_install_octets(wbuf_slice(&w), 0);
	CU_ASSERT_EQUAL(o.status, PE_OK);
	ASSERT_ERR(subscription_sqn_load(o.store, 1, SUBSCRIPTION_FIRST, &sqn), ERR_OK);
	CU_ASSERT_EQUAL(sqn.seq[0], 1);
	CU_ASSERT_EQUAL(sqn.seq[31], 0x20);
	CU_ASSERT_EQUAL(sqn.highest, 0x20 << 5 | 31);
	CU_ASSERT_EQUAL(sqn.delta, 0x100);
	CU_ASSERT_EQUAL(sqn.age, 7);
	CU_ASSERT(sqn.has_delta && sqn.has_age);
	CU_ASSERT_EQUAL(sqn.ind_bits, SQN_IND_BITS);
	store_close(&o.store);
	wbuf_free(&w);
	expect(AFTER_USIM("A4(A0(80: 81:0B) A1(A1(80:03 81:02 82:" K16
			  " 83:)) A5(4:000000000001)) "),
	       PE_INVALID_FORMAT, 0);
	expect(AFTER_USIM("A4(A0(80: 81:0B) A1(A1(80:03 81:02 82:" K16 " 83:)) 83:080000000000) "),
	       PE_INVALID_PARAMETER, 0);
	/* sqnOptions: what is not known is told, and the test algorithm ignores it */
	expect(AFTER_USIM("A4(A0(80: 81:0B) A1(A1(80:01 81:01 82:" K16 " 83:" K16 ")) 82:07) "),
	       PE_OK, PE_FEATURE_NOT_SUPPORTED);
	expect(AFTER_USIM("A4(A0(80: 81:0B) A1(A1(80:03 81:02 82:" K16 " 83:)) 82:07) "), PE_OK, 0);
}

/* sqnOptions whole: which limits there are, 0 among them, and the length of IND (adr 0004, 0015) */
static void test_sqn_options(void)
{
	static const struct {
		const char *fields;
		enum pe_status warning;
		struct sqn_array want;
	} rows[] = {
		{"",
		 PE_OK,
		 {.ind_bits = 5, .has_delta = true, .delta = SQN_DELTA, .age = SQN_DELTA}},
		{"82:00", PE_OK, {.ind_bits = 5, .delta = SQN_DELTA, .age = SQN_DELTA}},
		{"82:03 83:000000000000 84:000000000000",
		 PE_OK,
		 {.ind_bits = 5, .has_delta = true, .has_age = true}},
		{"82:01 84:000000000005",
		 PE_OK,
		 {.ind_bits = 5, .has_age = true, .age = 5, .delta = SQN_DELTA}},
		{"82:12", PE_OK, {.has_delta = true, .delta = SQN_DELTA, .age = SQN_DELTA}},
		{"82:62",
		 PE_OK,
		 {.ind_bits = 5, .has_delta = true, .delta = SQN_DELTA, .age = SQN_DELTA}},
		{"82:92",
		 PE_OK,
		 {.ind_bits = 8, .has_delta = true, .delta = SQN_DELTA, .age = SQN_DELTA}},
		{"82:A2",
		 PE_FEATURE_NOT_SUPPORTED,
		 {.ind_bits = 5, .has_delta = true, .delta = SQN_DELTA, .age = SQN_DELTA}},
		{"82:0A",
		 PE_FEATURE_NOT_SUPPORTED,
		 {.ind_bits = 5, .has_delta = true, .delta = SQN_DELTA, .age = SQN_DELTA}},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct wbuf w = wbuf_grow(UPP_PACKAGE_MAX);
		struct sqn_array sqn;
		struct upp_outcome o;
		char aka[256];

		snprintf(aka, sizeof(aka), "A4(A0(80: 81:0B) A1(A1(80:01 81:01 82:%s 83:%s)) %s) ",
			 K16, K16, rows[i].fields);
		notation_put(&w, UPP_HEADER_WITH("") UPP_MF UPP_USIM);
		notation_put(&w, aka);
		notation_put(&w, UPP_END);
		o = upp_install_octets(wbuf_slice(&w), 0);
		CU_ASSERT_EQUAL(o.status, PE_OK);
		CU_ASSERT_EQUAL(o.note, rows[i].warning);
		ASSERT_ERR(subscription_sqn_load(o.store, 1, SUBSCRIPTION_FIRST, &sqn), ERR_OK);
		CU_ASSERT_EQUAL(memcmp(&sqn, &rows[i].want, sizeof(sqn)), 0);
		store_close(&o.store);
		wbuf_free(&w);
	}
}

struct listed {
	unsigned kinds[5];
	uint8_t life_cycle;
};

static bool list_app(void *ctx, const struct profile_app *a)
{
	struct listed *l = ctx;

	l->kinds[a->kind]++;
	l->life_cycle = a->life_cycle;
	return true;
}

#define INSTANCE(aid) "4F:A0000001515350 4F:A000000151535041 4F:" aid " 82:82DC00 83:0F C9:8100"
#define DOMAIN(aid)                                                                                \
	"A6(A0(80: 81:1A) A1(" INSTANCE(aid) ") A2(30(95:18 82:01 83:01 30(30(80:88 86:" K16       \
					     ")))) A3(4:00702E)) "
#define RFM(aid) "A7(A0(80: 81:1B) 4F:" aid " A0(4:B00120) 81:06 4:00 4:00) "

static void test_applications(void)
{
	struct upp_outcome o = upp_install(
		AFTER_MF(DOMAIN("A000000151000000")
				 RFM("A00000055910100001") "A8(A0(80: 81:1C) "
							   "A1(4F:A00000000102030405 "
							   "C4:010203) A2(30(" INSTANCE(
								   "A0000000010203040506") "))) "),
		0);
	struct listed l = {0};
	struct slice v;

	CU_ASSERT_EQUAL(o.status, PE_OK);
	CU_ASSERT_EQUAL(o.note, PE_FEATURE_NOT_SUPPORTED);
	CU_ASSERT_EQUAL(o.notes, 3); /* the domain and the RFM too: none of them is in use */
	app_each(o.store, 1, list_app, &l);
	CU_ASSERT_EQUAL(l.kinds[PROFILE_SECURITY_DOMAIN], 1);
	CU_ASSERT_EQUAL(l.kinds[PROFILE_RFM], 1);
	CU_ASSERT_EQUAL(l.kinds[PROFILE_LOAD_PACKAGE], 1);
	CU_ASSERT_EQUAL(l.kinds[PROFILE_APP], 1);
	CU_ASSERT_EQUAL(l.life_cycle, 0x0F);
	/* the keys are no value that can be read; the load block is what it was */
	CU_ASSERT_FALSE(store_get(o.store, "p/01/raw/1/a000000151000000", &v));
	CU_ASSERT_TRUE(store_get(o.store, "p/01/raw/3/a00000000102030405", &v));
	ASSERT_OCTETS(v, test_unhex("4F09A00000000102030405 C403010203"), "load package");
	store_close(&o.store);
	expect(AFTER_MF(DOMAIN("A000000151000000") DOMAIN("A000000151000000")),
	       PE_INVALID_PARAMETER, PE_FEATURE_NOT_SUPPORTED);
	expect(AFTER_MF(DOMAIN("A000000151000000") RFM("A000000151000000")), PE_INVALID_PARAMETER,
	       PE_FEATURE_NOT_SUPPORTED);
	expect(AFTER_USIM(RFM("A0000000871002FF49FF0589")), PE_INVALID_PARAMETER, 0);
	expect(AFTER_USIM(RFM("A0000000")), PE_INVALID_PARAMETER, 0);
	expect(AFTER_MF("A7(A0(80: 81:1B) 4F:A00000055910100001 A0(4:B001) 81:06 4:00 4:00) "),
	       PE_INVALID_FORMAT, 0);
	expect(AFTER_MF("A6(A0(80: 81:1A) A1(" INSTANCE("A000000151000000") ") A5(80:10 81:10)) "),
	       PE_FEATURE_NOT_SUPPORTED, 0);
	expect(AFTER_MF("A6(A0(80: 81:1A) A1(" INSTANCE("A000000151000000") ") A2(30(95:18))) "),
	       PE_INVALID_FORMAT, 0);
}

#define DOMAIN_KEY(key)                                                                            \
	"A6(A0(80: 81:1A) A1(" INSTANCE("A000000151000000") ") A2(30(" key " 30(30(80:88 86:" K16  \
							    "))))) "
#define RFM_ADF(access) "A7(A0(80: 81:1B) 4F:A00000055910100001 81:06 4:00 4:00 30(" access ")) "

/* Sizes of the ASN.1 module in what is kept for a card manager. */
static void test_sizes(void)
{
	static const char *const bad_keys[] = {"95: 82:01 83:01",	"95:180000 82:01 83:01",
					       "95:18 96: 82:01 83:01", "95:18 82: 83:01",
					       "95:18 82:0101 83:01",	"95:18 82:01 83:",
					       "95:18 82:01 83:0101"};
	char text[1024];

	expect(AFTER_MF(DOMAIN_KEY("95:1800 96:00 82:01 83:01 85:00")), PE_OK,
	       PE_FEATURE_NOT_SUPPORTED);
	for (size_t i = 0; i < ARRAY_LEN(bad_keys); i++) {
		CU_ASSERT((size_t)snprintf(text, sizeof(text), AFTER_MF(DOMAIN_KEY("%s")),
					   bad_keys[i]) < sizeof(text));
		expect(text, PE_INVALID_FORMAT, 0);
	}
	expect(AFTER_MF(RFM_ADF("80:A0000000871002 81:00 82:00")), PE_OK, PE_FEATURE_NOT_SUPPORTED);
	expect(AFTER_MF(RFM_ADF("80:A0000000 81:00 82:00")), PE_INVALID_FORMAT, 0);
	expect(AFTER_MF(RFM_ADF("80:A0000000871002 81:00")), PE_INVALID_FORMAT, 0);
	expect(AFTER_MF(RFM_ADF("80:A0000000871002 81:00 82:00 83:00")), PE_INVALID_FORMAT, 0);
}

/* UInt15; the report does not repeat what is none. */
static void test_identification(void)
{
	struct upp_outcome o = upp_install(AFTER_MF("AB(A0(80: 81:7FFF)) "), 0);

	CU_ASSERT_EQUAL(o.status, PE_NOT_SUPPORTED);
	CU_ASSERT_EQUAL(o.id, 0x7FFF);
	store_close(&o.store);
	o = upp_install(AFTER_MF("AB(A0(80: 81:008000)) "), 0);
	CU_ASSERT_EQUAL(o.status, PE_INVALID_FORMAT);
	CU_ASSERT_EQUAL(o.id, UINT64_MAX);
	store_close(&o.store);
	o = upp_install("A0(80:02 81:03) " UPP_END, 0);
	CU_ASSERT_EQUAL(o.status, PE_INVALID_FORMAT);
	CU_ASSERT_EQUAL(o.id, UINT64_MAX);
	store_close(&o.store);
}

/* What a later version puts behind an element is told apart from what is malformed. */
static void test_extensions(void)
{
	expect(AFTER_USIM("B4(A0(80: 81:09) 81:67810F010205 BF7F()) "), PE_INVALID_PARAMETER, 0);
	expect(AFTER_USIM(AKA("A1(80:03 81:02 82:" K16 " 83:)) A6(80:00")), PE_INVALID_PARAMETER,
	       0);
	expect(AFTER_MF("AB(A0(80:00 81:09)) "), PE_INVALID_FORMAT, 0); /* NULL with a value */
}

#define FILE_OF(fcp, steps) AFTER_MF("A1(A0(80: 81:20) A1(30(62(" fcp ") " steps "))) ")

/* Fcp: which component is for which kind of file */
static void test_fcp(void)
{
	static const struct {
		const char *package;
		unsigned status;
	} rows[] = {
		/* DF */
		{FILE_OF("82:7821 83:7F10 8B:01 C6:0A", ""), PE_OK},
		{FILE_OF("82:7821 83:7F10 8B:01", ""), PE_INVALID_PARAMETER},
		{FILE_OF("82:7821 83:7F10 8B:01 C6:0A 80:04", ""), PE_INVALID_PARAMETER},
		{FILE_OF("82:7821 83:7F10 8B:01 C6:0A 88:08", ""), PE_INVALID_PARAMETER},
		{FILE_OF("82:7821 83:7F10 8B:01 C6:0A A5(C0:00)", ""), PE_INVALID_PARAMETER},
		/* EF */
		{FILE_OF("82:4121 83:2F10 8B:01 80:04 A5(C0:40 C1:00)", ""), PE_OK},
		{FILE_OF("82:4121 83:2F10 8B:01 80:04 C6:0A", ""), PE_INVALID_PARAMETER},
		{FILE_OF("82:4121 83:2F10 8B:01 80:04 A5(86:10)", ""), PE_INVALID_PARAMETER},
		/* BER-TLV */
		{FILE_OF("82:7921 83:2F10 8B:01 80:04 A5(86:10 84:01)", ""), PE_OK},
		{FILE_OF("82:7921 83:2F10 8B:01 80:04 A5(84:02)", ""), PE_INVALID_PARAMETER},
		{FILE_OF("82:7921 83:2F10 8B:01 80:04 A5(C1:00)", ""), PE_INVALID_PARAMETER},
		/* link */
		{FILE_OF("82:4121 83:2F10 8B:01 80:04", "62(82:4121 83:2F11 8B:01 C7:2F10)"),
		 PE_OK},
		{FILE_OF("82:4121 83:2F10 8B:01 80:04", "62(82:4121 83:2F11 8B:01 80:04 C7:2F10)"),
		 PE_INVALID_PARAMETER},
		{FILE_OF("82:4121 83:2F10 8B:01 80:04",
			 "62(82:4121 83:2F11 8B:01 A5(C1:00) C7:2F10)"),
		 PE_INVALID_PARAMETER},
		/* lcsi */
		{FILE_OF("82:4121 83:2F10 8A:07 8B:01 80:04", ""), PE_OK},
		{FILE_OF("82:4121 83:2F10 8A:06 8B:01 80:04", ""), PE_OK},
		{FILE_OF("82:4121 83:2F10 8A:01 8B:01 80:04", ""), PE_INVALID_PARAMETER},
		{FILE_OF("82:4121 83:2F10 8A:0C 8B:01 80:04", ""), PE_INVALID_PARAMETER},
		{FILE_OF("82:4121 83:2F10 8A: 8B:01 80:04", ""), PE_INVALID_FORMAT},
	};
	struct upp_outcome o;
	struct fs_file f;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		expect(rows[i].package, rows[i].status, 0);
	o = upp_install(FILE_OF("82:4121 83:2F10 8A:06 8B:01 80:04", ""), 0);
	ASSERT_ERR(fs_load(o.store, 1, "3F002F10", &f), ERR_OK);
	CU_ASSERT_EQUAL(f.lcsi, 4);
	store_close(&o.store);
}

#define GFM(steps)    "A1(A0(80: 81:20) A1(30(" steps "))) "
#define EF(fid)	      "62(82:4121 83:" fid " 8B:01 80:04) "
#define DF(fid)	      "62(82:7821 83:" fid " 8B:01 C6:0A) "
#define LINK(fid, to) "62(82:4121 83:" fid " 8B:01 C7:" to ") "

static void test_links(void)
{
	struct upp_outcome o = upp_install(
		AFTER_MF(GFM(DF("7F10") EF("6F01") "81:01020304 80: " LINK("2F11", "7F106F01") LINK(
			"2F12", "2F11") "62(82:7821 83:7F20 8B:01 C6:0A C7:7F10) 80:7F20 "
					"62(82:4121 83:6F02 8B:01 80:02) 81:0506")),
		0);
	struct fs_file f;
	char home[FS_PATH_MAX];

	CU_ASSERT_EQUAL(o.status, PE_OK);
	ASSERT_ERR(fs_load(o.store, 1, "3F002F12", &f), ERR_OK);
	CU_ASSERT_STRING_EQUAL(f.link, "3F007F106F01");
	ASSERT_OCTETS(f.content, test_unhex("01020304"), "by a link to a link");
	ASSERT_ERR(fs_load(o.store, 1, "3F007F206F01", &f), ERR_OK);
	ASSERT_OCTETS(f.content, test_unhex("01020304"), "through a DF");
	ASSERT_ERR(fs_load(o.store, 1, "3F007F106F02", &f), ERR_OK);
	ASSERT_OCTETS(f.content, test_unhex("0506"), "made through the link");
	ASSERT_ERR(fs_canonical(o.store, 1, "3F007F206F02", home), ERR_OK);
	CU_ASSERT_STRING_EQUAL(home, "3F007F106F02");
	store_close(&o.store);
	/* to itself, to nothing, to another kind, to a folder around it */
	expect(AFTER_MF(GFM(LINK("2F11", "2F11"))), PE_INVALID_PARAMETER, 0);
	expect(AFTER_MF(GFM(LINK("2F11", "2F12") LINK("2F12", "2F11"))), PE_INVALID_PARAMETER, 0);
	expect(AFTER_MF(GFM(DF("7F10") "80: " LINK("2F11", "7F10"))), PE_INVALID_PARAMETER, 0);
	expect(AFTER_MF(GFM(LINK("2F11", "2F06"))), PE_INVALID_PARAMETER, 0);
	expect(AFTER_MF(GFM(DF("7F10") "62(82:7821 83:5F10 8B:01 C6:0A C7:7F10)")),
	       PE_INVALID_PARAMETER, 0);
	expect(AFTER_MF(GFM(DF("7F10") "62(82:7821 83:5F10 8B:01 C6:0A C7:3F00)")),
	       PE_INVALID_PARAMETER, 0);
	expect(AFTER_MF(GFM(EF("2F10") LINK("2F11", "2F10") "81:00")), PE_INVALID_PARAMETER, 0);
}

static void test_files(void)
{
	struct upp_outcome o;
	struct fs_file f;

	expect(AFTER_MF(GFM(EF("2F10") EF("2F10"))), PE_INVALID_PARAMETER, 0);
	expect(AFTER_MF(GFM("80:7F10 " EF("6F10"))), PE_INVALID_PARAMETER, 0);
	expect(AFTER_MF(GFM("80:2F06 " EF("6F10"))), PE_INVALID_PARAMETER, 0);
	expect(AFTER_MF(GFM("80:7F ")), PE_INVALID_PARAMETER, 0);
	expect(AFTER_MF(GFM("80:7F107F107F107F107F10 ")), PE_INVALID_PARAMETER, 0);
	expect(AFTER_MF(GFM(EF("2F10") "02:03 81:0102")), PE_INVALID_PARAMETER, 0);
	expect(AFTER_MF(GFM(EF("2F10") "02:02 81:0102")), PE_OK, 0);
	expect(AFTER_MF(GFM(EF("2F10") "02:0100 81:0102")), PE_INVALID_PARAMETER, 0);
	expect(AFTER_MF(GFM("02:00FFFF 02:00FFFF 81:0102")), PE_INVALID_PARAMETER, 0);
	expect(AFTER_MF(GFM("62(82:4121 83:2F10 8B:01)")), PE_INVALID_PARAMETER, 0);
	expect(AFTER_MF(GFM("62(82:C121 83:2F10 8B:01 80:01)")), PE_INVALID_PARAMETER, 0);
	expect(AFTER_MF(GFM("62(82:4421 83:2F10 8B:01 80:01)")), PE_INVALID_PARAMETER, 0);
	expect(AFTER_MF(GFM("62(82:42210003 83:2F10 8B:01 80:10)")), PE_INVALID_PARAMETER, 0);
	expect(AFTER_MF(GFM("62(82:42210001 83:2F10 8B:01 80:00FF)")), PE_INVALID_PARAMETER, 0);
	expect(AFTER_MF(GFM("62(82:4121 83:2F10 8B:01 80:7FFFFFFF)")), PE_NOT_ENOUGH_MEMORY, 0);
	expect(AFTER_MF(GFM("62(82:4121 83:2F10 8B:01 80:04 88:FF)")), PE_INVALID_FORMAT, 0);
	expect(AFTER_MF(GFM("62(82:4121 83:2F10 8B:01 80:04 88:F8)")), PE_INVALID_PARAMETER, 0);
	expect(AFTER_MF(GFM("62(82:4121 83:2F10 8B:01 80:04 A5(C1:00 C2:00))")),
	       PE_INVALID_PARAMETER, 0);
	expect(AFTER_MF(GFM("62(82:4121 83:2F10 8B:01 80:04 A5(C1:))")), PE_INVALID_PARAMETER, 0);
	expect(AFTER_MF(GFM("62(82:4121 83:2F10 84:A000000087 8B:01 80:04)")), PE_INVALID_PARAMETER,
	       0);
	expect(AFTER_MF(GFM("62(82:7821 83:7FD0 84:A0000000 8B:01 C6:0A)")), PE_INVALID_PARAMETER,
	       0);
	expect(AFTER_MF(GFM("62(82:7821 83:7FD0 84:A000000087 8B:01 C6:0A) "
			    "62(82:7821 83:7FD1 84:A000000087 8B:01 C6:0A)")),
	       PE_INVALID_PARAMETER, 0);
	expect(AFTER_MF(GFM("62(82:7921 83:2F10 8B:01 80:04) 81:01020304")), PE_OK, 0);
	o = upp_install(AFTER_MF(GFM("62(82:7921 83:2F10 8B:01 80:08) 81:8001AA 81:8101BB")), 0);
	ASSERT_ERR(fs_load(o.store, 1, "3F002F10", &f), ERR_OK);
	ASSERT_OCTETS(f.content, test_unhex("8001AA8101BB"), "one data object after the other");
	store_close(&o.store);
	expect(AFTER_MF(GFM("62(82:7921 83:2F10 8B:01 80:04) 81:0102030405")), PE_INVALID_PARAMETER,
	       0);
	/* a template's element without its application */
	expect(AFTER_MF("B4(A0(80: 81:09) 81:67810F010205) "), PE_INVALID_PARAMETER, 0);
	expect(AFTER_USIM("B4(A0(80: 81:09) 81:67810F010205 A2(83:FF)) "), PE_OK, 0);
	expect(AFTER_USIM("B4(A0(80: 81:09) 81:67810F010205 A3(80:)) "), PE_INVALID_PARAMETER, 0);
	expect(AFTER_USIM(UPP_USIM), PE_INVALID_PARAMETER, 0);
	/* an EF whose folder the element didn't make */
	expect(AFTER_MF("B2(A0(80: 81:09) 81:67810F010203 A2(A1(C6:0A)) B1(A1(82:42210010 "
			"80:10))) "),
	       PE_INVALID_PARAMETER, 0);
	/* two files of a range in one File */
	expect(AFTER_MF("B1(A0(80: 81:09) 81:67810F010202 A2(A1(C6:0A)) A3(A1(80:04)) "
			"A4(A1(83:6F40 80:02) 83:0102 A1(83:6F41 80:02) 83:0304)) "),
	       PE_OK, 0);
}

/* Loops, absurd lengths, endless lists: refused at once, with memory for no more than the limits.
 */
static void test_absurd(void)
{
	struct wbuf w = wbuf_grow(8 * UPP_PACKAGE_MAX);
	size_t pe, list, steps;
	struct upp_outcome o;

	notation_put(&w, UPP_HEADER_WITH("") UPP_MF);
	for (size_t i = 0; i < 1000000; i++)
		wbuf_put(&w,
			 SLICE_OF(((const uint8_t[]){0xAB, 0x05, 0xA0, 0x03, 0x81, 0x01, 0x01})));
	CU_ASSERT_EQUAL(w.err, ERR_OK);
	o = upp_install_octets(wbuf_slice(&w), 0);
	CU_ASSERT_EQUAL(o.status, PE_NOT_ENOUGH_MEMORY);
	store_close(&o.store);
	wbuf_reset(&w);
	/* 65,535 files of 32 KiB each, if the element were followed to its end */
	notation_put(&w, UPP_HEADER_WITH("") UPP_MF);
	pe = tlv_open(&w, PE_GENERIC_FILE_MANAGEMENT);
	notation_put(&w, "A0(80: 81:05)");
	list = tlv_open(&w, 0xA1);
	steps = tlv_open(&w, ASN1_SEQUENCE);
	for (unsigned i = 1; i <= UINT16_MAX; i++) {
		const uint8_t file[] = {
			0x62,	    0x11, 0x82, 0x02, 0x41, 0x21, 0x83, 0x02, (uint8_t)(i >> 8),
			(uint8_t)i, 0x8B, 0x01, 0x01, 0x80, 0x02, 0x7F, 0xFF, 0x88,
			0x00};

		wbuf_put(&w, SLICE_OF(file));
	}
	tlv_close(&w, steps);
	tlv_close(&w, list);
	tlv_close(&w, pe);
	notation_put(&w, UPP_END);
	o = upp_install_octets(wbuf_slice(&w), 0);
	CU_ASSERT_EQUAL(o.status, PE_NOT_ENOUGH_MEMORY);
	CU_ASSERT_EQUAL(o.id, 5);
	store_close(&o.store);
	wbuf_free(&w);
	expect("A0(80:02 81:03)", PE_INVALID_FORMAT, 0);
	for (size_t n = 1; n <= 8; n++) {
		uint8_t lengths[10] = {0xA0, (uint8_t)(0x80 + n)};

		memset(lengths + 2, 0xFF, sizeof(lengths) - 2);
		o = upp_install_octets(slice_make(lengths, 2 + n), 0);
		CU_ASSERT_EQUAL(o.status, PE_INVALID_FORMAT);
		store_close(&o.store);
	}
}

TEST_SUITE(interpreter, {"ProfileHeader", test_header},
	   {"elements that aren't supported", test_not_supported}, {"PIN and PUK codes", test_pins},
	   {"local PINs belong to their folder", test_local_pins_apart},
	   {"which folder PINs are for", test_pin_context},
	   {"an application by file management", test_generic_naa},
	   {"authentication keys", test_keys}, {"sequence numbers", test_sequence_numbers},
	   {"sqnOptions", test_sqn_options},
	   {"applications are kept and listed", test_applications},
	   {"identification", test_identification}, {"sizes in domains and RFM", test_sizes},
	   {"components of later versions", test_extensions},
	   {"what each kind of file may have", test_fcp}, {"links", test_links},
	   {"files", test_files}, {"absurd packages", test_absurd})

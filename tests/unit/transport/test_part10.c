/* what a reader says of itself by PC/SC part 10, and the PIN typed at it */
#include "tests/unit/test.h"

#include <string.h>

#include "host/transport/pcsc/part10.h"
#include "lib/uicc/atr.h"

static void test_features(void)
{
	struct part10_features f;

	/* PC/SC part 10 2.2: tag, 4, control code, high octet first; one of them (8A) is unknown */
	ASSERT_ERR(part10_features(test_unhex("0604423300068A04423300081204423300120104423300010204"
					      "42330002050442330005"),
				   &f),
		   ERR_OK);
	CU_ASSERT_EQUAL(f.verify_direct, 0x42330006);
	CU_ASSERT_EQUAL(f.verify_start, 0x42330001);
	CU_ASSERT_EQUAL(f.verify_finish, 0x42330002);
	CU_ASSERT_EQUAL(f.key_pressed, 0x42330005);
	CU_ASSERT_EQUAL(f.properties, 0x42330012);
	CU_ASSERT(part10_has_keys(&f));
	ASSERT_ERR(part10_features(test_unhex("01044233000102044233000212044233 0012"), &f),
		   ERR_OK);
	CU_ASSERT(part10_has_keys(&f));
	ASSERT_ERR(part10_features(test_unhex("010442330001"), &f), ERR_OK);
	CU_ASSERT_FALSE(part10_has_keys(&f));
	ASSERT_ERR(part10_features(SLICE_EMPTY, &f), ERR_OK);
	CU_ASSERT_FALSE(part10_has_keys(&f));
	f.properties = 7;
	for (size_t n = 1; n < 6; n++)
		ASSERT_ERR(part10_features(slice_sub(test_unhex("060442330006"), 0, n), &f),
			   ERR_ENCODING);
	CU_ASSERT_EQUAL(f.properties, 7); /* outputs are set on success alone */
	/* entries that have no code, unknown and known, spoil nothing */
	ASSERT_ERR(part10_features(test_unhex("7C007D020102060342330006054233000600"
					      "120442330012"),
				   &f),
		   ERR_OK);
	CU_ASSERT_EQUAL(f.verify_direct, 0);
	CU_ASSERT_EQUAL(f.properties, 0x42330012);
}

static void test_properties(void)
{
	struct transport_properties p;

	/* low octet first: 076B:3021, data up to 65536, 4 to 8 digits, "1.02"; 7F is unknown */
	ASSERT_ERR(
		part10_properties(test_unhex("0B026B070C0221300A040000010006010407 01080804312E3032"
					     "7F0155"),
				  &p),
		ERR_OK);
	CU_ASSERT(p.has_usb_id);
	CU_ASSERT_EQUAL(p.usb_vendor, 0x076B);
	CU_ASSERT_EQUAL(p.usb_product, 0x3021);
	CU_ASSERT_EQUAL(p.apdu_data_max, 65536);
	CU_ASSERT_EQUAL(p.pin_min, 4);
	CU_ASSERT_EQUAL(p.pin_max, 8);
	CU_ASSERT_STRING_EQUAL(p.firmware, "1.02");
	ASSERT_ERR(part10_properties(SLICE_EMPTY, &p), ERR_OK);
	CU_ASSERT_FALSE(p.has_usb_id);
	ASSERT_ERR(part10_properties(test_unhex("0A0500000100000B00"), &p), ERR_OK);
	CU_ASSERT_EQUAL(p.apdu_data_max, 0);
	/* numbers of another width are none: they are neither cut nor zero */
	ASSERT_ERR(part10_properties(test_unhex("0A0400000100 070108 060104 0B026B07"
						"0A0207FF 07020101 0600 0B0101 0B0401020304"),
				     &p),
		   ERR_OK);
	CU_ASSERT_EQUAL(p.apdu_data_max, 65536);
	CU_ASSERT_EQUAL(p.pin_min, 4);
	CU_ASSERT_EQUAL(p.pin_max, 8);
	CU_ASSERT_EQUAL(p.usb_vendor, 0x076B);
	for (size_t n = 1; n < 4; n++)
		ASSERT_ERR(part10_properties(slice_sub(test_unhex("0B026B07"), 0, n), &p),
			   ERR_ENCODING);
	/* longer than there is room for: cut */
	ASSERT_ERR(part10_properties(test_unhex("0828"
						"41414141414141414141414141414141414141414141"
						"414141414141414141414141414141414141"),
				     &p),
		   ERR_OK);
	CU_ASSERT_EQUAL(strlen(p.firmware), sizeof(p.firmware) - 1);
}

static void test_verify(void)
{
	struct transport_pin pin = {.command = test_unhex("0020000108FFFFFFFFFFFFFFFF"),
				    .digits_min = 4,
				    .digits_max = 8,
				    .timeout_s = 30};
	struct transport_properties p = {0};
	uint8_t octets[PART10_VERIFY_MAX];
	struct wbuf w = wbuf_init(octets, sizeof(octets));

	ASSERT_ERR(part10_put_verify(&pin, &p, &w), ERR_OK);
	ASSERT_OCTETS(
		wbuf_slice(&w),
		test_unhex(
			"1E1E820800 0804 02 01 0904 00 000000 0D000000 0020000108FFFFFFFFFFFFFFFF"),
		"PIN_VERIFY");
	/* the reader's own limits are within those of the card */
	p.pin_min = 5;
	p.pin_max = 6;
	wbuf_cut(&w, 0);
	ASSERT_ERR(part10_put_verify(&pin, &p, &w), ERR_OK);
	ASSERT_OCTETS(slice_sub(wbuf_slice(&w), 5, 2), test_unhex("0605"), "6 digits at most");
	p.pin_min = 9;
	wbuf_cut(&w, 0);
	ASSERT_ERR(part10_put_verify(&pin, &p, &w), ERR_KEYS_FAILED);
	p.pin_min = 0;
	pin.command = test_unhex("00200001");
	ASSERT_ERR(part10_put_verify(&pin, &p, &w), ERR_LENGTH);
	pin.command = test_unhex("0020000108FF");
	ASSERT_ERR(part10_put_verify(&pin, &p, &w), ERR_LENGTH);
}

static void test_outcome(void)
{
	static const struct {
		const char *answer;
		enum err e;
	} rows[] = {{"9000", ERR_OK},
		    {"63C2", ERR_OK},
		    {"6983", ERR_OK},
		    {"6400", ERR_KEYS_TIMEOUT},
		    {"6401", ERR_KEYS_CANCELLED},
		    {"6402", ERR_KEYS_DIFFER},
		    {"6403", ERR_KEYS_LENGTH},
		    {"6404", ERR_OK},
		    {"AA9000", ERR_OK},
		    {"90", ERR_PROTOCOL},
		    {"", ERR_PROTOCOL}};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		ASSERT_ERR(part10_outcome(test_unhex(rows[i].answer)), rows[i].e);
}

/* ISO 7816-4 8.1.1.2.7; PC/SC part 3 3.1.3.2.3.1 */
static void test_historical(void)
{
	static const struct {
		const char *atr;
		bool extended, contactless;
	} rows[] = {
		/* T=1; 80, 73 00 00 40: extended Lc and Le */
		{"3B8501 8073000040 37", true, false},
		{"3B8501 8073000080 F7", false, false},
		{"3B8401 80720000 77", false, false}, /* no third table */
		/* something before it; the status behind it */
		{"3B8701 803155730000C0 D1", true, false},
		{"3B8801 0073000040 829000 A8", true, false},
		{"3B8501 1073000040 A7", false, false}, /* another category */
		{"3B8301 807300 71", false, false},	/* torn off */
		{"3B858001 8073000040 B7", true, true},
		{"3B8080 01 01", false, true},
		{"3B00", false, false},
		{"", false, false},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct slice atr = test_unhex(rows[i].atr);

		CU_ASSERT_EQUAL(atr_takes_extended(atr), rows[i].extended);
		CU_ASSERT_EQUAL(atr_is_contactless(atr), rows[i].contactless);
	}
}

TEST_SUITE(part10, {"features", test_features}, {"properties", test_properties},
	   {"PIN_VERIFY", test_verify}, {"what the person did", test_outcome},
	   {"an ATR's historical octets", test_historical})

/* lists of networks and telephone numbers: as text, coded, and in a card's files */
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

#include "card-emu/fs/fs.h"
#include "card-emu/profile/install.h"
#include "card-emu/store/store.h"
#include "lib/auth/aka.h"
#include "lib/profile/build.h"

#define NUMBER 1u

static enum err parse(const char *text, struct networks n[static 2], struct networks_error *error)
{
	return networks_parse(slice_str(text), n, error);
}

static void test_text(void)
{
	static const char text[] = "# both\n\npreferred 00101\nforbidden 310410\n[2]\r\n"
				   "preferred 26202 eutran ngran\n[1]\n  forbidden\t00102\n";
	uint8_t mem[2 + sizeof(struct networks)];
	struct wbuf w = wbuf_init(mem, sizeof(mem));
	struct networks_error error;
	struct networks n[2], back;

	ASSERT_ERR(parse(text, n, &error), ERR_OK);
	CU_ASSERT(n[0].preferred_count == 1 && n[0].forbidden_count == 2);
	CU_ASSERT(n[1].preferred_count == 2 && n[1].forbidden_count == 1);
	ASSERT_OCTETS(SLICE_OF(n[0].preferred[0]), test_unhex("00F110C880"), "all technologies");
	ASSERT_OCTETS(SLICE_OF(n[1].preferred[1]), test_unhex("62F2204800"), "two of them");
	ASSERT_OCTETS(SLICE_OF(n[0].forbidden[0]), test_unhex("130014"), "an MNC of three digits");
	ASSERT_OCTETS(SLICE_OF(n[0].forbidden[1]), test_unhex("00F120"), "of the first alone");
	networks_save(&w, &n[1]);
	ASSERT_ERR(networks_load(wbuf_slice(&w), &back), ERR_OK);
	CU_ASSERT_EQUAL(memcmp(&back, &n[1], sizeof(back)), 0);
	for (size_t i = 1; i < w.len; i++)
		ASSERT_ERR(networks_load(slice_sub(wbuf_slice(&w), 0, i), &back), ERR_CORRUPT);
	ASSERT_ERR(networks_load(SLICE_EMPTY, &back), ERR_OK);
	CU_ASSERT_TRUE(networks_are_none(&back));
}

static void test_bad_text(void)
{
	static const struct {
		const char *text, *why;
		unsigned line;
	} rows[] = {
		{"allowed 00101", "begins with none", 1},
		{"\npreferred 0010", "5 or 6 digits", 2},
		{"preferred 0010111", "5 or 6 digits", 1},
		{"preferred 0010a", "5 or 6 digits", 1},
		{"preferred", "5 or 6 digits", 1},
		{"preferred 00101 wifi", "none of gsm", 1},
		{"preferred 00101 eutraneutraneutran", "too long", 1},
		{"forbidden 00101 gsm", "more than a network", 1},
		{"[3]", "begins with none", 1},
		{"forbidden 00101\nforbidden 00102\nforbidden 00103\nforbidden 00104\nforbidden "
		 "00105",
		 "than the 4", 5},
	};
	struct networks_error error;
	struct networks n[2] = {{.preferred_count = 7}, {.preferred_count = 7}};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ASSERT_ERR(parse(rows[i].text, n, &error), ERR_VALUE);
		CU_ASSERT_EQUAL(error.line, rows[i].line);
		CU_ASSERT_PTR_NOT_NULL(strstr(error.why, rows[i].why));
		CU_ASSERT_EQUAL(n[0].preferred_count, 7);
	}
}

static void test_numbers(void)
{
	uint8_t record[PROFILE_MSISDN_LEN];

	ASSERT_ERR(profile_msisdn("+491701234567", record), ERR_OK);
	ASSERT_OCTETS(SLICE_OF(record),
		      test_unhex("FFFFFFFFFFFFFFFFFFFF 07 91 947110325476 FFFFFFFF FFFF"), "even");
	ASSERT_ERR(profile_msisdn("12345", record), ERR_OK);
	ASSERT_OCTETS(SLICE_OF(record),
		      test_unhex("FFFFFFFFFFFFFFFFFFFF 04 81 2143F5 FFFFFFFFFFFFFF FFFF"), "odd");
	ASSERT_ERR(profile_msisdn("", record), ERR_OK);
	CU_ASSERT(record[0] == 0xFF && record[10] == 0xFF);
	ASSERT_ERR(profile_msisdn("+", record), ERR_VALUE);
	ASSERT_ERR(profile_msisdn("12 34", record), ERR_VALUE);
	ASSERT_ERR(profile_msisdn("123456789012345678901", record), ERR_VALUE);
}

static struct slice content_of(const struct store *s, const char *path)
{
	struct fs_file f = {.content = SLICE_EMPTY};

	ASSERT_ERR(fs_load(s, NUMBER, path, &f), ERR_OK);
	return f.content;
}

/* The first subscription's are in the package, the second's replace them with the patch. */
static void test_in_card(void)
{
	static const uint8_t key[16] = {1};
	struct profile_spec spec = {.iccid = "8988211000000000017",
				    .imsi = "001010000000001",
				    .mnc_length = 2,
				    .algorithm = AKA_MILENAGE,
				    .k = SLICE_OF(key),
				    .opc = SLICE_OF(key),
				    .msisdn = "+491701"};
	struct wbuf upp = wbuf_grow(PROFILE_PACKAGE_MAX), patch = wbuf_grow(PROFILE_PACKAGE_MAX);
	struct networks_error error;
	struct networks n[2];
	struct store *s = NULL;
	struct store_txn *t;
	uint8_t iccid[10];

	ASSERT_ERR(parse("[1]\npreferred 00101 gsm\n[2]\nforbidden 00199\n", n, &error), ERR_OK);
	spec.networks = &n[0];
	ASSERT_ERR(profile_build(&spec, SLICE_EMPTY, &upp), ERR_OK);
	CU_ASSERT_FATAL(store_open(NULL, STORE_CREATE | STORE_MEMORY, &s) == ERR_OK);
	t = store_begin(s);
	ASSERT_ERR(install_profile(&(struct install_place){t, NUMBER, 0}, wbuf_slice(&upp), iccid,
				   NULL),
		   ERR_OK);
	ASSERT_ERR(store_commit(t), ERR_OK);
	ASSERT_OCTETS(slice_sub(content_of(s, "7FF06F40"), 10, 5), test_unhex("0491947110"),
		      "EF.MSISDN");
	ASSERT_OCTETS(slice_sub(content_of(s, "7FF06F60"), 0, 10),
		      test_unhex("00F1100080 FFFFFF0000"), "EF.PLMNwAcT");
	CU_ASSERT_EQUAL(content_of(s, "7FF06F60").len, NETWORKS_PREFERRED_MAX * 5);
	ASSERT_OCTETS(content_of(s, "7FF06F7B"), test_unhex("FFFFFFFFFFFFFFFFFFFFFFFF"),
		      "EF.FPLMN");
	CU_ASSERT(slice_at(content_of(s, "7FF06F38"), 2) & 0x08); /* service 20 */
	spec.networks = &n[1];
	spec.msisdn = "";
	ASSERT_ERR(profile_build_patch(&spec, &patch), ERR_OK);
	t = store_begin(s);
	ASSERT_ERR(install_patch(s, &(struct install_place){t, NUMBER, 0},
				 &(struct install_opened){.elements = wbuf_slice(&patch)}),
		   ERR_OK);
	ASSERT_ERR(store_commit(t), ERR_OK);
	CU_ASSERT_EQUAL(slice_at(content_of(s, "7FF06F40"), 10), 0xFF);
	CU_ASSERT_EQUAL(slice_at(content_of(s, "7FF06F60"), 0), 0xFF);
	ASSERT_OCTETS(content_of(s, "7FF06F7B"), test_unhex("00F199FFFFFFFFFFFFFFFFFF"),
		      "EF.FPLMN");
	store_close(&s);
	wbuf_free(&upp);
	wbuf_free(&patch);
}

TEST_SUITE(networks, {"lists as text", test_text}, {"bad lists", test_bad_text},
	   {"telephone numbers", test_numbers}, {"in a card's files", test_in_card})

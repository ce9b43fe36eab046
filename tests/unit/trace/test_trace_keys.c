/* an auditor's keys, as a text of lines */
#include "tests/unit/test.h"

#include <string.h>

#include "lib/base/secret.h"
#include "lib/trace/keys/keys.h"

#define K     "465b5ce8b199b49faa5f0a2ee238a6bc" /* TS 35.208 4.3.1, as OPc */
#define OPC   "cd63cb71954a9f4e48a5994e37a02baf"
#define CARDS 300

static const struct key_row *next(const struct trace_keys *keys, enum key_kind kind, const char *id,
				  const struct key_row *after)
{
	return keys_next(keys, kind, test_unhex(id), after);
}

static struct trace_keys *keys_of(const char *text)
{
	struct trace_keys *keys = NULL;
	struct keys_error error;

	ASSERT_ERR(keys_parse(slice_str(text), &keys, &error), ERR_OK);
	return keys;
}

static void test_cards(void)
{
	struct trace_keys *keys = keys_of("# a remark\n\n"
					  "milenage first " K " " OPC "# of the first\n"
					  "scp03 30 " K " " OPC "\n"
					  "\ttuak second " K K "  " OPC OPC "\r\n"
					  "xor third " K);

	CU_ASSERT_EQUAL_FATAL(keys_card_count(keys), 3);
	CU_ASSERT_EQUAL(keys_card_at(keys, 0)->kind, KEY_MILENAGE);
	CU_ASSERT_STRING_EQUAL(keys_card_at(keys, 0)->name, "first");
	ASSERT_OCTETS(secret_slice(keys_card_at(keys, 0)->parts[0]), test_unhex(K), "K");
	ASSERT_OCTETS(secret_slice(keys_card_at(keys, 0)->parts[1]), test_unhex(OPC), "OPc");
	CU_ASSERT_EQUAL(keys_card_at(keys, 1)->kind, KEY_TUAK);
	ASSERT_OCTETS(secret_slice(keys_card_at(keys, 1)->parts[0]), test_unhex(K K), "K");
	CU_ASSERT_EQUAL(keys_card_at(keys, 2)->kind, KEY_XOR);
	CU_ASSERT_PTR_NULL(keys_card_at(keys, 2)->parts[1]);
	CU_ASSERT_PTR_NOT_NULL(next(keys, KEY_SCP03, "30", NULL));
	keys_free(&keys);
	CU_ASSERT_PTR_NULL(keys);
	CU_ASSERT_EQUAL(keys_card_count(NULL), 0);
}

static void test_ids(void)
{
	struct trace_keys *keys = keys_of("  # comment\n"
					  "scp03 30 " K " " OPC " # x\n"
					  "scp03 *  " K K " " OPC OPC " " K K "\n"
					  "scp80 22 35 - 0001020304050607\n"
					  "bsp 0102 " K " " OPC " " K "\n"
					  "bsp-otsk " K " " K OPC " " OPC "\n");
	const struct key_row *row;

	row = next(keys, KEY_SCP03, "30", NULL);
	CU_ASSERT(row && !row->any && !row->parts[2]);
	row = next(keys, KEY_SCP03, "30", row);
	CU_ASSERT(row && row->any && row->parts[2]);
	CU_ASSERT_PTR_NULL(next(keys, KEY_SCP03, "30", row));
	CU_ASSERT_PTR_EQUAL(next(keys, KEY_SCP03, "31", NULL), row);
	CU_ASSERT_PTR_NULL(next(keys, KEY_SCP02, "30", NULL));
	row = next(keys, KEY_SCP80, "2235", NULL);
	CU_ASSERT(row && !row->parts[0] && row->parts[1]);
	CU_ASSERT_PTR_NULL(next(keys, KEY_SCP80, "2236", NULL));
	row = next(keys, KEY_BSP, "0102", NULL);
	CU_ASSERT(row && row->parts[2]);
	row = next(keys, KEY_BSP_OTSK, K, NULL);
	CU_ASSERT_PTR_NOT_NULL_FATAL(row);
	ASSERT_OCTETS(secret_slice(row->parts[1]), test_unhex(OPC), "EID");
	CU_ASSERT_EQUAL(keys_card_count(keys), 0);
	keys_free(&keys);
}

static void test_faults(void)
{
	static const char *const wrong[] = {
		"ki name " K " " OPC,		    /* no such kind */
		"milenage name " K,		    /* a value is missing */
		"milenage name " K " " OPC " " OPC, /* one too many */
		"milenage name " K " " OPC "00",    /* too long */
		"milenage name " K " " OPC OPC,	    /* a length of another kind's */
		"milenage name " K " 0" OPC,	    /* half an octet */
		"milenage name " K " -",	    /* only keys of packets may be missing */
		"tuak name " K " " OPC,		    /* TOPc has 32 octets */
		"tuak name " K "0011223344556677 " OPC OPC,
		"xor name " K "xx", /* no hex */
		"xor a-name-of-more-than-31-characters " K,
		"xor",
		"xor name " K " 1 2 3 4 5 6 7",
		"scp02 30 " K " " OPC OPC, /* two DES keys each */
		"scp03 30 " K,		   /* no MAC key */
		"scp03 3030 " K " " OPC,   /* a version is an octet */
		"scp03 30 0001 " K,
		"scp03 30 " K " " OPC "00112233", /* no key of AES */
		"scp03 30 " K " # " OPC,	  /* a comment */
		"scp80 * 22 " K " " OPC,
		"bsp 00 " K " " OPC,
		"bsp : " K " " OPC " " K,	   /* no id */
		"bsp " K "00 " K " " OPC " " K,	   /* an id is too long */
		"bsp-otsk 00 " K " " OPC "00",	   /* an EID has 16 octets */
		"bsp-otsk 00 465b5ce8b199b4 " OPC, /* no private key */
	};
	struct trace_keys *keys = NULL;
	struct keys_error why;
	char text[256];

	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		snprintf(text, sizeof(text), "# first\nxor name " K "\n%s\n", wrong[i]);
		ASSERT_ERR(keys_parse(slice_str(text), &keys, &why), ERR_VALUE);
		CU_ASSERT_EQUAL(why.line, 3);
		CU_ASSERT(why.why && strlen(why.why) > 10 && !strstr(why.why, "465b"));
		CU_ASSERT_PTR_NULL(keys);
	}
	ASSERT_ERR(keys_parse(slice_make("xor a\0b " K, 40), &keys, &why), ERR_VALUE);
	keys = keys_of("");
	CU_ASSERT_EQUAL(keys_card_count(keys), 0);
	keys_free(&keys);
}

static void test_many(void)
{
	struct wbuf w = wbuf_grow(KEYS_TEXT_MAX);
	struct trace_keys *keys = NULL;
	struct keys_error why;
	char line[64];

	for (unsigned i = 0; i < CARDS; i++) {
		snprintf(line, sizeof(line), "xor card-%u " K "\n", i);
		wbuf_put(&w, slice_str(line));
	}
	ASSERT_ERR(keys_parse(wbuf_slice(&w), &keys, &why), ERR_OK);
	CU_ASSERT_EQUAL_FATAL(keys_card_count(keys), CARDS);
	for (unsigned i = 0; i < CARDS; i++) {
		snprintf(line, sizeof(line), "card-%u", i);
		CU_ASSERT_STRING_EQUAL(keys_card_at(keys, i)->name, line);
	}
	keys_free(&keys);
	wbuf_free(&w);
}

TEST_SUITE(trace_keys, {"keys of cards", test_cards}, {"by kind and id", test_ids},
	   {"faults", test_faults}, {"many", test_many})

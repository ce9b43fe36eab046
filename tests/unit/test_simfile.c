#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

#include "lib/profile/simfile.h"

/* Published test keys: 3GPP TS 35.207, test set 1. */
#define NEEDED                                                                                     \
	"imsi = 001010000000001\n"                                                                 \
	"iccid=8988211000000000017\n"                                                              \
	"k = 465b5ce8b199b49faa5f0a2ee238a6bc\n"
#define OPC "opc = cd63cb71954a9f4e48a5994e37a02baf\n"

static void test_whole(void)
{
	static const char text[] = "# a subscription\r\n\r\n" NEEDED OPC
				   "algorithm = milenage\nname =  My lab \namf = 9001\n"
				   "sqn = 00000000A020\nmnc_length = 3\npin=1234\n"
				   "puk=12345678\nadm=4321";
	struct simfile_error error;
	struct simfile *f = NULL;

	CU_ASSERT_FATAL(simfile_parse(slice_str(text), &f, &error) == ERR_OK);
	CU_ASSERT_STRING_EQUAL(f->spec.imsi, "001010000000001");
	CU_ASSERT_STRING_EQUAL(f->spec.iccid, "8988211000000000017");
	CU_ASSERT_STRING_EQUAL(f->spec.name, "My lab");
	CU_ASSERT_STRING_EQUAL(f->spec.pin, "1234");
	CU_ASSERT_STRING_EQUAL(f->spec.puk, "12345678");
	CU_ASSERT_STRING_EQUAL(f->spec.adm, "4321");
	CU_ASSERT_EQUAL(f->spec.mnc_length, 3);
	CU_ASSERT_EQUAL(f->sqn, 0xA020);
	ASSERT_OCTETS(SLICE_OF(f->amf), test_unhex("9001"), "AMF");
	ASSERT_OCTETS(f->spec.k, test_unhex("465b5ce8b199b49faa5f0a2ee238a6bc"), "K");
	ASSERT_OCTETS(f->spec.opc, test_unhex("cd63cb71954a9f4e48a5994e37a02baf"), "OPc");
	ASSERT_ERR(profile_spec_check(&f->spec), ERR_OK);
	simfile_free(&f);
	CU_ASSERT_PTR_NULL(f);
}

static void test_defaults_and_op(void)
{
	static const char text[] = NEEDED "op = cdc202d5123e20f62b6d676ac72cb318";
	struct simfile_error error;
	struct simfile *f = NULL;

	CU_ASSERT_FATAL(simfile_parse(slice_str(text), &f, &error) == ERR_OK);
	ASSERT_OCTETS(f->spec.opc, test_unhex("cd63cb71954a9f4e48a5994e37a02baf"), "OPc");
	ASSERT_OCTETS(SLICE_OF(f->amf), test_unhex("8000"), "AMF");
	CU_ASSERT_EQUAL(f->sqn, 0);
	CU_ASSERT_EQUAL(f->spec.mnc_length, 2);
	CU_ASSERT_EQUAL(f->spec.algorithm, AKA_MILENAGE);
	CU_ASSERT_STRING_EQUAL(f->spec.pin, "");
	simfile_free(&f);
}

static void test_errors(void)
{
	static const struct {
		const char *text, *key;
		unsigned line;
	} cases[] = {
		{"", "imsi", 0},
		{"imsi = 001010000000001\nk = 00\n", "k", 2},
		{NEEDED, "", 0},
		{NEEDED OPC "op = cdc202d5123e20f62b6d676ac72cb318\n", "", 0},
		{NEEDED OPC "imsi = 001010000000002\n", "imsi", 5},
		{NEEDED OPC "colour = red\n", "colour", 5},
		{NEEDED OPC "\n# x\nno equals sign\n", "", 7},
		{NEEDED OPC "name =\n", "name", 5},
		{NEEDED OPC "name = 12345678901234567\n", "name", 5},
		{NEEDED OPC "algorithm = xor\n", "algorithm", 5},
		{NEEDED OPC "amf = 80\n", "amf", 5},
		{NEEDED OPC "sqn = 0000000000001\n", "sqn", 5},
		{NEEDED OPC "mnc_length = 4\n", "mnc_length", 5},
		{NEEDED OPC "pin = 123\n", "pin", 5},
		{NEEDED OPC "pin = 12a4\n", "pin", 5},
		{NEEDED OPC "puk = 1234567\n", "puk", 5},
		{NEEDED OPC "adm = 123456789\n", "adm", 5},
		{NEEDED OPC "averyveryverylongkey = 1\n", "", 5},
		{"imsi = 0010100000000012\n", "imsi", 1},
		{"iccid = 89\n", "iccid", 1},
		{"k = 465b5ce8b199b49faa5f0a2ee238a6bcff\n", "k", 1},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct simfile_error error;
		struct simfile *f = NULL;

		ASSERT_ERR(simfile_parse(slice_str(cases[i].text), &f, &error), ERR_VALUE);
		CU_ASSERT_PTR_NULL(f);
		CU_ASSERT_EQUAL(error.line, cases[i].line);
		CU_ASSERT_STRING_EQUAL(error.key, cases[i].key);
		CU_ASSERT(error.why && *error.why);
	}
}

static void test_too_long(void)
{
	static uint8_t text[SIMFILE_MAX + 1];
	struct simfile_error error;
	struct simfile *f = NULL;

	memset(text, '\n', sizeof(text));
	ASSERT_ERR(simfile_parse(SLICE_OF(text), &f, &error), ERR_VALUE);
	CU_ASSERT_EQUAL(error.line, 0);
	memcpy(text, "imsi = 0\0", 9);
	ASSERT_ERR(simfile_parse(slice_make(text, 9), &f, &error), ERR_VALUE);
	CU_ASSERT_EQUAL(error.line, 1);
}

TEST_SUITE(simfile, {"every key", test_whole}, {"defaults, OPc from OP", test_defaults_and_op},
	   {"errors name line and key", test_errors}, {"too long, inner NUL", test_too_long})

/* SIMs as text files: what is taken, what is refused and how */
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

#include "lib/profile/simfile.h"

/* Published test keys: 3GPP TS 35.207, test set 1. */
#define NEEDED                                                                                     \
	"imsi = 001010000000001\n"                                                                 \
	"iccid=8988211000000000017\n"                                                              \
	"k = 465b5ce8b199b49faa5f0a2ee238a6bc\n"
#define NEEDED32                                                                                   \
	"imsi = 001010000000001\niccid=8988211000000000017\n"                                      \
	"k = 465b5ce8b199b49faa5f0a2ee238a6bc465b5ce8b199b49faa5f0a2ee238a6bc\n"
#define TOPC "bd04d9530e87513c5d837ac2ad954623a8e2330c115305a73eb45d1f40cccbff" /* TS 35.232, 1 */
#define OPC  "opc = cd63cb71954a9f4e48a5994e37a02baf\n"

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
		{NEEDED OPC "algorithm = comp128\n", "algorithm", 5},
		{NEEDED OPC "algorithm = TUAK\n", "opc", 0},
		{NEEDED "algorithm = tuak\n", "", 0},
		{NEEDED OPC "topc = " TOPC "\n", "topc", 0},
		{NEEDED OPC "keccak_iterations = 2\n", "keccak_iterations", 0},
		{NEEDED "algorithm = tuak\nkeccak_iterations = 0\n", "keccak_iterations", 5},
		{NEEDED "algorithm = tuak\nkeccak_iterations = 256\n", "keccak_iterations", 5},
		{NEEDED "algorithm = tuak\ntopc = " TOPC "00\n", "topc", 5},
		{NEEDED "algorithm = tuak\ntopc = " TOPC "\ntop = " TOPC "\n", "", 0},
		{NEEDED "algorithm = tuak\nopc = " TOPC "\ntopc = " TOPC "\n", "", 0},
		{NEEDED "opc = " TOPC "\n", "opc", 0},
		{NEEDED "op = " TOPC "\n", "op", 0},
		{NEEDED OPC "res_bits = 128\n", "res_bits", 0},
		{NEEDED OPC "res_bits = 256\n", "res_bits", 5},
		{NEEDED OPC "mac_bits = 128\n", "mac_bits", 5},
		{NEEDED OPC "ck_bits = 256\n", "ck_bits", 5},
		{NEEDED OPC "ik_bits = 256\n", "ik_bits", 5},
		{NEEDED OPC "ind_bits = 9\n", "ind_bits", 5},
		{NEEDED OPC "ind_bits = -1\n", "ind_bits", 5},
		{NEEDED OPC "ind_bits = 5x\n", "ind_bits", 5},
		{NEEDED32 OPC, "k", 0},
		{NEEDED32 "algorithm = xor\n", "k", 0},
		{NEEDED OPC "amf = 80\n", "amf", 5},
		{NEEDED OPC "sqn = 0000000000001\n", "sqn", 5},
		{NEEDED OPC "mnc_length = 4\n", "mnc_length", 5},
		{NEEDED OPC "pin = 123\n", "pin", 5},
		{NEEDED OPC "pin = 12a4\n", "pin", 5},
		{NEEDED OPC "puk = 1234567\n", "puk", 5},
		{NEEDED OPC "adm = 123456789\n", "adm", 5},
		{NEEDED OPC "averyveryveryveryverylongkey = 1\n", "", 5},
		{"imsi = 0010100000000012\n", "imsi", 1},
		{"iccid = 89\n", "iccid", 1},
		{"k = 465b5ce8b199b49faa5f0a2ee238a6bcff\n", "k", 1},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct simfile_error error;
		char said[SIMFILE_SENTENCE];
		struct simfile *f = NULL;

		ASSERT_ERR(simfile_parse(slice_str(cases[i].text), &f, &error), ERR_VALUE);
		CU_ASSERT_PTR_NULL(f);
		CU_ASSERT_EQUAL(error.line, cases[i].line);
		CU_ASSERT_STRING_EQUAL(error.key, cases[i].key);
		CU_ASSERT(error.why && *error.why);
		simfile_error_text(&error, said);
		CU_ASSERT_PTR_NULL(strstr(said, "  "));
		CU_ASSERT_PTR_NULL(strstr(said, "line 0"));
		CU_ASSERT(*said != ' ');
	}
}

/* In any case; what the algorithm has no use for is no fault where nothing is lost */
static void test_algorithms(void)
{
	static const struct {
		const char *text;
		enum aka_algorithm algorithm;
		size_t k_len, opc_len, res_len;
		unsigned iterations, ind_bits;
	} rows[] = {
		{NEEDED OPC "algorithm = Milenage\nind_bits = 0\n", AKA_MILENAGE, 16, 16, 0, 0, 0},
		{NEEDED OPC "res_bits = 64\nmac_bits = 64\nck_bits = 128\nik_bits = 128\n",
		 AKA_MILENAGE, 16, 16, 8, 0, 5},
		{NEEDED "algorithm = TUAK\ntopc = " TOPC "\n", AKA_TUAK, 16, 32, 0, 0, 5},
		{NEEDED32 "topc = " TOPC "\nalgorithm = Tuak\nkeccak_iterations = 255\n"
			  "res_bits = 128\nind_bits = 8\n",
		 AKA_TUAK, 32, 32, 16, 255, 8},
		{NEEDED "algorithm = tuak\nopc = " TOPC "\n", AKA_TUAK, 16, 32, 0, 0, 5},
		{NEEDED "op = " TOPC "\nalgorithm = tuak\n", AKA_TUAK, 16, 32, 0, 0, 5},
		{NEEDED "algorithm = XOR\nres_bits = 32\n", AKA_XOR, 16, 0, 4, 0, 5},
		{NEEDED OPC "algorithm = xor\n", AKA_XOR, 16, 16, 0, 0, 5},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct simfile_error error;
		struct simfile *f = NULL;

		CU_ASSERT_FATAL(simfile_parse(slice_str(rows[i].text), &f, &error) == ERR_OK);
		CU_ASSERT_EQUAL(f->spec.algorithm, rows[i].algorithm);
		CU_ASSERT_EQUAL(f->spec.k.len, rows[i].k_len);
		CU_ASSERT_EQUAL(f->spec.opc.len, rows[i].opc_len);
		CU_ASSERT_EQUAL(f->spec.shape.res_len, rows[i].res_len);
		CU_ASSERT_EQUAL(f->spec.shape.iterations, rows[i].iterations);
		CU_ASSERT_EQUAL(aka_ind_bits(&f->spec.shape), rows[i].ind_bits);
		ASSERT_ERR(profile_spec_check(&f->spec), ERR_OK);
		simfile_free(&f);
	}
}

/* TOPc from TOP, TS 35.232 test set 1 */
static void test_top(void)
{
	json_t *file = test_vectors("tuak"), *v;
	size_t i, done = 0;

	json_array_foreach(json_object_get(file, "vectors"), i, v)
	{
		const char *top = json_string_value(json_object_get(v, "top"));
		struct simfile_error error;
		struct simfile *f = NULL;
		char text[512];

		if (!top)
			continue;
		snprintf(text, sizeof(text),
			 "algorithm tuak # no equals sign\nsomebody = else\nk = %s\ntop=%s # TOP\n"
			 "keccak_iterations = %lld\n",
			 json_string_value(json_object_get(v, "k")), top,
			 json_integer_value(json_object_get(v, "keccak_iterations")));
		ASSERT_ERR(simfile_parse(slice_str(text), &f, &error), ERR_VALUE);
		CU_ASSERT_FATAL(simfile_parse_key(slice_str(text), &f, &error) == ERR_OK);
		ASSERT_OCTETS(f->spec.opc, test_hex(v, "topc"), "TOPc");
		simfile_free(&f);
		done++;
	}
	CU_ASSERT(done >= 6);
	json_decref(file);
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
	   {"algorithms in any case", test_algorithms}, {"TOPc from TOP, a key alone", test_top},
	   {"errors name line and key", test_errors}, {"too long, inner NUL", test_too_long})

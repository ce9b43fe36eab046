/* Every package that is made here, as a reader of it sees it: service tables and files agree, files
 * have the short identifiers of the standards, and lie where the package says. */
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

#include "host/operator/pki/release_key.h"
#include "host/operator/release/prepare.h"
#include "lib/profile/build.h"
#include "lib/profile/lint/lint.h"
#include "lib/profile/outline/outline.h"
#include "tests/unit/support/authority.h"
#include "tests/unit/support/sample_package.h"

/* TS 31.102 annex H (7FF0: the USIM's ADF), TS 102 221 13.1 to 13.4 */
static const struct {
	const char *path;
	uint8_t sfi;
} annex_h[] = {
	{"3F002FE2", 0x02},	{"3F002F05", 0x05}, {"3F002F06", 0x06}, {"3F002F00", 0x1E},
	{"7FF06FB7", 0x01},	{"7FF06F05", 0x02}, {"7FF06FAD", 0x03}, {"7FF06F38", 0x04},
	{"7FF06F56", 0x05},	{"7FF06F78", 0x06}, {"7FF06F07", 0x07}, {"7FF06F08", 0x08},
	{"7FF06F09", 0x09},	{"7FF06F7E", 0x0B}, {"7FF06F73", 0x0C}, {"7FF06F7B", 0x0D},
	{"7FF06F5B", 0x0F},	{"7FF06F5C", 0x10}, {"7FF06F31", 0x12}, {"7FF06F06", 0x17},
	{"7FF06FE4", 0x18},	{"7FF06FD9", 0x1D}, {"7FF06FE3", 0x1E}, {"7FF05F3B4F20", 0x01},
	{"7FF05F3B4F52", 0x02}, {"7FF06F3B", 0},    {"7FF06F46", 0},	{"7FF06F40", 0},
};

static void check_sfis(const struct outline *o)
{
	for (size_t i = 0; i < ARRAY_LEN(annex_h); i++) {
		const struct outline_file *f = outline_at(o, annex_h[i].path);

		CU_ASSERT_PTR_NOT_NULL_FATAL(f);
		if (f->sfi != annex_h[i].sfi)
			printf("%s: %u\n", f->path, f->sfi);
		CU_ASSERT_EQUAL(f->sfi, annex_h[i].sfi);
		CU_ASSERT_EQUAL(f->has_sfi, annex_h[i].sfi != 0);
	}
}

/* Each file of PE-GenericFileManagement lies in the DF that a filePath before it names. */
static void check_paths(const struct outline *o)
{
	size_t generic = 0;

	for (size_t i = 0; i < o->file_count; i++) {
		const char *named = "";

		if (!o->files[i].generic)
			continue;
		for (size_t k = 0; k < o->path_count && o->paths[k].files <= i; k++)
			named = o->paths[k].path;
		CU_ASSERT_STRING_EQUAL(named, o->files[i].parent);
		generic++;
	}
	CU_ASSERT(generic >= 10);
}

static const char *context; /* what is judged, for a finding's line */

static void no_finding(void *ctx, const struct finding *f)
{
	const char *id = f->rule->id;
	bool test_key = strcmp(id, "AKA-23") == 0 || strstr(f->rule->says, "test algorithm");

	/* what is told, though it does no harm, must not be of services either */
	if ((f->rule->severity == FINDING_INFO && strncmp(id, "EFC-20", 6) != 0 &&
	     strncmp(id, "EFC-41", 6) != 0) ||
	    (*(bool *)ctx && test_key))
		return;
	printf("%s: %s %s: %s\n", context, id, f->where, f->detail);
	CU_ASSERT(false);
}

static void judge(const char *what, struct slice package, bool test_algorithm)
{
	const struct finding_sink sink = {no_finding, &test_algorithm};
	struct outline *o = NULL;

	context = what;
	ASSERT_ERR(lint_package(package, &sink), ERR_OK);
	CU_ASSERT_FATAL(outline_make(package, &o) == ERR_OK);
	check_sfis(o);
	check_paths(o);
	outline_free(&o);
}

static void test_text_sims(void)
{
	static const uint8_t key[33] = {0x46, 0x5B, 0x5C, 0xE8};
	const struct profile_spec base = {.iccid = "8988211000000000017",
					  .imsi = "001010000000001",
					  .mnc_length = 2,
					  .puk = "12345678"};
	const struct {
		enum aka_algorithm algorithm;
		size_t k_len, opc_len;
		struct aka_shape shape;
	} rows[] = {{AKA_MILENAGE, 16, 16, {0}},
		    {AKA_MILENAGE, 16, 16, {.has_ind_bits = true, .ind_bits = 8}},
		    {AKA_TUAK, 16, 32, {.iterations = 2, .res_len = 16}},
		    {AKA_TUAK, 32, 32, {0}},
		    {AKA_XOR, 16, 0, {.res_len = 4}}};

	for (size_t i = 0; i < ARRAY_LEN(rows) * 4; i++) {
		struct profile_spec spec = base;
		struct wbuf w = wbuf_grow(PROFILE_PACKAGE_MAX);
		char what[32];
		size_t r = i / 4;

		spec.algorithm = rows[r].algorithm;
		spec.k = slice_make(key, rows[r].k_len);
		spec.opc = slice_make(key + 1, rows[r].opc_len);
		spec.shape = rows[r].shape;
		if (i & 1)
			strcpy(spec.pin, "1234");
		if (i & 2)
			strcpy(spec.adm, "12345678");
		ASSERT_ERR(profile_build(&spec, SLICE_EMPTY, &w), ERR_OK);
		snprintf(what, sizeof(what), "text SIM %zu", i);
		judge(what, wbuf_slice(&w), spec.algorithm == AKA_XOR);
		wbuf_free(&w);
	}
}

static void test_prepared(void)
{
	const struct prepare_codes codes = {"1234", "12345678"};
	struct authority l;
	struct ec_key *key = NULL;
	struct wbuf w = wbuf_grow(PROFILE_PACKAGE_MAX);

	authority_open(&l);
	CU_ASSERT_FATAL(release_key_load(l.dir, &key) == ERR_OK);
	ASSERT_ERR(prepare_package(l.store, &l.sub, &codes, key, &w), ERR_OK);
	judge("a sealed part", wbuf_slice(&w), false);
	for (int which = 1; which <= 2; which++) {
		wbuf_reset(&w);
		ASSERT_ERR(prepare_single(l.store, &l.sub,
					  &(struct prepare_choice){which, l.sub.iccid, &codes}, &w),
			   ERR_OK);
		judge("one of two profiles", wbuf_slice(&w), false);
	}
	wbuf_free(&w);
	ec_key_free(&key);
	authority_close(&l);
}

/* What a release or a rotation puts into the profile: files that are there, no service table. */
static void test_patch(void)
{
	static const uint8_t key[32] = {0x46, 0x5B, 0x5C, 0xE8};
	const struct profile_spec spec = {.imsi = "001010000000002",
					  .mnc_length = 2,
					  .algorithm = AKA_MILENAGE,
					  .k = {key, 16},
					  .opc = {key + 1, 16}};
	struct wbuf patch = wbuf_grow(PROFILE_PACKAGE_MAX), whole;
	struct outline *o = NULL, *p = NULL;

	sample_package(&whole, false);
	ASSERT_ERR(profile_build_patch(&spec, &patch), ERR_OK);
	CU_ASSERT_FATAL(outline_make(wbuf_slice(&whole), &o) == ERR_OK);
	CU_ASSERT_FATAL(outline_make(wbuf_slice(&patch), &p) == ERR_OK);
	CU_ASSERT_EQUAL(p->path_count, 6);
	for (size_t i = 0; i < p->path_count; i++) {
		char path[OUTLINE_PATH_MAX];

		CU_ASSERT_TRUE(outline_path(o, p->paths[i].value, path));
		CU_ASSERT_PTR_NOT_NULL(outline_at(o, path));
		CU_ASSERT_STRING_NOT_EQUAL(path, "7FF06F38");
		CU_ASSERT_STRING_NOT_EQUAL(path, "7FF06F56");
	}
	outline_free(&o);
	outline_free(&p);
	wbuf_free(&patch);
	wbuf_free(&whole);
}

TEST_SUITE(made_packages, {"text SIMs of each algorithm", test_text_sims},
	   {"prepared profiles", test_prepared}, {"the patch of a release", test_patch})

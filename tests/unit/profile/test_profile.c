/* profiles that the operator prepares, and their patches */
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

#include "lib/profile/build.h"
#include "lib/profile/interpret/interpret.h"
#include "lib/profile/sealed.h"
#include "lib/profile/template/template.h"
#include "lib/base/tlv.h"

/* Published test keys: 3GPP TS 35.207, test set 1 and 2. */
static const uint8_t k1[16] = {0x46, 0x5B, 0x5C, 0xE8, 0xB1, 0x99, 0xB4, 0x9F,
			       0xAA, 0x5F, 0x0A, 0x2E, 0xE2, 0x38, 0xA6, 0xBC};
static const uint8_t opc1[16] = {0xCD, 0x63, 0xCB, 0x71, 0x95, 0x4A, 0x9F, 0x4E,
				 0x48, 0xA5, 0x99, 0x4E, 0x37, 0xA0, 0x2B, 0xAF};

static struct profile_spec sample_spec(void)
{
	return (struct profile_spec){.iccid = "8988211000000000017",
				     .imsi = "001010000000001",
				     .mnc_length = 2,
				     .name = "Lab",
				     .algorithm = AKA_MILENAGE,
				     .k = SLICE_OF(k1),
				     .opc = SLICE_OF(opc1),
				     .pin = "1234",
				     .puk = "12345678",
				     .adm = "4321"};
}

/* A sink that remembers what it was told. */
struct record {
	uint8_t iccid[10];
	unsigned files, fills, pins, puks, akas, others;
	enum uicc_structure imsi_kind;
	uint8_t k[16], opc[16];
	uint8_t rotations[5];
	size_t constants;
	char paths[128][PROFILE_PATH_MAX];
	struct wbuf contents[128];
	struct profile_file kept[128];
	struct slice issuer, content;
	bool mandated;
};

static enum pe_status on_header(void *ctx, const struct profile_header *h)
{
	memcpy(((struct record *)ctx)->iccid, h->iccid, 10);
	return PE_OK;
}

/* The temporary identifiers of this suite's packages */
static bool on_is_adf(void *ctx, uint16_t fid)
{
	(void)ctx;
	return fid == 0x7FF0 || fid == 0x7FD0;
}

static enum pe_status on_file(void *ctx, const struct profile_file *f)
{
	struct record *r = ctx;
	unsigned i = r->files;

	CU_ASSERT_FATAL(i < ARRAY_LEN(r->paths));
	r->files++;
	snprintf(r->paths[i], sizeof(r->paths[i]), "%s", f->path);
	r->contents[i] = wbuf_grow(PROFILE_EF_MAX);
	wbuf_put(&r->contents[i], f->content);
	r->kept[i] = *f;
	return PE_OK;
}

static enum pe_status on_fill(void *ctx, const char *path, size_t offset, struct slice content)
{
	struct record *r = ctx;

	(void)path, (void)offset, (void)content;
	r->fills++;
	return PE_OK;
}

static enum pe_status on_puk(void *ctx, const struct profile_puk *p)
{
	CU_ASSERT_EQUAL(p->tries, p->tries_max);
	((struct record *)ctx)->puks++;
	return PE_OK;
}

static enum pe_status on_pin(void *ctx, const struct profile_pin *p)
{
	CU_ASSERT_EQUAL(p->tries, p->tries_max);
	((struct record *)ctx)->pins++;
	return PE_OK;
}

static enum pe_status on_aka(void *ctx, const struct profile_aka *a)
{
	struct record *r = ctx;

	r->akas++;
	r->constants = a->c.len;
	if (a->r.len)
		memcpy(r->rotations, a->r.ptr, sizeof(r->rotations));
	return slice_copy(a->k, r->k, 16) || slice_copy(a->opc, r->opc, 16) ? PE_INVALID_PARAMETER
									    : PE_OK;
}

static enum pe_status on_other(void *ctx, struct slice issuer, struct slice content, bool mandated)
{
	struct record *r = ctx;

	r->others++;
	r->issuer = issuer;
	r->content = content;
	r->mandated = mandated;
	return PE_OK;
}

static struct profile_sink sink_of(struct record *r)
{
	memset(r, 0, sizeof(*r));
	return (struct profile_sink){.ctx = r,
				     .header = on_header,
				     .file = on_file,
				     .fill = on_fill,
				     .is_adf = on_is_adf,
				     .puk = on_puk,
				     .pin = on_pin,
				     .aka = on_aka,
				     .non_standard = on_other};
}

static void record_free(struct record *r)
{
	for (unsigned i = 0; i < r->files; i++)
		wbuf_free(&r->contents[i]);
	r->files = 0;
}

static struct slice content_of(const struct record *r, const char *path)
{
	for (unsigned i = 0; i < r->files; i++) {
		if (strcmp(r->paths[i], path) == 0)
			return wbuf_slice(&r->contents[i]);
	}
	return SLICE_EMPTY;
}

static struct record record;

static void test_round_trip(void)
{
	struct profile_sink sink = sink_of(&record);
	struct profile_spec spec = sample_spec();
	struct wbuf w = wbuf_grow(PROFILE_PACKAGE_MAX), report = wbuf_grow(256);
	struct slice sealed = test_unhex("30 03 02 01 01");
	enum pe_status status;

	ASSERT_ERR(profile_build(&spec, sealed, &w), ERR_OK);
	ASSERT_ERR(profile_interpret(wbuf_slice(&w), &sink, &report, &status), ERR_OK);
	CU_ASSERT_EQUAL(status, PE_OK);
	ASSERT_OCTETS(slice_sub(wbuf_slice(&report), 0, 9), test_unhex("300A A008 3006 8001 00"),
		      "EUICCResponse");
	ASSERT_OCTETS(SLICE_OF(record.iccid), test_unhex("8988211000000000017F"), "ICCID");
	ASSERT_OCTETS(content_of(&record, "3F002FE2"), test_unhex("988812010000000010F7"),
		      "EF.ICCID");
	ASSERT_OCTETS(content_of(&record, "7FF06F07"), test_unhex("080910100000000010"), "EF.IMSI");
	ASSERT_OCTETS(content_of(&record, "7FF06FAD"), test_unhex("00000002"), "EF.AD");
	ASSERT_OCTETS(content_of(&record, "7FF06F78"), test_unhex("0002"), "EF.ACC");
	ASSERT_OCTETS(
		content_of(&record, "7FF06F08"),
		test_unhex("07FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF"),
		"EF.Keys");
	ASSERT_OCTETS(slice_sub(content_of(&record, "3F002F00"), 0, 22),
		      test_unhex("61144F0CA0000000871002FF49FF058950045553494D"), "EF.DIR");
	CU_ASSERT_EQUAL(content_of(&record, "7FF06F06").len, 14 * 46);
	CU_ASSERT_EQUAL(content_of(&record, "7FF05F3B4F20").len, 9);
	CU_ASSERT_EQUAL(content_of(&record, "3F007F206F20").len, 9);
	CU_ASSERT_EQUAL(record.pins, 2);
	CU_ASSERT_EQUAL(record.puks, 1);
	CU_ASSERT_EQUAL(record.akas, 1);
	ASSERT_OCTETS(SLICE_OF(record.k), spec.k, "K");
	ASSERT_OCTETS(SLICE_OF(record.opc), spec.opc, "OPc");
	CU_ASSERT_EQUAL(record.others, 1);
	CU_ASSERT_FALSE(record.mandated);
	ASSERT_OCTETS(record.issuer, sealed_issuer(), "issuer");
	ASSERT_OCTETS(record.content, sealed, "sealed part");
	record_free(&record);
	wbuf_free(&w);
	wbuf_free(&report);
}

static void test_cut_everywhere(void)
{
	struct profile_sink sink = sink_of(&record);
	struct profile_spec spec = sample_spec();
	struct wbuf w = wbuf_grow(PROFILE_PACKAGE_MAX);
	struct slice whole;

	ASSERT_ERR(profile_build(&spec, SLICE_EMPTY, &w), ERR_OK);
	whole = wbuf_slice(&w);
	for (size_t n = 0; n < whole.len; n++) {
		CU_ASSERT_EQUAL(profile_interpret(slice_sub(whole, 0, n), &sink, NULL, NULL),
				ERR_REFUSED);
		record_free(&record);
	}
	wbuf_u8(&w, 0);
	CU_ASSERT_EQUAL(profile_interpret(wbuf_slice(&w), &sink, NULL, NULL), ERR_REFUSED);
	record_free(&record);
	wbuf_free(&w);
}

static void test_patch(void)
{
	struct profile_sink sink = sink_of(&record);
	struct profile_spec spec = sample_spec();
	struct wbuf w = wbuf_grow(PROFILE_PACKAGE_MAX);

	ASSERT_ERR(profile_build_patch(&spec, &w), ERR_OK);
	ASSERT_ERR(profile_interpret_patch(wbuf_slice(&w), &sink), ERR_OK);
	CU_ASSERT_EQUAL(record.akas, 1);
	CU_ASSERT_EQUAL(record.fills, 6);
	CU_ASSERT_EQUAL(record.files, 0);
	ASSERT_ERR(profile_interpret(wbuf_slice(&w), &sink, NULL, NULL), ERR_REFUSED);
	wbuf_free(&w);
}

static void test_bad_specs(void)
{
	struct profile_spec good = sample_spec(), bad;
	struct wbuf w = wbuf_grow(PROFILE_PACKAGE_MAX);

#define REFUSED(field, value, why)                                                                 \
	do {                                                                                       \
		bad = good;                                                                        \
		snprintf(bad.field, sizeof(bad.field), "%s", value);                               \
		ASSERT_ERR(profile_build(&bad, SLICE_EMPTY, &w), why);                             \
		wbuf_reset(&w);                                                                    \
	} while (0)
	REFUSED(imsi, "", ERR_VALUE);
	REFUSED(imsi, "00101000000000x", ERR_VALUE);
	REFUSED(imsi, "00101", ERR_VALUE);
	REFUSED(iccid, "89882110000000001", ERR_VALUE);
	REFUSED(pin, "123", ERR_VALUE);
	REFUSED(puk, "1234567", ERR_VALUE);
	REFUSED(adm, "12a4", ERR_VALUE);
#undef REFUSED
	bad = good;
	bad.mnc_length = 4;
	ASSERT_ERR(profile_build(&bad, SLICE_EMPTY, &w), ERR_VALUE);
	bad = good;
	bad.k.len = 15;
	ASSERT_ERR(profile_build(&bad, SLICE_EMPTY, &w), ERR_KEY);
	bad = good;
	bad.algorithm = (enum aka_algorithm)4;
	ASSERT_ERR(profile_build(&bad, SLICE_EMPTY, &w), ERR_UNSUPPORTED);
	bad = good;
	bad.algorithm = AKA_TUAK; /* TOPc has 32 octets */
	ASSERT_ERR(profile_build(&bad, SLICE_EMPTY, &w), ERR_KEY);
	bad.algorithm = AKA_XOR;
	bad.shape.res_len = 5; /* algorithmOptions can't say that */
	ASSERT_ERR(profile_build(&bad, SLICE_EMPTY, &w), ERR_UNSUPPORTED);
	bad = good;
	bad.shape = (struct aka_shape){.has_ind_bits = true, .ind_bits = 9};
	ASSERT_ERR(profile_build(&bad, SLICE_EMPTY, &w), ERR_VALUE);
	wbuf_free(&w);
}

static void test_identities(void)
{
	uint8_t imsi[9], iccid[10], back[10];

	ASSERT_ERR(profile_imsi("00101012345678", imsi), ERR_OK);
	ASSERT_OCTETS(SLICE_OF(imsi), test_unhex("0801101010325476F8"), "14 digits");
	ASSERT_ERR(profile_imsi("001010", imsi), ERR_OK);
	ASSERT_OCTETS(SLICE_OF(imsi), test_unhex("04011010F0FFFFFFFF"), "6 digits");
	ASSERT_ERR(profile_imsi("0010101234567890", imsi), ERR_VALUE);
	ASSERT_ERR(profile_iccid("89000123456789012341", iccid), ERR_OK);
	ASSERT_OCTETS(SLICE_OF(iccid), test_unhex("98001032547698103214"), "ICCID");
	profile_iccid_swap(iccid, back);
	ASSERT_OCTETS(SLICE_OF(back), test_unhex("89000123456789012341"), "ICCID in the header");
}

static void test_templates(void)
{
	uint8_t mem[TEMPLATE_OID_MAX], content[256];
	const struct template *t;
	size_t n = 0;

	for (; (t = template_at(n)) != NULL; n++) {
		struct slice oid = template_oid(t, mem);
		size_t folder = 0;

		CU_ASSERT_PTR_EQUAL(template_find((uint32_t)t->element, oid), t);
		CU_ASSERT_PTR_EQUAL(template_of(oid), t);
		for (size_t i = 0; i < t->count; i++) {
			const struct template_file *f = &t->files[i];
			bool df = f->kind <= TEMPLATE_DF;

			CU_ASSERT_EQUAL(f->tag, i < 29 ? 0xA2 + i : 0xBF00 + i + 2);
			CU_ASSERT(f->arr >= 1 && f->arr <= 14);
			CU_ASSERT(f->sfi <= 30);
			CU_ASSERT(!f->content ||
				  template_expand(f->content, content, f->size ? f->size : 64));
			folder = df ? i : folder;
			for (size_t k = folder; k < i; k++) {
				CU_ASSERT(!f->fid || f->fid != t->files[k].fid);
				CU_ASSERT(!f->sfi || f->sfi != t->files[k].sfi);
			}
		}
	}
	CU_ASSERT_EQUAL(n, 25);
	CU_ASSERT_PTR_NULL(template_find(PE_MF, test_unhex("678110")));
}

/* Annex A: a head whose last octet goes on, a pattern again and again, a tail at the end */
static void test_template_contents(void)
{
	static const struct {
		const char *content;
		size_t len;
		const char *octets; /* NULL: it is none */
	} rows[] = {
		{"FF..07", 9, "FFFFFFFFFFFFFFFF07"},
		{"FF..0000000001FFFF", 10, "FFFFFF0000000001FFFF"},
		{"FF..0000000001FFFF", 7, "0000000001FFFF"},
		{"0001", 4, "0001FFFF"},
		{"00FF..", 4, "00FFFFFF"},
		{"0102*", 5, "0102010201"},
		{"", 1, NULL},
		{"0", 1, NULL},
		{"FF..0", 4, NULL},
	};
	uint8_t out[16];

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CU_ASSERT_EQUAL(template_expand(rows[i].content, out, rows[i].len),
				rows[i].octets != NULL);
		if (rows[i].octets)
			ASSERT_OCTETS(slice_make(out, rows[i].len), test_unhex(rows[i].octets),
				      rows[i].content);
	}
}

/* algoParameter with these members after opc, in a patch of one element */
static enum err aka_with(const char *members)
{
	struct profile_sink sink = sink_of(&record);
	struct wbuf w = wbuf_grow(1024);
	size_t pe = tlv_open(&w, PE_AKA_PARAMETER), choice, parameter;
	enum err e;

	wbuf_put(&w, test_unhex("A003810101"));
	choice = tlv_open(&w, 0xA1);
	parameter = tlv_open(&w, 0xA1);
	wbuf_put(&w, test_unhex("800101 810101"));
	tlv_put(&w, 0x82, SLICE_OF(k1));
	tlv_put(&w, 0x83, SLICE_OF(opc1));
	wbuf_put(&w, test_unhex(members));
	tlv_close(&w, parameter);
	tlv_close(&w, choice);
	tlv_close(&w, pe);
	e = profile_interpret_patch(wbuf_slice(&w), &sink);
	wbuf_free(&w);
	return e;
}

#define C_STANDARD                                                                                 \
	"8550 00000000000000000000000000000000 00000000000000000000000000000001"                   \
	"00000000000000000000000000000002 00000000000000000000000000000004"                        \
	"00000000000000000000000000000008"

static void test_constants(void)
{
	ASSERT_ERR(aka_with(""), ERR_OK);
	CU_ASSERT_EQUAL(record.constants, 0);
	ASSERT_ERR(aka_with("84054000204060"), ERR_OK);
	ASSERT_ERR(aka_with("84054000204060" C_STANDARD), ERR_OK);
	ASSERT_ERR(aka_with("84054000204061"), ERR_OK);
	ASSERT_OCTETS(SLICE_OF(record.rotations), test_unhex("4000204061"), "r");
	ASSERT_ERR(aka_with("840440002040"), ERR_REFUSED);
	ASSERT_ERR(aka_with("8504 00000000"), ERR_REFUSED);
	ASSERT_ERR(aka_with(C_STANDARD), ERR_OK);
	CU_ASSERT_EQUAL(record.constants, 80);
	ASSERT_ERR(aka_with("8603 000010"), ERR_REFUSED); /* authCounterMax */
}

/* MF, PINs and USIM of TS.48 in a package of ours; the values are those of its value notation. */
static void test_ts48_files(void)
{
	static const uint32_t wanted[] = {PE_MF, PE_PUK_CODES, PE_PIN_CODES, PE_USIM};
	struct slice package = test_shared("rsp/upp/TS48v7_SAIP2.3_BERTLV_SUCI.der");
	struct profile_sink sink = sink_of(&record);
	struct wbuf w = wbuf_grow(PROFILE_PACKAGE_MAX);
	enum pe_status status;

	if (!package.len)
		return;
	wbuf_put(&w, test_unhex("A016 800102 810103 830A89000123456789012341 A500 A600"));
	for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
		struct cursor c = cursor_of(package);
		struct tlv pe;

		while (tlv_next(&c, &pe) && pe.tag != wanted[i])
			;
		wbuf_put(&w, pe.raw);
	}
	wbuf_put(&w, test_unhex("AA05A003810163"));
	ASSERT_ERR(profile_interpret(wbuf_slice(&w), &sink, NULL, &status), ERR_OK);
	CU_ASSERT_EQUAL(status, PE_OK);
	CU_ASSERT_EQUAL(record.pins, 3);
	CU_ASSERT_EQUAL(record.puks, 2);
	ASSERT_OCTETS(content_of(&record, "3F002F05"), test_unhex("656EFFFFFFFF"), "EF.PL");
	ASSERT_OCTETS(content_of(&record, "3F002FE2"), test_unhex("98001032547698103214"), "ICCID");
	ASSERT_OCTETS(slice_sub(content_of(&record, "3F002F00"), 33, 22),
		      test_unhex("61144F0CA0000000871004FF49FF058950044953494D"), "EF.DIR");
	ASSERT_OCTETS(content_of(&record, "3F002F08"), test_unhex("3C3C000000"), "EF.UMPC");
	ASSERT_OCTETS(content_of(&record, "7FD06F07"), test_unhex("080910101032547698"), "EF.IMSI");
	ASSERT_OCTETS(content_of(&record, "7FD06F31"), test_unhex("00"), "EF.HPPLMN");
	ASSERT_OCTETS(content_of(&record, "7FD06F38"),
		      test_unhex("9EFFBF1DFF3E0083410310010400403E39"), "EF.UST");
	CU_ASSERT_EQUAL(content_of(&record, "7FD06F3C").len, 0x6E0);
	ASSERT_OCTETS(slice_sub(content_of(&record, "7FD06F08"), 0, 3), test_unhex("07FFFF"),
		      "EF.Keys");
	record_free(&record);
	wbuf_free(&w);
}

TEST_SUITE(profile, {"what is built is interpreted the same", test_round_trip},
	   {"a package cut anywhere is refused", test_cut_everywhere},
	   {"the patch carries the second subscription", test_patch},
	   {"bad specifications are refused", test_bad_specs},
	   {"IMSI and ICCID in their coded forms", test_identities},
	   {"templates have no duplicates", test_templates},
	   {"default contents of templates", test_template_contents},
	   {"constants of MILENAGE", test_constants},
	   {"the MF and USIM of TS.48 v7", test_ts48_files})

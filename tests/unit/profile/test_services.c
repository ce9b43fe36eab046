/* What the card can do: one table for what it announces and for what it installs. */
#include "card-emu/profile/subscription.h"
#include "card-emu/store/store.h"
#include "lib/base/tlv.h"
#include "lib/profile/services.h"

#include <stdio.h>
#include <string.h>

#include "card-emu/fs/fs.h"
#include "lib/profile/schema/schema.h"
#include "tests/unit/support/rsp_bench.h"
#include "tests/unit/profile/upp_notation.h"
#include "tests/unit/profile/upp_outcome.h"

#define K16		  "000102030405060708090A0B0C0D0E0F"
#define K32		  K16 K16
#define TEXT_MAX	  4096
#define MANDATED	  "A0(80: 81:2A)"
#define NOT_MANDATED	  "A0(81:2A)"
#define PACKAGE(elements) UPP_HEADER_WITH("") UPP_MF elements UPP_END

/* The status of the package, and of the first element that was left out. */
static void expect(const char *text, uint32_t without, unsigned status, unsigned note)
{
	struct upp_outcome o = upp_install(text, without);

	if (o.status != status || o.note != note)
		fprintf(stderr, "\n%.160s... without %08X: %u, note %u\n", text, without, o.status,
			o.note);
	CU_ASSERT_EQUAL(o.status, status);
	CU_ASSERT_EQUAL(o.note, note);
	store_close(&o.store);
}

/* Appends text to out, the header in the place of @. */
static void append(char out[static TEXT_MAX], const char *text, const char *header)
{
	for (; *text; text++) {
		size_t n = strlen(out);

		snprintf(out + n, TEXT_MAX - n, "%.*s", *text == '@' ? (int)strlen(header) : 1,
			 *text == '@' ? header : text);
	}
}

/* Mandated it is refused, otherwise left out. */
static void expect_both(const char *text, uint32_t without, unsigned status)
{
	char with[TEXT_MAX] = "", not_mandated[TEXT_MAX] = "";

	append(with, text, MANDATED);
	expect(with, without, status, 0);
	append(not_mandated, text, NOT_MANDATED);
	expect(not_mandated, without, PE_OK, status);
}

/* Names and numbers are those of the schema; no two services share a bit. */
static void test_table(void)
{
	struct wbuf w = wbuf_grow(1024), list = wbuf_grow(512);
	struct schema_node package, header = {0}, services = {0}, one = {0};
	struct schema_iter it;
	uint32_t bits = 0;
	unsigned n = 0;
	size_t mark;

	for (unsigned i = 0; i < SERVICE_IOT_MINIMAL; i++)
		tlv_put(&list, 0x80 | i, SLICE_EMPTY);
	mark = tlv_open(&w, PE_HEADER);
	notation_put(&w, "80:03 81:03 83:" UPP_ICCID);
	tlv_put(&w, 0xA5, wbuf_slice(&list));
	notation_put(&w, "A6()");
	tlv_close(&w, mark);
	package = schema_package(wbuf_slice(&w));
	it = schema_children(&package);
	CU_ASSERT_TRUE_FATAL(schema_next(&it, &header));
	CU_ASSERT_TRUE_FATAL(schema_get(&header, "eUICC-Mandatory-services", &services));
	for (it = schema_children(&services); schema_next(&it, &one); n++) {
		CU_ASSERT_FATAL(one.field != NULL && service_at(n) != NULL);
		CU_ASSERT_STRING_EQUAL(one.field->name, service_at(n)->name);
		CU_ASSERT_EQUAL(service_of_tag(one.tag), n);
	}
	CU_ASSERT_EQUAL(n, SERVICE_IOT_MINIMAL);
	CU_ASSERT_EQUAL(service_of_tag(0x80 | SERVICE_IOT_MINIMAL), SERVICE_COUNT);
	for (n = 0; service_at(n); n++) {
		CU_ASSERT_FALSE(bits & RSP_BIT(service_at(n)->bit));
		bits |= RSP_BIT(service_at(n)->bit);
		CU_ASSERT_PTR_EQUAL(service_of_bit(service_at(n)->bit), service_at(n));
		CU_ASSERT_NOT_EQUAL(service_at(n)->status, PE_OK);
	}
	CU_ASSERT_EQUAL(n, SERVICE_COUNT);
	CU_ASSERT_EQUAL(bits, ~RSP_BIT(9)); /* rfu2 */
	CU_ASSERT_PTR_NULL(service_of_bit(9));
	wbuf_free(&w);
	wbuf_free(&list);
}

static void test_names(void)
{
	static const struct {
		const char *list, *bad;
	} wrong[] = {{"", ""},
		     {"csim,", ""},
		     {",csim", ",csim"},
		     {"csmi", "csmi"},
		     {"usim,CSIM", "CSIM"},
		     {"csim, isim", " isim"},
		     {"csim,,isim", ",isim"},
		     {"usim2,isim", "usim2,isim"}};
	const char *bad = NULL;
	uint32_t set = SERVICE_SET(SERVICE_EAP);

	for (unsigned n = 0; service_at(n); n++) {
		set = 0;
		ASSERT_ERR(services_parse(service_at(n)->name, &set, &bad), ERR_OK);
		CU_ASSERT_EQUAL(set, SERVICE_SET(n) | service_at(n)->parts);
	}
	set = SERVICE_SET(SERVICE_EAP);
	ASSERT_ERR(services_parse("javacard,isim,javacard", &set, &bad), ERR_OK);
	CU_ASSERT_EQUAL(set, SERVICE_SET(SERVICE_EAP) | SERVICE_SET(SERVICE_JAVACARD) |
				     SERVICE_SET(SERVICE_ISIM) |
				     SERVICE_SET(SERVICE_MULTIPLE_ISIM));
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		set = 1;
		ASSERT_ERR(services_parse(wrong[i].list, &set, &bad), ERR_VALUE);
		CU_ASSERT_STRING_EQUAL(bad, wrong[i].bad);
		CU_ASSERT_EQUAL(set, 1);
	}
}

/* Each service in eUICC-Mandatory-services, on a card with it and on one without it. */
static void test_mandated(void)
{
	for (unsigned n = 0; n < SERVICE_IOT_MINIMAL; n++) {
		const struct service_row *row = service_at(n);
		bool there = row->support != SERVICE_ABSENT;
		char text[512];

		snprintf(text, sizeof(text),
			 "A0(80:02 81:03 83:" UPP_ICCID " A5(%X:) A6()) " UPP_MF UPP_END, 0x80 + n);
		expect(text, 0, there ? PE_OK : row->status,
		       row->support == SERVICE_KEPT ? row->status : 0);
		expect(text, SERVICE_SET(n), row->status, 0);
	}
}

/* What is announced: all that works, nothing that is merely kept, nothing that was taken away. */
static void test_announced(void)
{
	uint32_t all = services_capability(0);

	CU_ASSERT_EQUAL(all, RSP_BIT(1) | RSP_BIT(2) | RSP_BIT(4) | RSP_BIT(6) | RSP_BIT(7) |
				     RSP_BIT(8) | RSP_BIT(16) | RSP_BIT(17) | RSP_BIT(19) |
				     RSP_BIT(20) | RSP_BIT(22) | RSP_BIT(23) | RSP_BIT(24));
	for (unsigned n = 0; service_at(n); n++)
		CU_ASSERT_EQUAL(services_capability(SERVICE_SET(n)),
				all & ~RSP_BIT(service_at(n)->bit));
	CU_ASSERT_EQUAL(services_capability(UINT32_MAX), 0);
}

/* Every element that is for a service, and its template in eUICC-Mandatory-GFSTEList. */
static void test_elements(void)
{
	static const struct {
		uint32_t tag;
		enum service service;
		unsigned status;
		const char *template;
	} rows[] = {
		{PE_USIM, SERVICE_USIM, PE_NOT_SUPPORTED, "04"},
		{PE_OPT_USIM, SERVICE_USIM, PE_NOT_SUPPORTED, "05"},
		{PE_PHONEBOOK, SERVICE_USIM, PE_NOT_SUPPORTED, "06"},
		{PE_GSM_ACCESS, SERVICE_USIM, PE_NOT_SUPPORTED, "07"},
		{PE_ISIM, SERVICE_ISIM, PE_NOT_SUPPORTED, "08"},
		{PE_OPT_ISIM, SERVICE_ISIM, PE_NOT_SUPPORTED, "09"},
		{PE_CSIM, SERVICE_CSIM, PE_NOT_SUPPORTED, "0A"},
		{PE_OPT_CSIM, SERVICE_CSIM, PE_NOT_SUPPORTED, "0B"},
		{PE_CDMA_PARAMETER, SERVICE_CSIM, PE_NOT_SUPPORTED, NULL},
		{PE_DF_5GS, SERVICE_USIM, PE_NOT_SUPPORTED, "0D04"},
		{PE_DF_SAIP, SERVICE_USIM, PE_NOT_SUPPORTED, "0E"},
		{PE_DF_SNPN, SERVICE_USIM, PE_NOT_SUPPORTED, "0F"},
		{PE_DF_5GPROSE, SERVICE_USIM, PE_NOT_SUPPORTED, "10"},
		{PE_APPLICATION, SERVICE_JAVACARD, PE_RUNTIME_NOT_SUPPORTED, NULL},
	};
	char text[512];

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		snprintf(text, sizeof(text), PACKAGE("%X(@ 81:00) "), rows[i].tag);
		expect_both(text, SERVICE_SET(rows[i].service), rows[i].status);
		if (!rows[i].template)
			continue;
		snprintf(text, sizeof(text),
			 "A0(80:02 81:03 83:" UPP_ICCID
			 " A5() A6(6:67810F010201 6:67810F0102%s)) " UPP_MF UPP_END,
			 rows[i].template);
		expect(text, 0, PE_OK, 0);
		expect(text, SERVICE_SET(rows[i].service), PE_TEMPLATE_NOT_SUPPORTED, 0);
	}
}

static void test_algorithms(void)
{
	static const struct {
		enum service service;
		const char *parameters;
	} rows[] = {
		{SERVICE_MILENAGE, "80:01 81:01 82:" K16 " 83:" K16},
		{SERVICE_TUAK128, "80:02 81:01 82:" K16 " 83:" K32},
		{SERVICE_TUAK256, "80:02 81:01 82:" K32 " 83:" K32},
		{SERVICE_TEST_ALGORITHM, "80:03 81:02 82:" K16 " 83:"},
	};
	char text[2048];

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		snprintf(text, sizeof(text), PACKAGE(UPP_USIM "A4(@ A1(A1(%s))) "),
			 rows[i].parameters);
		expect_both(text, SERVICE_SET(rows[i].service), PE_FEATURE_NOT_SUPPORTED);
		snprintf(text, sizeof(text), PACKAGE(UPP_USIM "A4(" MANDATED " A1(A1(%s))) "),
			 rows[i].parameters);
		expect(text, ~SERVICE_SET(rows[i].service) & ~SERVICE_SET(SERVICE_USIM), PE_OK, 0);
	}
}

#define GFM(steps) "A1(@ A1(30(62(82:4121 83:2F10 8B:01 80:04) " steps "))) "
#define BER_TLV	   "62(82:7921 83:2F11 8B:01 80:04) "
#define DF_LINK	   "62(82:7821 83:7F10 8B:01 C6:0A) 80: 62(82:7821 83:7F20 8B:01 C6:0A C7:7F10) "
#define URSP	   "BC(@ 81:67810F01020D02 A2(A1(C6:0A)) A3() AD(A1(80:04))) "
#define TELECOM	   "B2(" MANDATED " 81:67810F010203 A2(A1(C6:0A))) "
#define PHONEBOOK  "B7(@ 81:67810F010206 A2(A1(C6:0A C7:7F10))) "

/* Kinds of files: an element with one is refused, or left out as a whole. */
static void test_files(void)
{
	static const struct {
		enum service service;
		const char *package, *left_out; /* a file of the element */
	} rows[] = {
		{SERVICE_BER_TLV, PACKAGE(GFM(BER_TLV)), "3F002F10"},
		{SERVICE_BER_TLV, PACKAGE(UPP_USIM URSP), "7FD05FC0"},
		{SERVICE_DF_LINK, PACKAGE(GFM(DF_LINK)), "3F002F10"},
		{SERVICE_DF_LINK, PACKAGE(TELECOM UPP_USIM PHONEBOOK), "7FD05F3A"},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char text[TEXT_MAX] = "";
		struct upp_outcome o;
		struct fs_file f;

		expect_both(rows[i].package, SERVICE_SET(rows[i].service),
			    PE_FEATURE_NOT_SUPPORTED);
		append(text, rows[i].package, NOT_MANDATED);
		expect(text, 0, PE_OK, 0);
		o = upp_install(text, SERVICE_SET(rows[i].service));
		ASSERT_ERR(fs_load(o.store, 1, rows[i].left_out, &f), ERR_NOT_FOUND);
		store_close(&o.store);
	}
	/* an EF may be a link, and a file that isn't made needs nothing */
	expect(PACKAGE("A1(" MANDATED " A1(30(62(82:4121 83:2F10 8B:01 80:04) "
		       "62(82:4121 83:2F11 8B:01 C7:2F10)))) "),
	       SERVICE_SET(SERVICE_DF_LINK), PE_OK, 0);
	expect(PACKAGE(UPP_USIM "BC(" MANDATED " 81:67810F01020D02 A2(A1(C6:0A))) "),
	       SERVICE_SET(SERVICE_BER_TLV), PE_OK, 0);
}

#define USIM_2                                                                                     \
	"B3(@ 81:67810F010204 A2(A1(83:7FD1 84:A0000000871002FF49FF058A C6:0A0B))"                 \
	" A3(83:080910101032547698) A4" UPP_ARR "A8(83:0000000004200000000000000000)"              \
	" AD(83:00) AE(83:00) B2(83:0001) B6(A1(82:42210004 80:04))) "
#define ISIM_2                                                                                     \
	"B5(@ 81:67810F010208 A2(A1(83:7FB1 84:A0000000871004FF49FF058A C6:0A0B))"                 \
	" A3(A1(80:08)) A4(A1(82:42210010)) A5(A1(80:08)) A6(83:00) A8" UPP_ARR ") "

static void test_multiple(void)
{
	expect_both(PACKAGE(UPP_USIM UPP_ISIM USIM_2), SERVICE_SET(SERVICE_MULTIPLE_USIM),
		    PE_FEATURE_NOT_SUPPORTED);
	expect_both(PACKAGE(UPP_USIM UPP_ISIM ISIM_2), SERVICE_SET(SERVICE_MULTIPLE_ISIM),
		    PE_FEATURE_NOT_SUPPORTED);
	expect(PACKAGE(UPP_USIM UPP_ISIM), SERVICE_SET(SERVICE_MULTIPLE_USIM), PE_OK, 0);
}

#define XOR_KEY	 " A1(A1(80:03 81:02 82:" K16 " 83:)) "
#define PINS	 " A1(A0(30(80:0081 81:3132333435363738))) "
#define GFM_HERE " A1(30(62(82:4121 83:6F10 8B:01 80:04))) "
#define GFM_THERE                                                                                  \
	" A1(30(80: 62(82:4121 83:2F10 8B:01 80:04)) 30(80:7FD1 62(82:4121 83:6F10 8B:01 "         \
	"80:04))) "

/* What comes for an application that was left out fares as it did, and no other gets it. */
static void test_left_out(void)
{
	static const char *const rest[] = {
		"B4(@ 81:67810F010205) ", /* in its ADF */
		"A2(@" PINS ") ",	  "A4(@" XOR_KEY ") ",	"A1(@" GFM_HERE ") ",
		"A1(@" GFM_THERE ") ",	  "A2(@ A1(81:7FD1)) ",
	};
	struct upp_outcome o;
	char text[TEXT_MAX];
	struct fs_file f;

	for (size_t i = 0; i < ARRAY_LEN(rest); i++) {
		text[0] = 0;
		append(text, UPP_HEADER_WITH("") UPP_MF UPP_ISIM USIM_2, NOT_MANDATED);
		append(text, rest[i], MANDATED);
		append(text, UPP_END, "");
		expect(text, SERVICE_SET(SERVICE_USIM), PE_NOT_SUPPORTED, PE_NOT_SUPPORTED);
	}
	text[0] = 0;
	append(text, UPP_HEADER_WITH("") UPP_MF UPP_ISIM USIM_2, NOT_MANDATED);
	for (size_t i = 0; i < ARRAY_LEN(rest); i++)
		append(text, rest[i], NOT_MANDATED);
	append(text, UPP_END, "");
	o = upp_install(text, SERVICE_SET(SERVICE_USIM));
	CU_ASSERT_EQUAL(o.status, PE_OK);
	CU_ASSERT_EQUAL(o.notes, 1 + ARRAY_LEN(rest));
	CU_ASSERT_EQUAL(subscription_of_adf(o.store, 1, "7FB0"), 0);
	ASSERT_ERR(fs_load(o.store, 1, "3F002F10", &f), ERR_NOT_FOUND);
	ASSERT_ERR(fs_load(o.store, 1, "7FB0", &f), ERR_OK);
	store_close(&o.store);
	/* the next application is itself again */
	text[0] = 0;
	append(text, PACKAGE(USIM_2 UPP_ISIM "A4(" MANDATED XOR_KEY ") "), NOT_MANDATED);
	expect(text, SERVICE_SET(SERVICE_USIM), PE_OK, PE_NOT_SUPPORTED);
}

/* The elements of a package without its header, behind one that mandates nothing. */
static struct slice without_header(struct slice package, struct wbuf *w)
{
	struct cursor c = cursor_of(package);
	struct tlv header;

	CU_ASSERT_TRUE_FATAL(tlv_next(&c, &header));
	notation_put(w, UPP_HEADER_WITH(""));
	wbuf_put(w, c.rest);
	return wbuf_slice(w);
}

/* TS.48 mandates csim and PE-CDMAParameter: the default card installs it and tells, and a card
 * without csim refuses the header, and the elements if the header does not say it. */
static void test_cdma(void)
{
	static const char *const packages[] = {"TS48v1_A", "TS48v4_SAIP2.1B_NoBERTLV",
					       "TS48v7_SAIP2.3_BERTLV_SUCI"};
	uint32_t csim = SERVICE_SET(SERVICE_CSIM);

	for (size_t i = 0; i < ARRAY_LEN(packages); i++) {
		struct wbuf w = wbuf_grow(UPP_PACKAGE_MAX);
		struct upp_outcome o;
		struct slice package;
		char name[96];

		snprintf(name, sizeof(name), "rsp/upp/%s.der", packages[i]);
		package = test_shared(name);
		if (!package.len)
			break;
		o = upp_install_octets(package, 0);
		CU_ASSERT_EQUAL(o.status, PE_OK);
		CU_ASSERT_EQUAL(o.note, PE_FEATURE_NOT_SUPPORTED); /* csim is kept */
		CU_ASSERT(o.notes >= 2);			   /* and PE-CDMAParameter */
		store_close(&o.store);
		o = upp_install_octets(package, csim);
		CU_ASSERT_EQUAL(o.status, PE_FEATURE_NOT_SUPPORTED);
		store_close(&o.store);
		o = upp_install_octets(without_header(package, &w), csim);
		CU_ASSERT_EQUAL(o.status, PE_NOT_SUPPORTED);
		store_close(&o.store);
		wbuf_free(&w);
	}
	expect_both(PACKAGE("A5(@ 81:0001020304050607) "), csim, PE_NOT_SUPPORTED);
	expect(PACKAGE("A5(" MANDATED " 81:0001020304050607) "), 0, PE_INVALID_PARAMETER, 0);
}

static uint32_t announced(struct bench *b)
{
	struct es10b_euicc_info2 info = {0};

	CU_ASSERT_EQUAL(bench_es10_hex(b, "bf2200"), SW_OK);
	ASSERT_ERR(es10b_parse_euicc_info2(wbuf_slice(&b->answer), &info), ERR_OK);
	return info.uicc_capability;
}

/* As created, as run, and both; and what a download comes to. */
static void test_card(void)
{
	uint32_t isim = SERVICE_SET(SERVICE_ISIM), milenage = SERVICE_SET(SERVICE_MILENAGE);
	struct bench b;

	if (bench_open(&b, BENCH_SGP26)) {
		CU_ASSERT_EQUAL(announced(&b), services_capability(0));
		b.options.without = milenage;
		bench_restart(&b);
		CU_ASSERT_EQUAL(announced(&b), services_capability(milenage));
		CU_ASSERT_EQUAL(bench_download(&b), ES10B_BPP_PE_PROCESSING);
		ASSERT_OCTETS(b.result.sima_response, test_unhex("3009 A005 3003 80010A 8100"),
			      "EUICCResponse");
		CU_ASSERT_EQUAL(bench_profiles(&b, NULL), 0);
		b.identity.without = isim;
		b.options.dir = test_dir();
		ASSERT_ERR(card_create(&b.options, &b.identity), ERR_OK);
		bench_restart(&b);
		CU_ASSERT_EQUAL(announced(&b), services_capability(isim | milenage));
		b.options.without = 0;
		bench_restart(&b);
		CU_ASSERT_EQUAL(announced(&b), services_capability(isim));
		CU_ASSERT_EQUAL(bench_download(&b), 0);
	}
	bench_close(&b);
}

TEST_SUITE(services, {"names and numbers are the specification's", test_table},
	   {"lists of names", test_names}, {"services that a header mandates", test_mandated},
	   {"what is announced", test_announced}, {"elements and templates", test_elements},
	   {"algorithms", test_algorithms}, {"kinds of files", test_files},
	   {"a second application of a kind", test_multiple},
	   {"what belongs to an application that was left out", test_left_out},
	   {"CSIM, with it and without it", test_cdma},
	   {"a card that was made or is run without a service", test_card})

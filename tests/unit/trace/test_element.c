/* elements of a profile that is opened: told by name down to the leaves, and no secret of them */
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

#include "lib/base/tlv.h"
#include "lib/profile/pe.h"
#include "lib/profile/schema/schema.h"
#include "lib/trace/decode/show/element.h"
#include "tests/unit/support/spoken.h"

/* GSMA's test profiles (TS.48), as the test-data folder has them */
static const char *const profiles[] = {"TS48V1-A-UNIQUE.der",
				       "TS48v2_SAIP2.1_BERTLV.der",
				       "TS48v3_SAIP2.3_BERTLV.der",
				       "TS48v4_SAIP2.1B_NoBERTLV.der",
				       "TS48v5_SAIP2.3_BERTLV_SUCI.der",
				       "TS48v7_SAIP2.3_BERTLV_SUCI.der"};

static const struct spoken *tell(struct slice whole)
{
	static struct spoken told;
	const struct tree tree = spoken_begin(&told);
	struct cursor c = cursor_of(whole);
	struct opened_element e = {.whole = whole};

	CU_ASSERT(tlv_header(&c, &e.tag, &e.len));
	element_tell(&e, &tree);
	CU_ASSERT_EQUAL(told.depth, 0);
	return &told;
}

static struct slice profile_of(const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "rsp/upp/%s", name);
	return test_shared(path);
}

/* Each leaf that is a secret becomes octets of the mark. */
static void mark_secrets(const struct schema_node *n, const uint8_t *base, uint8_t *copy)
{
	struct schema_iter it = schema_children(n);
	struct schema_node child;

	while (schema_next(&it, &child)) {
		bool is_leaf = !child.type || child.type->kind > SCHEMA_LIST;
		bool is_secret = child.secret &&
				 (!child.field || child.field->secret || child.field->content);

		if (is_leaf && is_secret && child.value.len)
			memset(copy + (child.value.ptr - base), SPOKEN_SECRET, child.value.len);
		else
			mark_secrets(&child, base, copy);
	}
}

static size_t tell_profile(const char *name)
{
	struct slice package = profile_of(name);
	struct schema_node top = schema_package(package), element;
	struct schema_iter it = schema_children(&top);
	struct wbuf copy = wbuf_grow(1u << 20);
	size_t n = 0;

	wbuf_put(&copy, package);
	if (package.len)
		mark_secrets(&top, package.ptr, copy.ptr);
	while (schema_next(&it, &element)) {
		const struct spoken *t = tell(element.raw);
		size_t at = (size_t)(element.raw.ptr - package.ptr);
		bool has_mark = t->leaked;

		CU_ASSERT_EQUAL(t->faults, 0);
		CU_ASSERT_PTR_NULL(strstr(t->text, "=unknown, tag"));
		if (t->faults)
			fprintf(stderr, "%s:\n%s", name, t->text);
		t = tell(slice_sub(wbuf_slice(&copy), at, element.raw.len));
		CU_ASSERT(!t->leaked || has_mark);
		n++;
	}
	wbuf_free(&copy);
	return n;
}

static void test_profiles(void)
{
	for (size_t i = 0; i < ARRAY_LEN(profiles); i++) {
		size_t n = tell_profile(profiles[i]);

		CU_ASSERT(!profile_of(profiles[i]).len || n > 15);
	}
}

/* A leaf or more of each kind of element */
static void test_words(void)
{
	static const struct {
		uint32_t tag;
		const char *lines;
	} rows[] = {
		{PE_HEADER, "=ProfileHeader, tag A0, 159 octets;major-version=2;"
			    "euicc-mandatory-gfstelist.item=2.23.143.1.2.1"},
		{PE_MF, "ef-iccid.content.iccid=89000123456789012341;"
			"ef-iccid.fillfilecontent=10 octets, see the content;"
			"ef-dir.content.record=2;ef-dir.content.record.dir.application.label=ISIM"},
		{PE_PUK_CODES, "pukcodes.item.keyreference=1, pukAppl1;"
			       "pukcodes.item.pukvalue=8 octets, not shown"},
		{PE_AKA_PARAMETER, "algoconfiguration.algoparameter.key=16 octets, not shown"},
		/* in the directory of the element, and in one below it */
		{PE_TELECOM, "ef-psismsc.content.record.psismsc.uri=tel:+112233445566778;ef-puid."
			     "content.puid=2"},
		{PE_DF_5GS, "ef-5gs3gpploci.content.5gs3gpploci.guti=none"},
		{PE_USIM, "templateid=2.23.143.1.2.4;ef-imsi.content.imsi=001010123456789"},
		{PE_END, "=PE-End, tag AA, 7 octets"},
	};
	struct slice package = profile_of(profiles[ARRAY_LEN(profiles) - 1]), whole;
	struct cursor c;
	struct tlv x;

	for (size_t i = 0; package.len && i < ARRAY_LEN(rows); i++) {
		whole = SLICE_EMPTY;
		c = cursor_of(package);
		while (!whole.len && tlv_next(&c, &x))
			whole = x.tag == rows[i].tag ? x.raw : whole;
		spoken_expect(tell(whole), rows[i].lines, "element");
	}
}

/* Files by their identifiers: one of a standard, one of none, which may hold a key. */
static void test_generic(void)
{
	static const char element[] = "A137A003810105A130302E8000"
				      "620B8202412183022FE280010A810A98001032547698103254"
				      "620B8202412183026F998001048104A7A7A7A7";
	const struct spoken *t = tell(test_unhex(element));

	CU_ASSERT_FALSE(t->leaked);
	spoken_expect(t,
		      "=PE-GenericFileManagement, tag A1, 55 octets;gfm-header.identification=5;"
		      "filemanagementcmd.item.content.iccid=89000123456789012345;"
		      "filemanagementcmd.item.fillfilecontent=10 octets, see the content;"
		      "filemanagementcmd.item.fillfilecontent=4 octets, not shown",
		      element);
	/* of an issuer, of a later version, cut, begun */
	t = tell(test_unhex("A910A00381010581032B06018204A7A7A7A7"));
	CU_ASSERT_FALSE(t->leaked);
	spoken_expect(t, "content=4 octets, not shown", "PE-NonStandard");
	t = tell(test_unhex("AA0BA0038101058504A7A7A7A7"));
	CU_ASSERT_FALSE(t->leaked);
	spoken_expect(t, "item=4 octets, not known", "an unknown field");
	t = tell(test_unhex("BC04A7A7A7A7"));
	CU_ASSERT_FALSE(t->leaked);
	t = tell(test_unhex("B504A2028001"));
	CU_ASSERT_FALSE(t->leaked);
}

/* An EF whose name is that of keys stays secret, whatever its identifier says. */
static void test_other_identifier(void)
{
	/* PE-USIM, ef-keys with the identifier of EF.IMSI: 9 octets */
	const struct spoken *t = tell(test_unhex("B332A003810105810667810F010204A523"
						 "A1168204412100018302"
						 "6F07800109A507C1"
						 "05A7A7A7A7A78309A7A7A7A7A7A7A7A7A7"));

	CU_ASSERT_FALSE(t->leaked);
	CU_ASSERT_PTR_NULL(strstr(t->text, "imsi"));
	CU_ASSERT_PTR_NOT_NULL(strstr(t->text, "ef-keys.fillfilecontent=9 octets, not shown"));
}

TEST_SUITE(trace_element, {"test profiles are told, and no secret", test_profiles},
	   {"each kind of element has its words", test_words},
	   {"files by their identifiers, and what nobody knows", test_generic},
	   {"keys under another file's identifier", test_other_identifier})

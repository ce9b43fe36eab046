/* what the files of a card say: every kind of file by vectors, and no secret ever */
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

#include "lib/profile/outline/outline.h"
#include "lib/trace/decode/ef/ef.h"
#include "lib/uicc/fid.h"
#include "tests/unit/support/spoken.h"

#define VECTORS	  "tests/vectors/ef.txt"
#define LINE_CAP  4096
#define KINDS_CAP 512

static const struct spoken *show(const struct ef_kind *kind, struct slice content)
{
	static struct spoken told;
	const struct tree tree = spoken_begin(&told);

	ef_show(kind, content, &tree);
	CU_ASSERT_EQUAL(told.depth, 0);
	return &told;
}

/* "5GS" is DF.5GS, "USIM" ADF.USIM. */
static enum ef_place place_named(const char *name)
{
	for (unsigned p = EF_MF; p < EF_PLACES; p++) {
		const char *full = ef_place_name((enum ef_place)p), *dot = strchr(full, '.');

		if (strcmp(dot ? dot + 1 : full, name) == 0)
			return (enum ef_place)p;
	}
	return EF_NOWHERE;
}

/* By its identifier, or by its name where it has none of its own */
static const struct ef_kind *kind_of(enum ef_place place, const char *file)
{
	const struct ef_kind *k;

	if (strncmp(file, "EF.", 3) != 0)
		return ef_find(place, (uint16_t)strtoul(file, NULL, 16));
	for (size_t i = 0; (k = ef_at(i)) != NULL; i++) {
		if (k->place == place && strcmp(k->name, file) == 0)
			return k;
	}
	return NULL;
}

struct vector {
	const struct ef_kind *kind;
	struct slice content;
	const char *wanted;
};

/* The next vector, or false at the end */
static bool next_vector(FILE *f, char line[static LINE_CAP], struct vector *v)
{
	while (fgets(line, LINE_CAP, f)) {
		char place[32], file[32], hex[LINE_CAP];
		int at = 0;

		if (line[0] == '#' || line[0] == '\n')
			continue;
		line[strcspn(line, "\n")] = 0;
		CU_ASSERT_FATAL(sscanf(line, "%31s %31s %4095s | %n", place, file, hex, &at) == 3 &&
				at);
		v->kind = kind_of(place_named(place), file);
		v->content = test_unhex(hex);
		v->wanted = line + at;
		if (!v->kind)
			fprintf(stderr, "no such file: %s\n", line);
		CU_ASSERT_PTR_NOT_NULL_FATAL(v->kind);
		return true;
	}
	return false;
}

static FILE *vectors_open(void)
{
	FILE *f = fopen(VECTORS, "r");

	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	return f;
}

/* All of them, and each kind of file has one; octets that are marked as secrets never come out. */
static void test_vectors_told(void)
{
	const struct ef_kind *k, *seen[KINDS_CAP] = {NULL};
	char line[LINE_CAP];
	struct vector v;
	FILE *f = vectors_open();

	while (next_vector(f, line, &v)) {
		const struct spoken *t = show(v.kind, v.content);

		CU_ASSERT(*v.wanted);
		spoken_expect(t, v.wanted, v.kind->name);
		if (t->leaked)
			fprintf(stderr, "a secret in\n%s", t->text);
		CU_ASSERT(!t->leaked);
		for (size_t i = 0; ef_at(i) && i < KINDS_CAP; i++)
			seen[i] = ef_at(i) == v.kind ? v.kind : seen[i];
	}
	fclose(f);
	for (size_t i = 0; (k = ef_at(i)) != NULL; i++) {
		CU_ASSERT_FATAL(i < KINDS_CAP);
		CU_ASSERT_PTR_NOT_NULL(seen[i]);
		if (!seen[i])
			fprintf(stderr, "no vector: %s %s\n", ef_place_name(k->place), k->name);
	}
}

/* Cut at every octet, and with every octet FF in its turn, it is told without reading past. */
static void test_broken(void)
{
	char line[LINE_CAP];
	struct vector v;
	FILE *f = vectors_open();

	while (next_vector(f, line, &v)) {
		for (size_t n = 0; n <= v.content.len; n++) {
			uint8_t *copy = malloc(n ? n : 1); /* its end is the sanitizer's */

			CU_ASSERT_PTR_NOT_NULL_FATAL(copy);
			memcpy(copy, v.content.ptr, n);
			CU_ASSERT(!show(v.kind, slice_make(copy, n))->leaked);
			for (size_t i = 0; i < n; i++) {
				uint8_t was = copy[i];

				copy[i] = 0xFF;
				show(v.kind, slice_make(copy, n));
				copy[i] = was;
			}
			free(copy);
		}
	}
	fclose(f);
}

/* FF from end to end is a file that is not used; zeros are told of every kind. */
static void test_blank(void)
{
	const struct ef_kind *k;
	uint8_t octets[300];

	for (size_t i = 0; (k = ef_at(i)) != NULL; i++) {
		memset(octets, 0xFF, sizeof(octets));
		CU_ASSERT(spoken_has(show(k, slice_make(octets, 255)), "=not used: 255 octets FF"));
		memset(octets, 0, sizeof(octets));
		for (size_t n = 0; n < sizeof(octets); n += 1 + n / 3)
			CU_ASSERT(show(k, slice_make(octets, n))->len > 0);
	}
	CU_ASSERT(spoken_has(show(NULL, SLICE_OF(octets)), "="));
}

/* Octets from further behind: of a file that has keys none is told. */
static void test_part(void)
{
	static struct spoken told;
	static const uint8_t secret[] = {SPOKEN_SECRET, SPOKEN_SECRET, SPOKEN_SECRET};
	struct tree tree = spoken_begin(&told);

	ef_show_part(ef_find(EF_USIM, FID_KEYS), SLICE_OF(secret), &tree);
	spoken_expect(&told, "=of EF.Keys, which has secrets: 3 octets, not shown", "EF.Keys");
	CU_ASSERT(!told.leaked);
	tree = spoken_begin(&told);
	ef_show_part(ef_find(EF_5GS, 0x4F05), SLICE_OF(secret), &tree);
	CU_ASSERT(!told.leaked && told.len > 0);
	tree = spoken_begin(&told);
	ef_show_part(ef_find(EF_USIM, 0x6FC3), SLICE_OF(secret), &tree);
	CU_ASSERT(!told.leaked && told.len > 0);
	tree = spoken_begin(&told);
	ef_show_part(ef_find(EF_USIM, FID_IMSI), SLICE_OF(secret), &tree);
	CU_ASSERT(told.leaked); /* no key: the octets */
}

static void test_table(void)
{
	const struct ef_kind *k, *other;

	for (size_t i = 0; (k = ef_at(i)) != NULL; i++) {
		CU_ASSERT(k->place > EF_NOWHERE && k->place < EF_PLACES);
		CU_ASSERT(strncmp(k->name, "EF.", 3) == 0 && *k->title && *k->clause);
		CU_ASSERT(k->sfi <= UICC_SFI_MAX);
		CU_ASSERT(k->fid || k->place == EF_PHONEBOOK);
		if (k->fid)
			CU_ASSERT_PTR_EQUAL(ef_find(k->place, k->fid), k);
		if (k->sfi)
			CU_ASSERT_PTR_EQUAL(ef_by_sfi(k->place, k->sfi), k);
		for (size_t j = 0; j < i && (other = ef_at(j)) != NULL; j++)
			CU_ASSERT(k->place != other->place || strcmp(k->name, other->name) != 0);
	}
	CU_ASSERT_PTR_NULL(ef_find(EF_USIM, 0x1234));
	CU_ASSERT_PTR_NULL(ef_find(EF_PHONEBOOK, 0));
	CU_ASSERT_PTR_NULL(ef_by_sfi(EF_USIM, 0));
	for (unsigned tag = 0xC0; tag <= 0xCC; tag++)
		CU_ASSERT_PTR_NOT_NULL(ef_of_phonebook((uint8_t)tag));
	CU_ASSERT_STRING_EQUAL(ef_of_phonebook(0xC0)->name, "EF.ADN");
	CU_ASSERT_STRING_EQUAL(ef_of_phonebook(0xCC)->name, "EF.PURI");
	CU_ASSERT_PTR_NULL(ef_of_phonebook(0xBF));
	CU_ASSERT_PTR_NULL(ef_of_phonebook(0xCD));
}

static void test_places(void)
{
	CU_ASSERT_EQUAL(ef_place_in(EF_MF, FID_DF_TELECOM), EF_TELECOM);
	CU_ASSERT_EQUAL(ef_place_in(EF_USIM, 0x5F3A), EF_PHONEBOOK);
	CU_ASSERT_EQUAL(ef_place_in(EF_TELECOM, 0x5F3A), EF_PHONEBOOK);
	CU_ASSERT_EQUAL(ef_place_in(EF_USIM, FID_DF_GSM_ACCESS), EF_GSM_ACCESS);
	CU_ASSERT_EQUAL(ef_place_in(EF_TELECOM, FID_DF_GSM_ACCESS), EF_MULTIMEDIA);
	CU_ASSERT_EQUAL(ef_place_in(EF_5GS, FID_MF), EF_MF);
	CU_ASSERT_EQUAL(ef_place_in(EF_ISIM, FID_DF_5GS), EF_NOWHERE);
	CU_ASSERT_EQUAL(ef_place_in(EF_MF, 0), EF_NOWHERE);
	CU_ASSERT_EQUAL(ef_place_of(test_unhex("A0000000871002FF")), EF_USIM);
	CU_ASSERT_EQUAL(ef_place_of(test_unhex("A0000000871004")), EF_ISIM);
	CU_ASSERT_EQUAL(ef_place_of(test_unhex("A00000008710")), EF_NOWHERE);
	CU_ASSERT_STRING_EQUAL(ef_place_name(EF_5G_PROSE), "DF.5G_ProSe");
}

/* The application or directory that a template's element makes, EF_NOWHERE: none of ours */
static enum ef_place place_of_element(enum pe_tag element)
{
	switch (element) {
	case PE_MF: return EF_MF;
	case PE_CD: return EF_CD;
	case PE_TELECOM: return EF_TELECOM;
	case PE_PHONEBOOK: return EF_PHONEBOOK;
	case PE_USIM:
	case PE_OPT_USIM: return EF_USIM;
	case PE_GSM_ACCESS: return EF_GSM_ACCESS;
	case PE_ISIM:
	case PE_OPT_ISIM: return EF_ISIM;
	case PE_DF_5GS: return EF_5GS;
	case PE_DF_SAIP: return EF_SAIP;
	case PE_DF_SNPN: return EF_SNPN;
	case PE_DF_5GPROSE: return EF_5G_PROSE;
	default: return EF_NOWHERE;
	}
}

static void compare_with_template(enum ef_place place, const struct template_file *row)
{
	static const enum uicc_structure structures[] = {[TEMPLATE_TR] = UICC_TRANSPARENT,
							 [TEMPLATE_LF] = UICC_LINEAR,
							 [TEMPLATE_CY] = UICC_CYCLIC,
							 [TEMPLATE_BT] = UICC_BER_TLV};
	const struct ef_kind *k = ef_find(place, row->fid);

	CU_ASSERT_PTR_NOT_NULL(k);
	if (!k || k->structure != structures[row->kind] || (row->sfi && k->sfi != row->sfi))
		fprintf(stderr, "%s %s is another one here\n", ef_place_name(place), row->name);
	if (!k)
		return;
	CU_ASSERT_EQUAL(k->structure, structures[row->kind]);
	CU_ASSERT(!row->sfi || k->sfi == row->sfi);
}

/* What profile templates make, this table knows, under the same identifiers. */
static void test_templates(void)
{
	const struct template *t;
	size_t compared = 0;

	for (size_t i = 0; (t = template_at(i)) != NULL; i++) {
		enum ef_place home = place_of_element(t->element), place = home;

		for (size_t j = 0; home != EF_NOWHERE && j < t->count; j++) {
			const struct template_file *row = &t->files[j];

			if (row->kind < TEMPLATE_TR && j) {
				place = ef_place_in(home, row->fid);
				CU_ASSERT(place != EF_NOWHERE);
			} else if (row->kind >= TEMPLATE_TR && row->fid) {
				compare_with_template(place, row);
				compared++;
			}
		}
	}
	CU_ASSERT(compared > 250);
}

/* The place of a file in a package: FIDs in hex, from the MF or from an ADF */
static enum ef_place place_of_path(const struct outline *o, const struct outline_file *f)
{
	enum ef_place place = EF_NOWHERE;

	for (size_t i = 0; i + 4 < strlen(f->path); i += 4) {
		char fid[5];
		unsigned id;

		snprintf(fid, sizeof(fid), "%.4s", f->path + i);
		id = (unsigned)strtoul(fid, NULL, 16);
		for (size_t n = 0; !i && n < o->file_count; n++) {
			if (o->files[n].adf && o->files[n].fid == id)
				place = ef_place_of(o->files[n].aid);
		}
		if (i || place == EF_NOWHERE)
			place = ef_place_in(i ? place : EF_MF, (uint16_t)id);
	}
	return place;
}

/* Each record, or the whole; how many were told */
static size_t tell_content(const struct ef_kind *kind, const struct outline_file *f, struct slice v)
{
	bool records = (f->kind == UICC_LINEAR || f->kind == UICC_CYCLIC) && f->record_len;
	size_t part = records ? f->record_len : v.len, n = 0;

	for (size_t at = 0; at < v.len && part; at += part, n++) {
		const struct spoken *t = show(kind, slice_sub(v, at, part));

		CU_ASSERT_EQUAL(t->faults, 0);
		if (t->faults)
			fprintf(stderr, "%s in %s:\n%s", kind->name, f->path, t->text);
	}
	return n;
}

static size_t tell_package(struct slice package)
{
	struct outline *o = NULL;
	size_t files = 0;

	CU_ASSERT_FATAL(outline_make(package, &o) == ERR_OK);
	for (size_t i = 0; i < o->file_count; i++) {
		const struct outline_file *f = &o->files[i];
		const struct ef_kind *kind = ef_find(place_of_path(o, f), f->fid);
		struct wbuf mem = wbuf_grow(OUTLINE_CONTENT_MAX);

		if (kind && !outline_content(f, &mem))
			files += tell_content(kind, f, wbuf_slice(&mem)) ? 1 : 0;
		wbuf_free(&mem);
	}
	outline_free(&o);
	return files;
}

/* The files of GSMA's test profiles are told without a fault. */
static void test_packages(void)
{
	static const char *const names[] = {"TS48V1-A-UNIQUE.der",
					    "TS48V2-SAIP2-3-NOBERTLV-UNIQUE.der",
					    "TS48v1_A.der",
					    "TS48v1_B.der",
					    "TS48v2_SAIP2.1_BERTLV.der",
					    "TS48v3_SAIP2.3_BERTLV.der",
					    "TS48v4_SAIP2.1B_NoBERTLV.der",
					    "TS48v5_SAIP2.1A_NoBERTLV.der",
					    "TS48v5_SAIP2.3_BERTLV_SUCI.der",
					    "TS48v7_SAIP2.3_BERTLV_SUCI.der"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		char path[128];
		struct slice package;

		snprintf(path, sizeof(path), "rsp/upp/%s", names[i]);
		package = test_shared(path);
		CU_ASSERT(!package.len || tell_package(package) > 90);
	}
}

TEST_SUITE(trace_ef, {"each vector is told in words, and each kind has one", test_vectors_told},
	   {"cut and spoilt content is told as far as it goes", test_broken},
	   {"FF and zeros are told of every kind", test_blank},
	   {"a part of a file with keys is not shown", test_part},
	   {"the table names each file once", test_table},
	   {"directories are found in each other", test_places},
	   {"what templates make is known", test_templates},
	   {"the files of test profiles are told without a fault", test_packages})

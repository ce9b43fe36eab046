/* lists: EFC, lists of networks, sizes and first values in the USIM; ISIM and DF.5GS */
#include <string.h>

#include "lib/base/tlv.h"
#include "lib/profile/lint/rule.h"
#include "lib/profile/lint/tables.h"
#include "lib/uicc/content.h"

#define TAG_NAI	      0x80u /* TS 31.103 4.2 */
#define TAG_FULL_NAME 0x43u
#define TAG_SCHEMES   0xA0u /* TS 31.102 4.4.11.8 */
#define TAG_KEYS      0xA1u
#define EMPTY	      0xFF
#define DIALLING_TAIL 14
#define DIALLING_MAX  11 /* octets of number and type */

/* The octets of an entry in a list of networks, 0 for any other file */
static size_t plmn_entry(const struct lint *l, const struct outline_file *f)
{
	static const struct {
		uint16_t fid;
		uint8_t entry;
	} lists[] = {{0x6F7B, 3}, {0x6FD9, 3}, {0x6F60, 5}, {0x6F61, 5}, {0x6F62, 5}};

	for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
		if (f->fid == lists[i].fid && lint_in_adf(l, f, "adf-usim"))
			return lists[i].entry;
	}
	return 0;
}

static void rule_plmn_multiple(const struct lint *l, const struct outline_file *f)
{
	size_t entry = plmn_entry(l, f);

	if (entry && f->size % entry)
		lint_say(l, f->where, "%zu octets, entries of %zu", f->size, entry);
}

static void rule_plmn_digits(const struct lint *l, const struct outline_file *f)
{
	size_t entry = plmn_entry(l, f);
	struct wbuf mem = wbuf_grow(OUTLINE_CONTENT_MAX);
	struct slice v = entry ? lint_content(f, &mem) : SLICE_EMPTY;

	for (size_t at = 0; entry && at + 3 <= v.len; at += entry) {
		uint8_t a = slice_at(v, at), b = slice_at(v, at + 1), c = slice_at(v, at + 2);
		bool mcc = (a & 15) <= 9 && a >> 4 <= 9 && (b & 15) <= 9;
		bool mnc = (b >> 4 <= 9 || b >> 4 == 15) && (c & 15) <= 9 && c >> 4 <= 9;

		if (!(a == EMPTY && b == EMPTY && c == EMPTY) && !(mcc && mnc))
			lint_say(l, f->where, "entry %zu", at / entry + 1);
	}
	wbuf_free(&mem);
}

struct minimum {
	uint16_t fid;
	uint8_t octets;
};

static void check_minimum(const struct lint *l, const struct outline_file *f,
			  const struct minimum *rows, size_t count)
{
	bool records = f->kind == UICC_LINEAR || f->kind == UICC_CYCLIC;
	size_t have = records ? f->record_len : f->size;

	for (size_t i = 0; have && i < count; i++) {
		if (f->fid == rows[i].fid && have < rows[i].octets && lint_in_adf(l, f, "adf-usim"))
			lint_say(l, f->where, "%zu in place of %u octets", have, rows[i].octets);
	}
}

static void rule_record_minimum(const struct lint *l, const struct outline_file *f)
{
	static const struct minimum rows[] = {
		{0x6F3B, 14}, {0x6F3C, 176}, {0x6F42, 28}, {0x6F40, 14}, {0x6F49, 14}, {0x6F4B, 13},
		{0x6F4C, 13}, {0x6F4E, 13},  {0x6F4F, 15}, {0x6F47, 30}, {0x6F39, 3},  {0x6F82, 3},
		{0x6F83, 3},  {0x6FC5, 3},   {0x6FC6, 8},  {0x6FC7, 14}, {0x6FC9, 4},  {0x6FCA, 5},
		{0x6FCB, 16}, {0x6FB7, 4},   {0x6FE4, 54}};

	if (f->kind == UICC_LINEAR || f->kind == UICC_CYCLIC)
		check_minimum(l, f, rows, ARRAY_LEN(rows));
}

static void rule_transparent_minimum(const struct lint *l, const struct outline_file *f)
{
	static const struct minimum rows[] = {
		{0x6F07, 9},  {0x6F08, 33}, {0x6F09, 33}, {0x6F31, 1}, {0x6F46, 17}, {0x6F56, 1},
		{0x6F5B, 6},  {0x6F5C, 3},  {0x6F73, 14}, {0x6F78, 2}, {0x6F7B, 12}, {0x6F7E, 11},
		{0x6FE3, 18}, {0x6F41, 5},  {0x6F37, 3},  {0x6FB5, 2}, {0x6FB6, 1},  {0x6F05, 2}};

	if (f->kind == UICC_TRANSPARENT)
		check_minimum(l, f, rows, ARRAY_LEN(rows));
}

/* TS 31.102 4.4.2.3: the last 14 octets of a record: the length of the number with its type, the
 * type, 10 octets of digits, two records to go on at */
static void rule_dialling_number(const struct lint *l, const struct outline_file *f)
{
	static const uint16_t fids[] = {0x6F3B, 0x6F40, 0x6F49, 0x6F4D};
	struct wbuf mem = wbuf_grow(OUTLINE_CONTENT_MAX);
	struct slice v = SLICE_EMPTY;

	for (size_t i = 0; i < ARRAY_LEN(fids); i++) {
		if (f->fid == fids[i] && f->kind == UICC_LINEAR && f->record_len >= DIALLING_TAIL &&
		    lint_in_adf(l, f, "adf-usim"))
			v = lint_content(f, &mem);
	}
	for (size_t at = 0; at + f->record_len <= v.len && f->record_len; at += f->record_len) {
		uint8_t n = slice_at(v, at + f->record_len - DIALLING_TAIL);

		if (n != EMPTY && n > DIALLING_MAX)
			lint_say(l, f->where, "%u in record %zu", n, at / f->record_len + 1);
	}
	wbuf_free(&mem);
}

/* TS 31.102 4.2.58: a record is empty, or data objects of which the full name is the first. */
static void rule_pnn_name(const struct lint *l, const struct outline_file *f)
{
	struct wbuf mem;
	struct slice v = lint_meant(l, f, &mem);

	for (size_t at = 0; f->record_len && at + f->record_len <= v.len; at += f->record_len) {
		struct slice record = slice_sub(v, at, f->record_len);
		struct cursor c = cursor_of(record);
		struct tlv t;

		if (!lint_all(record, EMPTY) && (!tlv_next(&c, &t) || t.tag != TAG_FULL_NAME))
			lint_say(l, f->where, "record %zu has none", at / f->record_len + 1);
	}
	wbuf_free(&mem);
}

/* The octet at the place that the row of this file gives; -1: no row, or the content is unknown */
static int octet_of(const struct lint *l, const struct outline_file *f, const struct minimum *rows,
		    size_t count)
{
	struct wbuf mem = wbuf_grow(OUTLINE_CONTENT_MAX);
	int octet = -1;

	for (size_t i = 0; i < count; i++) {
		struct slice v;

		if (f->fid != rows[i].fid || !lint_in_adf(l, f, "adf-usim"))
			continue;
		v = lint_content(f, &mem);
		if (rows[i].octets < v.len)
			octet = slice_at(v, rows[i].octets);
	}
	wbuf_free(&mem);
	return octet;
}

static void rule_keys_ksi(const struct lint *l, const struct outline_file *f)
{
	static const struct minimum rows[] = {{0x6F08, 0}, {0x6F09, 0}};
	int ksi = octet_of(l, f, rows, ARRAY_LEN(rows));

	if (ksi >= 0 && ksi != 7)
		lint_say(l, f->where, "KSI is %02X", (unsigned)ksi);
}

static void rule_loci_status(const struct lint *l, const struct outline_file *f)
{
	static const struct minimum rows[] = {{0x6F7E, 10}, {0x6F73, 13}, {0x6FE3, 17}};
	int status = octet_of(l, f, rows, ARRAY_LEN(rows));

	if (status >= 0 && (status & 7) != 1)
		lint_say(l, f->where, "the status is %02X", (unsigned)status);
}

/* Text under tag 80; empty when the record is empty. False: something else. */
static bool tagged_text(struct slice v, struct slice *text)
{
	struct cursor c = cursor_of(v);
	struct tlv t;

	*text = SLICE_EMPTY;
	if (lint_all(v, EMPTY))
		return true;
	if (!tlv_next(&c, &t) || t.tag != TAG_NAI)
		return false;
	*text = t.value;
	return true;
}

static bool has_character(struct slice text, char wanted)
{
	return text.len && memchr(text.ptr, wanted, text.len);
}

static void rule_impi_nai(const struct lint *l, const struct outline_file *f)
{
	struct wbuf mem;
	struct slice v = lint_meant(l, f, &mem), text;

	if (v.len && (!tagged_text(v, &text) || (text.len && !has_character(text, '@'))))
		lint_say(l, f->where, "it holds none");
	wbuf_free(&mem);
}

static void rule_impu_uri(const struct lint *l, const struct outline_file *f)
{
	struct wbuf mem;
	struct slice v = lint_meant(l, f, &mem), text;

	for (size_t at = 0; f->record_len && at < v.len; at += f->record_len) {
		if (!tagged_text(slice_sub(v, at, f->record_len), &text) ||
		    (text.len && !has_character(text, ':')))
			lint_say(l, f->where, "record %zu", at / f->record_len + 1);
	}
	wbuf_free(&mem);
}

static void rule_isim_domain(const struct lint *l, const struct outline_file *f)
{
	struct wbuf mem;
	struct slice v = lint_meant(l, f, &mem), text;
	bool good = tagged_text(v, &text);

	for (size_t i = 0; i < text.len; i++)
		good = good && slice_at(text, i) > ' ' && slice_at(text, i) < 0x7F;
	if (v.len && !good)
		lint_say(l, f->where, "it holds none");
	wbuf_free(&mem);
}

static struct slice content_of(const struct outline_file *f, const char *name, const char * or,
			       struct wbuf *mem)
{
	*mem = wbuf_grow(OUTLINE_CONTENT_MAX);
	return strcmp(f->name, name) == 0 || strcmp(f->name, or) == 0 ? lint_content(f, mem)
								      : SLICE_EMPTY;
}

static void rule_suci_info(const struct lint *l, const struct outline_file *f)
{
	struct wbuf mem;
	struct slice v = content_of(f, "ef-suci-calc-info", "ef-suci-calc-info-usim", &mem);
	struct cursor c = cursor_of(v);
	struct tlv t;
	bool good = true;

	if (v.len && !lint_all(v, EMPTY)) {
		good = tlv_next(&c, &t) && t.tag == TAG_SCHEMES;
		if (good && slice_at(c.rest, 0) == TAG_KEYS)
			good = tlv_next(&c, &t);
	}
	if (!good)
		lint_say(l, f->where, "it holds something else");
	wbuf_free(&mem);
}

static void rule_routing(const struct lint *l, const struct outline_file *f)
{
	struct wbuf mem;
	struct slice v = content_of(f, "ef-routing-indicator", "ef-routing-indicator", &mem),
		     digits = slice_sub(v, 0, 2);

	if (v.len && content_bcd(digits) == 0 && !lint_all(digits, EMPTY))
		lint_say(l, f->where, "other digits");
	wbuf_free(&mem);
}

static const struct lint_row rows[] = {
	ON_FILE("EFC-24", ERROR, rule_plmn_multiple, "TS 31.102 4.2",
		"a list of networks has whole entries"),
	ON_FILE("EFC-25", WARNING, rule_plmn_digits, "TS 24.008 10.5.1.13",
		"an entry of a list of networks has an MCC and an MNC"),
	ON_FILE("EFC-26", WARNING, rule_record_minimum, "TS 31.102 4.2; TS 31.102 4.4",
		"the records of a file are as long as its coding needs"),
	ON_FILE("EFC-27", WARNING, rule_transparent_minimum, "TS 31.102 4.2",
		"a transparent file is as long as its coding needs"),
	ON_FILE("EFC-28", WARNING, rule_keys_ksi, "TS 31.102 4.2.3",
		"EF.Keys and EF.KeysPS start without a key set: KSI 07"),
	ON_FILE("EFC-29", INFO, rule_loci_status, "TS 31.102 4.2.17",
		"location information starts as not updated"),
	ON_FILE("EFC-30", ERROR, rule_impi_nai, "TS 31.103 4.2.2",
		"EF.IMPI holds a network access identifier", .arg = "impi"),
	ON_FILE("EFC-31", ERROR, rule_impu_uri, "TS 31.103 4.2.4",
		"a record of EF.IMPU holds a URI or is empty", .arg = "impu"),
	ON_FILE("EFC-32", ERROR, rule_isim_domain, "TS 31.103 4.2.3",
		"EF.DOMAIN holds a domain name", .arg = "domain"),
	ON_FILE("EFC-33", WARNING, rule_suci_info, "TS 31.102 4.4.11.8",
		"EF.SUCI_Calc_Info is a list of schemes, then one of keys"),
	ON_FILE("EFC-34", WARNING, rule_routing, "TS 31.102 4.4.11.11",
		"EF.Routing_Indicator has 1 to 4 digits"),
	ON_FILE("EFC-38", WARNING, rule_dialling_number, "TS 31.102 4.4.2.3",
		"a dialling number has at most 11 octets with its type"),
	ON_FILE("EFC-39", WARNING, rule_pnn_name, "TS 31.102 4.2.58",
		"a record of EF.PNN begins with a full name", .arg = "6FC5"),
};

const struct lint_table lint_lists_rules = {rows, ARRAY_LEN(rows)};

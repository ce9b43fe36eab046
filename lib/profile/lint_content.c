/* lint_content: EFC, what stands in the files of the MF and of the ADFs */
#include <string.h>

#include "lib/profile/lint_rules.h"

#define TAG_APPLICATION 0x61u /* TS 102 221 13.1 */
#define TAG_AID		0x4Fu
#define TAG_NAI		0x80u /* TS 31.103 4.2 */
#define ACC_RESERVED	0x0400u
#define ACC_ORDINARY	0x03FFu
#define HPPLMN_MAX	240
#define EMPTY		0xFF

static bool in_adf(const struct lint *l, const struct outline_file *f, const char *adf)
{
	const struct outline_file *df = outline_at(l->o, f->parent);

	return df && df->adf && strcmp(df->name, adf) == 0;
}

/* The argument is a path from the MF, a FID in the USIM's ADF, or the name of a file of the ISIM.
 */
static bool is_meant(const struct lint *l, const struct outline_file *f)
{
	size_t n = strlen(l->arg);

	if (n == 8)
		return strcmp(f->path, l->arg) == 0;
	if (strncmp(f->name, "ef-", 3) == 0 && strcmp(f->name + 3, l->arg) == 0)
		return in_adf(l, f, "adf-isim");
	return n == 4 && strlen(f->path) == 8 && strcmp(f->path + 4, l->arg) == 0 &&
	       in_adf(l, f, "adf-usim");
}

/* The contents of the file that the rule is about; empty for all others. */
static struct slice meant(const struct lint *l, const struct outline_file *f, struct wbuf *mem)
{
	*mem = wbuf_grow(OUTLINE_CONTENT_MAX);
	return is_meant(l, f) ? lint_content(f, mem) : SLICE_EMPTY;
}

void rule_ef_iccid(const struct lint *l, const struct outline_file *f)
{
	const struct outline_element *h = lint_header(l);
	struct slice iccid = h ? schema_octets(&h->node, "iccid") : SLICE_EMPTY;
	struct wbuf mem;
	struct slice v = meant(l, f, &mem);
	bool same = v.len == iccid.len;

	for (size_t i = 0; i < v.len; i++) {
		uint8_t b = slice_at(v, i);

		same = same && (uint8_t)(b << 4 | b >> 4) == slice_at(iccid, i);
	}
	if (v.len && h && !same)
		lint_say(l, f->where, "it holds another");
	wbuf_free(&mem);
}

void rule_ef_iccid_digits(const struct lint *l, const struct outline_file *f)
{
	struct wbuf mem;
	struct slice v = meant(l, f, &mem);

	if (v.len && lint_bcd(v) < 18)
		lint_say(l, f->where, "other digits, or fewer than 18");
	wbuf_free(&mem);
}

void rule_imsi_length(const struct lint *l, const struct outline_file *f)
{
	struct wbuf mem;
	struct slice v = meant(l, f, &mem);

	if (v.len && (slice_at(v, 0) < 4 || slice_at(v, 0) > 8))
		lint_say(l, f->where, "%u", slice_at(v, 0));
	wbuf_free(&mem);
}

/* Digits of EF.IMSI from the nibble behind type and parity on; 0: something else stands there */
static size_t imsi_digits(struct slice v, uint8_t digits[static 15])
{
	size_t n = 0, end = 2 * (1 + (size_t)slice_at(v, 0));

	for (size_t i = 3; i < end && i < 18; i++) {
		uint8_t b = slice_at(v, i / 2), d = i % 2 ? b >> 4 : b & 15;

		if (d > 9 && !(d == 15 && i + 1 == end))
			return 0;
		if (d <= 9 && n < 15)
			digits[n++] = d;
	}
	return n;
}

void rule_imsi_parity(const struct lint *l, const struct outline_file *f)
{
	struct wbuf mem;
	struct slice v = meant(l, f, &mem);
	uint8_t digits[15];
	size_t n = imsi_digits(v, digits);
	unsigned want = n % 2 ? 9 : 1;

	if (v.len && n && (slice_at(v, 1) & 15u) != want)
		lint_say(l, f->where, "%zu digits, the first nibble is %u", n,
			 slice_at(v, 1) & 15u);
	wbuf_free(&mem);
}

void rule_imsi_digits(const struct lint *l, const struct outline_file *f)
{
	struct wbuf mem;
	struct slice v = meant(l, f, &mem);
	uint8_t digits[15];

	if (v.len && slice_at(v, 0) <= 8 &&
	    (imsi_digits(v, digits) < 6 || !lint_all(slice_sub(v, 1u + slice_at(v, 0), 9), EMPTY)))
		lint_say(l, f->where, "other digits, fewer than 6, or something behind");
	wbuf_free(&mem);
}

void rule_ad_length(const struct lint *l, const struct outline_file *f)
{
	if (is_meant(l, f) && f->size && f->size < 4)
		lint_say(l, f->where, "%zu", f->size);
}

void rule_ad_mnc(const struct lint *l, const struct outline_file *f)
{
	struct wbuf mem;
	struct slice v = meant(l, f, &mem);
	unsigned n = slice_at(v, 3) & 15u;

	if (v.len >= 4 && n != 2 && n != 3)
		lint_say(l, f->where, "%u", n);
	wbuf_free(&mem);
}

void rule_ad_mode(const struct lint *l, const struct outline_file *f)
{
	struct wbuf mem;
	struct slice v = meant(l, f, &mem);
	uint8_t mode = slice_at(v, 0) & 0x7F;

	if (v.len && mode != 0 && mode != 1 && mode != 2 && mode != 4)
		lint_say(l, f->where, "%02X", slice_at(v, 0));
	wbuf_free(&mem);
}

static unsigned acc(const struct lint *l, const struct outline_file *f, bool *known)
{
	struct wbuf mem;
	struct slice v = meant(l, f, &mem);
	unsigned acc = (unsigned)slice_at(v, 0) << 8 | slice_at(v, 1);

	*known = v.len >= 2;
	wbuf_free(&mem);
	return acc;
}

void rule_acc_reserved(const struct lint *l, const struct outline_file *f)
{
	bool known;

	if (acc(l, f, &known) & ACC_RESERVED)
		lint_say(l, f->where, "it is 1");
}

void rule_acc_one(const struct lint *l, const struct outline_file *f)
{
	bool known;
	int n = __builtin_popcount(acc(l, f, &known) & ACC_ORDINARY);

	if (known && n != 1)
		lint_say(l, f->where, "it has %d", n);
}

void rule_acc_imsi(const struct lint *l, const struct outline_file *f)
{
	bool known;
	unsigned classes = acc(l, f, &known);
	const struct outline_file *imsi = known ? outline_in(l->o, f->parent, 0x6F07) : NULL;
	struct wbuf mem = wbuf_grow(OUTLINE_CONTENT_MAX);
	struct slice v = imsi ? lint_content(imsi, &mem) : SLICE_EMPTY;
	uint8_t digits[15];
	size_t n = imsi_digits(v, digits);

	if (v.len && n && !(classes >> digits[n - 1] & 1))
		lint_say(l, f->where, "the IMSI ends in %u", digits[n - 1]);
	wbuf_free(&mem);
}

void rule_spn_display(const struct lint *l, const struct outline_file *f)
{
	struct wbuf mem;
	struct slice v = meant(l, f, &mem);

	if (v.len && slice_at(v, 0) & ~3u && slice_at(v, 0) != EMPTY)
		lint_say(l, f->where, "%02X", slice_at(v, 0));
	wbuf_free(&mem);
}

void rule_spn_text(const struct lint *l, const struct outline_file *f)
{
	struct wbuf mem;
	struct slice v = meant(l, f, &mem), text = slice_sub(v, 1, v.len);
	bool ucs2 = slice_at(text, 0) >= 0x80 && slice_at(text, 0) <= 0x82, end = false;

	for (size_t i = 0; i < text.len && !ucs2; i++) {
		uint8_t b = slice_at(text, i);

		if (b != EMPTY && (end || b >= 0x80)) {
			lint_say(l, f->where, "octet %zu is %02X", i + 1, b);
			break;
		}
		end = end || b == EMPTY;
	}
	wbuf_free(&mem);
}

/* The AID of a record of EF.DIR: empty for an empty record; false: neither */
static bool dir_aid(struct slice record, struct slice *aid)
{
	struct cursor c = cursor_of(record);
	struct tlv t;

	*aid = SLICE_EMPTY;
	if (lint_all(record, EMPTY) || lint_all(record, 0))
		return true;
	return tlv_next(&c, &t) && t.tag == TAG_APPLICATION && tlv_find(t.value, TAG_AID, aid) &&
	       aid->len >= 5 && aid->len <= 16;
}

static const struct outline_file *dir_file(const struct lint *l, struct wbuf *mem,
					   struct slice *content)
{
	const struct outline_file *dir = outline_at(l->o, "3F002F00");

	*mem = wbuf_grow(OUTLINE_CONTENT_MAX);
	*content = dir && dir->record_len ? lint_content(dir, mem) : SLICE_EMPTY;
	return dir && dir->record_len && content->len ? dir : NULL;
}

void rule_dir_lists(const struct lint *l)
{
	struct wbuf mem;
	struct slice content, aid;
	const struct outline_file *dir = dir_file(l, &mem, &content);

	for (size_t i = 0; dir && i < l->o->file_count; i++) {
		const struct outline_file *f = &l->o->files[i];
		bool listed = false;

		for (size_t at = 0; f->adf && at < content.len; at += dir->record_len)
			listed =
				listed || (dir_aid(slice_sub(content, at, dir->record_len), &aid) &&
					   slice_equal(aid, f->aid));
		if (f->adf && f->aid.len && !listed)
			lint_say(l, f->where, "%s is not in EF.DIR", f->name);
	}
	wbuf_free(&mem);
}

struct sought_aid {
	struct slice aid;
	bool found;
};

static void match_instance(void *ctx, const struct lint_instance *i)
{
	struct sought_aid *s = ctx;

	s->found = s->found || slice_equal(schema_octets(&i->node, "instanceAID"), s->aid);
}

void rule_dir_known(const struct lint *l)
{
	struct wbuf mem;
	struct slice content;
	const struct outline_file *dir = dir_file(l, &mem, &content);

	for (size_t at = 0; dir && at < content.len; at += dir->record_len) {
		struct sought_aid s = {0};

		if (!dir_aid(slice_sub(content, at, dir->record_len), &s.aid) || !s.aid.len)
			continue;
		for (size_t i = 0; i < l->o->file_count; i++)
			s.found = s.found || slice_equal(l->o->files[i].aid, s.aid);
		lint_each_instance(l->o, match_instance, &s);
		if (!s.found)
			lint_say(l, dir->where, "record %zu", at / dir->record_len + 1);
	}
	wbuf_free(&mem);
}

void rule_dir_records(const struct lint *l, const struct outline_file *f)
{
	struct wbuf mem;
	struct slice v = meant(l, f, &mem), aid;

	for (size_t at = 0; f->record_len && at < v.len; at += f->record_len) {
		if (!dir_aid(slice_sub(v, at, f->record_len), &aid))
			lint_say(l, f->where, "record %zu", at / f->record_len + 1);
	}
	wbuf_free(&mem);
}

/* TS 102 221 9.2.4 expanded format: access mode data objects, each with its security conditions */
static bool rules_good(struct slice record)
{
	struct cursor c = cursor_of(record);
	bool mode = false, condition = true;
	struct tlv t;

	while (cursor_left(&c) && slice_at(c.rest, 0) != EMPTY) {
		if (!tlv_next(&c, &t))
			return false;
		if (t.tag >= 0x80 && t.tag <= 0x8F) {
			if (!condition)
				return false;
			mode = true;
			condition = false;
		} else if (mode &&
			   (t.tag == 0x90 || t.tag == 0x97 || t.tag == 0x9E || t.tag == 0xA0 ||
			    t.tag == 0xA4 || t.tag == 0xAF || t.tag == 0xA7)) {
			condition = true;
		} else {
			return false;
		}
	}
	return condition && lint_all(c.rest, EMPTY);
}

void rule_arr_rules(const struct lint *l, const struct outline_file *f)
{
	struct wbuf mem = wbuf_grow(OUTLINE_CONTENT_MAX);
	struct slice v;

	if ((f->fid == 0x2F06 || f->fid == 0x6F06) && f->kind == OUTLINE_LINEAR && f->record_len) {
		v = lint_content(f, &mem);
		for (size_t at = 0; at < v.len; at += f->record_len) {
			if (!rules_good(slice_sub(v, at, f->record_len)))
				lint_say(l, f->where, "record %zu", at / f->record_len + 1);
		}
	}
	wbuf_free(&mem);
}

static bool is_letter(uint8_t b)
{
	return (b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z');
}

void rule_pl_codes(const struct lint *l, const struct outline_file *f)
{
	struct wbuf mem;
	struct slice v = meant(l, f, &mem);

	for (size_t i = 0; i + 1 < v.len; i += 2) {
		uint8_t a = slice_at(v, i), b = slice_at(v, i + 1);

		if (!(is_letter(a) && is_letter(b)) && !(a == EMPTY && b == EMPTY))
			lint_say(l, f->where, "pair %zu", i / 2 + 1);
	}
	wbuf_free(&mem);
}

void rule_ecc_code(const struct lint *l, const struct outline_file *f)
{
	struct wbuf mem;
	struct slice v = meant(l, f, &mem);

	for (size_t at = 0; f->record_len && at + 3 <= v.len; at += f->record_len) {
		struct slice code = slice_sub(v, at, 3);

		if (!lint_all(code, EMPTY) && lint_bcd(code) == 0)
			lint_say(l, f->where, "record %zu", at / f->record_len + 1);
	}
	wbuf_free(&mem);
}

/* The octets of an entry in a list of networks, 0 for any other file */
static size_t plmn_entry(const struct lint *l, const struct outline_file *f)
{
	static const struct {
		uint16_t fid;
		uint8_t entry;
	} lists[] = {{0x6F7B, 3}, {0x6FD9, 3}, {0x6F60, 5}, {0x6F61, 5}, {0x6F62, 5}};

	for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
		if (f->fid == lists[i].fid && in_adf(l, f, "adf-usim"))
			return lists[i].entry;
	}
	return 0;
}

void rule_plmn_multiple(const struct lint *l, const struct outline_file *f)
{
	size_t entry = plmn_entry(l, f);

	if (entry && f->size % entry)
		lint_say(l, f->where, "%zu octets, entries of %zu", f->size, entry);
}

void rule_plmn_digits(const struct lint *l, const struct outline_file *f)
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

static void at_least(const struct lint *l, const struct outline_file *f, const struct minimum *rows,
		     size_t count)
{
	bool records = f->kind == OUTLINE_LINEAR || f->kind == OUTLINE_CYCLIC;
	size_t have = records ? f->record_len : f->size;

	for (size_t i = 0; have && i < count; i++) {
		if (f->fid == rows[i].fid && have < rows[i].octets && in_adf(l, f, "adf-usim"))
			lint_say(l, f->where, "%zu in place of %u octets", have, rows[i].octets);
	}
}

void rule_record_minimum(const struct lint *l, const struct outline_file *f)
{
	static const struct minimum rows[] = {
		{0x6F3B, 14}, {0x6F3C, 176}, {0x6F42, 28}, {0x6F40, 14}, {0x6F49, 14},
		{0x6F4B, 13}, {0x6F4C, 13},  {0x6F4E, 13}, {0x6F4F, 15}, {0x6F47, 30},
		{0x6F39, 3},  {0x6F82, 3},   {0x6F83, 3},  {0x6FC5, 3},	 {0x6FC6, 8},
		{0x6FC7, 14}, {0x6FC9, 4},   {0x6FCA, 5},  {0x6FCB, 16}, {0x6FB7, 4}};

	if (f->kind == OUTLINE_LINEAR || f->kind == OUTLINE_CYCLIC)
		at_least(l, f, rows, ARRAY_LEN(rows));
}

void rule_transparent_minimum(const struct lint *l, const struct outline_file *f)
{
	static const struct minimum rows[] = {
		{0x6F07, 9},  {0x6F08, 33}, {0x6F09, 33}, {0x6F31, 1}, {0x6F46, 17}, {0x6F56, 1},
		{0x6F5B, 6},  {0x6F5C, 3},  {0x6F73, 14}, {0x6F78, 2}, {0x6F7B, 12}, {0x6F7E, 11},
		{0x6FE3, 18}, {0x6F41, 5},  {0x6F37, 3},  {0x6FB5, 2}, {0x6FB6, 1},  {0x6F05, 2}};

	if (f->kind == OUTLINE_TRANSPARENT)
		at_least(l, f, rows, ARRAY_LEN(rows));
}

/* The octet at a place of one of the files; -1: another file, or not known */
static int octet_of(const struct lint *l, const struct outline_file *f, const struct minimum *rows,
		    size_t count)
{
	struct wbuf mem = wbuf_grow(OUTLINE_CONTENT_MAX);
	int octet = -1;

	for (size_t i = 0; i < count; i++) {
		struct slice v;

		if (f->fid != rows[i].fid || !in_adf(l, f, "adf-usim"))
			continue;
		v = lint_content(f, &mem);
		if (rows[i].octets < v.len)
			octet = slice_at(v, rows[i].octets);
	}
	wbuf_free(&mem);
	return octet;
}

void rule_keys_ksi(const struct lint *l, const struct outline_file *f)
{
	static const struct minimum rows[] = {{0x6F08, 0}, {0x6F09, 0}};
	int ksi = octet_of(l, f, rows, ARRAY_LEN(rows));

	if (ksi >= 0 && ksi != 7)
		lint_say(l, f->where, "KSI is %02X", (unsigned)ksi);
}

void rule_loci_status(const struct lint *l, const struct outline_file *f)
{
	static const struct minimum rows[] = {{0x6F7E, 10}, {0x6F73, 13}, {0x6FE3, 17}};
	int status = octet_of(l, f, rows, ARRAY_LEN(rows));

	if (status >= 0 && (status & 7) != 1)
		lint_say(l, f->where, "the status is %02X", (unsigned)status);
}

/* Text under tag 80; false: something else. Nothing at all is text of no octets. */
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

void rule_impi_nai(const struct lint *l, const struct outline_file *f)
{
	struct wbuf mem;
	struct slice v = meant(l, f, &mem), text;

	if (v.len && (!tagged_text(v, &text) || (text.len && !has_character(text, '@'))))
		lint_say(l, f->where, "it holds none");
	wbuf_free(&mem);
}

void rule_impu_uri(const struct lint *l, const struct outline_file *f)
{
	struct wbuf mem;
	struct slice v = meant(l, f, &mem), text;

	for (size_t at = 0; f->record_len && at < v.len; at += f->record_len) {
		if (!tagged_text(slice_sub(v, at, f->record_len), &text) ||
		    (text.len && !has_character(text, ':')))
			lint_say(l, f->where, "record %zu", at / f->record_len + 1);
	}
	wbuf_free(&mem);
}

void rule_isim_domain(const struct lint *l, const struct outline_file *f)
{
	struct wbuf mem;
	struct slice v = meant(l, f, &mem), text;
	bool good = tagged_text(v, &text);

	for (size_t i = 0; i < text.len; i++)
		good = good && slice_at(text, i) > ' ' && slice_at(text, i) < 0x7F;
	if (v.len && !good)
		lint_say(l, f->where, "it holds none");
	wbuf_free(&mem);
}

static struct slice named(const struct outline_file *f, const char *name, const char * or,
			  struct wbuf *mem)
{
	*mem = wbuf_grow(OUTLINE_CONTENT_MAX);
	return strcmp(f->name, name) == 0 || strcmp(f->name, or) == 0 ? lint_content(f, mem)
								      : SLICE_EMPTY;
}

void rule_suci_info(const struct lint *l, const struct outline_file *f)
{
	struct wbuf mem;
	struct slice v = named(f, "ef-suci-calc-info", "ef-suci-calc-info-usim", &mem);
	struct cursor c = cursor_of(v);
	struct tlv t;
	bool good = true;

	if (v.len && !lint_all(v, EMPTY)) {
		good = tlv_next(&c, &t) && t.tag == 0xA0;
		if (good && slice_at(c.rest, 0) == 0xA1)
			good = tlv_next(&c, &t);
	}
	if (!good)
		lint_say(l, f->where, "it holds something else");
	wbuf_free(&mem);
}

void rule_routing(const struct lint *l, const struct outline_file *f)
{
	struct wbuf mem;
	struct slice v = named(f, "ef-routing-indicator", "ef-routing-indicator", &mem),
		     digits = slice_sub(v, 0, 2);

	if (v.len && lint_bcd(digits) == 0 && !lint_all(digits, EMPTY))
		lint_say(l, f->where, "other digits");
	wbuf_free(&mem);
}

void rule_hpplmn(const struct lint *l, const struct outline_file *f)
{
	struct wbuf mem;
	struct slice v = meant(l, f, &mem);

	if (v.len && slice_at(v, 0) > HPPLMN_MAX)
		lint_say(l, f->where, "%02X", slice_at(v, 0));
	wbuf_free(&mem);
}

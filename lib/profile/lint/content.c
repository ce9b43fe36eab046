/* content: EFC, what stands in the files of the MF and of the ADFs */
#include <string.h>

#include "lib/base/tlv.h"
#include "lib/profile/lint/rule.h"
#include "lib/profile/lint/tables.h"
#include "lib/uicc/content.h"
#include "lib/uicc/aid.h"
#include "lib/uicc/fid.h"

#define ACC_RESERVED 0x0400u
#define ACC_ORDINARY 0x03FFu
#define HPPLMN_MAX   240
#define EMPTY	     0xFF

static void rule_ef_iccid(const struct lint *l, const struct outline_file *f)
{
	const struct outline_element *h = lint_header(l);
	struct slice iccid = h ? schema_octets(&h->node, "iccid") : SLICE_EMPTY;
	struct wbuf mem;
	struct slice v = lint_meant(l, f, &mem);
	bool same = v.len == iccid.len;

	for (size_t i = 0; i < v.len; i++) {
		uint8_t b = slice_at(v, i);

		same = same && (uint8_t)(b << 4 | b >> 4) == slice_at(iccid, i);
	}
	if (v.len && h && !same)
		lint_say(l, f->where, "it holds another");
	wbuf_free(&mem);
}

static void rule_ef_iccid_digits(const struct lint *l, const struct outline_file *f)
{
	struct wbuf mem;
	struct slice v = lint_meant(l, f, &mem);

	if (v.len && content_bcd(v) < 18)
		lint_say(l, f->where, "other digits, or fewer than 18");
	wbuf_free(&mem);
}

static void rule_imsi_length(const struct lint *l, const struct outline_file *f)
{
	struct wbuf mem;
	struct slice v = lint_meant(l, f, &mem);

	if (v.len && (slice_at(v, 0) < 4 || slice_at(v, 0) > 8))
		lint_say(l, f->where, "%u", slice_at(v, 0));
	wbuf_free(&mem);
}

static void rule_imsi_parity(const struct lint *l, const struct outline_file *f)
{
	struct wbuf mem;
	struct slice v = lint_meant(l, f, &mem);
	uint8_t digits[CONTENT_IMSI_MAX];
	size_t n = content_imsi(v, digits);
	unsigned want = n % 2 ? 9 : 1;

	if (v.len && n && (slice_at(v, 1) & 15u) != want)
		lint_say(l, f->where, "%zu digits, the first nibble is %u", n,
			 slice_at(v, 1) & 15u);
	wbuf_free(&mem);
}

static void rule_imsi_digits(const struct lint *l, const struct outline_file *f)
{
	struct wbuf mem;
	struct slice v = lint_meant(l, f, &mem);
	uint8_t digits[CONTENT_IMSI_MAX];

	if (v.len && slice_at(v, 0) <= 8 &&
	    (content_imsi(v, digits) < 6 || !lint_all(slice_sub(v, 1u + slice_at(v, 0), 9), EMPTY)))
		lint_say(l, f->where, "other digits, fewer than 6, or something behind");
	wbuf_free(&mem);
}

static void rule_ad_length(const struct lint *l, const struct outline_file *f)
{
	if (lint_is_meant(l, f) && f->size && f->size < 4)
		lint_say(l, f->where, "%zu", f->size);
}

static void rule_ad_mnc(const struct lint *l, const struct outline_file *f)
{
	struct wbuf mem;
	struct slice v = lint_meant(l, f, &mem);
	unsigned n = slice_at(v, 3) & 15u;

	if (v.len >= 4 && n != 2 && n != 3)
		lint_say(l, f->where, "%u", n);
	wbuf_free(&mem);
}

static void rule_ad_mode(const struct lint *l, const struct outline_file *f)
{
	struct wbuf mem;
	struct slice v = lint_meant(l, f, &mem);
	uint8_t mode = slice_at(v, 0) & 0x7F;

	if (v.len && mode != 0 && mode != 1 && mode != 2 && mode != 4)
		lint_say(l, f->where, "%02X", slice_at(v, 0));
	wbuf_free(&mem);
}

static unsigned take_acc(const struct lint *l, const struct outline_file *f, bool *known)
{
	struct wbuf mem;
	struct slice v = lint_meant(l, f, &mem);
	unsigned acc = (unsigned)slice_at(v, 0) << 8 | slice_at(v, 1);

	*known = v.len >= 2;
	wbuf_free(&mem);
	return acc;
}

static void rule_acc_reserved(const struct lint *l, const struct outline_file *f)
{
	bool known;

	if (take_acc(l, f, &known) & ACC_RESERVED)
		lint_say(l, f->where, "it is 1");
}

static void rule_acc_one(const struct lint *l, const struct outline_file *f)
{
	bool known;
	int n = __builtin_popcount(take_acc(l, f, &known) & ACC_ORDINARY);

	if (known && n != 1)
		lint_say(l, f->where, "it has %d", n);
}

static void rule_acc_imsi(const struct lint *l, const struct outline_file *f)
{
	bool known;
	unsigned classes = take_acc(l, f, &known);
	const struct outline_file *imsi = known ? outline_in(l->o, f->parent, FID_IMSI) : NULL;
	struct wbuf mem = wbuf_grow(OUTLINE_CONTENT_MAX);
	struct slice v = imsi ? lint_content(imsi, &mem) : SLICE_EMPTY;
	uint8_t digits[CONTENT_IMSI_MAX];
	size_t n = content_imsi(v, digits);

	if (v.len && n && !(classes >> digits[n - 1] & 1))
		lint_say(l, f->where, "the IMSI ends in %u", digits[n - 1]);
	wbuf_free(&mem);
}

static void rule_spn_display(const struct lint *l, const struct outline_file *f)
{
	struct wbuf mem;
	struct slice v = lint_meant(l, f, &mem);

	if (v.len && !content_spn_shown(v))
		lint_say(l, f->where, "%02X", slice_at(v, 0));
	wbuf_free(&mem);
}

static void rule_spn_text(const struct lint *l, const struct outline_file *f)
{
	struct wbuf mem;
	struct slice v = lint_meant(l, f, &mem);
	size_t stray = content_spn_stray(v);

	if (stray)
		lint_say(l, f->where, "octet %zu is %02X", stray, slice_at(v, stray));
	wbuf_free(&mem);
}

static const struct outline_file *dir_file(const struct lint *l, struct wbuf *mem,
					   struct slice *content)
{
	const struct outline_file *dir = outline_at(l->o, "3F002F00");

	*mem = wbuf_grow(OUTLINE_CONTENT_MAX);
	*content = dir && dir->record_len ? lint_content(dir, mem) : SLICE_EMPTY;
	return dir && dir->record_len && content->len ? dir : NULL;
}

static void rule_dir_lists(const struct lint *l)
{
	struct wbuf mem;
	struct slice content, aid;
	const struct outline_file *dir = dir_file(l, &mem, &content);

	for (size_t i = 0; dir && i < l->o->file_count; i++) {
		const struct outline_file *f = &l->o->files[i];
		bool listed = false;

		for (size_t at = 0; f->adf && at < content.len; at += dir->record_len)
			listed = listed ||
				 (content_dir_aid(slice_sub(content, at, dir->record_len), &aid) &&
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

static void rule_dir_known(const struct lint *l)
{
	struct wbuf mem;
	struct slice content;
	const struct outline_file *dir = dir_file(l, &mem, &content);

	for (size_t at = 0; dir && at < content.len; at += dir->record_len) {
		struct sought_aid s = {0};

		if (!content_dir_aid(slice_sub(content, at, dir->record_len), &s.aid) || !s.aid.len)
			continue;
		for (size_t i = 0; i < l->o->file_count; i++)
			s.found = s.found || slice_equal(l->o->files[i].aid, s.aid);
		lint_each_instance(l->o, match_instance, &s);
		if (!s.found)
			lint_say(l, dir->where, "record %zu", at / dir->record_len + 1);
	}
	wbuf_free(&mem);
}

static void rule_dir_records(const struct lint *l, const struct outline_file *f)
{
	struct wbuf mem;
	struct slice v = lint_meant(l, f, &mem), aid;

	for (size_t at = 0; f->record_len && at < v.len; at += f->record_len) {
		if (!content_dir_aid(slice_sub(v, at, f->record_len), &aid))
			lint_say(l, f->where, "record %zu", at / f->record_len + 1);
	}
	wbuf_free(&mem);
}

static bool is_condition(uint32_t tag)
{
	switch (tag) {
	case UICC_SC_ALWAYS:
	case UICC_SC_NEVER:
	case UICC_SC_OCTET:
	case UICC_SC_OR:
	case UICC_SC_KEY:
	case UICC_SC_NOT:
	case UICC_SC_AND: return true;
	default: return false;
	}
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
		if (t.tag >= UICC_AM_BITS && t.tag <= UICC_AM_LAST) {
			if (!condition)
				return false;
			mode = true;
			condition = false;
		} else if (mode && is_condition(t.tag)) {
			condition = true;
		} else {
			return false;
		}
	}
	return condition && lint_all(c.rest, EMPTY);
}

static void rule_arr_rules(const struct lint *l, const struct outline_file *f)
{
	struct wbuf mem = wbuf_grow(OUTLINE_CONTENT_MAX);
	struct slice v;

	if (lint_is_arr(f) && f->kind == UICC_LINEAR && f->record_len) {
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

static void rule_pl_codes(const struct lint *l, const struct outline_file *f)
{
	struct wbuf mem;
	struct slice v = lint_meant(l, f, &mem);

	for (size_t i = 0; i + 1 < v.len; i += 2) {
		uint8_t a = slice_at(v, i), b = slice_at(v, i + 1);

		if (!(is_letter(a) && is_letter(b)) && !(a == EMPTY && b == EMPTY))
			lint_say(l, f->where, "pair %zu", i / 2 + 1);
	}
	wbuf_free(&mem);
}

static void rule_ecc_code(const struct lint *l, const struct outline_file *f)
{
	struct wbuf mem;
	struct slice v = lint_meant(l, f, &mem);

	for (size_t at = 0; f->record_len && at + 3 <= v.len; at += f->record_len) {
		struct slice code = slice_sub(v, at, 3);

		if (!lint_all(code, EMPTY) && content_bcd(code) == 0)
			lint_say(l, f->where, "record %zu", at / f->record_len + 1);
	}
	wbuf_free(&mem);
}

static void rule_hpplmn(const struct lint *l, const struct outline_file *f)
{
	struct wbuf mem;
	struct slice v = lint_meant(l, f, &mem);

	if (v.len && slice_at(v, 0) > HPPLMN_MAX)
		lint_say(l, f->where, "%02X", slice_at(v, 0));
	wbuf_free(&mem);
}

static const struct lint_row rows[] = {
	ON_FILE("EFC-01", ERROR, rule_ef_iccid, "TS 102 221 13.2",
		"EF.ICCID holds the ICCID of the header", .arg = "3F002FE2"),
	ON_FILE("EFC-02", ERROR, rule_ef_iccid_digits, "TS 102 221 13.2",
		"EF.ICCID holds digits, then filler F", .arg = "3F002FE2"),
	ON_FILE("EFC-03", ERROR, rule_imsi_length, "TS 31.102 4.2.2",
		"EF.IMSI says the octets of the IMSI: 4 to 8", .arg = "6F07"),
	ON_FILE("EFC-04", ERROR, rule_imsi_parity, "TS 31.102 4.2.2; TS 24.008 10.5.1.4",
		"the parity of EF.IMSI is that of its digits", .arg = "6F07"),
	ON_FILE("EFC-05", ERROR, rule_imsi_digits, "TS 31.102 4.2.2",
		"EF.IMSI holds digits, then filler F", .arg = "6F07"),
	ON_FILE("EFC-06", ERROR, rule_ad_length, "TS 31.102 4.2.18",
		"EF.AD of a USIM has at least 4 octets", .arg = "6FAD"),
	ON_FILE("EFC-07", ERROR, rule_ad_mnc, "TS 31.102 4.2.18",
		"EF.AD says that the MNC has 2 or 3 digits", .arg = "6FAD"),
	ON_FILE("EFC-08", WARNING, rule_ad_mode, "TS 31.102 4.2.18",
		"EF.AD has an operation mode that exists", .arg = "6FAD"),
	ON_FILE("EFC-09", ERROR, rule_acc_reserved, "TS 31.102 4.2.15", "bit 11 of EF.ACC is 0",
		.arg = "6F78"),
	ON_FILE("EFC-10", WARNING, rule_acc_one, "TS 22.011 4.2",
		"EF.ACC has one of the classes 0 to 9", .arg = "6F78"),
	ON_FILE("EFC-11", INFO, rule_acc_imsi, "TS 22.011 4.2",
		"the class of EF.ACC is the last digit of the IMSI", .arg = "6F78"),
	ON_FILE("EFC-12", ERROR, rule_spn_display, "TS 31.102 4.2.12",
		"the display condition of EF.SPN uses the bits that are defined", .arg = "6F46"),
	ON_FILE("EFC-13", WARNING, rule_spn_text, "TS 31.102 4.2.12", "EF.SPN holds text, then FF",
		.arg = "6F46"),
	ON_PACKAGE("EFC-14", WARNING, rule_dir_lists, "TS 102 221 13.1", "EF.DIR lists every ADF"),
	ON_PACKAGE("EFC-15", WARNING, rule_dir_known, "TS 102 221 13.1",
		   "EF.DIR lists only applications that the package has"),
	ON_FILE("EFC-16", ERROR, rule_dir_records, "TS 102 221 13.1",
		"a record of EF.DIR is an application template or empty", .arg = "3F002F00"),
	ON_FILE("EFC-17", ERROR, rule_arr_rules, "TS 102 221 9.2.7",
		"a record of EF.ARR is a list of access rules or empty"),
	ON_FILE("EFC-18", WARNING, rule_pl_codes, "TS 102 221 13.3; ISO 639",
		"EF.PL holds pairs of letters, or FF", .arg = "3F002F05"),
	ON_FILE("EFC-23", ERROR, rule_ecc_code, "TS 31.102 4.2.21",
		"an emergency call code of EF.ECC is BCD", .arg = "6FB7"),
	ON_FILE("EFC-37", WARNING, rule_hpplmn, "TS 31.102 4.2.6",
		"EF.HPPLMN is a period that exists", .arg = "6F31"),
};

const struct lint_table lint_content_rules = {rows, ARRAY_LEN(rows)};

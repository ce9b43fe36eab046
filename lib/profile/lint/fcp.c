/* fcp: FCP, the fields of a file's Fcp, each for itself */
#include <string.h>

#include "lib/profile/lint/rule.h"
#include "lib/profile/lint/tables.h"
#include "lib/uicc/fcp.h"

#define RECORD_MAX   255
#define RECORDS_MAX  254
#define READ_MAX     32767 /* READ BINARY with an offset of 15 bits, the last octets */
#define SPECIAL_BITS (UICC_SPECIAL_HIGH_UPDATE | UICC_SPECIAL_READABLE)

static bool has(const struct outline_file *f, const char *field)
{
	struct schema_node n;

	return f->fcp.type && schema_get(&f->fcp, field, &n);
}

static bool is_df(const struct outline_file *f)
{
	return f->kind == UICC_DF;
}

static bool has_records(const struct outline_file *f)
{
	return f->kind == UICC_LINEAR || f->kind == UICC_CYCLIC;
}

static void rule_descriptor_kind(const struct lint *l, const struct outline_file *f)
{
	struct slice d = schema_octets(&f->fcp, "fileDescriptor");

	if (d.len && (f->kind == UICC_UNKNOWN || slice_at(d, 0) & UICC_DESCRIPTOR_RFU))
		lint_say(l, f->where, "%02X", slice_at(d, 0));
}

static void rule_descriptor_length(const struct lint *l, const struct outline_file *f)
{
	struct slice d = schema_octets(&f->fcp, "fileDescriptor");

	if (d.len && (has_records(f) ? d.len != 4 : d.len != 2))
		lint_say(l, f->where, "it has %zu octets", d.len);
}

static void rule_record_length(const struct lint *l, const struct outline_file *f)
{
	if (has_records(f) && !f->is_link && f->size &&
	    (f->record_len == 0 || f->record_len > RECORD_MAX))
		lint_say(l, f->where, "%zu", f->record_len);
}

static void rule_template_kind(const struct lint *l, const struct outline_file *f)
{
	static const enum uicc_structure kinds[] = {[TEMPLATE_TR] = UICC_TRANSPARENT,
						    [TEMPLATE_LF] = UICC_LINEAR,
						    [TEMPLATE_CY] = UICC_CYCLIC,
						    [TEMPLATE_BT] = UICC_BER_TLV};

	if (f->row && (size_t)f->row->kind < ARRAY_LEN(kinds) && kinds[f->row->kind] &&
	    has(f, "fileDescriptor") && f->kind != kinds[f->row->kind])
		lint_say(l, f->where, "it is another");
}

static void rule_record_multiple(const struct lint *l, const struct outline_file *f)
{
	if (has_records(f) && f->record_len && f->size % f->record_len)
		lint_say(l, f->where, "%zu octets, records of %zu", f->size, f->record_len);
}

static void rule_record_count(const struct lint *l, const struct outline_file *f)
{
	if (has_records(f) && f->record_len && f->size / f->record_len > RECORDS_MAX)
		lint_say(l, f->where, "%zu", f->size / f->record_len);
}

/* A file whose template is unknown is not judged: the template may give its size. */
static void rule_size_given(const struct lint *l, const struct outline_file *f)
{
	bool known = f->generic || f->row;

	if (known && !is_df(f) && !f->is_link && !f->not_created && !f->size && !f->defaulted &&
	    !has(f, "efFileSize"))
		lint_say(l, f->where, "neither the Fcp nor a template says it");
}

static void rule_size_of_df(const struct lint *l, const struct outline_file *f)
{
	if (is_df(f) && has(f, "efFileSize"))
		lint_say(l, f->where, "it has one");
}

static void rule_size_minimal(const struct lint *l, const struct outline_file *f)
{
	struct slice v = schema_octets(&f->fcp, "efFileSize");

	if (v.len > 1 && slice_at(v, 0) == 0)
		lint_say(l, f->where, "%zu octets for %zu", v.len, f->size);
}

static void rule_size_zero(const struct lint *l, const struct outline_file *f)
{
	if (has(f, "efFileSize") && lint_number(schema_octets(&f->fcp, "efFileSize")) == 0)
		lint_say(l, f->where, "it is");
}

static void rule_lcsi(const struct lint *l, const struct outline_file *f)
{
	struct slice v = schema_octets(&f->fcp, "lcsi");
	uint8_t s = slice_at(v, 0);

	if (v.len && s != UICC_LCSI_CREATION && s != UICC_LCSI_INITIALISATION &&
	    (s & ~3u) != UICC_LCSI_DEACTIVATED && (s & ~3u) != UICC_LCSI_TERMINATED)
		lint_say(l, f->where, "%02X", s);
}

static void rule_lcsi_active(const struct lint *l, const struct outline_file *f)
{
	struct slice v = schema_octets(&f->fcp, "lcsi");

	if (v.len && (slice_at(v, 0) & ~UICC_LCSI_ANY) != UICC_LCSI_ACTIVATED)
		lint_say(l, f->where, "%02X", slice_at(v, 0));
}

static void rule_security_length(const struct lint *l, const struct outline_file *f)
{
	struct slice v = schema_octets(&f->fcp, "securityAttributesReferenced");

	if (has(f, "securityAttributesReferenced") && v.len != 1 && v.len != 3)
		lint_say(l, f->where, "%zu octets", v.len);
}

static void rule_security_given(const struct lint *l, const struct outline_file *f)
{
	if (f->generic && !has(f, "securityAttributesReferenced"))
		lint_say(l, f->where, "it has none");
}

static void rule_pin_status_of_ef(const struct lint *l, const struct outline_file *f)
{
	if (!is_df(f) && has(f, "pinStatusTemplateDO"))
		lint_say(l, f->where, "it has one");
}

static void rule_pin_status_given(const struct lint *l, const struct outline_file *f)
{
	if (is_df(f) && !f->defaulted && !f->not_created && !f->is_link &&
	    !has(f, "pinStatusTemplateDO"))
		lint_say(l, f->where, "it has none");
}

static void rule_pin_status_form(const struct lint *l, const struct outline_file *f)
{
	struct slice v = schema_octets(&f->fcp, "pinStatusTemplateDO");
	bool twice = false, zero = false;

	for (size_t i = 0; i < v.len; i++) {
		zero = zero || slice_at(v, i) == 0;
		for (size_t k = 0; k < i && v.len <= 64; k++)
			twice = twice || slice_at(v, k) == slice_at(v, i);
	}
	if (has(f, "pinStatusTemplateDO") && (v.len == 0 || twice || zero))
		lint_say(l, f->where, "%s",
			 twice ? "one stands twice" : "one is 0, or it is empty");
}

static void rule_sfi_of_df(const struct lint *l, const struct outline_file *f)
{
	if (is_df(f) && has(f, "shortEFID"))
		lint_say(l, f->where, "it has one");
}

static void rule_sfi_bits(const struct lint *l, const struct outline_file *f)
{
	uint8_t v = slice_at(schema_octets(&f->fcp, "shortEFID"), 0);

	if (v & 7)
		lint_say(l, f->where, "%02X", v);
}

static void rule_sfi_range(const struct lint *l, const struct outline_file *f)
{
	struct slice v = schema_octets(&f->fcp, "shortEFID");

	if (v.len && (slice_at(v, 0) >> 3 == 0 || slice_at(v, 0) >> 3 > UICC_SFI_MAX))
		lint_say(l, f->where, "%u", slice_at(v, 0) >> 3);
}

static void rule_proprietary_of_df(const struct lint *l, const struct outline_file *f)
{
	if (is_df(f) && has(f, "proprietaryEFInfo"))
		lint_say(l, f->where, "it has one");
}

static void rule_one_pattern(const struct lint *l, const struct outline_file *f)
{
	if (has(f, "proprietaryEFInfo/fillPattern") && has(f, "proprietaryEFInfo/repeatPattern"))
		lint_say(l, f->where, "it has both");
}

/* The last octet of a fill pattern is repeated to the end, so one octet more than the file does no
 * harm. */
static void rule_pattern_long(const struct lint *l, const struct outline_file *f)
{
	size_t fill = schema_octets(&f->fcp, "proprietaryEFInfo/fillPattern").len;
	size_t repeat = schema_octets(&f->fcp, "proprietaryEFInfo/repeatPattern").len;
	size_t room = has_records(f) && f->record_len ? f->record_len : f->size;

	if (f->size && (fill > room + 1 || repeat > room))
		lint_say(l, f->where, "%zu octets for %zu", fill ? fill : repeat, room);
}

static void rule_bertlv_only(const struct lint *l, const struct outline_file *f)
{
	if (f->kind != UICC_BER_TLV && f->kind != UICC_UNKNOWN &&
	    (has(f, "proprietaryEFInfo/maximumFileSize") ||
	     has(f, "proprietaryEFInfo/fileDetails")))
		lint_say(l, f->where, "it is none");
}

static void rule_bertlv_max(const struct lint *l, const struct outline_file *f)
{
	struct slice max = schema_octets(&f->fcp, "proprietaryEFInfo/maximumFileSize");

	if (max.len && lint_number(max) < f->size)
		lint_say(l, f->where, "%llu, the size is %zu", (unsigned long long)lint_number(max),
			 f->size);
}

static void rule_bertlv_pattern(const struct lint *l, const struct outline_file *f)
{
	if (f->kind == UICC_BER_TLV &&
	    (has(f, "proprietaryEFInfo/fillPattern") || has(f, "proprietaryEFInfo/repeatPattern")))
		lint_say(l, f->where, "it has one");
}

static void rule_data_coding(const struct lint *l, const struct outline_file *f)
{
	struct slice d = schema_octets(&f->fcp, "fileDescriptor");

	if (d.len > 1 && slice_at(d, 1) != UICC_DATA_CODING)
		lint_say(l, f->where, "%02X", slice_at(d, 1));
}

static void rule_special_bits(const struct lint *l, const struct outline_file *f)
{
	uint8_t v = slice_at(schema_octets(&f->fcp, "proprietaryEFInfo/specialFileInformation"), 0);

	if (v & ~SPECIAL_BITS)
		lint_say(l, f->where, "%02X", v);
}

static void rule_size_reach(const struct lint *l, const struct outline_file *f)
{
	if (f->kind == UICC_TRANSPARENT && f->size > READ_MAX)
		lint_say(l, f->where, "%zu octets", f->size);
}

static void rule_gfm_descriptor(const struct lint *l, const struct outline_file *f)
{
	if (f->generic && !has(f, "fileDescriptor"))
		lint_say(l, f->where, "it has none");
}

static const struct lint_row rows[] = {
	ON_FILE("FCP-01", ERROR, rule_descriptor_kind,
		"TS 102 222 6.3.2.2.1; TS 102 221 11.1.1.4.3",
		"the file descriptor names a structure that exists"),
	ON_FILE("FCP-02", ERROR, rule_descriptor_length, "TS 102 221 11.1.1.4.3",
		"the file descriptor of a file with records says their length, no other does"),
	ON_FILE("FCP-03", ERROR, rule_record_length, "TS 102 222 6.3.2.2.1",
		"a record has 1 to 255 octets"),
	ON_FILE("FCP-04", ERROR, rule_template_kind, "TCA 8.3.3",
		"the structure of a file is that of its template"),
	ON_FILE("FCP-05", ERROR, rule_record_multiple, "TS 102 222 6.3.2.2.1",
		"the size of a file is that of whole records"),
	ON_FILE("FCP-06", ERROR, rule_record_count, "TS 102 221 8.2.2.2",
		"a file has at most 254 records"),
	ON_FILE("FCP-07", ERROR, rule_size_given, "TCA PEDefinitions, Fcp: efFileSize",
		"an EF has a size"),
	ON_FILE("FCP-08", ERROR, rule_size_of_df, "TCA PEDefinitions, Fcp: efFileSize",
		"a DF has no efFileSize"),
	ON_FILE("FCP-09", ERROR, rule_size_minimal, "TCA PEDefinitions, Fcp: efFileSize",
		"efFileSize has no leading zero octet"),
	ON_FILE("FCP-10", ERROR, rule_size_zero, "TCA PEDefinitions, Fcp: efFileSize",
		"efFileSize is not zero"),
	ON_FILE("FCP-20", ERROR, rule_lcsi, "TS 102 221 11.1.1.4.9",
		"lcsi is a life cycle status that exists"),
	ON_FILE("FCP-21", INFO, rule_lcsi_active, "TS 102 221 11.1.1.4.9", "a file is activated"),
	ON_FILE("FCP-22", ERROR, rule_security_length,
		"TCA PEDefinitions, Fcp: securityAttributesReferenced",
		"securityAttributesReferenced has 1 or 3 octets"),
	ON_FILE("FCP-26", WARNING, rule_security_given, "TS 102 222 6.3.2.2.1",
		"a file that no template describes has security attributes"),
	ON_FILE("FCP-27", ERROR, rule_pin_status_of_ef,
		"TCA PEDefinitions, Fcp: pinStatusTemplateDO", "an EF has no pinStatusTemplateDO"),
	ON_FILE("FCP-28", ERROR, rule_pin_status_given,
		"TCA PEDefinitions, Fcp: pinStatusTemplateDO",
		"a DF or ADF has a pinStatusTemplateDO"),
	ON_FILE("FCP-29", ERROR, rule_sfi_of_df, "TCA PEDefinitions, Fcp: shortEFID",
		"a DF has no shortEFID"),
	ON_FILE("FCP-30", ERROR, rule_sfi_bits, "TCA PEDefinitions, Fcp: shortEFID",
		"bits b3 to b1 of shortEFID are 0"),
	ON_FILE("FCP-31", ERROR, rule_sfi_range, "TS 102 221 8.6", "a shortEFID is one of 1 to 30"),
	ON_FILE("FCP-33", ERROR, rule_proprietary_of_df,
		"TCA PEDefinitions, Fcp: proprietaryEFInfo", "a DF has no proprietaryEFInfo"),
	ON_FILE("FCP-34", ERROR, rule_one_pattern, "TCA PEDefinitions, ProprietaryInfo",
		"a file has a fill pattern or a repeat pattern, not both"),
	ON_FILE("FCP-35", WARNING, rule_pattern_long, "TS 102 222 6.3.2.2.2",
		"a pattern is no longer than the file"),
	ON_FILE("FCP-36", ERROR, rule_bertlv_only, "TCA PEDefinitions, ProprietaryInfo",
		"maximumFileSize and fileDetails are those of a BER-TLV file"),
	ON_FILE("FCP-51", INFO, rule_size_reach, "TS 102 221 11.1.3",
		"every octet of a transparent file can be read: at most 32767"),
	ON_FILE("FCP-52", WARNING, rule_special_bits, "TS 102 222 6.3.2.2.2",
		"specialFileInformation uses the bits that are defined"),
	ON_FILE("FCP-54", WARNING, rule_pin_status_form, "TS 102 221 11.1.1.4.10",
		"pinStatusTemplateDO is a list of key references"),
	ON_FILE("FCP-55", WARNING, rule_bertlv_max, "TCA PEDefinitions, ProprietaryInfo",
		"maximumFileSize of a BER-TLV file is not below its size"),
	ON_FILE("FCP-57", ERROR, rule_bertlv_pattern, "TS 102 222 6.3.2.2.2",
		"a BER-TLV file has no fill or repeat pattern"),
	ON_FILE("FCP-58", ERROR, rule_data_coding, "TS 102 222 6.3.2.2.1",
		"the data coding octet of the file descriptor is 21"),
	ON_FILE("GFM-05", WARNING, rule_gfm_descriptor, "TCA 8.3.5",
		"a file that is created has a fileDescriptor"),
};

const struct lint_table lint_fcp_rules = {rows, ARRAY_LEN(rows)};

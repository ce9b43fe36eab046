/* fcp: what the card says of its files. ETSI TS 102 221 11.1.1.3, 11.1.1.4, 9.2.7, 9.5.2 */
#include "host/exam/fcp.h"

#include "host/exam/cases/cases.h"
#include "host/exam/probe.h"
#include "lib/base/tlv.h"

/* Files that are there on every card, or on most: directory, identifier. */
static const struct {
	bool usim;
	uint16_t fid;
	const char *name;
} files[] = {
	{false, FID_MF, "MF"},		 {false, FID_DIR, "EF.DIR"},
	{false, FID_ICCID, "EF.ICCID"},	 {false, FID_PL, "EF.PL"},
	{false, FID_ARR_MF, "EF.ARR"},	 {true, FID_CURRENT_ADF, "ADF.USIM"},
	{true, FID_IMSI, "EF.IMSI"},	 {true, FID_AD, "EF.AD"},
	{true, FID_UST, "EF.UST"},	 {true, FID_ACC, "EF.ACC"},
	{true, FID_LOCI, "EF.LOCI"},	 {true, FID_MSISDN, "EF.MSISDN"},
	{true, FID_LI, "EF.LI"},	 {true, FID_SPN, "EF.SPN"},
	{true, FID_PSLOCI, "EF.PSLOCI"}, {true, FID_EHPLMN, "EF.EHPLMN"},
};

/* Calls judge with the FCP of each file that is there. */
static void each_fcp(struct exam *x,
		     void (*judge)(struct exam *x, const char *name, const struct exam_fcp *f))
{
	for (size_t i = 0; i < ARRAY_LEN(files) && exam_goes_on(x); i++) {
		struct exam_answer a;
		struct exam_fcp f;
		bool there;

		if (files[i].usim && !exam_has(x, EXAM_USIM))
			continue;
		there = files[i].usim ? exam_under_usim(x, files[i].fid, &a)
				      : exam_under_mf(x, files[i].fid, &a);
		if (!there)
			continue;
		fcp_take(exam_data(&a), &f);
		judge(x, files[i].name, &f);
	}
}

static void form_each(struct exam *x)
{
	for (size_t i = 0; i < ARRAY_LEN(files) && exam_goes_on(x); i++) {
		struct exam_answer a;
		struct exam_fcp f;
		const char *why;

		if (files[i].usim && !exam_has(x, EXAM_USIM))
			continue;
		if (!(files[i].usim ? exam_under_usim(x, files[i].fid, &a)
				    : exam_under_mf(x, files[i].fid, &a)))
			continue;
		why = fcp_take(exam_data(&a), &f);
		exam_check(x, !why, "%s: %s", files[i].name, why ? why : "");
	}
}

static void judge_mandatory(struct exam *x, const char *name, const struct exam_fcp *f)
{
	bool df = fcp_is_directory(f);
	/* an eUICC without an enabled profile has no PIN */
	bool pins = exam_has(x, EXAM_USIM) || !exam_has(x, EXAM_ISDR);

	exam_check(x, f->descriptor.ptr, "%s: no file descriptor (82)", name);
	exam_check(x, f->lcsi.ptr, "%s: no life cycle status (8A)", name);
	exam_check(x, f->arr.ptr || f->compact.ptr || f->expanded.ptr,
		   "%s: no security attributes (8B, 8C or AB)", name);
	exam_check(x, df || f->fid.ptr, "%s: no file identifier (83)", name);
	exam_check(x, df || f->size.ptr, "%s: no file size (80)", name);
	exam_check(x, !df || !pins || f->pin_status.ptr, "%s: no PIN status template (C6)", name);
	exam_check(x, !df || f->fid.ptr || f->name.ptr, "%s: neither identifier nor name", name);
}

static void mandatory(struct exam *x)
{
	each_fcp(x, judge_mandatory);
}

static void judge_descriptor(struct exam *x, const char *name, const struct exam_fcp *f)
{
	bool records = fcp_has_records(f);
	uint8_t first = slice_at(f->descriptor, 0);

	exam_check(x, f->descriptor.len == (records ? 5 : 2),
		   "%s: its file descriptor has %zu octets instead of %u", name, f->descriptor.len,
		   records ? 5 : 2);
	exam_check(x,
		   f->structure == UICC_TRANSPARENT || f->structure == UICC_DF || records ||
			   f->structure == UICC_BER_TLV,
		   "%s: file descriptor %02X is no structure of a UICC", name, first);
	exam_check(x, !(first & UICC_DESCRIPTOR_RFU), "%s: file descriptor %02X, bit 8 is RFU",
		   name, first);
	exam_check(x, slice_at(f->descriptor, 1) == UICC_DATA_CODING,
		   "%s: data coding octet %02X instead of 21", name, slice_at(f->descriptor, 1));
	exam_check(x, !records || (f->record_len && f->records), "%s: %u records of %u octets",
		   name, f->records, f->record_len);
}

static void descriptor(struct exam *x)
{
	each_fcp(x, judge_descriptor);
}

static void judge_identifier(struct exam *x, const char *name, const struct exam_fcp *f)
{
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		if (files[i].name != name || files[i].fid == FID_CURRENT_ADF)
			continue;
		exam_check(x, f->fid.len == 2 && slice_uint(f->fid, 2) == files[i].fid,
			   "%s: its FCP names %04X instead of %04X", name,
			   (unsigned)slice_uint(f->fid, 2), files[i].fid);
	}
}

static void identifier(struct exam *x)
{
	each_fcp(x, judge_identifier);
}

static void judge_life(struct exam *x, const char *name, const struct exam_fcp *f)
{
	unsigned v = slice_at(f->lcsi, 0);

	exam_check(x, !f->lcsi.ptr || f->lcsi.len == 1, "%s: a life cycle status of %zu octets",
		   name, f->lcsi.len);
	exam_check(x, !f->lcsi.ptr || (v | UICC_LCSI_ANY) == (UICC_LCSI_ACTIVATED | UICC_LCSI_ANY),
		   "%s: life cycle status %02X is not 'activated', and the file was selected with "
		   "9000",
		   name, v);
}

static void life(struct exam *x)
{
	each_fcp(x, judge_life);
}

static void judge_records(struct exam *x, const char *name, const struct exam_fcp *f)
{
	struct exam_answer a;

	if (!fcp_has_records(f))
		return;
	exam_check(x, f->octets == (size_t)f->record_len * f->records,
		   "%s: size %zu, and %u records of %u octets", name, f->octets, f->records,
		   f->record_len);
	if (exam_read_record(x, 1, RECORD_ABSOLUTE, f->record_len, &a) == SW_OK)
		exam_check(x, a.len == f->record_len, "%s: record 1 has %zu octets instead of %u",
			   name, a.len, f->record_len);
	else if (a.sw != SW_SECURITY_STATUS)
		exam_sw(x, a.sw, name, SW(SW_OK, SW_SECURITY_STATUS));
}

static void records(struct exam *x)
{
	each_fcp(x, judge_records);
}

static void judge_size(struct exam *x, const char *name, const struct exam_fcp *f)
{
	size_t n = f->octets;
	struct exam_answer a;

	if (f->structure != UICC_TRANSPARENT || !n || n > 255)
		return;
	exam_read_binary(x, 0, (unsigned)n, &a);
	if (a.sw == SW_SECURITY_STATUS)
		return;
	exam_sw(x, a.sw, name, SW(SW_OK));
	exam_check(x, a.len == n, "%s: READ BINARY of %zu octets gives %zu", name, n, a.len);
	exam_read_binary(x, (unsigned)n, 1, &a);
	exam_check(x, !a.len || a.sw != SW_OK,
		   "%s: there are octets behind the %zu of the file size", name, n);
}

static void size(struct exam *x)
{
	each_fcp(x, judge_size);
}

/* READ by SFI gives what READ of the selected file gave. */
static void judge_sfi(struct exam *x, const char *name, const struct exam_fcp *f)
{
	uint8_t sfi = slice_at(f->sfi, 0) >> 3;
	struct exam_answer a, b;
	bool transparent = f->structure == UICC_TRANSPARENT;
	unsigned n = transparent ? (unsigned)f->octets : f->record_len;

	if (!f->sfi.ptr || !f->sfi.len || !n || n > 255)
		return;
	if (!exam_check(x, sfi && sfi <= UICC_SFI_MAX && !(slice_at(f->sfi, 0) & 7),
			"%s: %02X is no short file identifier", name, slice_at(f->sfi, 0)))
		return;
	if (transparent)
		exam_read_binary(x, 0, n, &a);
	else
		exam_read_record(x, 1, RECORD_ABSOLUTE, n, &a);
	if (a.sw != SW_OK)
		return;
	if (transparent)
		exam_read_binary(x, (0x80u | sfi) << 8, n, &b);
	else
		exam_read_record(x, 1, (unsigned)(sfi << 3) | RECORD_ABSOLUTE, n, &b);
	exam_sw(x, b.sw, name, SW(SW_OK));
	exam_check(x, slice_equal(exam_data(&a), exam_data(&b)),
		   "%s: by its SFI %02X other data are read", name, sfi);
}

static void short_identifier(struct exam *x)
{
	each_fcp(x, judge_sfi);
}

static void judge_pins(struct exam *x, const char *name, const struct exam_fcp *f)
{
	struct cursor c = cursor_of(f->pin_status);
	struct tlv item;
	size_t bits = 0, keys = 0;

	if (!f->pin_status.ptr)
		return;
	while (tlv_next(&c, &item)) {
		if (item.tag == UICC_PS_STATUS)
			bits = 8 * item.value.len;
		else if (item.tag == UICC_PS_KEY_REFERENCE)
			keys += item.value.len == 1;
	}
	exam_check(x, !cursor_done(&c), "%s: the PIN status template is no list of TLVs", name);
	exam_check(x, slice_at(f->pin_status, 0) == UICC_PS_STATUS,
		   "%s: the PIN status template does not begin with 90", name);
	exam_check(x, keys, "%s: the PIN status template names no key reference", name);
	exam_check(x, bits >= keys && bits < keys + 8,
		   "%s: %zu bits of PIN status for %zu key references", name, bits, keys);
}

static void pins(struct exam *x)
{
	each_fcp(x, judge_pins);
}

static void judge_rule(struct exam *x, const char *name, const struct exam_fcp *f)
{
	struct slice ref = f->arr;
	struct cursor c = cursor_of(ref);
	struct exam_answer a;
	struct exam_fcp arr;
	uint16_t fid;
	uint8_t record;

	if (!ref.ptr)
		return;
	if (!exam_check(x, ref.len == 3 || (ref.len > 2 && ref.len % 2 == 0),
			"%s: its reference to EF.ARR has %zu octets", name, ref.len))
		return;
	fid = cursor_u16(&c);
	record = slice_at(ref, ref.len == 3 ? 2 : 3);
	/* EF.ARR is in the directory, or in the MF */
	if (exam_select(x, fid, &a) != SW_OK && !exam_under_mf(x, fid, &a)) {
		exam_depart(x, "%s: EF.ARR %04X, which its FCP names, is not there", name, fid);
		return;
	}
	fcp_take(exam_data(&a), &arr);
	exam_check(x, record && record <= arr.records, "%s: record %u of EF.ARR %04X, which has %u",
		   name, record, fid, arr.records);
}

static void rules(struct exam *x)
{
	each_fcp(x, judge_rule);
}

static void characteristics(struct exam *x)
{
	struct exam_answer a;
	struct exam_fcp f;
	struct slice value;

	exam_select(x, FID_MF, &a);
	fcp_take(exam_data(&a), &f);
	exam_check(x,
		   f.proprietary.ptr && tlv_find(f.proprietary, UICC_FCP_CHARACTERISTICS, &value) &&
			   value.len == 1,
		   "the FCP of the MF has no UICC characteristics (80 in A5)");
}

#define UICC .needs = EXAM_UICC

static const struct exam_case cases[] = {
	{RULE("fcp.form", FINDING_ERROR, "TS 102 221 11.1.1.3",
	      "the answer to SELECT is one template 62 that TLVs fill exactly"),
	 UICC, .run = form_each},
	{RULE("fcp.mandatory", FINDING_ERROR, "TS 102 221 11.1.1.3.1, 11.1.1.3.2",
	      "what must be in an FCP is there: 82, 83, 8A, security attributes, size or C6"),
	 UICC, .run = mandatory},
	{RULE("fcp.descriptor", FINDING_ERROR, "TS 102 221 11.1.1.4.3",
	      "the file descriptor has a structure that there is, and 2 or 5 octets"),
	 UICC, .run = descriptor},
	{RULE("fcp.identifier", FINDING_ERROR, "TS 102 221 11.1.1.4.4",
	      "the file identifier is that of the file selected"),
	 UICC, .run = identifier},
	{RULE("fcp.life-cycle", FINDING_ERROR, "TS 102 221 11.1.1.4.9",
	      "a file selected with 9000 is activated"),
	 UICC, .run = life},
	{RULE("fcp.size", FINDING_ERROR, "TS 102 221 11.1.1.4.1, 11.1.3",
	      "a transparent file has as many octets as its size says"),
	 UICC, .run = size},
	{RULE("fcp.records", FINDING_ERROR, "TS 102 221 11.1.1.4.3, 11.1.1.4.1",
	      "record length times number of records is the size, and READ RECORD gives that "
	      "length"),
	 UICC, .run = records},
	{RULE("fcp.sfi", FINDING_ERROR, "TS 102 221 11.1.1.4.8, 8.4.3",
	      "the short file identifier reads the same file"),
	 UICC, .run = short_identifier},
	{RULE("fcp.pin-status", FINDING_ERROR, "TS 102 221 11.1.1.4.10, 9.5.2",
	      "the PIN status template has a bit for each of its key references"),
	 UICC, .run = pins},
	{RULE("fcp.access-rule", FINDING_ERROR, "TS 102 221 11.1.1.4.7, 9.2.7",
	      "the record of EF.ARR that a file refers to is there"),
	 UICC, .run = rules},
	{RULE("fcp.characteristics", FINDING_ERROR, "TS 102 221 11.1.1.4.6.1",
	      "the FCP of the MF has the UICC characteristics"),
	 UICC, .run = characteristics},
};

EXAM_GROUP(fcp, "File control parameters", cases)

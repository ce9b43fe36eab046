/* fs: reading and what the files of every card hold. ETSI TS 102 221 11.1.3 to 11.1.7, 13 */
#include "host/exam/cases/cases.h"
#include "host/exam/fcp.h"
#include "host/exam/probe.h"
#include "lib/base/tlv.h"
#include "lib/uicc/aid.h"
#include "lib/uicc/luhn.h"

#define ICCID_LEN     10
#define ICCID_CHECKED 19   /* digits, of which the last is the check digit */
#define ICCID_MII     0x98 /* 89, the major industry identifier of ITU-T E.118, swapped */
#define TAG_AID	      0x4F
#define UNUSED	      0xFF
#define SEARCH_SIMPLE 0x04 /* P2: forward from the record in P1 */
#define SEARCH_MAX    20

static bool open_dir(struct exam *x, struct exam_fcp *f, struct exam_answer *a)
{
	if (!exam_under_mf(x, FID_DIR, a)) {
		exam_skip(x, "EF.DIR is not to be selected");
		return false;
	}
	fcp_take(exam_data(a), f);
	if (!f->record_len || !f->records)
		exam_skip(x, "EF.DIR has no records, by its FCP");
	return f->record_len && f->records;
}

static bool open_iccid(struct exam *x, struct exam_answer *a)
{
	if (!exam_under_mf(x, FID_ICCID, a)) {
		exam_skip(x, "EF.ICCID is not to be selected");
		return false;
	}
	return true;
}

static void binary_offset(struct exam *x)
{
	struct exam_answer whole, part;

	if (!open_iccid(x, &whole))
		return;
	exam_sw(x, exam_read_binary(x, 0, ICCID_LEN, &whole), "READ BINARY of EF.ICCID", SW(SW_OK));
	exam_sw(x, exam_read_binary(x, 4, 3, &part), "READ BINARY from offset 4", SW(SW_OK));
	exam_check(x, slice_equal(exam_data(&part), slice_sub(exam_data(&whole), 4, 3)),
		   "READ BINARY from offset 4 gives other octets than those at 4");
}

static void binary_end(struct exam *x)
{
	struct exam_answer a;

	if (!open_iccid(x, &a))
		return;
	exam_sw(x, exam_read_binary(x, ICCID_LEN, 1, &a), "READ BINARY at the end of the file",
		SW(SW_OUT_OF_RANGE));
	exam_sw(x, exam_read_binary(x, 0x7F00, 1, &a), "READ BINARY far behind the end",
		SW(SW_OUT_OF_RANGE));
}

static void binary_over(struct exam *x)
{
	struct exam_answer a;

	if (!open_iccid(x, &a))
		return;
	/* 6C01 is followed, 6282 comes with what there is */
	exam_sw(x, exam_read_binary(x, ICCID_LEN - 1, 2, &a), "READ BINARY over the end",
		SW(SW_OK, SW_NO_MATCH, SW_WRONG_LENGTH));
	exam_check(x, a.len <= 1, "of one octet that is left %zu are given", a.len);
}

static void binary_of_records(struct exam *x)
{
	struct exam_fcp f;
	struct exam_answer a;

	if (open_dir(x, &f, &a))
		exam_sw(x, exam_read_binary(x, 0, 1, &a),
			"READ BINARY of EF.DIR, which has records", SW(SW_COMMAND_INCOMPATIBLE));
}

static void records_of_binary(struct exam *x)
{
	struct exam_answer a;

	if (open_iccid(x, &a))
		exam_sw(x, exam_read_record(x, 1, RECORD_ABSOLUTE, ICCID_LEN, &a),
			"READ RECORD of EF.ICCID, which has none", SW(SW_COMMAND_INCOMPATIBLE));
}

static void no_ef(struct exam *x)
{
	struct exam_answer a;

	if (!exam_reset(x, false))
		return;
	exam_sw(x, exam_read_binary(x, 0, 1, &a), "READ BINARY where no EF is selected",
		SW(SW_NO_EF_SELECTED));
	exam_sw(x, exam_read_record(x, 1, RECORD_ABSOLUTE, 1, &a),
		"READ RECORD where no EF is selected", SW(SW_NO_EF_SELECTED));
}

static void record_over_end(struct exam *x)
{
	struct exam_fcp f;
	struct exam_answer a;

	if (open_dir(x, &f, &a))
		exam_sw(x, exam_read_record(x, f.records + 1, RECORD_ABSOLUTE, f.record_len, &a),
			"READ RECORD of the record behind the last", SW(SW_RECORD_NOT_FOUND));
}

static void record_zero(struct exam *x)
{
	struct exam_fcp f;
	struct exam_answer a;

	if (open_dir(x, &f, &a))
		exam_sw(x, exam_read_record(x, 0, RECORD_ABSOLUTE, f.record_len, &a),
			"READ RECORD of the current record where there is none",
			SW(SW_RECORD_NOT_FOUND, SW_OUT_OF_RANGE));
}

static void record_next(struct exam *x)
{
	struct exam_fcp f;
	struct exam_answer a, b;

	if (!open_dir(x, &f, &a))
		return;
	exam_sw(x, exam_read_record(x, 0, RECORD_NEXT, f.record_len, &a),
		"READ RECORD of the next record after SELECT", SW(SW_OK));
	exam_sw(x, exam_read_record(x, 1, RECORD_ABSOLUTE, f.record_len, &b),
		"READ RECORD of record 1", SW(SW_OK));
	exam_check(x, slice_equal(exam_data(&a), exam_data(&b)),
		   "the next record after SELECT is not the first");
	for (unsigned n = 2; n <= f.records; n++)
		exam_read_record(x, 0, RECORD_NEXT, f.record_len, &a);
	exam_read_record(x, f.records, RECORD_ABSOLUTE, f.record_len, &b);
	if (f.records > 1)
		exam_check(x, slice_equal(exam_data(&a), exam_data(&b)),
			   "next, %u times, does not lead to record %u", f.records, f.records);
	exam_sw(x, exam_read_record(x, 0, RECORD_NEXT, f.record_len, &a),
		"READ RECORD of the record next to the last", SW(SW_RECORD_NOT_FOUND));
}

static void record_previous(struct exam *x)
{
	struct exam_fcp f;
	struct exam_answer a, b;

	if (!open_dir(x, &f, &a))
		return;
	exam_sw(x, exam_read_record(x, 0, RECORD_PREVIOUS, f.record_len, &a),
		"READ RECORD of the previous record after SELECT", SW(SW_OK));
	exam_read_record(x, f.records, RECORD_ABSOLUTE, f.record_len, &b);
	exam_check(x, slice_equal(exam_data(&a), exam_data(&b)),
		   "the previous record after SELECT is not the last");
}

static void record_length(struct exam *x)
{
	struct exam_fcp f;
	struct exam_answer a;

	if (!open_dir(x, &f, &a))
		return;
	TPDU(x, &a, CLA_INTERINDUSTRY, INS_READ_RECORD, 1, RECORD_ABSOLUTE,
	     (uint8_t)(f.record_len + 1));
	if (exam_sw(x, a.sw, "READ RECORD of one octet too many",
		    SW(SW_CORRECT_LE, SW_WRONG_LENGTH)))
		exam_check(x, !sw_is(a.sw, SW_CORRECT_LE) || sw_number(a.sw) == f.record_len,
			   "%04X, and the records have %u octets", a.sw, f.record_len);
}

static void record_mode(struct exam *x)
{
	struct exam_fcp f;
	struct exam_answer a;

	if (open_dir(x, &f, &a))
		exam_sw(x, exam_read_record(x, 1, 0x07, f.record_len, &a),
			"READ RECORD with P2 07, which is reserved",
			SW(SW_WRONG_P1P2, SW_OUT_OF_RANGE));
}

static uint16_t search(struct exam *x, struct slice pattern, struct exam_answer *a)
{
	struct apdu c = exam_command(COMMAND_SEARCH_RECORD, 1, SEARCH_SIMPLE, 256);

	c.data = pattern;
	return exam_send(x, &c, a);
}

static void search_finds(struct exam *x)
{
	struct exam_fcp f;
	struct exam_answer a, found;
	struct slice pattern;

	if (!open_dir(x, &f, &a) ||
	    exam_read_record(x, 1, RECORD_ABSOLUTE, f.record_len, &a) != SW_OK)
		return;
	pattern = slice_sub(exam_data(&a), 0, a.len < 6 ? a.len : 6);
	search(x, pattern, &found);
	if (found.sw == SW_INS_NOT_SUPPORTED || found.sw == SW_FUNCTION_NOT_SUPPORTED) {
		exam_remark(x, "the card has no SEARCH RECORD (%04X)", found.sw);
		return;
	}
	if (exam_sw(x, found.sw, "SEARCH RECORD of what record 1 begins with", SW(SW_OK)))
		exam_check(x, slice_at(exam_data(&found), 0) == 1,
			   "SEARCH RECORD does not give record 1 first");
}

static void search_fails(struct exam *x)
{
	static const uint8_t nowhere[] = {0x5A, 0xA5, 0x5A, 0xA5, 0x5A, 0xA5};
	struct exam_fcp f;
	struct exam_answer a;

	if (!open_dir(x, &f, &a) || f.record_len < sizeof(nowhere))
		return;
	search(x, SLICE_OF(nowhere), &a);
	if (a.sw == SW_INS_NOT_SUPPORTED || a.sw == SW_FUNCTION_NOT_SUPPORTED)
		return;
	exam_sw(x, a.sw, "SEARCH RECORD of what is nowhere", SW(SW_NO_MATCH));
	exam_check(x, !a.len, "SEARCH RECORD of what is nowhere gives %zu record numbers", a.len);
}

/* One record of EF.DIR: unused, or an application template with an AID. */
static bool is_dir_record(struct slice record, struct slice *aid)
{
	struct cursor c = cursor_of(record);
	struct slice body;

	*aid = SLICE_EMPTY;
	if (slice_at(record, 0) == UNUSED)
		return true;
	body = tlv_expect(&c, UICC_DIR_APPLICATION);
	if (c.err || !tlv_find(body, TAG_AID, aid) || aid->len < 5 || aid->len > AID_LEN)
		return false;
	while (cursor_left(&c)) {
		if (cursor_u8(&c) != UNUSED)
			return false;
	}
	return true;
}

static void dir_coding(struct exam *x)
{
	struct exam_fcp f;
	struct exam_answer a;
	struct slice aid;

	if (!open_dir(x, &f, &a))
		return;
	for (unsigned n = 1; n <= f.records && exam_goes_on(x); n++) {
		if (!exam_sw(x, exam_read_record(x, n, RECORD_ABSOLUTE, f.record_len, &a),
			     "READ RECORD of EF.DIR", SW(SW_OK)))
			return;
		exam_check(x, is_dir_record(exam_data(&a), &aid),
			   "record %u of EF.DIR is no application template padded by FF", n);
	}
}

static void dir_lists(struct exam *x)
{
	struct exam_fcp f;
	struct exam_answer a;
	struct slice aid;
	bool found = false;

	if (!open_dir(x, &f, &a))
		return;
	for (unsigned n = 1; n <= f.records && exam_goes_on(x); n++) {
		exam_read_record(x, n, RECORD_ABSOLUTE, f.record_len, &a);
		found = found ||
			(is_dir_record(exam_data(&a), &aid) && slice_starts(aid, aid_of(AID_USIM)));
	}
	exam_check(x, found, "a USIM can be selected, and EF.DIR has none");
}

static void dir_selectable(struct exam *x)
{
	struct apdu c = exam_command(COMMAND_SELECT, SELECT_AID, SELECT_RETURN_FCP, 256);
	struct exam_fcp f;
	struct exam_answer a, got;
	struct slice aid;
	unsigned records;

	if (!open_dir(x, &f, &a))
		return;
	records = f.records;
	for (unsigned n = 1; n <= records && exam_goes_on(x); n++) {
		if (!open_dir(x, &f, &a))
			return;
		exam_read_record(x, n, RECORD_ABSOLUTE, f.record_len, &a);
		if (!is_dir_record(exam_data(&a), &aid) || !aid.len)
			continue;
		c.data = aid;
		exam_sw(x, exam_send(x, &c, &got), "SELECT of an AID that stands in EF.DIR",
			SW(SW_OK, SW_FILE_DEACTIVATED));
	}
}

static bool read_iccid(struct exam *x, struct exam_answer *a)
{
	return open_iccid(x, a) && exam_sw(x, exam_read_binary(x, 0, ICCID_LEN, a),
					   "READ BINARY of EF.ICCID", SW(SW_OK));
}

static unsigned half(const struct exam_answer *a, size_t i)
{
	return (unsigned)slice_at(exam_data(a), i / 2) >> (i % 2 ? 4 : 0) & 0x0Fu;
}

/* How many digits; 0: it is no BCD with filler behind. */
static unsigned iccid_digits(const struct exam_answer *a)
{
	unsigned n = 0;

	while (n < 2 * ICCID_LEN && half(a, n) <= 9)
		n++;
	for (size_t i = n; i < 2 * ICCID_LEN; i++) {
		if (half(a, i) != 0x0F)
			return 0;
	}
	return n;
}

static void iccid_coding(struct exam *x)
{
	struct exam_answer a;
	unsigned n;

	if (!read_iccid(x, &a))
		return;
	exam_check(x, a.len == ICCID_LEN, "EF.ICCID has %zu octets instead of 10", a.len);
	n = iccid_digits(&a);
	if (!n && !exam_has(x, EXAM_USIM) && exam_has(x, EXAM_ISDR)) {
		exam_skip(x, "no profile is enabled, and there is no ICCID");
		return;
	}
	exam_check(x, n >= 18 && n <= 20, "the ICCID is no number of 18 to 20 BCD digits");
	exam_check(x, slice_at(exam_data(&a), 0) == ICCID_MII, "the ICCID does not begin with 89");
}

static void iccid_luhn(struct exam *x)
{
	uint8_t digits[ICCID_CHECKED];
	struct exam_answer a;
	unsigned n;

	if (!read_iccid(x, &a))
		return;
	n = iccid_digits(&a);
	if (n != ICCID_CHECKED) {
		exam_skip(x,
			  n ? "the ICCID has %u digits: the check digit is the 19th"
			    : "the ICCID has %u digits",
			  n);
		return;
	}
	for (unsigned i = 0; i < n; i++)
		digits[i] = (uint8_t)half(&a, i);
	exam_check(x, luhn_digit(digits, n - 1) == digits[n - 1],
		   "the last digit of the ICCID is no check digit of the others");
}

static void languages(struct exam *x)
{
	struct exam_answer a;
	struct exam_fcp f;
	struct slice s;

	if (!exam_under_mf(x, FID_PL, &a)) {
		exam_depart(x, "EF.PL (2F05) is not there");
		return;
	}
	fcp_take(exam_data(&a), &f);
	exam_check(x, f.octets && f.octets % 2 == 0, "EF.PL has %zu octets", f.octets);
	if (exam_read_binary(x, 0, (unsigned)f.octets, &a) != SW_OK)
		return;
	s = exam_data(&a);
	for (size_t i = 0; i < s.len; i++) {
		uint8_t c = slice_at(s, i);

		exam_check(x, c == UNUSED || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'),
			   "EF.PL has %02X at %zu, no letter of a language", c, i);
	}
}

static void rules_coding(struct exam *x)
{
	struct exam_answer a;
	struct exam_fcp f;

	if (!exam_under_mf(x, FID_ARR_MF, &a)) {
		exam_skip(x, "the MF has no EF.ARR");
		return;
	}
	fcp_take(exam_data(&a), &f);
	for (unsigned n = 1; n <= f.records && exam_goes_on(x); n++) {
		struct cursor c;
		struct tlv item;

		if (exam_read_record(x, n, RECORD_ABSOLUTE, f.record_len, &a) != SW_OK)
			return;
		c = cursor_of(exam_data(&a));
		while (slice_at(c.rest, 0) != UNUSED && tlv_next(&c, &item))
			;
		exam_check(x, !c.err, "record %u of EF.ARR is no list of TLVs padded by FF", n);
	}
}

#define UICC .needs = EXAM_UICC

static const struct exam_case cases[] = {
	{RULE("fs.binary-offset", FINDING_ERROR, "TS 102 221 11.1.3",
	      "READ BINARY gives the octets at its offset"),
	 UICC, .run = binary_offset},
	{RULE("fs.binary-end", FINDING_ERROR, "TS 102 221 11.1.3, 10.2.1.5",
	      "an offset at the end or behind it is answered by 6B00"),
	 UICC, .run = binary_end},
	{RULE("fs.binary-over-end", FINDING_ERROR, "TS 102 221 11.1.3, 10.2.1.3",
	      "READ BINARY over the end gives what there is, and says so (6Cxx, 6282 or 6700)"),
	 UICC, .run = binary_over},
	{RULE("fs.binary-of-records", FINDING_ERROR, "TS 102 221 11.1.3, 10.2.1.5",
	      "READ BINARY of a file of records is answered by 6981"),
	 UICC, .run = binary_of_records},
	{RULE("fs.record-of-binary", FINDING_ERROR, "TS 102 221 11.1.5, 10.2.1.5",
	      "READ RECORD of a transparent file is answered by 6981"),
	 UICC, .run = records_of_binary},
	{RULE("fs.no-ef", FINDING_ERROR, "TS 102 221 11.1.3, 11.1.5, 10.2.1.5",
	      "reading where no EF is selected is answered by 6986"),
	 UICC, .run = no_ef},
	{RULE("fs.record-over-end", FINDING_ERROR, "TS 102 221 11.1.5, 10.2.1.5",
	      "a record behind the last is answered by 6A83"),
	 UICC, .run = record_over_end},
	{RULE("fs.record-zero", FINDING_ERROR, "TS 102 221 11.1.5, 8.4.1",
	      "there is no current record after SELECT of a linear file"),
	 UICC, .run = record_zero},
	{RULE("fs.record-next", FINDING_ERROR, "TS 102 221 11.1.5",
	      "next leads from the first record to the last, and no further (6A83)"),
	 UICC, .run = record_next},
	{RULE("fs.record-previous", FINDING_ERROR, "TS 102 221 11.1.5",
	      "previous after SELECT is the last record"),
	 UICC, .run = record_previous},
	{RULE("fs.record-length", FINDING_ERROR, "TS 102 221 11.1.5, 10.2.1.5",
	      "a Le that is not the record length is answered by 6Cxx with it, or 6700"),
	 UICC, .run = record_length},
	{RULE("fs.record-mode", FINDING_ERROR, "TS 102 221 11.1.5",
	      "a reserved mode of READ RECORD is refused"),
	 UICC, .run = record_mode},
	{RULE("fs.search", FINDING_ERROR, "TS 102 221 11.1.7",
	      "SEARCH RECORD finds the record that begins so"),
	 UICC, .run = search_finds},
	{RULE("fs.search-fails", FINDING_ERROR, "TS 102 221 11.1.7",
	      "SEARCH RECORD of what is nowhere is answered by 6282 without data"),
	 UICC, .run = search_fails},
	{RULE("fs.dir", FINDING_ERROR, "TS 102 221 13.1",
	      "the records of EF.DIR are application templates (61) with an AID, padded by FF"),
	 UICC, .run = dir_coding},
	{RULE("fs.dir-lists", FINDING_ERROR, "TS 102 221 8.5.1, 13.1, TS 31.102 4.1",
	      "EF.DIR has the USIM that can be selected"),
	 .needs = EXAM_UICC | EXAM_USIM, .run = dir_lists},
	{RULE("fs.dir-selectable", FINDING_ERROR, "TS 102 221 8.5.1, 13.1",
	      "each application in EF.DIR can be selected"),
	 UICC, .run = dir_selectable},
	{RULE("fs.iccid", FINDING_ERROR, "TS 102 221 13.2, ITU-T E.118",
	      "EF.ICCID has 18 to 20 BCD digits that begin with 89, padded by F"),
	 UICC, .run = iccid_coding},
	{RULE("fs.iccid-check-digit", FINDING_WARNING, "ITU-T E.118 4, annex B",
	      "the last digit of an ICCID of 19 is a Luhn check digit"),
	 UICC, .run = iccid_luhn},
	{RULE("fs.languages", FINDING_ERROR, "TS 102 221 13.3",
	      "EF.PL is there, and has pairs of letters or FF"),
	 UICC, .run = languages},
	{RULE("fs.access-rules", FINDING_ERROR, "TS 102 221 13.4, 9.2.7",
	      "the records of EF.ARR are TLVs padded by FF"),
	 UICC, .run = rules_coding},
};

EXAM_GROUP(fs, "Files", cases)

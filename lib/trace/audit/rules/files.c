/* files: EFS, what each file holds, and what a card says of its files */
#include <string.h>

#include "lib/base/tlv.h"
#include "lib/trace/audit/card.h"
#include "lib/trace/audit/code.h"
#include "lib/trace/audit/file.h"
#include "lib/trace/audit/print.h"
#include "lib/trace/audit/rule.h"
#include "lib/trace/decode/item.h"
#include "lib/trace/decode/place.h"
#include "lib/uicc/aid.h"
#include "lib/uicc/content.h"
#include "lib/uicc/fcp.h"
#include "lib/uicc/fid.h"
#include "lib/uicc/service.h"

#define CHANNELS   20
#define AIDS	   8
#define SERVICES   96 /* rows of the table of services and files */
#define UST_MAX	   32
#define ICCID_MIN  18 /* digits */
#define AD_MIN	   4
#define AD_MNC	   3
#define ACC_CLASS  0x03FFu /* 0 to 9, TS 22.011 4.2 */
#define LAI_LEN	   5
#define LOCI_LAI   4 /* TS 31.102 4.2.17 */
#define LOCI_STATE 10
#define PS_RAI	   7 /* 4.2.23 */
#define PS_STATE   13
#define STATE_MASK 0x07u
#define LAC_GONE   0xFFFEu /* TS 24.008 10.5.1.3: a LAI that was deleted */
#define KSI_NONE   0x07
#define KEY_LEN	   16
#define TAIL	   14 /* of a dialling number, TS 31.102 4.4.2.3 */
#define NUMBER_MAX 11
#define SMSP_TAIL  28 /* 4.2.27 */
#define SMSP_SC	   13
#define SMSP_NO_SC 0x02u
#define ECC_LEN	   3
#define EMPTY	   0xFF
#define RECORDS	   16 /* of which is remembered what was judged */
#define ROWS	   24

enum {
	BAD_IMSI,
	BAD_ICCID,
	ICCID_CHECK,
	BAD_AD,
	BAD_ACC,
	BAD_SPN,
	BAD_DIR,
	DIR_REFUSED,
	OTHER_SIZE,
	FILE_MISSING,
	FILE_UNSERVED,
	DELETED_PLACE,
	KEYS_UNNAMED,
	KEYS_READ,
	BAD_NUMBER,
	NO_ECC
};

static const struct finding_rule rules[] = {
	[BAD_IMSI] =
		RULE("EFS-01", WARNING, "3GPP TS 31.102 4.2.2, TS 24.008 10.5.1.4",
		     "the length, parity and digits of EF.IMSI fit each other",
		     "A terminal takes another IMSI from it than is meant, or none.",
		     "Write EF.IMSI anew: length, the first digit with 9 or 1, digits, filler."),
	[BAD_ICCID] = RULE("EFS-02", WARNING, "ETSI TS 102 221 13.2",
			   "the ICCID has 18 to 20 digits, then filler",
			   "Other characters, or fewer: a card that nobody can name.",
			   "Compare it with what is printed on the card."),
	[ICCID_CHECK] =
		RULE("EFS-03", INFO, "ITU-T E.118, ISO 7812-1 annex B",
		     "the last digit of an ICCID is its check digit",
		     "It is another one. Some issuers have none; otherwise a digit is wrong.",
		     "Compare it with what is printed on the card."),
	[BAD_AD] = RULE("EFS-04", WARNING, "3GPP TS 31.102 4.2.18",
			"four octets of EF.AD are there, and say 2 or 3 digits of MNC",
			"A terminal does not know where the MNC ends in the IMSI, and may not find "
			"its home network.",
			"Write the length of the MNC into its fourth octet."),
	[BAD_ACC] = RULE("EFS-05", WARNING, "3GPP TS 31.102 4.2.15, TS 22.011 4.2",
			 "one of the classes 0 to 9 is set in EF.ACC",
			 "Without one the card is barred nowhere or everywhere, with several it "
			 "escapes the barring of its class.",
			 "Set the bit of the IMSI's last digit."),
	[BAD_SPN] = RULE("EFS-06", WARNING, "3GPP TS 31.102 4.2.12",
			 "bits that are defined, text, then FF are in EF.SPN",
			 "Terminals show the operator's name wrongly or not at all.",
			 "Write it in the alphabet of TS 23.038, or as UCS2 with 80, 81 or 82."),
	[BAD_DIR] = RULE("EFS-07", WARNING, "ETSI TS 102 221 13.1",
			 "a record of EF.DIR is an application template or empty",
			 "Terminals do not find the application.",
			 "Write 61, its length, 4F and the AID."),
	[DIR_REFUSED] = RULE("EFS-08", WARNING, "ETSI TS 102 221 13.1, 8.4.2",
			     "an application that EF.DIR lists can be selected",
			     "EF.DIR has this AID, and the card selects nothing or something else.",
			     "Compare EF.DIR with what is installed."),
	[OTHER_SIZE] = RULE("EFS-09", WARNING, "ETSI TS 102 221 11.1.1.4.1, 11.1.3",
			    "a file is as long as its FCP says",
			    "What was read is longer or shorter than the file, or its records are: "
			    "the card's FCP is wrong, or what was read is of another file.",
			    "Read the file again after a new SELECT."),
	[FILE_MISSING] = RULE("EFS-10", WARNING, "3GPP TS 31.102 4.2.8",
			      "the file of a service that is available exists",
			      "EF.UST says that the service is available, and the card has no such "
			      "file.",
			      "Take the service out of EF.UST, or add the file."),
	[FILE_UNSERVED] = RULE("EFS-11", INFO, "3GPP TS 31.102 4.2.8",
			       "a file is of a service that is available",
			       "The file is there, and EF.UST says that its service is not: "
			       "terminals do not use it.",
			       "Set the service in EF.UST if it is meant to be used."),
	[DELETED_PLACE] = RULE("EFS-12", WARNING, "3GPP TS 31.102 4.2.17, TS 24.008 10.5.1.3",
			       "a location that is updated is not a deleted one",
			       "The status says updated, and the location area is FFFE, which says "
			       "that there is none.",
			       "Set the status to not updated (01) when the location is deleted."),
	[KEYS_UNNAMED] =
		RULE("EFS-13", INFO, "3GPP TS 31.102 4.2.3, TS 33.102 6.4.3",
		     "keys that are not valid any more are wiped",
		     "The key set identifier is 07 (no key), and CK and IK are still there.",
		     "Let the terminal write FF over them."),
	[KEYS_READ] = RULE("EFS-14", INFO, "3GPP TS 31.102 4.2.3",
			   "session keys in files are masked in the trace",
			   "CK, IK or Kc were read from a file or written into it. Who has the "
			   "trace and the traffic on the air reads that.",
			   "Redact the trace before it is shared."),
	[BAD_NUMBER] =
		RULE("EFS-15", WARNING, "3GPP TS 31.102 4.2.26, 4.2.27",
		     "numbers in EF.MSISDN and EF.SMSP are coded as those that are dialled",
		     "Its length, type or digits are wrong: short messages may not leave, or "
		     "the card shows a wrong number.",
		     "Write length, type of number, and digits with swapped nibbles."),
	[NO_ECC] = RULE("EFS-16", INFO, "3GPP TS 31.102 4.2.21", "an emergency number is in EF.ECC",
			"The first record is empty: the terminal has its own numbers alone.",
			"Add the numbers of the home country."),
};

struct lane {
	bool has_size, has_records;
	uint16_t fid;
	uint32_t size, record_len, records;
	bool told;
};

struct files {
	struct lane lanes[CHANNELS];
	uint8_t aids[AIDS][AID_LEN];
	size_t aid_len[AIDS], aid_count;
	bool told_aid[AIDS];
	uint8_t ust[UST_MAX];
	size_t ust_len;
	uint32_t ust_scope;
	bool told_service[SERVICES];
	bool told_keys, told_unnamed;
	uint32_t judged[ROWS][RECORDS]; /* contents, which are judged once */
};

typedef void files_judge(struct audit_run *r, struct files *all, const struct audit_step *s,
			 const struct audit_file *f);

static void files_imsi(struct audit_run *r, struct files *all, const struct audit_step *s,
		       const struct audit_file *f)
{
	const char *fault = content_imsi_fault(f->content);

	(void)all;
	if (fault)
		audit_find(r, &rules[BAD_IMSI], &s->spot, "%s", fault);
}

static void files_iccid(struct audit_run *r, struct files *all, const struct audit_step *s,
			const struct audit_file *f)
{
	size_t digits = content_bcd(f->content);

	(void)all;
	if (digits < ICCID_MIN)
		audit_find(r, &rules[BAD_ICCID], &s->spot, "other digits, or fewer than %d",
			   ICCID_MIN);
	else if (!content_iccid_checks(f->content))
		audit_find(r, &rules[ICCID_CHECK], &s->spot, "the others have another one");
}

static void files_ad(struct audit_run *r, struct files *all, const struct audit_step *s,
		     const struct audit_file *f)
{
	unsigned n = slice_at(f->content, AD_MNC) & 0x0F;
	bool whole = s->x->apdu.le != f->content.len || f->is_written; /* it asked for more */

	(void)all;
	if (f->content.len >= AD_MIN ? n != 2 && n != 3 : whole && !f->is_gsm)
		audit_find(r, &rules[BAD_AD], &s->spot, "%zu octets, %u digits", f->content.len, n);
}

static void files_acc(struct audit_run *r, struct files *all, const struct audit_step *s,
		      const struct audit_file *f)
{
	unsigned classes = (unsigned)slice_uint(f->content, 2) & ACC_CLASS;

	(void)all;
	if (f->content.len == 2 && __builtin_popcount(classes) != 1)
		audit_find(r, &rules[BAD_ACC], &s->spot, "it has %d", __builtin_popcount(classes));
}

static void files_spn(struct audit_run *r, struct files *all, const struct audit_step *s,
		      const struct audit_file *f)
{
	size_t stray = content_spn_stray(f->content);

	(void)all;
	if (!content_spn_shown(f->content))
		audit_find(r, &rules[BAD_SPN], &s->spot, "the display condition is %02X",
			   slice_at(f->content, 0));
	else if (stray)
		audit_find(r, &rules[BAD_SPN], &s->spot, "octet %zu is %02X", stray,
			   slice_at(f->content, stray));
}

static void files_dir(struct audit_run *r, struct files *all, const struct audit_step *s,
		      const struct audit_file *f)
{
	struct slice aid;

	/* many cards have an empty record that is filled up with something */
	if (slice_at(f->content, 0) == EMPTY)
		return;
	if (!content_dir_aid(f->content, &aid)) {
		audit_find(r, &rules[BAD_DIR], &s->spot, "record %u", f->record);
		return;
	}
	for (size_t i = 0; i < all->aid_count; i++) {
		if (slice_equal(aid, slice_make(all->aids[i], all->aid_len[i])))
			return;
	}
	if (!aid.len || all->aid_count == AIDS ||
	    slice_copy(aid, all->aids[all->aid_count], aid.len))
		return;
	all->aid_len[all->aid_count++] = aid.len;
}

/* Of EF.LOCI or EF.PSLOCI: the location area where it is updated; empty: it is not. */
static struct slice updated_area(const struct audit_file *f)
{
	bool packet = f->fid == FID_PSLOCI;
	uint8_t state = slice_at(f->content, packet ? PS_STATE : LOCI_STATE);

	if (f->content.len <= (packet ? PS_STATE : LOCI_STATE) || state & STATE_MASK)
		return SLICE_EMPTY;
	return slice_sub(f->content, packet ? PS_RAI : LOCI_LAI, LAI_LEN);
}

static void files_place(struct audit_run *r, struct files *all, const struct audit_step *s,
			const struct audit_file *f)
{
	struct slice area = updated_area(f);

	(void)all;
	if (area.len && slice_uint(slice_sub(area, 3, 2), 2) == LAC_GONE)
		audit_find(r, &rules[DELETED_PLACE], &s->spot, "%s", s->item->view.path);
}

static void files_keys(struct audit_run *r, struct files *all, const struct audit_step *s,
		       const struct audit_file *f)
{
	struct slice keys = slice_sub(f->content, 1, f->content.len);
	bool is_set = f->fid == FID_KEYS || f->fid == FID_KEYS_PS;

	if (!is_set)
		keys = slice_sub(f->content, 0, 8);
	if (field_is_blank(keys) || slice_is_zero(keys))
		return;
	if (!all->told_keys)
		audit_find(r, &rules[KEYS_READ], &s->spot, "%s", s->item->view.path);
	all->told_keys = true;
	if (is_set && slice_at(f->content, 0) == KSI_NONE && keys.len == 2 * KEY_LEN &&
	    !all->told_unnamed) {
		all->told_unnamed = true;
		audit_find(r, &rules[KEYS_UNNAMED], &s->spot, "%s", s->item->view.path);
	}
}

/* Length in octets, type of number, and digits with F behind them; or nothing. */
static bool is_number(struct slice v)
{
	size_t len = slice_at(v, 0);
	bool end = false;

	if (field_is_blank(v) || len == 0xFF)
		return true;
	if (!len || len > NUMBER_MAX || !(slice_at(v, 1) & 0x80))
		return false;
	for (size_t i = 4; i < 2 * (1 + len); i++) {
		uint8_t d = i % 2 ? slice_at(v, i / 2) >> 4 : slice_at(v, i / 2) & 15;

		if (end && d != 0x0F)
			return false;
		end = end || d == 0x0F;
	}
	return true;
}

static void files_number(struct audit_run *r, struct files *all, const struct audit_step *s,
			 const struct audit_file *f)
{
	struct slice v = f->content;
	bool message = f->fid == FID_SMSP;
	size_t tail = message ? SMSP_TAIL : TAIL;

	(void)all;
	if (v.len < tail)
		return;
	v = slice_sub(v, v.len - tail, tail);
	if (message && slice_at(v, 0) & SMSP_NO_SC)
		return;
	if (!is_number(slice_sub(v, message ? SMSP_SC : 0, 1 + NUMBER_MAX)))
		audit_find(r, &rules[BAD_NUMBER], &s->spot, "%s, record %u", s->item->view.path,
			   f->record);
}

static void files_ecc(struct audit_run *r, struct files *all, const struct audit_step *s,
		      const struct audit_file *f)
{
	(void)all;
	if (f->record == 1 && field_is_blank(slice_sub(f->content, 0, ECC_LEN)))
		audit_find(r, &rules[NO_ECC], &s->spot, "record 1 is empty");
}

static void files_ust(struct audit_run *r, struct files *all, const struct audit_step *s,
		      const struct audit_file *f)
{
	(void)r;
	(void)s;
	if (f->is_gsm || !f->content.ptr)
		return;
	all->ust_scope = f->scope;
	all->ust_len = f->content.len < UST_MAX ? f->content.len : UST_MAX;
	memcpy(all->ust, f->content.ptr, all->ust_len);
}

/* In which directory: USIM (and DF.GSM, which has the same), MF, DF.TELECOM */
static const struct row {
	enum { IN_USIM, IN_MF, IN_TELECOM } in;
	uint16_t df, fid;
	bool empty_too;
	files_judge *judge;
} rows[] = {
	{IN_USIM, 0, FID_IMSI, false, files_imsi},
	{IN_MF, 0, FID_ICCID, false, files_iccid},
	{IN_USIM, 0, FID_AD, false, files_ad},
	{IN_USIM, 0, FID_ACC, false, files_acc},
	{IN_USIM, 0, FID_SPN, false, files_spn},
	{IN_MF, 0, FID_DIR, true, files_dir},
	{IN_USIM, 0, FID_LOCI, false, files_place},
	{IN_USIM, 0, FID_PSLOCI, false, files_place},
	{IN_USIM, 0, FID_KEYS, false, files_keys},
	{IN_USIM, 0, FID_KEYS_PS, false, files_keys},
	{IN_USIM, 0, FID_GSM_KC, false, files_keys},
	{IN_USIM, FID_DF_GSM_ACCESS, FID_KC, false, files_keys},
	{IN_USIM, FID_DF_GSM_ACCESS, FID_KC_GPRS, false, files_keys},
	{IN_USIM, 0, FID_MSISDN, false, files_number},
	{IN_TELECOM, 0, FID_MSISDN, false, files_number},
	{IN_USIM, 0, FID_SMSP, false, files_number},
	{IN_TELECOM, 0, FID_SMSP, false, files_number},
	{IN_USIM, 0, FID_ECC, true, files_ecc},
	{IN_USIM, 0, FID_UST, false, files_ust},
};

static bool lies_in(const struct audit_file *f, const struct row *row)
{
	if (f->fid != row->fid || f->df != row->df)
		return false;
	switch (row->in) {
	case IN_USIM: return f->in_usim || f->is_gsm;
	case IN_MF: return f->in_mf;
	case IN_TELECOM: return f->in_telecom;
	}
	return false;
}

static void files_take(struct audit_run *r, struct files *all, const struct audit_step *s,
		       const struct audit_file *f)
{
	_Static_assert(ARRAY_LEN(rows) <= ROWS, "a row has no room");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint32_t *judged = &all->judged[i][f->record % RECORDS], print;

		if (!lies_in(f, &rows[i]) || (!rows[i].empty_too && field_is_blank(f->content)))
			continue;
		print = print_of_octets(0, f->content) | 1;
		if (*judged != print)
			rows[i].judge(r, all, s, f);
		*judged = print;
	}
}

/* The size of the file, and of its records, that a SELECT tells */
static void files_learn_size(struct files *all, const struct audit_step *s)
{
	struct lane *l = &all->lanes[s->x->channel % CHANNELS];
	struct slice fcp, size, descriptor;
	unsigned structure;

	*l = (struct lane){.fid = s->item->view.place->ef};
	if (!s->item->view.place->has_ef || !tlv_find(s->x->answer, UICC_FCP, &fcp) ||
	    !tlv_find(fcp, UICC_FCP_DESCRIPTOR, &descriptor))
		return;
	structure = slice_at(descriptor, 0) & UICC_STRUCTURE_MASK;
	l->has_size = structure == UICC_TRANSPARENT && tlv_find(fcp, UICC_FCP_SIZE, &size) &&
		      size.len >= 2 && size.len <= 4;
	l->size = l->has_size ? (uint32_t)slice_uint(size, 4) : 0;
	l->has_records =
		(structure == UICC_LINEAR || structure == UICC_CYCLIC) && descriptor.len == 5;
	l->record_len = (uint32_t)slice_uint(slice_sub(descriptor, 2, 2), 2);
	l->records = slice_at(descriptor, 4);
}

static void files_judge_size(struct audit_run *r, struct files *all, const struct audit_step *s)
{
	struct lane *l = &all->lanes[s->x->channel % CHANNELS];
	const struct apdu *a = &s->x->apdu;
	uint32_t offset = (uint32_t)a->p1 << 8 | a->p2, end = offset + (uint32_t)s->x->answer.len;
	bool short_id = s->id == COMMAND_READ_BINARY ? a->p1 & 0x80 : a->p2 >> 3;

	if (!s->x->has_sw || short_id || l->told || s->item->view.place->ef != l->fid)
		return;
	if (s->id == COMMAND_READ_BINARY && l->has_size &&
	    (s->good ? end > l->size : s->x->sw == SW_OUT_OF_RANGE && offset < l->size))
		audit_find(r, &rules[OTHER_SIZE], &s->spot, "%s: octets to %u, its FCP says %u",
			   s->item->view.path, end, l->size);
	else if (s->id == COMMAND_READ_RECORD && l->has_records && s->good &&
		 (s->x->answer.len != l->record_len || (l->records && a->p1 > l->records)))
		audit_find(r, &rules[OTHER_SIZE], &s->spot,
			   "%s: record %u of %zu octets, its FCP says %u of %u", s->item->view.path,
			   a->p1, s->x->answer.len, l->records, l->record_len);
	else
		return;
	l->told = true;
}

/* What EF.DIR lists, selected by its AID or the beginning of it */
static void files_judge_dir(struct audit_run *r, struct files *all, const struct audit_step *s)
{
	struct slice asked = s->x->apdu.data, fcp, name;
	bool other = s->good && tlv_find(s->x->answer, UICC_FCP, &fcp) &&
		     tlv_find(fcp, UICC_FCP_DF_NAME, &name) && !slice_starts(name, asked);

	for (size_t i = 0; asked.len && i < all->aid_count; i++) {
		struct slice aid = slice_make(all->aids[i], all->aid_len[i]);

		if (!slice_starts(aid, asked) || all->told_aid[i] ||
		    !(other || s->x->sw == SW_FILE_NOT_FOUND))
			continue;
		all->told_aid[i] = true;
		audit_find(r, &rules[DIR_REFUSED], &s->spot,
			   other ? "SELECT answers another AID" : "there is no such application");
	}
}

/* A file that was selected, or is not there, against the service that it is for */
static void files_judge_service(struct audit_run *r, struct files *all, const struct audit_step *s)
{
	struct slice ust = slice_make(all->ust, all->ust_len);
	struct audit_file f;
	bool is_set = false, gone = s->x->has_sw && s->x->sw == SW_FILE_NOT_FOUND;
	size_t row = SERVICES;

	if (!ust.len || (!s->good && !gone) || !audit_file_named(s, &f) || !f.in_usim ||
	    f.scope != all->ust_scope)
		return;
	for (size_t i = 0; i < uicc_usim_service_count && i < SERVICES; i++) {
		const struct uicc_service_file *u = &uicc_usim_services[i];

		if (u->fid != f.fid || u->df != f.df)
			continue;
		is_set = is_set || uicc_has_service(ust, u->service);
		row = i;
	}
	if (row == SERVICES || is_set != gone || all->told_service[row])
		return;
	all->told_service[row] = true;
	audit_find(r, &rules[gone ? FILE_MISSING : FILE_UNSERVED], &s->spot, "%s, service %d",
		   s->item->view.path, (int)uicc_usim_services[row].service);
}

static void files_step(struct audit_run *r, void *state, const struct audit_step *s)
{
	struct files *all = state;

	if (s->switched)
		memset(all, 0, sizeof(*all));
	switch (s->id) {
	case COMMAND_SELECT:
		if (s->good)
			files_learn_size(all, s);
		if (s->x->apdu.p1 == SELECT_AID)
			files_judge_dir(r, all, s);
		files_judge_service(r, all, s);
		break;
	case COMMAND_READ_BINARY:
	case COMMAND_READ_RECORD: files_judge_size(r, all, s); break;
	default: break;
	}
	if (s->file)
		files_take(r, all, s, s->file);
}

static void files_event(struct audit_run *r, void *state, const struct trace_event *e)
{
	struct files *all = state;

	(void)r;
	if (e->kind == TRACE_RESET)
		memset(all->lanes, 0, sizeof(all->lanes));
	if (e->kind == TRACE_REMOVED)
		memset(all, 0, sizeof(*all));
}

const struct audit_family audit_files = {
	.about = "What files hold, and what the card says of them",
	.rules = rules,
	.rule_count = ARRAY_LEN(rules),
	.state_size = sizeof(struct files),
	.step = files_step,
	.event = files_event,
};

/* select: how files and applications are selected. ETSI TS 102 221 8.4, 8.5, 11.1.1, 11.1.2 */
#include <string.h>

#include "host/exam/cases/cases.h"
#include "host/exam/fcp.h"
#include "host/exam/history.h"
#include "host/exam/probe.h"
#include "lib/uicc/atr.h"
#include "lib/base/tlv.h"
#include "lib/uicc/aid.h"

#define FID_NONE 0x6F99 /* that no standard gives away */

static uint16_t select_by(struct exam *x, uint8_t p1, uint8_t p2, struct slice data,
			  struct exam_answer *a)
{
	struct apdu c = exam_command(COMMAND_SELECT, p1, p2, 0);

	c.data = data;
	if ((p2 & SELECT_RETURN_MASK) != SELECT_RETURN_NONE)
		c.le = 256;
	return exam_send(x, &c, a);
}

static uint16_t fid_of(const struct exam_answer *a)
{
	struct exam_fcp f;

	fcp_take(exam_data(a), &f);
	return (uint16_t)slice_uint(f.fid, 2);
}

/* STATUS: the identifier of the current directory; 0: none. */
static uint16_t current_fid(struct exam *x)
{
	struct apdu c = exam_command(COMMAND_STATUS, 0, 0, 256);
	struct exam_answer a;

	exam_send(x, &c, &a);
	return fid_of(&a);
}

/* STATUS: the name of the current application. */
static struct slice current_aid(struct exam *x, struct exam_answer *a)
{
	struct apdu c = exam_command(COMMAND_STATUS, 0, 1, 256);
	struct slice aid = SLICE_EMPTY;

	exam_send(x, &c, a);
	if (tlv_only(exam_data(a), UICC_FCP_DF_NAME, &aid))
		return SLICE_EMPTY;
	return aid;
}

static void select_mf(struct exam *x)
{
	struct exam_answer a;

	exam_reset(x, false);
	exam_check(x, current_fid(x) == FID_MF, "after a reset STATUS does not show the MF");
	exam_sw(x, exam_select(x, FID_MF, &a), "SELECT of 3F00", SW(SW_OK));
	exam_check(x, fid_of(&a) == FID_MF, "the FCP of the MF names %04X", fid_of(&a));
}

static void select_child(struct exam *x)
{
	struct exam_answer a;

	if (!exam_at_mf(x))
		return;
	exam_sw(x, exam_select(x, FID_ICCID, &a), "SELECT of EF.ICCID under the MF", SW(SW_OK));
	exam_sw(x, exam_read_binary(x, 0, 1, &a), "READ BINARY of it", SW(SW_OK));
	exam_sw(x, exam_select(x, FID_DIR, &a), "SELECT of EF.DIR next", SW(SW_OK));
}

static void select_unknown(struct exam *x)
{
	struct exam_answer a;

	if (!exam_at_mf(x))
		return;
	exam_sw(x, exam_select(x, FID_NONE, &a), "SELECT of 6F99, which is not there",
		SW(SW_FILE_NOT_FOUND));
}

static void select_keeps(struct exam *x)
{
	struct exam_answer a;

	if (!exam_under_mf(x, FID_ICCID, &a))
		return;
	exam_select(x, FID_NONE, &a);
	exam_sw(x, exam_read_binary(x, 0, 1, &a),
		"READ BINARY of the EF that was selected before a SELECT that failed", SW(SW_OK));
}

static void select_df_drops_ef(struct exam *x)
{
	struct exam_answer a;

	if (!exam_under_mf(x, FID_ICCID, &a) || !exam_at_mf(x))
		return;
	exam_sw(x, exam_read_binary(x, 0, 1, &a), "READ BINARY after SELECT of the MF",
		SW(SW_NO_EF_SELECTED));
}

static void select_path(struct exam *x)
{
	static const uint8_t path[] = {FID_ICCID >> 8, FID_ICCID & 0xFF};
	struct exam_answer a;

	if (exam_has(x, EXAM_USIM))
		exam_at_usim(x);
	select_by(x, SELECT_PATH_MF, SELECT_RETURN_FCP, SLICE_OF(path), &a);
	exam_sw(x, a.sw, "SELECT by path from the MF of EF.ICCID", SW(SW_OK));
	exam_check(x, fid_of(&a) == FID_ICCID, "SELECT by path gives the FCP of %04X", fid_of(&a));
}

static void select_path_adf(struct exam *x)
{
	static const uint8_t path[] = {FID_CURRENT_ADF >> 8, FID_CURRENT_ADF & 0xFF, FID_AD >> 8,
				       FID_AD & 0xFF};
	struct exam_answer a;

	if (!exam_at_usim(x) || !exam_at_mf(x))
		return;
	select_by(x, SELECT_PATH_MF, SELECT_RETURN_FCP, SLICE_OF(path), &a);
	exam_sw(x, a.sw, "SELECT by path 7FFF/6FAD with the USIM active", SW(SW_OK));
	exam_check(x, fid_of(&a) == FID_AD, "SELECT by path gives the FCP of %04X", fid_of(&a));
}

static void select_parent(struct exam *x)
{
	struct exam_answer a;

	if (!exam_at_usim(x))
		return;
	select_by(x, SELECT_PARENT, SELECT_RETURN_FCP, SLICE_EMPTY, &a);
	exam_sw(x, a.sw, "SELECT of the parent of the USIM's ADF", SW(SW_OK));
	exam_check(x, fid_of(&a) == FID_MF, "the parent of the ADF is %04X, not the MF",
		   fid_of(&a));
}

static void select_out_of_reach(struct exam *x)
{
	struct exam_answer a;

	if (!exam_at_usim(x))
		return;
	exam_sw(x, exam_select(x, FID_ICCID, &a),
		"SELECT by identifier of EF.ICCID with the USIM's ADF current",
		SW(SW_FILE_NOT_FOUND));
}

static void select_aid(struct exam *x)
{
	struct slice aid = slice_make(x->usim_aid, x->usim_aid_len);
	struct exam_answer a, status;
	struct exam_fcp f;

	select_by(x, SELECT_AID, SELECT_RETURN_FCP, aid, &a);
	if (!exam_sw(x, a.sw, "SELECT of the USIM by the AID of EF.DIR", SW(SW_OK)))
		return;
	fcp_take(exam_data(&a), &f);
	exam_check(x, slice_starts(f.name, aid), "the FCP of the ADF has another AID");
	exam_check(x, slice_equal(current_aid(x, &status), f.name),
		   "STATUS names another application than the one that was selected");
}

static void select_partial(struct exam *x)
{
	struct exam_answer a;
	struct card_capabilities c;
	struct atr atr;

	if (!atr_parse(uicc_atr(x->u), &atr) && card_capabilities(atr.historical, &c) &&
	    !(c.selection & CAPABILITY_PARTIAL_NAME)) {
		exam_skip(x, "the ATR announces no selection by partial AID");
		return;
	}
	select_by(x, SELECT_AID, SELECT_RETURN_FCP, aid_of(AID_USIM), &a);
	exam_sw(x, a.sw, "SELECT by the first 7 octets of the USIM's AID", SW(SW_OK));
	exam_check(x, slice_starts(current_aid(x, &a), aid_of(AID_USIM)),
		   "another application than a USIM is active then");
}

static void select_occurrence(struct exam *x)
{
	struct exam_answer first, a;
	size_t n = 0;

	select_by(x, SELECT_AID, SELECT_RETURN_NONE, aid_of(AID_3GPP), &a);
	if (a.sw != SW_OK) {
		exam_skip(x, "the card takes no partial AID of five octets");
		return;
	}
	current_aid(x, &first);
	do {
		select_by(x, SELECT_AID, SELECT_RETURN_NONE | 2, aid_of(AID_3GPP), &a);
		n++;
	} while (a.sw == SW_OK && n < 20);
	if (n == 1 && (a.sw == SW_WRONG_P1P2 || a.sw == SW_FUNCTION_NOT_SUPPORTED)) {
		exam_remark(x, "the card knows no next occurrence (%04X)", a.sw);
		return;
	}
	exam_check(x, n < 20, "SELECT of the next occurrence never ends");
	exam_sw(x, a.sw, "SELECT of the next occurrence behind the last", SW(SW_FILE_NOT_FOUND));
}

static void select_aid_unknown(struct exam *x)
{
	uint8_t aid[AID_LEN];
	struct exam_answer a, before, after;
	struct slice was;

	memset(aid, 0xEE, sizeof(aid));
	memcpy(aid, aid_of(AID_3GPP).ptr, aid_of(AID_3GPP).len);
	if (!exam_at_usim(x))
		return;
	was = current_aid(x, &before);
	select_by(x, SELECT_AID, SELECT_RETURN_FCP, SLICE_OF(aid), &a);
	exam_sw(x, a.sw, "SELECT of an AID that the card has not", SW(SW_FILE_NOT_FOUND));
	exam_check(x, slice_equal(was, current_aid(x, &after)),
		   "a SELECT that failed has left the application");
}

static void select_status(struct exam *x)
{
	struct apdu c = exam_command(COMMAND_STATUS, 0, 0, 256);
	struct exam_answer a, b;

	exam_sw(x, exam_select(x, FID_MF, &a), "SELECT of the MF", SW(SW_OK));
	exam_sw(x, exam_send(x, &c, &b), "STATUS", SW(SW_OK));
	exam_check(x, slice_equal(exam_data(&a), exam_data(&b)),
		   "STATUS gives another FCP than SELECT");
}

static void select_status_p2(struct exam *x)
{
	struct apdu c = exam_command(COMMAND_STATUS, 0, SELECT_RETURN_NONE, 0);
	struct exam_answer a;

	exam_sw(x, exam_send(x, &c, &a), "STATUS that wants no data", SW(SW_OK));
	exam_check(x, !a.len, "STATUS that wants no data gives %zu octets", a.len);
}

#define UICC .needs = EXAM_UICC
#define USIM .needs = EXAM_UICC | EXAM_USIM

static const struct exam_case cases[] = {
	{RULE("select.mf", FINDING_ERROR, "TS 102 221 8.4.1",
	      "the MF is current after a reset, and is selected by 3F00"),
	 UICC, .run = select_mf},
	{RULE("select.fid", FINDING_ERROR, "TS 102 221 8.4.1, 11.1.1.2",
	      "an EF of the current directory is selected by its identifier"),
	 UICC, .run = select_child},
	{RULE("select.unknown", FINDING_ERROR, "TS 102 221 11.1.1, 10.2.1.5",
	      "an identifier that is not there is answered by 6A82"),
	 UICC, .run = select_unknown},
	{RULE("select.failed-keeps", FINDING_ERROR, "TS 102 221 11.1.1.1",
	      "a SELECT that fails leaves what was selected"),
	 UICC, .run = select_keeps},
	{RULE("select.df-drops-ef", FINDING_ERROR, "TS 102 221 8.4.1",
	      "after SELECT of a DF no EF is selected (6986)"),
	 UICC, .run = select_df_drops_ef},
	{RULE("select.path", FINDING_ERROR, "TS 102 221 8.4.2",
	      "a path from the MF selects from anywhere"),
	 UICC, .run = select_path},
	{RULE("select.path-adf", FINDING_ERROR, "TS 102 221 8.4.1, 8.4.2",
	      "7FFF in a path is the ADF of the active application"),
	 USIM, .run = select_path_adf},
	{RULE("select.parent", FINDING_ERROR, "TS 102 221 11.1.1.2",
	      "P1 03 selects the parent; that of an ADF is the MF"),
	 USIM, .run = select_parent},
	{RULE("select.out-of-reach", FINDING_ERROR, "TS 102 221 8.4.1",
	      "an EF of another directory is not selected by its identifier (6A82)"),
	 USIM, .run = select_out_of_reach},
	{RULE("select.aid", FINDING_ERROR, "TS 102 221 8.5.1, 11.1.1.2",
	      "an application is selected by its AID, and FCP and STATUS name it"),
	 USIM, .run = select_aid},
	{RULE("select.aid-partial", FINDING_ERROR, "TS 102 221 8.5.1, 11.1.1.2",
	      "an application is selected by an AID that is cut on the right"),
	 USIM, .run = select_partial},
	{RULE("select.aid-next", FINDING_ERROR, "TS 102 221 11.1.1.2",
	      "the next occurrence is selected until there is none (6A82)"),
	 USIM, .run = select_occurrence},
	{RULE("select.aid-unknown", FINDING_ERROR, "TS 102 221 11.1.1.1, 11.1.1.2",
	      "an AID that the card has not is answered by 6A82, and the application stays"),
	 USIM, .run = select_aid_unknown},
	{RULE("select.status", FINDING_ERROR, "TS 102 221 11.1.2",
	      "STATUS gives the FCP of the current directory as SELECT does"),
	 UICC, .run = select_status},
	{RULE("select.status-no-data", FINDING_ERROR, "TS 102 221 11.1.2",
	      "STATUS with P2 0C gives no data"),
	 UICC, .run = select_status_p2},
};

EXAM_GROUP(select, "Selection", cases)

/* apdu: classes, instructions, parameters and lengths. ETSI TS 102 221 10.1, 10.2; ISO 7816-4 5 */
#include "host/exam/cases/cases.h"
#include "host/exam/probe.h"
#include "lib/base/tlv.h"
#include "lib/uicc/fcp.h"

#define CLA_RFU		0x30 /* TS 102 221 table 10.3 */
#define CLA_SM		(CLA_INTERINDUSTRY | 0x04)
#define INS_NONE	0xFE
#define P1_RFU		0x02	/* of SELECT, TS 102 221 table 11.1 */
#define READS_WITHIN_US 1000000 /* the default waiting time: 9600 etu at 372 / 3.57 MHz */
#define MF		0x02, 0x3F, 0x00

static void class_unknown(struct exam *x)
{
	struct exam_answer a;

	TPDU(x, &a, CLA_RFU, INS_SELECT, SELECT_FID, SELECT_RETURN_NONE, MF);
	exam_sw(x, a.sw, "SELECT in class 30", SW(SW_CLA_NOT_SUPPORTED));
}

static void class_other(struct exam *x)
{
	struct exam_answer a;

	TPDU(x, &a, CLA_PROPRIETARY, INS_SELECT, SELECT_FID, SELECT_RETURN_NONE, MF);
	exam_sw(x, a.sw, "SELECT in class 80", SW(SW_CLA_NOT_SUPPORTED, SW_INS_NOT_SUPPORTED));
}

static void secured(struct exam *x)
{
	struct exam_answer a;

	TPDU(x, &a, CLA_SM, INS_SELECT, SELECT_FID, SELECT_RETURN_NONE, MF);
	exam_sw(x, a.sw, "SELECT in class 04",
		SW(SW_SECURE_MESSAGING, SW_CLA_FUNCTION, SW_CLA_NOT_SUPPORTED));
}

static void ins_unknown(struct exam *x)
{
	struct exam_answer a;

	TPDU(x, &a, CLA_INTERINDUSTRY, INS_NONE, 0, 0, 0);
	exam_sw(x, a.sw, "instruction FE", SW(SW_INS_NOT_SUPPORTED));
}

static void parameters(struct exam *x)
{
	struct exam_answer a;

	TPDU(x, &a, CLA_INTERINDUSTRY, INS_SELECT, P1_RFU, SELECT_RETURN_NONE, MF);
	exam_sw(x, a.sw, "SELECT with P1 02", SW(SW_WRONG_P1P2, SW_OUT_OF_RANGE));
}

static void rfu_p2(struct exam *x)
{
	struct exam_answer a;

	TPDU(x, &a, CLA_INTERINDUSTRY, INS_SELECT, SELECT_FID, SELECT_RFU_MASK | SELECT_RETURN_NONE,
	     MF);
	exam_sw(x, a.sw, "SELECT with P2 9C", SW(SW_WRONG_P1P2, SW_OUT_OF_RANGE));
}

static void alive(struct exam *x)
{
	struct exam_answer a;

	TPDU(x, &a, CLA_RFU, INS_NONE, 0xFF, 0xFF, 1, 0);
	TPDU(x, &a, CLA_INTERINDUSTRY, INS_NONE, 0xFF, 0xFF, 0);
	exam_at_mf(x);
}

static void challenge(struct exam *x)
{
	struct exam_answer a, b;
	struct apdu c = exam_command(COMMAND_GET_CHALLENGE, 0, 0, 8);

	exam_send(x, &c, &a);
	if (a.sw == SW_INS_NOT_SUPPORTED || a.sw == SW_CLA_NOT_SUPPORTED) {
		exam_remark(x, "the card has no GET CHALLENGE, which is an option");
		return;
	}
	if (!exam_sw(x, a.sw, "GET CHALLENGE of 8 octets", SW(SW_OK)))
		return;
	exam_check(x, a.len == 8, "GET CHALLENGE of 8 octets gives %zu", a.len);
	exam_send(x, &c, &b);
	exam_check(x, b.sw != SW_OK || !slice_equal(exam_data(&a), exam_data(&b)),
		   "two challenges are the same");
}

static void t1_direct(struct exam *x)
{
	struct exam_answer a;
	struct slice body;

	if (uicc_transport(x->u)->protocol == TRANSPORT_T0) {
		exam_skip(x, "the card speaks T=0");
		return;
	}
	TPDU(x, &a, CLA_INTERINDUSTRY, INS_SELECT, SELECT_FID, SELECT_RETURN_FCP, MF, 0);
	if (sw_is(a.sw, SW_RESPONSE) && !a.len) {
		exam_remark(x, "the card announces data by %04X, which T=1 has no need of", a.sw);
		return;
	}
	exam_sw(x, a.sw, "SELECT with data and Le", SW(SW_OK));
	exam_check(x, !tlv_only(exam_data(&a), UICC_FCP, &body),
		   "the answer to SELECT is no FCP: %zu octets", a.len);
}

static void extended(struct exam *x)
{
	struct exam_answer a, b;

	if (!exam_under_mf(x, FID_ICCID, &a)) {
		exam_skip(x, "EF.ICCID is not to be selected");
		return;
	}
	exam_read_binary(x, 0, 10, &b);
	TPDU(x, &a, CLA_INTERINDUSTRY, INS_READ_BINARY, 0, 0, 0, 0, 10);
	exam_sw(x, a.sw, "READ BINARY with an extended Le of 10", SW(SW_OK));
	exam_check(x, slice_equal(exam_data(&a), exam_data(&b)),
		   "it gives other data than with a short Le");
}

static void extended_data(struct exam *x)
{
	struct exam_answer a;

	TPDU(x, &a, CLA_INTERINDUSTRY, INS_SELECT, SELECT_FID, SELECT_RETURN_NONE, 0, 0, MF);
	exam_sw(x, a.sw, "SELECT with an extended Lc of 2", SW(SW_OK));
}

static const struct exam_case cases[] = {
	{RULE("apdu.class-unknown", FINDING_ERROR, "TS 102 221 10.1.1, 10.2.1.5",
	      "a class that is reserved is answered by 6E00"),
	 .needs = EXAM_UICC, .run = class_unknown},
	{RULE("apdu.class-of-instruction", FINDING_ERROR, "TS 102 221 10.1.2",
	      "an instruction in another class than its own is refused by 6E00 or 6D00"),
	 .needs = EXAM_UICC, .run = class_other},
	{RULE("apdu.secure-messaging", FINDING_ERROR, "TS 102 221 10.1.1, 10.2.1.5",
	      "secure messaging where there is none is refused by 6882 or 6E00"),
	 .needs = EXAM_UICC, .run = secured},
	{RULE("apdu.instruction-unknown", FINDING_ERROR, "TS 102 221 10.2.1.5",
	      "an instruction that the card has not is answered by 6D00"),
	 .needs = EXAM_UICC, .run = ins_unknown},
	{RULE("apdu.p1", FINDING_ERROR, "TS 102 221 10.2.1.5, 11.1.1.2",
	      "a reserved P1 is refused by 6A86 or 6B00"),
	 .needs = EXAM_UICC, .run = parameters},
	{RULE("apdu.p2", FINDING_ERROR, "TS 102 221 10.2.1.5, 11.1.1.2",
	      "a reserved P2 is refused by 6A86 or 6B00"),
	 .needs = EXAM_UICC, .run = rfu_p2},
	{RULE("apdu.alive", FINDING_ERROR, "TS 102 221 10.2.1.5",
	      "commands that it has not do not stop the card"),
	 .needs = EXAM_UICC, .run = alive},
	{RULE("apdu.challenge", FINDING_ERROR, "TS 102 221 11.1.18",
	      "GET CHALLENGE gives as much as Le asks for, and never the same"),
	 .needs = EXAM_UICC, .run = challenge},
	{RULE("apdu.t1-direct", FINDING_ERROR, "TS 102 221 7.3.2.1",
	      "under T=1 a command with data and Le is answered by its data at once"),
	 .needs = EXAM_UICC, .run = t1_direct},
	{RULE("apdu.extended-le", FINDING_ERROR, "ISO 7816-3 12.1.3, ISO 7816-4 5.1",
	      "a command with an extended Le is answered as its short form"),
	 .needs = EXAM_UICC | EXAM_EXTENDED, .run = extended},
	{RULE("apdu.extended-lc", FINDING_ERROR, "ISO 7816-3 12.1.3, ISO 7816-4 5.1",
	      "a command with an extended Lc is answered as its short form"),
	 .needs = EXAM_UICC | EXAM_EXTENDED, .run = extended_data},
};

EXAM_GROUP(apdu, "Classes, instructions and lengths", cases)

/* When all others have run. */
static void reads_in_time(struct exam *x)
{
	const char *name = "";
	uint32_t us = watch_slowest(x->watch, &name);

	exam_check(x, us < READS_WITHIN_US, "a %s took %u ms, over the default waiting time of 1 s",
		   name, us / 1000);
}

static const struct exam_case time_cases[] = {
	{RULE("time.reads", FINDING_WARNING, "ISO 7816-3 10.2, TS 102 221 7.2.2.1",
	      "what only selects and reads takes less than a second"),
	 .run = reads_in_time},
};

EXAM_GROUP(time, "Times", time_cases)

/* t0: the rules of T=0. ETSI TS 102 221 7.3.1, 12.1.1; ISO 7816-3 10 and 12 */
#include "host/exam/cases/cases.h"
#include "host/exam/fcp.h"
#include "host/exam/probe.h"

#define MF 0x02, 0x3F, 0x00
/* SELECT of the MF that wants its FCP */
#define SELECT_MF CLA_INTERINDUSTRY, INS_SELECT, SELECT_FID, SELECT_RETURN_FCP, MF

static bool at_iccid(struct exam *x, struct exam_fcp *f, struct exam_answer *a)
{
	if (!exam_under_mf(x, FID_ICCID, a)) {
		exam_skip(x, "EF.ICCID is not to be selected");
		return false;
	}
	fcp_take(exam_data(a), f);
	return exam_goes_on(x);
}

static void le_exact(struct exam *x)
{
	struct exam_answer a;
	struct exam_fcp f;
	unsigned asked;

	if (!at_iccid(x, &f, &a))
		return;
	TPDU(x, &a, CLA_INTERINDUSTRY, INS_READ_BINARY, 0, 0, 0);
	if (!exam_sw(x, a.sw, "READ BINARY of 256 octets of EF.ICCID", SW(SW_CORRECT_LE)))
		return;
	asked = sw_number(a.sw);
	exam_check(x, asked == f.octets, "6C%02X asks for %u octets, and the file has %zu",
		   asked & 0xFF, asked, f.octets);
	TPDU(x, &a, CLA_INTERINDUSTRY, INS_READ_BINARY, 0, 0, (uint8_t)asked);
	exam_sw(x, a.sw, "the command again with the Le of 6Cxx", SW(SW_OK));
	exam_check(x, a.len == asked, "6Cxx asked for %u octets, %zu came", asked, a.len);
}

static void le_too_long(struct exam *x)
{
	struct exam_answer a;
	struct exam_fcp f;

	if (!at_iccid(x, &f, &a))
		return;
	TPDU(x, &a, CLA_INTERINDUSTRY, INS_READ_BINARY, 0, 0, (uint8_t)(f.octets + 1));
	if (!exam_sw(x, a.sw, "READ BINARY of one octet too many", SW(SW_CORRECT_LE)))
		return;
	exam_check(x, sw_number(a.sw) == f.octets, "%04X to a file of %zu octets", a.sw, f.octets);
}

static void le_shorter(struct exam *x)
{
	struct exam_answer a;
	struct exam_fcp f;

	if (!at_iccid(x, &f, &a))
		return;
	TPDU(x, &a, CLA_INTERINDUSTRY, INS_READ_BINARY, 0, 0, 3);
	exam_sw(x, a.sw, "READ BINARY of 3 octets", SW(SW_OK));
	exam_check(x, a.len == 3, "READ BINARY of 3 octets gives %zu", a.len);
}

static void announced(struct exam *x)
{
	struct exam_answer a;
	unsigned n;

	TPDU(x, &a, SELECT_MF);
	if (!exam_sw(x, a.sw, "SELECT of the MF", SW(SW_RESPONSE)))
		return;
	exam_check(x, !a.len, "data come with %04X", a.sw);
	n = sw_number(a.sw);
	TPDU(x, &a, CLA_INTERINDUSTRY, INS_GET_RESPONSE, 0, 0, (uint8_t)n);
	exam_sw(x, a.sw, "GET RESPONSE of what was announced", SW(SW_OK));
	exam_check(x, a.len == n, "61%02X announced %u octets, GET RESPONSE gives %zu", n & 0xFF, n,
		   a.len);
}

/* A reader that speaks in APDUs hides 6Cxx as well as 61xx; where one is seen, both are. */
static void at_once(struct exam *x)
{
	struct exam_answer a;

	if (uicc_transport(x->u)->protocol != TRANSPORT_T0) {
		exam_skip(x, "the card does not speak T=0");
		return;
	}
	if (!exam_under_mf(x, FID_ICCID, &a))
		return;
	TPDU(x, &a, CLA_INTERINDUSTRY, INS_READ_BINARY, 0, 0, 0);
	if (!sw_is(a.sw, SW_CORRECT_LE)) {
		exam_skip(x, "the reader speaks in APDUs");
		return;
	}
	TPDU(x, &a, SELECT_MF);
	exam_check(x, !a.len, "SELECT gives %zu octets at once, which T=0 cannot", a.len);
}

static void in_parts(struct exam *x)
{
	struct exam_answer a;
	unsigned n;

	TPDU(x, &a, SELECT_MF);
	n = sw_number(a.sw);
	if (!sw_is(a.sw, SW_RESPONSE) || n < 4)
		return;
	TPDU(x, &a, CLA_INTERINDUSTRY, INS_GET_RESPONSE, 0, 0, 2);
	if (!exam_sw(x, a.sw, "GET RESPONSE of 2 octets", SW(SW_RESPONSE)))
		return;
	exam_check(x, a.len == 2 && sw_number(a.sw) == n - 2,
		   "of %u octets 2 were fetched, and %u are said to be left", n, sw_number(a.sw));
	TPDU(x, &a, CLA_INTERINDUSTRY, INS_GET_RESPONSE, 0, 0, (uint8_t)(n - 2));
	exam_sw(x, a.sw, "GET RESPONSE of the rest", SW(SW_OK));
	exam_check(x, a.len == n - 2, "%zu octets came instead of %u", a.len, n - 2);
}

static void too_many(struct exam *x)
{
	struct exam_answer a;
	unsigned n;

	TPDU(x, &a, SELECT_MF);
	n = sw_number(a.sw);
	if (!sw_is(a.sw, SW_RESPONSE) || n > 250)
		return;
	TPDU(x, &a, CLA_INTERINDUSTRY, INS_GET_RESPONSE, 0, 0, (uint8_t)(n + 1));
	if (exam_sw(x, a.sw, "GET RESPONSE of one octet too many", SW(SW_CORRECT_LE)))
		exam_check(x, sw_number(a.sw) == n, "%04X, and %u octets were announced", a.sw, n);
}

static void nothing_waits(struct exam *x)
{
	struct exam_answer a;

	exam_reset(x, false);
	TPDU(x, &a, CLA_INTERINDUSTRY, INS_GET_RESPONSE, 0, 0, 16);
	exam_check(x, !sw_is_good(a.sw) && !sw_is(a.sw, SW_CORRECT_LE),
		   "GET RESPONSE gives %04X though nothing waits", a.sw);
	exam_check(x, !a.len, "GET RESPONSE gives %zu octets though nothing waits", a.len);
}

static void lost(struct exam *x)
{
	struct exam_answer a;
	unsigned n;

	TPDU(x, &a, SELECT_MF);
	n = sw_number(a.sw);
	TPDU(x, &a, CLA_PROPRIETARY, INS_STATUS, 0, SELECT_RETURN_NONE, 0);
	TPDU(x, &a, CLA_INTERINDUSTRY, INS_GET_RESPONSE, 0, 0, (uint8_t)n);
	exam_check(x, !sw_is_good(a.sw), "the FCP can still be fetched after another command");
}

static void no_data(struct exam *x)
{
	struct exam_answer a;

	TPDU(x, &a, CLA_INTERINDUSTRY, INS_SELECT, SELECT_FID, SELECT_RETURN_NONE, MF);
	exam_sw(x, a.sw, "SELECT that wants no data", SW(SW_OK));
	exam_check(x, !a.len, "SELECT that wants no data gives %zu octets", a.len);
}

static void four(struct exam *x)
{
	struct exam_answer a;

	TPDU(x, &a, CLA_PROPRIETARY, INS_STATUS, 0, SELECT_RETURN_NONE);
	exam_sw(x, a.sw, "STATUS of four octets, without P3", SW(SW_OK));
}

static void lc_missing(struct exam *x)
{
	struct exam_answer a;

	TPDU(x, &a, CLA_PROPRIETARY, INS_TERMINAL_PROFILE, 0, 0, 0);
	exam_sw(x, a.sw, "TERMINAL PROFILE without data", SW(SW_WRONG_LENGTH));
}

static void lc_wrong(struct exam *x)
{
	struct exam_answer a;

	TPDU(x, &a, CLA_INTERINDUSTRY, INS_SELECT, SELECT_FID, SELECT_RETURN_NONE, 3, FID_MF >> 8,
	     0, 0);
	exam_sw(x, a.sw, "SELECT by file identifier with three octets", SW(SW_WRONG_LENGTH));
}

static void channel_le(struct exam *x)
{
	struct exam_answer a;

	x->dirty = true;
	TPDU(x, &a, CLA_INTERINDUSTRY, INS_MANAGE_CHANNEL, CHANNEL_OPEN, 0, 0);
	if (exam_sw(x, a.sw, "MANAGE CHANNEL with Le 00", SW(SW_CORRECT_LE)))
		exam_check(x, sw_number(a.sw) == 1, "%04X instead of 6C01", a.sw);
}

#define NEEDS .needs = EXAM_UICC | EXAM_TPDU

static const struct exam_case cases[] = {
	{RULE("t0.le-exact", FINDING_ERROR, "TS 102 221 7.3.1.1.2",
	      "Le 00 is answered by 6Cxx with the exact length, and that length is then given"),
	 NEEDS, .run = le_exact},
	{RULE("t0.le-too-long", FINDING_ERROR, "TS 102 221 7.3.1.1.2, 10.2.1.5",
	      "a Le that is too long is answered by 6Cxx with the exact length"),
	 NEEDS, .run = le_too_long},
	{RULE("t0.le-shorter", FINDING_ERROR, "TS 102 221 11.1.3",
	      "READ BINARY gives as many octets as Le asks for"),
	 NEEDS, .run = le_shorter},
	{RULE("t0.response-announced", FINDING_ERROR, "TS 102 221 7.3.1.1.4, ISO 7816-3 12.2",
	      "what a command with data answers is announced by 61xx, and comes by GET RESPONSE"),
	 .needs = EXAM_UICC, .run = at_once},
	{RULE("t0.response-exact", FINDING_ERROR, "TS 102 221 7.3.1.1.4, 12.1.1",
	      "61xx announces exactly what GET RESPONSE then gives, with 9000"),
	 NEEDS, .run = announced},
	{RULE("t0.response-parts", FINDING_WARNING, "TS 102 221 12.1.1, ISO 7816-4 5.1.3",
	      "GET RESPONSE gives an answer in parts, with 61xx for what is left"),
	 NEEDS, .run = in_parts},
	{RULE("t0.response-too-many", FINDING_ERROR, "TS 102 221 12.1.1",
	      "GET RESPONSE for more than there is gives 6Cxx with what there is"),
	 NEEDS, .run = too_many},
	{RULE("t0.response-none", FINDING_ERROR, "TS 102 221 12.1.1",
	      "GET RESPONSE gives nothing where nothing waits"),
	 NEEDS, .run = nothing_waits},
	{RULE("t0.response-lost", FINDING_ERROR, "TS 102 221 12.1.1",
	      "GET RESPONSE comes right behind its command: another one in between loses the "
	      "answer"),
	 NEEDS, .run = lost},
	{RULE("t0.case-3", FINDING_ERROR, "TS 102 221 7.3.1.1.3, 11.1.1.2",
	      "a command that wants no data is answered by 9000 and announces none"),
	 NEEDS, .run = no_data},
	{RULE("t0.four-octets", FINDING_ERROR, "TS 102 221 7.3.1.1.1",
	      "a command of four octets is taken as one whose P3 is 00"),
	 NEEDS, .run = four},
	{RULE("t0.lc-missing", FINDING_ERROR, "TS 102 221 7.3.1.1.3, 10.2.1.5",
	      "a command that must have data, and has none, is answered by 67xx"),
	 NEEDS, .run = lc_missing},
	{RULE("t0.lc-wrong", FINDING_ERROR, "TS 102 221 10.2.1.5, 11.1.1.2",
	      "a file identifier of three octets is answered by 67xx"),
	 NEEDS, .run = lc_wrong},
	{RULE("t0.channel-le", FINDING_ERROR, "TS 102 221 11.1.17, 7.3.1.1.2",
	      "MANAGE CHANNEL with a wrong Le is answered by 6C01"),
	 .needs = EXAM_UICC | EXAM_TPDU | EXAM_CHANNELS, .run = channel_le},
};

EXAM_GROUP(t0, "Rules of T=0", cases)

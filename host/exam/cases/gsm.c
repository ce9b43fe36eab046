/* gsm: the 2G side, class A0. 3GPP TS 51.011 8, 9 */
#include "host/exam/cases/cases.h"
#include "host/exam/probe.h"
#include "host/terminal/usim.h"

#define HEADER_DF  22 /* octets of the answer to SELECT, TS 51.011 9.2.1 */
#define HEADER_EF  14
#define FID_AT	   4	/* where the identifier stands in it, from 0 */
#define TYPE_MF	   0x01 /* and the type of file behind it */
#define TYPE_DF	   0x02
#define TYPE_EF	   0x04
#define TYPE_AT	   6
#define FID_NONE   0x6F99
#define ANSWER_LEN 12 /* SRES and Kc */

static uint16_t select_gsm(struct exam *x, uint16_t fid, struct exam_answer *a)
{
	const uint8_t id[] = {(uint8_t)(fid >> 8), (uint8_t)fid};
	struct apdu c = exam_command(COMMAND_GSM_SELECT, 0, 0, 0);

	c.data = SLICE_OF(id);
	return exam_send(x, &c, a);
}

static bool at(struct exam *x, uint16_t df, uint16_t ef, struct exam_answer *a)
{
	return exam_sw(x, select_gsm(x, FID_MF, a), "SELECT of the MF in class A0", SW(SW_OK)) &&
	       (!df || exam_sw(x, select_gsm(x, df, a), "SELECT of the DF", SW(SW_OK))) &&
	       (!ef || exam_sw(x, select_gsm(x, ef, a), "SELECT of the EF", SW(SW_OK)));
}

static void header(struct exam *x, const struct exam_answer *a, uint16_t fid, uint8_t type)
{
	struct slice s = exam_data(a);

	exam_check(x, s.len >= (type == TYPE_EF ? HEADER_EF : HEADER_DF),
		   "the answer to SELECT of %04X has %zu octets", fid, s.len);
	exam_check(x, slice_uint(slice_sub(s, FID_AT, 2), 2) == fid,
		   "the answer to SELECT of %04X names %02X%02X", fid, slice_at(s, FID_AT),
		   slice_at(s, FID_AT + 1));
	exam_check(x, slice_at(s, TYPE_AT) == type, "the type of %04X is %02X instead of %02X", fid,
		   slice_at(s, TYPE_AT), type);
}

static void directories(struct exam *x)
{
	struct exam_answer a;

	exam_reset(x, false);
	if (at(x, 0, 0, &a))
		header(x, &a, FID_MF, TYPE_MF);
	/* an eUICC without an enabled profile has none */
	if (exam_has(x, EXAM_ISDR) && !exam_has(x, EXAM_USIM))
		return;
	if (at(x, FID_DF_GSM, 0, &a))
		header(x, &a, FID_DF_GSM, TYPE_DF);
}

static void elementary(struct exam *x)
{
	struct exam_answer a;

	if (!at(x, 0, FID_ICCID, &a))
		return;
	header(x, &a, FID_ICCID, TYPE_EF);
	exam_check(x, slice_uint(slice_sub(exam_data(&a), 2, 2), 2) == 10,
		   "the size of EF.ICCID is said to be %u",
		   (unsigned)slice_uint(slice_sub(exam_data(&a), 2, 2), 2));
}

static void announces(struct exam *x)
{
	struct exam_answer a;
	unsigned n;

	TPDU(x, &a, CLA_GSM, INS_SELECT, 0, 0, 2, FID_MF >> 8, FID_MF & 0xFF);
	if (!exam_sw(x, a.sw, "SELECT of the MF", SW(SW_GSM_RESPONSE)))
		return;
	n = sw_number(a.sw);
	TPDU(x, &a, CLA_GSM, INS_GET_RESPONSE, 0, 0, (uint8_t)n);
	exam_sw(x, a.sw, "GET RESPONSE", SW(SW_OK));
	exam_check(x, a.len == n, "9F%02X announced %u octets, %zu come", n & 0xFF, n, a.len);
}

static void same_iccid(struct exam *x)
{
	struct apdu c = exam_command(COMMAND_GSM_READ_BINARY, 0, 0, 10);
	struct exam_answer a, b;

	if (!at(x, 0, FID_ICCID, &a) ||
	    !exam_sw(x, exam_send(x, &c, &a), "READ BINARY of EF.ICCID", SW(SW_OK)))
		return;
	if (!exam_has(x, EXAM_UICC) || !exam_under_mf(x, FID_ICCID, &b) ||
	    exam_read_binary(x, 0, 10, &b) != SW_OK)
		return;
	exam_check(x, slice_equal(exam_data(&a), exam_data(&b)),
		   "EF.ICCID has other octets in class A0 than in class 00");
}

static void gsm_unknown(struct exam *x)
{
	struct exam_answer a;

	if (at(x, 0, 0, &a))
		exam_sw(x, select_gsm(x, FID_NONE, &a), "SELECT of 6F99, which is not there",
			SW(SW_GSM_NOT_FOUND));
}

static void gsm_no_ef(struct exam *x)
{
	struct apdu c = exam_command(COMMAND_GSM_READ_BINARY, 0, 0, 1);
	struct exam_answer a;

	if (at(x, 0, 0, &a))
		exam_sw(x, exam_send(x, &c, &a), "READ BINARY where no EF is selected",
			SW(SW_GSM_NO_EF));
}

static void gsm_range(struct exam *x)
{
	struct apdu c = exam_command(COMMAND_GSM_READ_BINARY, 0, 10, 1);
	struct exam_answer a;

	if (at(x, 0, FID_ICCID, &a))
		exam_sw(x, exam_send(x, &c, &a), "READ BINARY at the end of EF.ICCID",
			SW(SW_GSM_OUT_OF_RANGE, SW_OUT_OF_RANGE));
}

static void gsm_structure(struct exam *x)
{
	struct apdu c = exam_command(COMMAND_GSM_READ_RECORD, 1, RECORD_ABSOLUTE, 10);
	struct exam_answer a;

	if (at(x, 0, FID_ICCID, &a))
		exam_sw(x, exam_send(x, &c, &a), "READ RECORD of EF.ICCID, which has none",
			SW(SW_GSM_INCONSISTENT));
}

static void gsm_instruction(struct exam *x)
{
	struct exam_answer a;

	TPDU(x, &a, CLA_GSM, 0xFE, 0, 0, 0);
	exam_sw(x, a.sw, "instruction FE in class A0", SW(SW_INS_NOT_SUPPORTED));
}

static void gsm_guards(struct exam *x)
{
	struct apdu c = exam_command(COMMAND_GSM_READ_BINARY, 0, 0, 9);
	struct exam_answer a;

	if (!exam_reset(x, false) || !at(x, FID_DF_GSM, 0, &a))
		return;
	if (select_gsm(x, FID_IMSI, &a) != SW_OK) {
		exam_skip(x, "DF.GSM has no EF.IMSI");
		return;
	}
	exam_sw(x, exam_send(x, &c, &a), "READ BINARY of EF.IMSI before CHV1", SW(SW_GSM_ACCESS));
}

/* The algorithm, where the present state lets it run. */
static bool run_algorithm(struct exam *x, struct slice rand, struct exam_answer *a)
{
	struct apdu c = exam_command(COMMAND_GSM_RUN_ALGORITHM, 0, 0, 0);

	if (!at(x, FID_DF_GSM, 0, a))
		return false;
	c.data = rand;
	exam_send(x, &c, a);
	if (a->sw == SW_GSM_ACCESS) {
		exam_skip(x, "CHV1 is not verified by PIN1 of the USIM");
		return false;
	}
	return exam_goes_on(x);
}

static void algorithm(struct exam *x)
{
	static const uint8_t rand[USIM_RAND_LEN] = {0x5A, 0xA5};
	struct exam_answer a;

	if (!run_algorithm(x, SLICE_OF(rand), &a))
		return;
	exam_sw(x, a.sw, "RUN GSM ALGORITHM", SW(SW_OK));
	exam_check(x, a.len == ANSWER_LEN, "its answer has %zu octets instead of 12", a.len);
}

static void algorithm_length(struct exam *x)
{
	static const uint8_t rand[USIM_RAND_LEN - 1];
	struct exam_answer a;

	if (run_algorithm(x, SLICE_OF(rand), &a))
		exam_check(x, a.sw >> 8 == SW_WRONG_LENGTH >> 8,
			   "RUN GSM ALGORITHM with a RAND of 15 octets: %04X instead of 67xx",
			   a.sw);
}

static void algorithm_answer(struct exam *x)
{
	const struct exam_keys *k = x->plan->keys;
	uint8_t rand[16], autn[16];
	struct usim_answer answer;
	const char *wrong;
	enum err e = k->challenge(k->ctx, EXAM_FOR_GSM, rand, autn);

	if (!exam_took(x, e))
		return;
	e = usim_run_gsm(x->u, rand, &answer);
	if (e == ERR_CARD && uicc_last_sw(x->u) == SW_GSM_ACCESS) {
		exam_skip(x, "CHV1 is not verified by PIN1 of the USIM");
		return;
	}
	exam_check(x, !e || (e != ERR_CARD && e != ERR_PROTOCOL),
		   "RUN GSM ALGORITHM gives no SRES and Kc");
	if (!exam_took(x, e))
		return;
	wrong = k->judge(k->ctx, &answer);
	exam_check(x, !wrong, "%s is wrong", wrong ? wrong : "");
}

#define GSM .needs = EXAM_GSM

static const struct exam_case cases[] = {
	{RULE("gsm.directories", FINDING_ERROR, "TS 51.011 9.2.1, 9.3",
	      "SELECT of MF and DF.GSM gives 22 octets and more, with identifier and type"),
	 GSM, .run = directories},
	{RULE("gsm.files", FINDING_ERROR, "TS 51.011 9.2.1",
	      "SELECT of an EF gives its size, identifier and type"),
	 GSM, .run = elementary},
	{RULE("gsm.response", FINDING_ERROR, "TS 51.011 9.1, 9.4.1",
	      "9Fxx announces exactly what GET RESPONSE then gives"),
	 .needs = EXAM_GSM | EXAM_TPDU, .run = announces},
	{RULE("gsm.iccid", FINDING_ERROR, "TS 51.011 10.1.1",
	      "EF.ICCID is the same in class A0 and in class 00"),
	 GSM, .run = same_iccid},
	{RULE("gsm.unknown", FINDING_ERROR, "TS 51.011 9.4.4",
	      "an identifier that is not there is answered by 9404"),
	 GSM, .run = gsm_unknown},
	{RULE("gsm.no-ef", FINDING_ERROR, "TS 51.011 9.4.4",
	      "reading where no EF is selected is answered by 9400"),
	 GSM, .run = gsm_no_ef},
	{RULE("gsm.range", FINDING_ERROR, "TS 51.011 9.4.4, 9.2.3",
	      "an offset at the end is answered by 9402 or 6B00"),
	 GSM, .run = gsm_range},
	{RULE("gsm.structure", FINDING_ERROR, "TS 51.011 9.4.4, 9.2.5",
	      "READ RECORD of a transparent file is answered by 9408"),
	 GSM, .run = gsm_structure},
	{RULE("gsm.instruction", FINDING_ERROR, "TS 51.011 9.4.6",
	      "an instruction that the card has not is answered by 6Dxx"),
	 GSM, .run = gsm_instruction},
	{RULE("gsm.guards-imsi", FINDING_ERROR, "TS 51.011 10.3.2, 9.4.5",
	      "EF.IMSI is not read before CHV1 (9804)"),
	 .needs = EXAM_GSM | EXAM_PIN_ENABLED, .run = gsm_guards},
	{RULE("gsm.algorithm", FINDING_ERROR, "TS 51.011 9.2.16",
	      "RUN GSM ALGORITHM gives 12 octets: SRES and Kc"),
	 .needs = EXAM_GSM | EXAM_PIN, .authentications = 1, .run = algorithm},
	{RULE("gsm.algorithm-length", FINDING_ERROR, "TS 51.011 9.2.16, 9.4.6",
	      "RUN GSM ALGORITHM with a RAND of 15 octets is answered by 67xx"),
	 .needs = EXAM_GSM | EXAM_PIN, .run = algorithm_length},
	{RULE("gsm.algorithm-answer", FINDING_ERROR, "TS 51.011 9.2.16, TS 33.102 6.8.1.4",
	      "SRES and Kc are those of the card's key"),
	 .needs = EXAM_GSM | EXAM_PIN | EXAM_KEYS, .authentications = 1, .run = algorithm_answer},
};

EXAM_GROUP(gsm, "2G side", cases)

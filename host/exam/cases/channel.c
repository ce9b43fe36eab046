/* channel: logical channels. ETSI TS 102 221 8.7, 10.1.1, 11.1.17 */
#include "host/exam/cases/cases.h"
#include "host/exam/fcp.h"
#include "host/exam/history.h"
#include "host/exam/probe.h"
#include "lib/uicc/atr.h"

#define CHANNEL_MAX 19

static unsigned promised(struct exam *x)
{
	struct atr atr;
	struct card_capabilities c = {.channels = 1};

	if (!atr_parse(uicc_atr(x->u), &atr))
		card_capabilities(atr.historical, &c);
	return c.channels;
}

/* STATUS on a channel: the FCP of what is current there. */
static uint16_t status(struct exam *x, unsigned channel, struct exam_answer *a, struct exam_fcp *f)
{
	struct apdu c = command_apdu(COMMAND_STATUS, channel);

	c.le = 256;
	exam_send(x, &c, a);
	fcp_take(exam_data(a), f);
	return a->sw;
}

static bool is_mf(const struct exam_fcp *f)
{
	return slice_uint(f->fid, 2) == FID_MF;
}

static uint16_t select_on(struct exam *x, unsigned channel, uint16_t fid)
{
	const uint8_t id[] = {(uint8_t)(fid >> 8), (uint8_t)fid};
	struct apdu c = command_apdu(COMMAND_SELECT, channel);
	struct exam_answer a;

	c.p2 = SELECT_RETURN_NONE;
	c.data = SLICE_OF(id);
	return exam_send(x, &c, &a);
}

static void announced(struct exam *x)
{
	struct exam_answer a;
	unsigned n = exam_open_channel(x, &a);

	if (exam_has(x, EXAM_CHANNELS))
		exam_check(x, n, "the ATR announces logical channels, MANAGE CHANNEL gives %04X",
			   a.sw);
	else
		exam_check(x, !n, "the card opens a channel that its ATR does not announce");
}

static void all(struct exam *x)
{
	unsigned seen = 0, most = promised(x), n;
	struct exam_answer a;

	for (unsigned i = 1; i < most; i++) {
		n = exam_open_channel(x, &a);
		exam_check(x, n, "channel %u of %u that the ATR announces: %04X", i + 1, most,
			   a.sw);
		if (!n)
			return;
		exam_check(x, n <= CHANNEL_MAX && !(seen >> n & 1),
			   "channel %u is given twice, or is none", n);
		if (n <= CHANNEL_MAX)
			seen |= 1u << n;
		exam_check(x, select_on(x, n, FID_MF) == SW_OK,
			   "channel %u is open, and SELECT of the MF fails there", n);
	}
	n = exam_open_channel(x, &a);
	if (n && most < 8)
		exam_depart(x, "more channels open than the %u of the ATR", most);
	else if (!n)
		exam_sw(x, a.sw, "a channel more than there are",
			SW(SW_FUNCTION_NOT_SUPPORTED, SW_CHANNEL_NOT_SUPPORTED, SW_NO_MEMORY));
}

static void starts_at_mf(struct exam *x)
{
	struct exam_answer a;
	struct exam_fcp f;
	unsigned n = exam_open_channel(x, &a);

	if (!n)
		return;
	exam_sw(x, status(x, n, &a, &f), "STATUS on a new channel", SW(SW_OK));
	exam_check(x, is_mf(&f), "on a new channel another file than the MF is current");
}

static void independent(struct exam *x)
{
	struct exam_answer a;
	struct exam_fcp f;
	unsigned n = exam_open_channel(x, &a);

	if (!n || !exam_under_mf(x, FID_ICCID, &a))
		return;
	select_on(x, n, FID_DIR);
	exam_read_binary(x, 0, 1, &a);
	exam_check(x, a.sw == SW_OK,
		   "a SELECT on channel %u changes what is selected on the basic one: %04X", n,
		   a.sw);
	exam_sw(x, status(x, n, &a, &f), "STATUS on the channel", SW(SW_OK));
	exam_check(x, is_mf(&f), "the directory on channel %u has changed", n);
}

static void answers_apart(struct exam *x)
{
	struct exam_answer a;
	unsigned n = exam_open_channel(x, &a);

	if (!n)
		return;
	TPDU(x, &a, CLA_INTERINDUSTRY, INS_SELECT, SELECT_FID, SELECT_RETURN_FCP, 2, FID_MF >> 8,
	     FID_MF & 0xFF);
	TPDU(x, &a, apdu_cla(CLA_INTERINDUSTRY, n), INS_GET_RESPONSE, 0, 0,
	     (uint8_t)sw_number(a.sw));
	exam_check(x, !sw_is_good(a.sw), "channel %u gives the answer that waits on the basic one",
		   n);
}

static void closed(struct exam *x)
{
	struct exam_answer a;

	exam_reset(x, false);
	TPDU(x, &a, apdu_cla(CLA_INTERINDUSTRY, 1), INS_SELECT, SELECT_FID, SELECT_RETURN_NONE, 2,
	     FID_MF >> 8, FID_MF & 0xFF);
	exam_sw(x, a.sw, "SELECT on channel 1, which is not open",
		SW(SW_CHANNEL_NOT_SUPPORTED, SW_CLA_NOT_SUPPORTED));
}

static void closes(struct exam *x)
{
	struct apdu c = exam_command(COMMAND_MANAGE_CHANNEL, CHANNEL_CLOSE, 0, 0);
	struct exam_answer a;
	unsigned n = exam_open_channel(x, &a);

	if (!n)
		return;
	c.p2 = (uint8_t)n;
	exam_sw(x, exam_send(x, &c, &a), "MANAGE CHANNEL, close", SW(SW_OK));
	exam_sw(x, select_on(x, n, FID_MF), "SELECT on a channel that was closed",
		SW(SW_CHANNEL_NOT_SUPPORTED));
	exam_check(x, !sw_is_good(exam_send(x, &c, &a)),
		   "a channel that is closed is closed again");
}

static void basic(struct exam *x)
{
	struct apdu c = exam_command(COMMAND_MANAGE_CHANNEL, CHANNEL_CLOSE, 0, 0);
	struct exam_answer a;

	x->dirty = true;
	exam_send(x, &c, &a);
	exam_check(x, !sw_is_good(a.sw), "MANAGE CHANNEL closes the basic channel: %04X", a.sw);
	exam_at_mf(x);
}

static void after_reset(struct exam *x)
{
	struct exam_answer a;
	unsigned n = exam_open_channel(x, &a);

	if (!n || !exam_reset(x, false))
		return;
	exam_sw(x, select_on(x, n, FID_MF), "SELECT after a reset on a channel opened before it",
		SW(SW_CHANNEL_NOT_SUPPORTED));
}

#define NEEDS .needs = EXAM_UICC | EXAM_CHANNELS

static const struct exam_case cases[] = {
	{RULE("channel.announced", FINDING_ERROR, "TS 102 221 6.3.1, 8.7",
	      "a channel can be opened if, and only if, the ATR announces logical channels"),
	 .needs = EXAM_UICC, .run = announced},
	{RULE("channel.all", FINDING_ERROR, "TS 102 221 11.1.17, ISO 7816-4 12.1.1.9",
	      "as many channels open as the ATR announces, each with its own number"),
	 NEEDS, .run = all},
	{RULE("channel.starts-at-mf", FINDING_ERROR, "TS 102 221 8.7, 11.1.17",
	      "on a channel opened from the basic one the MF is current"),
	 NEEDS, .run = starts_at_mf},
	{RULE("channel.independent", FINDING_ERROR, "TS 102 221 8.7",
	      "what is selected on one channel changes nothing on another"),
	 NEEDS, .run = independent},
	{RULE("channel.answers-apart", FINDING_ERROR, "TS 102 221 12.1.1, 8.7",
	      "an answer is fetched on the channel of its command alone"),
	 .needs = EXAM_UICC | EXAM_CHANNELS | EXAM_TPDU, .run = answers_apart},
	{RULE("channel.not-open", FINDING_ERROR, "TS 102 221 10.1.1, 10.2.1.5",
	      "a command on a channel that is not open is answered by 6881"),
	 .needs = EXAM_UICC, .run = closed},
	{RULE("channel.close", FINDING_ERROR, "TS 102 221 11.1.17",
	      "a channel can be closed, and is not there afterwards (6881)"),
	 NEEDS, .run = closes},
	{RULE("channel.basic", FINDING_ERROR, "TS 102 221 8.7, 11.1.17",
	      "the basic channel cannot be closed"),
	 NEEDS, .run = basic},
	{RULE("channel.reset", FINDING_ERROR, "TS 102 221 8.7",
	      "a reset closes all channels but the basic one"),
	 NEEDS, .run = after_reset},
};

EXAM_GROUP(channel, "Logical channels", cases)

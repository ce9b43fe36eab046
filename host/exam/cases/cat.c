/* cat: the card application toolkit, as far as a terminal can ask without changing anything.
 * ETSI TS 102 221 11.1.19, 11.2; TS 102 223 6 */
#include "host/exam/cases/cases.h"
#include "host/exam/probe.h"
#include "lib/base/tlv.h"

#define PROFILE_LEN   32
#define PROACTIVE     0xD0 /* TS 102 223 9.2 */
#define DETAILS	      0x81
#define DETAILS_NO_CR 0x01
#define DEVICES	      0x82
#define DEVICES_NO_CR 0x02

static uint16_t profile(struct exam *x, struct exam_answer *a)
{
	static const uint8_t nothing[PROFILE_LEN] = {0x00, 0x01};
	struct apdu c = exam_command(COMMAND_TERMINAL_PROFILE, 0, 0, 0);

	c.data = SLICE_OF(nothing);
	exam_reset(x, false);
	x->dirty = true;
	return exam_send(x, &c, a);
}

static bool has_none(struct exam *x, const struct exam_answer *a)
{
	bool none = a->sw == SW_INS_NOT_SUPPORTED || a->sw == SW_CLA_NOT_SUPPORTED;

	if (none)
		exam_skip(x, "the card has no toolkit (TERMINAL PROFILE: %04X)", a->sw);
	return none;
}

static void terminal_profile(struct exam *x)
{
	struct exam_answer a;

	profile(x, &a);
	if (!has_none(x, &a))
		exam_sw(x, a.sw, "TERMINAL PROFILE", SW(SW_OK, SW_PROACTIVE));
}

/* One proactive command: its form. */
static void judge_command(struct exam *x, struct slice command)
{
	struct slice body, details, devices;

	if (!exam_check(x, !tlv_only(command, PROACTIVE, &body),
			"FETCH gives no proactive command (D0) that fills the answer"))
		return;
	exam_check(x,
		   (tlv_find(body, DETAILS, &details) || tlv_find(body, DETAILS_NO_CR, &details)) &&
			   details.len == 3,
		   "a proactive command has no command details");
	exam_check(x,
		   (tlv_find(body, DEVICES, &devices) || tlv_find(body, DEVICES_NO_CR, &devices)) &&
			   devices.len == 2,
		   "a proactive command has no device identities");
}

static void fetch(struct exam *x)
{
	struct exam_answer a;
	bool refreshed;
	enum err e;

	profile(x, &a);
	if (has_none(x, &a))
		return;
	if (!sw_is(a.sw, SW_PROACTIVE)) {
		exam_skip(x, "the card has no proactive command after TERMINAL PROFILE");
		return;
	}
	TPDU(x, &a, CLA_PROPRIETARY, INS_FETCH, 0, 0, (uint8_t)sw_number(a.sw));
	exam_sw(x, a.sw, "FETCH of the announced length", SW(SW_OK));
	judge_command(x, exam_data(&a));
	profile(x, &a); /* a reset takes it back: it is answered as a terminal does */
	e = uicc_proactive(x->u, a.sw, &refreshed);
	exam_check(x, e != ERR_CARD && e != ERR_PROTOCOL,
		   "the proactive commands have no end, or TERMINAL RESPONSE is refused");
	exam_took(x, e);
}

static void fetch_nothing(struct exam *x)
{
	struct apdu c = exam_command(COMMAND_FETCH, 0, 0, 16);
	struct exam_answer a;

	exam_reset(x, false);
	exam_send(x, &c, &a);
	exam_check(x, !sw_is_good(a.sw) && !a.len,
		   "FETCH gives %zu octets and %04X though no proactive command waits", a.len,
		   a.sw);
}

static void envelope_unknown(struct exam *x)
{
	static const uint8_t data[] = {0xDF, 0x03, 0x82, 0x01, 0x81}; /* a tag that is reserved */
	struct apdu c = exam_command(COMMAND_ENVELOPE, 0, 0, 256);
	struct exam_answer a;

	profile(x, &a);
	if (has_none(x, &a))
		return;
	c.data = SLICE_OF(data);
	exam_send(x, &c, &a);
	exam_check(x, a.sw != SW_TECHNICAL, "ENVELOPE with an unknown tag is answered by 6F00");
	exam_check(x, !a.len, "ENVELOPE with an unknown tag is answered by %zu octets", a.len);
	exam_at_mf(x);
}

static void terminal_capability(struct exam *x)
{
	static const uint8_t data[] = {0xA9, 0x03, 0x83, 0x01, 0x00}; /* 11.1.19.2: no LPA */
	struct apdu c = exam_command(COMMAND_TERMINAL_CAPABILITY, 0, 0, 0);
	struct exam_answer a;

	exam_reset(x, false);
	x->dirty = true;
	c.data = SLICE_OF(data);
	exam_send(x, &c, &a);
	if (a.sw == SW_INS_NOT_SUPPORTED || a.sw == SW_CLA_NOT_SUPPORTED) {
		exam_skip(x, "the card has no TERMINAL CAPABILITY, which is an option");
		return;
	}
	exam_sw(x, a.sw, "TERMINAL CAPABILITY", SW(SW_OK));
}

#define UICC .needs = EXAM_UICC

static const struct exam_case cases[] = {
	{RULE("cat.terminal-profile", FINDING_ERROR, "TS 102 221 11.2.1, TS 102 223 5.2",
	      "TERMINAL PROFILE is answered by 9000, or 91xx for a proactive command"),
	 UICC, .run = terminal_profile},
	{RULE("cat.fetch", FINDING_ERROR, "TS 102 221 11.2.3, TS 102 223 6.6",
	      "what 91xx announces is one proactive command with details and devices"),
	 UICC, .run = fetch},
	{RULE("cat.fetch-nothing", FINDING_ERROR, "TS 102 221 11.2.3",
	      "FETCH gives nothing where no proactive command waits"),
	 UICC, .run = fetch_nothing},
	{RULE("cat.envelope-unknown", FINDING_ERROR, "TS 102 221 11.2.2",
	      "an ENVELOPE with a tag that is reserved does no harm"),
	 UICC, .run = envelope_unknown},
	{RULE("cat.terminal-capability", FINDING_ERROR, "TS 102 221 11.1.19",
	      "TERMINAL CAPABILITY, where the card has it, is answered by 9000"),
	 UICC, .run = terminal_capability},
};

EXAM_GROUP(cat, "Toolkit", cases)

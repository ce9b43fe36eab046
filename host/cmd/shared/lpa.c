#include "host/cmd/shared/lpa.h"

#include <stdio.h>

#include "host/cmd/shared/globals.h"
#include "host/cmd/shared/open.h"
#include "host/cmd/shared/say.h"
#include "host/terminal/chip.h"
#include "host/terminal/lpa/lpa.h"
#include "tool/cli/program.h"

/* What can be done about a refusal of ISD-R or channels. */
static const char *advice(uint16_t sw)
{
	switch (sw) {
	case SW_FUNCTION_NOT_SUPPORTED:
	case SW_CHANNEL_NOT_SUPPORTED:
	case SW_NO_MEMORY:
		return "its channels may be in use: start again, which resets it, or end the "
		       "program "
		       "that has the card";
	case SW_SECURITY_STATUS:
	case SW_CONDITIONS:
	case SW_SELECT_FAILED:
		return "it does not want to now: start again, which resets it; an eUICC of a "
		       "device may "
		       "serve that device alone";
	case SW_FILE_DEACTIVATED: return "the ISD-R is locked: ask who issued the eUICC";
	default: return "start again, or tell its maker; --trace FILE records what it says";
	}
}

/* The card has no application of this AID, as far as its status word tells. */
static bool is_absent(uint16_t sw)
{
	return sw == SW_FILE_NOT_FOUND || sw == SW_NOT_FOUND;
}

static int say_kind(enum chip_kind kind)
{
	return tool_fail_said(ERR_UNSUPPORTED, "the card is a%s %s: %s",
			      kind == CHIP_SGP02 || kind == CHIP_SGP22 || kind == CHIP_SGP32 ? "n"
											     : "",
			      chip_text(kind), chip_hint(kind));
}

/* No ISD-R, or none that speaks ES10: says what the card is instead, or at what step it refuses. */
static int say_what_it_is(struct uicc *u, struct slice aid, enum err e, bool opened)
{
	uint16_t sw = uicc_last_sw(u);
	char step[64];
	struct chip chip = {0};

	snprintf(step, sizeof(step), "%s", opened ? "ES10c.GetEID" : uicc_last_step(u));
	if (e != ERR_CARD)
		return cmd_fail(u, e, "the card's ISD-R");
	if (aid.len && !opened)
		return tool_fail_said(
			e, "no ISD-R answers to --isdr-aid %s (%s: %04X, %s); without it: SGP.22's",
			cmd_globals.isdr_aid, step, sw, sw_text(sw));
	e = chip_detect(u, aid, &chip);
	if (e)
		return cmd_fail(u, e, "the card");
	if (chip.kind == CHIP_OTHER)
		return tool_fail_said(ERR_UNSUPPORTED, "the card is a %s; %s: %04X, %s: %s",
				      chip_text(chip.kind), step, sw, sw_text(sw),
				      chip_hint(chip.kind));
	if (chip.kind == CHIP_SGP22 || (chip.kind == CHIP_UICC && !is_absent(sw)))
		return tool_fail_said(ERR_CARD, "the card's ISD-R %s (%s: %04X, %s): %s",
				      opened ? "speaks no ES10" : "does not open", step, sw,
				      sw_text(sw), advice(sw));
	return say_kind(chip.kind);
}

int cmd_lpa_on(struct uicc *u, struct lpa **l)
{
	uint8_t eid[RSP_EID_LEN];
	struct slice aid;
	bool opened;
	enum err e;

	if (!cmd_isdr_aid(&aid))
		return TOOL_USAGE; /* said before */
	e = lpa_open(u, aid, l);
	opened = !e;
	if (!e) {
		e = lpa_eid(*l, eid); /* an ISD-R of SGP.02 has the same AID and no ES10 */
		if (e)
			lpa_close(l);
	}
	return e ? say_what_it_is(u, aid, e, opened) : TOOL_OK;
}

int cmd_lpa_open(struct uicc **u, struct lpa **l)
{
	int code = cmd_open(u);

	if (code)
		return code;
	code = cmd_lpa_on(*u, l);
	return code ? cmd_close(u, code) : TOOL_OK;
}

int cmd_lpa_close(struct uicc **u, struct lpa **l, int code)
{
	lpa_close(l);
	return cmd_close(u, code);
}

int cmd_lpa_fail(const struct uicc *u, const struct lpa *l, enum err e, const char *what)
{
	return l && *lpa_message(l) ? tool_fail_said(e, "%s: %s", what, lpa_message(l))
				    : cmd_fail(u, e, "%s", what);
}

void cmd_lpa_report(struct lpa *l)
{
	const struct es9p_network *n = &cmd_globals.network;
	struct lpa_report report;
	enum err e;

	if (!n->link && !n->ca_file && !n->connect) {
		if (!tool_json())
			tool_warn("the manager has not been told yet: twinkey notification send");
		return;
	}
	e = lpa_send_notifications(l, n, &report);
	if (e)
		tool_warn("the notifications stay on the card: %s", err_text(e));
	else if (report.kept)
		tool_warn("%u notification%s on the card (later: twinkey notification send): %s",
			  report.kept, report.kept == 1 ? " stays" : "s stay", report.message);
}

void cmd_lpa_retry(void *ctx, unsigned attempt, unsigned attempts, const char *why)
{
	(void)ctx;
	if (!tool_json())
		tool_warn("retrying (try %u of %u): %s", attempt, attempts, why);
}

#include "host/cmd/shared/say.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "host/terminal/chip.h"
#include "host/terminal/uicc.h"
#include "lib/profile/build.h"
#include "tool/cli/program.h"

bool cmd_is_bad_answer(enum err e)
{
	return (e >= ERR_TRUNCATED && e <= ERR_PROTOCOL) || e == ERR_SPACE;
}

const char *cmd_card_trouble(const struct uicc *u, enum err e)
{
	static char text[128];

	if (e == ERR_CARD && uicc_has_sw(u)) {
		snprintf(text, sizeof(text), "%04X, %s", uicc_last_sw(u), sw_text(uicc_last_sw(u)));
		return text;
	}
	return cmd_is_bad_answer(e)
		       ? "the card answers what no standard has: --trace FILE records it"
		       : err_text(e);
}

int cmd_fail(const struct uicc *u, enum err e, const char *fmt, ...)
{
	char what[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	if (e == ERR_CARD && u && uicc_has_sw(u))
		return tool_fail_said(e, "%s: %04X, %s", what, uicc_last_sw(u),
				      sw_text(uicc_last_sw(u)));
	if (u && cmd_is_bad_answer(e))
		return tool_fail_said(e, "%s: %s", what, cmd_card_trouble(u, e));
	if (u && (e == ERR_DISCONNECTED || e == ERR_NO_CARD))
		return tool_fail_said(
			e, "%s: the card or its reader was lost: put it back and start again",
			what);
	return tool_fail(e, "%s", what);
}

int cmd_no_usim(struct uicc *u, enum err e)
{
	uint16_t sw = uicc_has_sw(u) ? uicc_last_sw(u) : 0;
	struct chip chip;

	if (e == ERR_NOT_FOUND)
		return tool_fail_said(e, "the card has no USIM (is a profile enabled?)");
	if (e != ERR_CARD || !sw || chip_detect(u, SLICE_EMPTY, &chip))
		return cmd_fail(u, e, "SELECT of the USIM");
	if (chip.kind == CHIP_SIM)
		return tool_fail_said(e,
				      "the card is a SIM of 2G, without a USIM (SELECT: %04X, %s): "
				      "authenticate it with --context gsm",
				      sw, sw_text(sw));
	if (chip.kind == CHIP_OTHER)
		return tool_fail_said(
			e, "the card is a %s; SELECT of the USIM: %04X, %s: put a SIM in",
			chip_text(chip.kind), sw, sw_text(sw));
	return tool_fail_said(e,
			      "SELECT of the USIM: %04X, %s: start again, which resets the card; "
			      "--trace FILE records what it says",
			      sw, sw_text(sw));
}

char *cmd_hex(struct slice s)
{
	char *text = malloc(2 * s.len + 1);

	if (text && hex_encode(s, text, 2 * s.len + 1)) {
		free(text);
		text = NULL;
	}
	return text;
}

void cmd_tell(json_t *o, const char *label, const char *key, const char *text)
{
	if (!text)
		return;
	tool_say(CMD_LABEL " %s", label, text);
	json_object_set_new(o, key, json_string(text));
}

void cmd_tell_hex(json_t *o, const char *label, const char *key, struct slice s)
{
	char *hex = s.ptr ? cmd_hex(s) : NULL;

	cmd_tell(o, label, key, hex);
	free(hex);
}

void cmd_iccid_text(struct slice iccid, char text[static CMD_ICCID_TEXT])
{
	text[0] = 0;
	if (iccid.len == PROFILE_ICCID_LEN)
		profile_iccid_text(iccid.ptr, text);
}

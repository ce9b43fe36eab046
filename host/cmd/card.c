/* card: what a card says of itself. */
#include <stdio.h>
#include <stdlib.h>

#include "host/cmd/commands.h"
#include "host/cmd/shared/globals.h"
#include "host/cmd/shared/open.h"
#include "host/cmd/shared/pin.h"
#include "host/cmd/shared/say.h"
#include "host/terminal/chip.h"
#include "host/terminal/kra.h"
#include "host/terminal/usim.h"
#include "lib/uicc/atr.h"
#include "tool/cli/json.h"
#include "tool/cli/program.h"
#include "tool/cli/text.h"

#define PROTOCOLS_MAX 16

static struct {
	bool imsi;
} opt;

static void info_atr(const struct uicc *u, json_t *o)
{
	char text[8 * PROTOCOLS_MAX] = "";
	struct atr a;
	size_t n = 0;
	enum err e = atr_parse(uicc_atr(u), &a);

	cmd_tell_hex(o, "ATR", "atr", uicc_atr(u));
	if (e) {
		cmd_tell(o, "", "atrError", atr_trouble(uicc_atr(u)));
		return;
	}
	for (unsigned t = 0; t < PROTOCOLS_MAX; t++) {
		if (a.protocols & 1u << t)
			n += (size_t)snprintf(text + n, sizeof(text) - n, "%sT=%u", n ? ", " : "",
					      t);
	}
	cmd_tell(o, "  protocols", "protocols", text);
	cmd_tell(o, "  convention", "convention", a.inverse ? "inverse" : "direct");
	if (a.has_ta1)
		cmd_tell_hex(o, "  speed TA1", "ta1", slice_make(&a.ta1, 1));
	if (a.historical.len)
		cmd_tell_hex(o, "  historical", "historical", a.historical);
}

static void info_apps(struct uicc *u, json_t *o)
{
	struct usim_app apps[USIM_APPS_MAX];
	char label[TEXT_LINE_MAX];
	json_t *array = json_array();
	size_t count;

	if (usim_applications(u, apps, &count))
		count = 0;
	for (size_t i = 0; i < count; i++) {
		char *hex = cmd_hex(slice_make(apps[i].aid, apps[i].aid_len));

		tool_say(CMD_LABEL " %s %s", "Application", hex ? hex : "",
			 text_line(slice_str(apps[i].label), label));
		json_array_append_new(array, json_pack("{s:s*, s:o}", "aid", hex, "label",
						       json_text(slice_str(apps[i].label))));
		free(hex);
	}
	json_object_set_new(o, "applications", array);
}

static void info_spn(struct uicc *u, json_t *o)
{
	char spn[USIM_SPN_TEXT + 1], line[TEXT_LINE_MAX];

	if (usim_read_spn(u, spn) || !*spn)
		return;
	tool_say(CMD_LABEL " %s", "Provider", text_line(slice_str(spn), line));
	json_object_set_new(o, "serviceProvider", json_text(slice_str(spn)));
}

/* EF.IMSI needs PIN1. An attempt is spent for who asks for it, and for nobody else. */
static int info_imsi(struct uicc *u, json_t *o)
{
	char imsi[USIM_IMSI_MAX + 1];
	int code = TOOL_OK;
	enum err e = usim_select(u);

	if (e)
		return TOOL_OK;
	info_spn(u, o);
	if (opt.imsi || cmd_globals.pin_file)
		code = cmd_fail(cmd_verify_pin(u, USIM_PIN1));
	if (code)
		return code;
	e = usim_read_imsi(u, imsi);
	if (!e)
		cmd_tell(o, "IMSI", "imsi", imsi);
	else if (e == ERR_CARD && uicc_last_sw(u) == SW_SECURITY_STATUS)
		tool_say(CMD_LABEL " %s", "IMSI", "(needs the PIN: twinkey info --imsi)");
	return TOOL_OK;
}

/* The key-release application: how far the second subscription is. */
static void info_kra(struct uicc *u, json_t *o)
{
	char why[FAILURE_TROUBLE];
	struct kra_status s;
	struct kra kra;
	enum err e = kra_open(u, &kra), closed;

	if (e)
		return;
	e = kra_ask_status(&kra, &s);
	closed = kra_close(&kra);
	if (e || closed) {
		tool_say(CMD_LABEL " not known: %s", "Second key",
			 failure_card_trouble(u, e ? e : closed, why));
		return;
	}
	if (s.state == KRA_STATE_NO_PROFILE)
		tool_say(CMD_LABEL " %s", "Second key", kra_state_name(s.state));
	else
		tool_say(CMD_LABEL " %s, key number %u, subscription %u in use", "Second key",
			 kra_state_name(s.state), s.key_id, s.active);
	json_object_set_new(o, "secondKey",
			    json_pack("{s:s, s:I, s:i}", "state", kra_state_name(s.state), "keyId",
				      (json_int_t)s.key_id, "activeSubscription", (int)s.active));
}

static int run_info(int argc, char **argv)
{
	char iccid[USIM_ICCID_MAX + 1];
	struct slice aid;
	struct chip chip;
	struct uicc *u;
	json_t *o;
	enum err e;
	char why[FAILURE_TROUBLE];
	int code = cmd_open(&u);

	(void)argc, (void)argv;
	if (code)
		return code;
	o = json_object();
	cmd_tell(o, "Reader", "reader", uicc_reader(u));
	info_atr(u, o);
	e = cmd_isdr_aid(&aid) ? chip_detect(u, aid, &chip) : ERR_USAGE;
	if (transport_is_lost(e) || e == ERR_TIMEOUT || e == ERR_CANCELLED) {
		json_decref(o);
		return cmd_close(&u, cmd_fail(failure_of_card(u, e, "the card")));
	}
	if (e) {
		tool_say(CMD_LABEL " not known: %s", "Kind", failure_card_trouble(u, e, why));
		json_object_set_new(o, "kindError", json_string(failure_card_trouble(u, e, why)));
	} else {
		cmd_tell(o, "Kind", "kind", chip_text(chip.kind));
		if (chip.has_eid)
			cmd_tell_hex(o, "EID", "eid", SLICE_OF(chip.eid));
	}
	if (!usim_read_iccid(u, iccid) && *iccid) /* an eUICC without a profile has FF there */
		cmd_tell(o, "ICCID", "iccid", iccid);
	info_kra(u, o);
	info_apps(u, o);
	code = info_imsi(u, o);
	if (tool_json() && !code)
		tool_print_json(o);
	else
		json_decref(o);
	return cmd_close(&u, code);
}

static const struct tool_option info_options[] = {
	{"imsi", 0, OPT_FLAG, NULL, "Send the PIN for it, where it needs one", &opt.imsi},
	OPT_END,
};

const struct tool_command cmd_card[] = {
	{"info", "", 0, 0, "Show what a card says of itself",
	 "ATR, EID, ICCID, the applications of EF.DIR, the name in EF.SPN, and the IMSI where it\n"
	 "needs no PIN. What the card does not have is left out. The PIN is sent for --imsi or\n"
	 "--pin-file alone.",
	 info_options, run_info},
};
const size_t cmd_card_count = ARRAY_LEN(cmd_card);

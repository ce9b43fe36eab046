/* profile order, confirm, release, cancel, list, show, code: the manager's inventory */
#include <string.h>

#include "host/operator/cmd/commands.h"
#include "host/operator/cmd/shared/desk.h"
#include "host/operator/cmd/shared/time.h"
#include "host/operator/smdp/store/profile.h"
#include "lib/profile/build.h"
#include "tool/cli/json.h"
#include "tool/cli/program.h"
#include "tool/cli/qr.h"
#include "tool/cli/text.h"

static struct {
	const char *iccid;
	bool final, qr;
} opt;

static int run_order(int argc, char **argv)
{
	struct es2p_order r = {.type = desk_options.type};
	struct desk d;
	int code;

	(void)argc, (void)argv;
	if (!opt.iccid && !desk_options.type)
		return tool_usage("say which: --iccid, or --type for the next of that type");
	code = desk_open(&d, opt.iccid);
	if (code)
		return desk_close(&d, code);
	r.iccid = opt.iccid ? d.iccid : NULL;
	r.eid = desk_options.eid ? d.eid : NULL;
	return desk_end(&d, es2p_download_order(&d.call, &r, &d.p), "cannot order a profile");
}

static int run_confirm(int argc, char **argv)
{
	struct es2p_confirmation r;
	struct desk d;
	int code = desk_open(&d, argv[0]);

	(void)argc;
	if (code)
		return desk_close(&d, code);
	r = desk_confirmation(&d);
	return desk_end(&d, es2p_confirm_order(&d.call, &r, &d.p), argv[0]);
}

static int run_release(int argc, char **argv)
{
	struct desk d;
	int code = desk_open(&d, argv[0]);

	(void)argc;
	if (code)
		return desk_close(&d, code);
	return desk_end(&d, es2p_release_profile(&d.call, d.iccid, &d.p), argv[0]);
}

static int run_cancel(int argc, char **argv)
{
	struct es2p_cancellation r = {.final = opt.final};
	struct desk d;
	int code = desk_open(&d, argv[0]);

	(void)argc;
	if (code)
		return desk_close(&d, code);
	r.iccid = d.iccid;
	if (!smdp_profile_by_iccid(d.call.store, d.iccid, &d.p) && d.p.linked)
		r.eid = memcpy(d.eid, d.p.eid, sizeof(d.eid)); /* who works here sees it */
	return desk_end(&d, es2p_cancel_order(&d.call, &r, &d.p), argv[0]);
}

static bool list_profile(void *ctx, const struct smdp_profile *p)
{
	json_t *list = ctx;
	char iccid[21], type[TEXT_LINE_MAX];

	if (json_array_size(list) == 0)
		tool_say_heads("%-20s  %-11s  %-20s  %s", "ICCID", "STATE", "MATCHING ID", "TYPE");
	json_array_append_new(list, desk_profile_json(p));
	profile_iccid_text(p->iccid, iccid);
	tool_say("%-20s  %-11s  %-20s  %s", iccid, desk_state_name(p), p->matching_id,
		 text_line(slice_str(p->type), type));
	return true;
}

static int run_list(int argc, char **argv)
{
	json_t *list = json_array();
	struct desk d;
	int code = desk_open(&d, NULL);
	enum err e;

	(void)argc, (void)argv;
	if (!code) {
		e = smdp_profile_each(d.call.store, list_profile, list);
		code = e ? tool_fail(e, "cannot read the inventory") : TOOL_OK;
		if (!e && json_array_size(list) == 0)
			tool_say("The manager has no profile.");
	}
	if (!code && tool_json())
		tool_print_json(json_pack("{s:O}", "profiles", list));
	json_decref(list);
	return desk_close(&d, code);
}

static int run_show(int argc, char **argv)
{
	struct desk d;
	int code = desk_open(&d, argv[0]);

	(void)argc;
	if (code)
		return desk_close(&d, code);
	return desk_end(&d, smdp_profile_by_iccid(d.call.store, d.iccid, &d.p), argv[0]);
}

static int print_code(const struct smdp_profile *p)
{
	char code[DESK_ACTIVATION];
	struct wbuf qr = wbuf_grow(QR_MAX);
	enum err e = ERR_OK;

	desk_activation_code(p, code);
	if (opt.qr)
		e = qr_put(code, &qr);
	wbuf_u8(&qr, 0);
	if (!e)
		e = wbuf_done(&qr);
	if (e) {
		wbuf_free(&qr);
		return tool_fail(e, "cannot draw the code");
	}
	if (tool_json()) {
		json_t *o = json_pack("{s:s, s:b}", "activationCode", code, "confirmationCode",
				      p->has_code);

		if (opt.qr)
			json_object_set_new(o, "qr", json_string((const char *)qr.ptr));
		tool_print_json(o);
	} else {
		tool_say("%s%s", (const char *)qr.ptr, code);
	}
	wbuf_free(&qr);
	return TOOL_OK;
}

static int run_code(int argc, char **argv)
{
	struct desk d;
	int code = desk_open(&d, argv[0]);
	enum err e;

	(void)argc;
	if (code)
		return desk_close(&d, code);
	e = smdp_profile_by_iccid(d.call.store, d.iccid, &d.p);
	if (e)
		return desk_close(&d, tool_fail(e, "%s", argv[0]));
	if (!desk_has_activation_code(&d.p))
		return desk_close(&d, tool_fail_said(ERR_WRONG_STATE, "%s is %s: %s", argv[0],
						     smdp_state_name(d.p.state),
						     desk_next_step(d.p.state)));
	return desk_close(&d, print_code(&d.p));
}

static const struct tool_option order_options[] = {
	{"iccid", 0, OPT_STRING, "DIGITS", "This profile", &opt.iccid},
	DESK_OPT_TYPE,
	DESK_OPT_EID,
	OPT_END,
};
static const struct tool_option confirm_options[] = {
	{"release", 0, OPT_FLAG, NULL, "Release it at once", &desk_options.release},
	DESK_OPT_EID,
	DESK_OPT_CONFIRMATION,
	DESK_OPT_ADDRESS,
	OPT_END,
};
static const struct tool_option cancel_options[] = {
	{"final", 0, OPT_FLAG, NULL, "Never to be used again (Unavailable)", &opt.final},
	OPT_END,
};
static const struct tool_option show_options[] = {DESK_OPT_ADDRESS, OPT_END};
static const struct tool_option code_options[] = {
	{"qr", 0, OPT_FLAG, NULL, "Also as a QR code in half blocks, for a dark terminal", &opt.qr},
	DESK_OPT_ADDRESS,
	OPT_END,
};
const struct tool_command cmd_order[] = {
	{"profile order", "", 0, 0, "Order a profile (ES2+.DownloadOrder)", NULL, order_options,
	 run_order},
	{"profile confirm", "ICCID", 1, 1, "Confirm an order (ES2+.ConfirmOrder)", NULL,
	 confirm_options, run_confirm},
	{"profile release", "ICCID", 1, 1, "Let a profile be downloaded (ES2+.ReleaseProfile)",
	 NULL, show_options, run_release},
	{"profile cancel", "ICCID", 1, 1, "Take an order back (ES2+.CancelOrder)", NULL,
	 cancel_options, run_cancel},
	{"profile list", "", 0, 0, "List the manager's profiles", NULL, show_options, run_list},
	{"profile show", "ICCID", 1, 1, "Show a profile and its order", NULL, show_options,
	 run_show},
	{"profile code", "ICCID", 1, 1, "Print the activation code", NULL, code_options, run_code},
};
const size_t cmd_order_count = ARRAY_LEN(cmd_order);

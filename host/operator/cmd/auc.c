/* auc vector|verify|resync|serve */
#include "host/operator/auc/auc.h"

#include <string.h>

#include "host/operator/auc/hlr_auc_gw.h"
#include "host/operator/cmd/commands.h"
#include "host/operator/cmd/shared/folder.h"
#include "host/operator/cmd/shared/no_vector.h"
#include "host/operator/cmd/shared/time.h"
#include "host/operator/service/notify.h"
#include "host/operator/store/store.h"
#include "tool/cli/json.h"
#include "tool/cli/program.h"
#include "tool/sys/cancel.h"

static struct {
	const char *imsi, *id, *res, *auts, *socket;
	bool gsm;
} opt;

#define NO_VECTOR "no vector %s waits for an answer: it has run out or served, make another"

static int run_vector(int argc, char **argv)
{
	struct operator_store *s = NULL;
	struct auc_challenge c;
	char rand[33], autn[33] = "";
	enum err e = ERR_OK;
	int code;

	(void)argc, (void)argv;
	if (!opt.imsi)
		return tool_usage("--imsi is missing");
	code = cmd_store_open(&s);
	if (code)
		return code;
	e = auc_challenge(s, opt.imsi, opt.gsm, cmd_now(), &c);
	if (e)
		code = cmd_say_no_vector(s, opt.imsi, e);
	operator_store_close(&s);
	if (code)
		return code;
	hex_encode(SLICE_OF(c.rand), rand, sizeof(rand));
	if (!opt.gsm)
		hex_encode(SLICE_OF(c.autn), autn, sizeof(autn));
	if (tool_json())
		tool_print_json(
			json_pack("{s:s, s:s, s:s}", "vectorId", c.id, "rand", rand, "autn", autn));
	else
		tool_say("Vector  %s\nRAND    %s\nAUTN    %s", c.id, rand, autn);
	return TOOL_OK;
}

static int run_verify(int argc, char **argv)
{
	struct operator_store *s = NULL;
	struct auc_verdict v;
	uint8_t mem[AKA_RES_MAX];
	struct wbuf res = wbuf_init(mem, sizeof(mem));
	enum err e;
	int code;

	(void)argc, (void)argv;
	if (!opt.id || !opt.res || hex_decode(opt.res, &res))
		return tool_usage("--vector and --res (hex) are needed");
	code = cmd_store_open(&s);
	if (code)
		return code;
	e = auc_verify(s, opt.id, wbuf_slice(&res), cmd_now(), &v);
	operator_store_close(&s);
	if (e == ERR_NOT_FOUND)
		return tool_fail_said(e, NO_VECTOR, opt.id);
	if (e == ERR_REFUSED || e == ERR_MAC)
		return tool_fail_said(
			e, "RES is not that of vector %s: the card has another K or OPc", opt.id);
	if (e)
		return tool_fail(e, "RES was not accepted");
	if (tool_json())
		tool_print_json(json_pack("{s:s, s:s, s:i, s:s}", "result", "accepted", "access",
					  v.access, "subscription", v.sub, "state",
					  state_name(v.after.state)));
	else
		tool_say("Accepted: subscription %d, %s access (%s)", v.sub, v.access,
			 state_name(v.after.state));
	return TOOL_OK;
}

static int run_resync(int argc, char **argv)
{
	struct operator_store *s = NULL;
	uint8_t auts[AKA_AUTS_LEN];
	enum err e;
	int code;

	(void)argc, (void)argv;
	if (!opt.id || !opt.auts || hex_decode_exact(opt.auts, auts, sizeof(auts)))
		return tool_usage("--vector and --auts (28 hex digits) are needed");
	code = cmd_store_open(&s);
	if (code)
		return code;
	e = auc_resync_challenge(s, opt.id, SLICE_OF(auts), cmd_now());
	operator_store_close(&s);
	if (e == ERR_NOT_FOUND)
		return tool_fail_said(e, NO_VECTOR, opt.id);
	if (e)
		return tool_fail(e, "AUTS was not accepted");
	if (tool_json())
		tool_print_json(json_pack("{s:s}", "result", "resynchronised"));
	else
		tool_say("Resynchronised.");
	return TOOL_OK;
}

static struct notify manager; /* who started this: systemd, or nobody who asks */

static void say_ready(void)
{
	if (tool_json())
		tool_print_json(json_pack("{s:o}", "ready", json_text(slice_str(opt.socket))));
	else
		tool_say("Serving vectors on %s (Ctrl-C ends it)", opt.socket);
	notify_ready(&manager, "Vectors are served");
}

static int run_serve(int argc, char **argv)
{
	struct operator_store *s = NULL;
	enum err e;
	int code;

	(void)argc, (void)argv;
	if (!opt.socket)
		return tool_usage("--socket is missing");
	notify_open(&manager);
	code = cmd_store_open(&s);
	if (code)
		return code;
	e = hlr_auc_gw_serve(s, opt.socket, tool_cancel(), say_ready);
	notify_stopping(&manager);
	operator_store_close(&s);
	if (!e)
		cancel_take(tool_cancel()); /* this is how it ends */
	return e ? tool_fail(e, "cannot serve on '%s'", opt.socket) : TOOL_OK;
}

static const struct tool_option vector_options[] = {
	{"imsi", 0, OPT_STRING, "DIGITS", "The IMSI that asks", &opt.imsi},
	{"gsm", 0, OPT_FLAG, NULL, "A GSM challenge (RAND alone)", &opt.gsm},
	OPT_END,
};

#define VECTOR_OPTION                                                                              \
	{                                                                                          \
		"vector", 0, OPT_STRING, "ID", "The vector that was answered", &opt.id             \
	}
static const struct tool_option verify_options[] = {
	VECTOR_OPTION,
	{"res", 0, OPT_STRING, "HEX", "RES, or SRES", &opt.res},
	OPT_END,
};

static const struct tool_option resync_options[] = {
	VECTOR_OPTION,
	{"auts", 0, OPT_STRING, "HEX", "AUTS of a synchronisation failure", &opt.auts},
	OPT_END,
};

static const struct tool_option serve_options[] = {
	{"socket", 0, OPT_STRING, "PATH", "The unix socket for hostapd's eap_sim_db", &opt.socket},
	OPT_END,
};

const struct tool_command cmd_auc[] = {
	{"auc vector", "", 0, 0, "Make a challenge for a terminal", NULL, vector_options,
	 run_vector},
	{"auc verify", "", 0, 0, "Check the answer to a challenge", NULL, verify_options,
	 run_verify},
	{"auc resync", "", 0, 0, "Take a synchronisation failure", NULL, resync_options,
	 run_resync},
	{"auc serve", "", 0, 0, "Serve hostapd (the hlr_auc_gw protocol)", NULL, serve_options,
	 run_serve},
};
const size_t cmd_auc_count = ARRAY_LEN(cmd_auc);

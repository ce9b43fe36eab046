/* run: the whole way of a card, from an empty eUICC to full access with the second key. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "host/cmd/cmd.h"
#include "host/cmd/release.h"
#include "host/terminal/attach.h"
#include "host/terminal/lpa_download.h"
#include "lib/rsp/rsp.h"
#include "lib/secret.h"
#include "tool/harden.h"

#define STEPS		    6
#define POLL_MS		    1000
#define FACTOR_WAIT_S	    600
#define DOWNLOAD_RETRIES    2
#define DOWNLOAD_BACKOFF_MS 1000

static struct {
	const char *code;
	bool no_wait;
	unsigned factor_wait_s;
} opt = {.factor_wait_s = FACTOR_WAIT_S};

struct run {
	struct uicc *u;
	struct operator_link *op;
	json_t *steps; /* what was done, for --json */
	struct activation activation;
	struct kra_status kra;
	char access[16], state[16];
};

static void done(struct run *r, const char *step, const char *what)
{
	json_array_append_new(r->steps, json_pack("{s:s, s:s}", "step", step, "result", what));
	tool_say("    %s", what);
}

/* What the card says of itself decides where the way begins. */
static int look(struct run *r)
{
	unsigned channel;
	enum err e = kra_open(r->u, &channel), closed;
	char text[96];

	if (e)
		return e == ERR_NOT_FOUND ? tool_fail(e, "the card has no key-release application")
					  : cmd_fail(r->u, e, "the key-release application");
	e = kra_status(r->u, channel, &r->kra);
	closed = uicc_channel_close(r->u, channel);
	if (e || closed)
		return cmd_fail(r->u, e ? e : closed, "the card's status");
	snprintf(text, sizeof(text), "%s, key %u, subscription %u", kra_state_name(r->kra.state),
		 r->kra.key_id, r->kra.active);
	done(r, "card", text);
	return TOOL_OK;
}

/* The profile that is there but not enabled, or the one that is loaded now. */
static enum err find_disabled(struct lpa *l, uint8_t iccid[static RSP_ICCID_LEN], bool *found)
{
	struct wbuf der = wbuf_grow(UICC_RESPONSE_MAX);
	struct es10c_profile_info info;
	struct slice items = SLICE_EMPTY;
	struct cursor c;
	enum err e = lpa_profiles(l, &der, &items);

	*found = false;
	c = cursor_of(items);
	while (!e && !*found && es10c_next_profile(&c, &info))
		*found = slice_copy(info.iccid, iccid, RSP_ICCID_LEN) == ERR_OK;
	wbuf_free(&der);
	return e;
}

static enum err load(struct run *r, struct lpa *l, uint8_t iccid[static RSP_ICCID_LEN])
{
	struct lpa_download d = {.activation = &r->activation,
				 .network = &cmd_globals.network,
				 .retries = DOWNLOAD_RETRIES,
				 .backoff_ms = DOWNLOAD_BACKOFF_MS};
	struct lpa_loaded loaded;
	char text[96];
	enum err e = lpa_download(l, &d, &loaded);

	if (!e) {
		memcpy(iccid, loaded.iccid, RSP_ICCID_LEN);
		snprintf(text, sizeof(text), "installed, %zu octets in %u segments", loaded.bytes,
			 loaded.segments);
		done(r, "load", text);
	}
	return e;
}

static int load_and_enable(struct run *r)
{
	uint8_t iccid[RSP_ICCID_LEN];
	struct lpa *l = NULL;
	bool found = false;
	enum err e = lpa_open(r->u, SLICE_EMPTY, &l);
	int code = TOOL_OK;

	if (e)
		return cmd_fail(r->u, e, "the card is no eUICC");
	e = find_disabled(l, iccid, &found);
	tool_progress(2, STEPS, "load the encrypted profile");
	if (!e && !found && !opt.code)
		code = tool_usage("the card has no profile: give the activation code");
	else if (!e && !found)
		e = load(r, l, iccid);
	else if (!e)
		done(r, "load", "it is on the card already");
	if (!e && !code) {
		tool_progress(3, STEPS, "enable it");
		e = lpa_profile_command(l, SGP22_TAG_ENABLE_PROFILE, SLICE_OF(iccid));
	}
	if (!e && !code) {
		done(r, "enable", "enabled, the card was reset");
		cmd_lpa_report(l);
	}
	if (e)
		code = *lpa_message(l) ? tool_fail(e, "%s", lpa_message(l))
				       : cmd_fail(r->u, e, "the profile");
	lpa_close(&l);
	return code;
}

/* Authenticates with the subscription that is active, at the operator's AuC. */
static int attach(struct run *r, const char *step)
{
	struct attach a = {.gsm = false};
	char text[128];
	enum err e = usim_select(r->u);
	int code;

	if (e)
		return cmd_fail(r->u, e, "SELECT of the USIM");
	code = cmd_verify_pin(r->u, USIM_PIN1);
	if (code)
		return code;
	e = attach_run(r->u, r->op, &a);
	if (e) {
		code = cmd_attach_fail(r->u, r->op, &a, e);
	} else {
		snprintf(r->access, sizeof(r->access), "%s", attach_text(&a, "access"));
		snprintf(r->state, sizeof(r->state), "%s", attach_text(&a, "state"));
		snprintf(text, sizeof(text), "IMSI %s: RES matches, %s access (%s)", a.imsi,
			 r->access, r->state);
		done(r, step, text);
	}
	json_decref(a.verdict);
	secret_wipe(&a, sizeof(a));
	return code;
}

static enum err factor_approved(struct run *r, bool *approved)
{
	char imsi[USIM_IMSI_MAX + 1];
	json_t *answer = NULL;
	enum err e = usim_read_imsi(r->u, imsi);

	if (!e)
		e = operator_call(r->op, "/twinkey/v1/factor/status",
				  json_pack("{s:s}", "imsi", imsi), &answer);
	*approved = !e && json_is_true(json_object_get(answer, "approved"));
	json_decref(answer);
	return e;
}

static int wait_for_factor(struct run *r)
{
	struct pollfd stop = {.fd = interrupt_fd(), .events = POLLIN};
	bool approved = false;

	for (unsigned waited = 0;; waited++) {
		enum err e = factor_approved(r, &approved);

		if (e)
			return cmd_operator_fail(r->op, e, "factor/status");
		if (approved) {
			done(r, "factor", "the operator has approved it");
			return TOOL_OK;
		}
		if (opt.no_wait || waited >= opt.factor_wait_s)
			return tool_fail(ERR_FACTOR,
					 "the user's second factor is not approved yet; "
					 "run this again afterwards");
		if (waited == 0)
			fprintf(stderr, "    waiting for the operator's approval (Ctrl-C leaves "
					"everything as it is)\n");
		if (poll(&stop, 1, POLL_MS) > 0 || interrupted())
			return tool_fail(ERR_CANCELLED, "the card has limited access");
	}
}

static int release(struct run *r)
{
	struct relay relay = {.result = 0};
	char text[96];
	enum err e = relay_release(r->u, r->op, &relay);

	if (e)
		return cmd_release_fail(r->u, r->op, &relay, e);
	snprintf(text, sizeof(text), "the card opened key %u and was reset (%s)",
		 relay.before.key_id, relay.state);
	done(r, "release", text);
	return TOOL_OK;
}

/* The steps that are still to do; each looks at card and operator, so that the way can be taken up.
 */
static int go(struct run *r)
{
	int code;

	tool_progress(1, STEPS, "look at the card");
	code = look(r);
	if (!code && r->kra.state == KRA_NO_PROFILE) {
		code = load_and_enable(r);
		if (!code)
			code = look(r);
	}
	if (code || r->kra.state == KRA_NO_SEALED_PART)
		return code ? code
			    : tool_fail(ERR_WRONG_STATE, "the profile has no second subscription");
	if (r->kra.state == KRA_SEALED) {
		tool_progress(4, STEPS, "attach with the first key");
		code = attach(r, "attach-1");
		if (!code) {
			tool_progress(5, STEPS,
				      "second factor, then the release of the second key");
			code = wait_for_factor(r);
		}
		if (!code)
			code = release(r);
	}
	if (!code) {
		tool_progress(6, STEPS, "attach with the second key");
		code = attach(r, "attach-2");
	}
	return code;
}

static int run_run(int argc, char **argv)
{
	struct run r = {.steps = json_array()};
	const char *why = "";
	int code;

	opt.code = argc ? argv[0] : NULL;
	if (opt.code && activation_parse(opt.code, &r.activation, &why)) {
		json_decref(r.steps);
		return tool_usage("'%s' is no activation code: %s", opt.code, why);
	}
	code = cmd_operator_open(&r.op);
	if (!code)
		code = cmd_open(&r.u);
	if (!code)
		code = go(&r);
	if (!code && tool_json())
		tool_print_json(json_pack("{s:O, s:s, s:s}", "steps", r.steps, "access", r.access,
					  "state", r.state));
	else if (!code)
		tool_say("The card has %s access.", r.access);
	if (r.u)
		code = cmd_close(&r.u, code);
	operator_close(&r.op);
	json_decref(r.steps);
	return code;
}

static const struct tool_option options[] = {
	{"no-wait", 0, OPT_FLAG, NULL, "Do not wait for the second factor", &opt.no_wait},
	{"factor-wait", 0, OPT_UINT, "SECONDS", "How long to wait for it (default: 600)",
	 &opt.factor_wait_s},
	{NULL, 0, OPT_FLAG, NULL, NULL, NULL},
};

const struct tool_command cmd_run[] = {
	{"run", "[ACTIVATION-CODE]", 0, 1, "Take a card all the way to full access",
	 "Loads the profile of the activation code, enables it, attaches with the first key\n"
	 "(limited access), waits for the second factor, carries the release of the second key,\n"
	 "and attaches with it (full access). What is done already is not done again: after an\n"
	 "interruption, run it again.",
	 options, run_run},
};
const size_t cmd_run_count = ARRAY_LEN(cmd_run);

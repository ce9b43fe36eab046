/* run: the whole way of a card, from an empty eUICC to full access with the second key. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "host/cmd/commands.h"
#include "host/cmd/release.h"
#include "host/cmd/shared/globals.h"
#include "host/cmd/shared/lpa.h"
#include "host/cmd/shared/open.h"
#include "host/cmd/shared/operator.h"
#include "host/cmd/shared/pin.h"
#include "host/cmd/shared/say.h"
#include "host/terminal/attach.h"
#include "host/terminal/lpa/download.h"
#include "host/terminal/relay.h"
#include "host/terminal/second.h"
#include "lib/base/secret.h"
#include "lib/rsp/rsp.h"
#include "tool/cli/program.h"
#include "tool/sys/wait.h"

#define STEPS		    6
#define POLL_MS		    1000
#define FACTOR_WAIT_S	    600
#define DOWNLOAD_RETRIES    2
#define DOWNLOAD_BACKOFF_MS 1000
#define STATE_CAP	    16
#define ATTACH_TEXT	    128

static struct {
	const char *code, *sealed_code, *context;
	bool only_3g, only_gsm; /* by context */
	bool no_wait;
	unsigned factor_wait_s;
} opt = {.factor_wait_s = FACTOR_WAIT_S};

struct run {
	struct uicc *u;
	struct operator_link *op;
	json_t *steps; /* what was done, for --json */
	struct activation activation;
	struct kra_status kra;
	bool two_profiles; /* no key-release application: the second subscription is a profile */
	struct second second;
	char access[16], state[STATE_CAP];
};

static void done(struct run *r, const char *step, const char *what)
{
	json_array_append_new(r->steps, json_pack("{s:s, s:s}", "step", step, "result", what));
	tool_say("    %s", what);
}

/* What the card says of itself decides where the way begins. */
static int look(struct run *r)
{
	struct kra kra;
	enum err e = kra_open(r->u, &kra), closed;
	char text[96];

	if (e == ERR_NOT_FOUND && opt.sealed_code) {
		r->two_profiles = true;
		done(r, "card", "no key-release application: two profiles");
		return TOOL_OK;
	}
	if (e)
		return e == ERR_NOT_FOUND
			       ? tool_fail_said(e, "the card has no key-release application; "
						   "with two profiles: --sealed-code FILE")
			       : cmd_fail(r->u, e, "the key-release application");
	e = kra_ask_status(&kra, &r->kra);
	closed = kra_close(&kra);
	if (e || closed)
		return cmd_fail(r->u, e ? e : closed, "the card's status");
	snprintf(text, sizeof(text), "%s, key %u, subscription %u in use",
		 kra_state_name(r->kra.state), r->kra.key_id, r->kra.active);
	done(r, "card", r->kra.state == KRA_STATE_NO_PROFILE ? kra_state_name(r->kra.state) : text);
	return TOOL_OK;
}

/* The profile that is there but not enabled, or the one that is loaded now. */
static enum err find_profile(struct lpa *l, struct slice wanted,
			     uint8_t iccid[static RSP_ICCID_LEN], bool *found)
{
	struct wbuf der = wbuf_grow(UICC_RESPONSE_MAX);
	struct es10c_profile_info info;
	struct slice items = SLICE_EMPTY;
	enum err e = lpa_profiles(l, &der, &items);

	*found = !e && es10c_find_profile(items, wanted, &info) == ERR_OK &&
		 slice_copy(info.iccid, iccid, RSP_ICCID_LEN) == ERR_OK;
	wbuf_free(&der);
	return e;
}

static enum err load(struct run *r, struct lpa *l, uint8_t iccid[static RSP_ICCID_LEN])
{
	struct lpa_download d = {.activation = &r->activation,
				 .network = &cmd_globals.network,
				 .retries = DOWNLOAD_RETRIES,
				 .retry = cmd_lpa_retry,
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
	e = find_profile(l, r->two_profiles ? SLICE_OF(r->second.first_iccid) : SLICE_EMPTY, iccid,
			 &found);
	tool_progress(2, STEPS, "load the encrypted profile");
	if (!e && !found && !opt.code)
		code = tool_usage(r->two_profiles ? "the card has not the profile that this sealed "
						    "code is for: give its activation code"
						  : "the card has no profile: give the "
						    "activation code");
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
		code = *lpa_message(l) ? tool_fail_said(e, "%s", lpa_message(l))
				       : cmd_fail(r->u, e, "the profile");
	lpa_close(&l);
	return code;
}

/* TS 31.102 7.1.2: the answers of a card that has no GSM context */
static bool has_no_context(const struct run *r, const struct attach *a, enum err e)
{
	return e == ERR_CARD && !a->by_operator &&
	       (uicc_last_sw(r->u) == SW_AUTH_CONTEXT || uicc_last_sw(r->u) == SW_WRONG_P1P2);
}

/* One authentication at the operator's AuC; what the operator says is kept of the first one. */
static int attach_in(struct run *r, bool gsm, struct attach *a)
{
	enum err e;

	*a = (struct attach){.gsm = gsm};
	e = attach_run(r->u, r->op, a);
	if (e == ERR_WRONG_STATE && a->by_operator && r->kra.active == 2)
		return tool_fail_said(
			e,
			"the operator does not take the second subscription: the subscriber is "
			"suspended, or was resumed without a word that the card has opened "
			"key %u (suspend, then resume --opened %u)",
			r->kra.key_id, r->kra.key_id);
	/* where nobody asked for it, a card without it, or an AuC that judges none now, is no fault
	 */
	if (e && gsm && !opt.context &&
	    (has_no_context(r, a, e) || (e == ERR_TRIES && a->by_operator)))
		return TOOL_OK;
	if (e && gsm && has_no_context(r, a, e))
		return tool_fail_said(e, "the card has no GSM context (service 38 of EF.UST): "
					 "ask for --context 3g");
	return e ? cmd_attach_fail(r->u, r->op, a, e) : TOOL_OK;
}

static int attach_3g(struct run *r, char text[static ATTACH_TEXT])
{
	struct attach a;
	int code = attach_in(r, opt.only_gsm, &a);

	if (!code) {
		snprintf(r->access, sizeof(r->access), "%s", attach_text(&a, "access"));
		snprintf(r->state, sizeof(r->state), "%s", attach_text(&a, "state"));
		snprintf(text, ATTACH_TEXT, "IMSI %s: %s matches, %s access (%s)", a.imsi,
			 opt.only_gsm ? "SRES" : "RES", r->access, r->state);
	}
	json_decref(a.verdict);
	secret_wipe(&a, sizeof(a));
	return code;
}

/* The GSM context comes second: what the first one showed, it changes no more. */
static int attach_gsm(struct run *r, char text[static ATTACH_TEXT])
{
	struct attach a;
	int code = attach_in(r, true, &a);

	snprintf(text, ATTACH_TEXT, "%s",
		 a.verdict	 ? "SRES matches"
		 : a.by_operator ? "not judged now, after wrong answers"
				 : "the card has none");
	json_decref(a.verdict);
	secret_wipe(&a, sizeof(a));
	return code;
}

/* Authenticates with the subscription that is active, in the contexts that are asked for. */
static int attach(struct run *r, const char *step)
{
	char text[ATTACH_TEXT], gsm[ATTACH_TEXT];
	enum err e = usim_select(r->u);
	int code;

	if (e)
		return cmd_no_usim(r->u, e);
	code = cmd_verify_pin(r->u, USIM_PIN1);
	if (!code)
		code = attach_3g(r, text);
	if (code)
		return code;
	done(r, step, text);
	if (opt.only_gsm || opt.only_3g)
		return TOOL_OK;
	code = attach_gsm(r, gsm);
	if (!code) {
		json_object_set_new(json_array_get(r->steps, json_array_size(r->steps) - 1), "gsm",
				    json_string(gsm));
		tool_say("    GSM context: %s", gsm);
	}
	return code;
}

static int read_imsi(struct run *r, char imsi[static USIM_IMSI_MAX + 1])
{
	enum err e = usim_read_imsi(r->u, imsi);

	return e ? cmd_fail(r->u, e, "EF.IMSI") : TOOL_OK;
}

/* What the operator knows of the subscriber whose IMSI the card has. */
static int ask_status(struct run *r, json_t **answer)
{
	char imsi[USIM_IMSI_MAX + 1];
	int code = read_imsi(r, imsi);
	enum err e;

	if (code)
		return code;
	e = operator_call(r->op, "/twinkey/v1/factor/status", json_pack("{s:s}", "imsi", imsi),
			  answer);
	return e ? cmd_operator_fail(r->op, e, "factor/status") : TOOL_OK;
}

static int factor_approved(struct run *r, bool *approved)
{
	json_t *answer = NULL;
	int code = ask_status(r, &answer);

	*approved = !code && json_is_true(json_object_get(answer, "approved"));
	json_decref(answer);
	return code;
}

static int wait_for_factor(struct run *r)
{
	struct wait w = wait_begin(tool_cancel(), "the operator's approval");
	bool approved = false;

	for (unsigned waited = 0;; waited++) {
		int code = factor_approved(r, &approved);

		if (code)
			return code;
		if (approved) {
			done(r, "factor", "the operator has approved it");
			return TOOL_OK;
		}
		if (opt.no_wait || waited >= opt.factor_wait_s)
			return tool_fail_said(ERR_FACTOR,
					      "the user's second factor is not approved yet; "
					      "run this again afterwards");
		if (waited == 0)
			fprintf(stderr, "    waiting for the operator's approval (Ctrl-C leaves "
					"everything as it is)\n");
		w.told = true; /* just now */
		if (wait_pause(&w, POLL_MS))
			return tool_fail_said(ERR_CANCELLED, "the card has limited access");
	}
}

static int release(struct run *r)
{
	struct relay relay = {.result = 0};
	char text[96];
	enum err e = cmd_release_relay(r->u, r->op, &relay);

	if (e)
		return cmd_release_fail(r->u, r->op, &relay, e);
	snprintf(text, sizeof(text), "the card opened key %u and was reset (%s)",
		 relay.before.key_id, relay.state);
	done(r, "release", text);
	return TOOL_OK;
}

/* The state of the subscriber of the card's first subscription, as the operator has it */
static int ask_state(struct run *r, char out[static STATE_CAP])
{
	json_t *answer = NULL;
	const char *state;
	enum err e = usim_select(r->u);
	int code = e ? cmd_no_usim(r->u, e) : cmd_verify_pin(r->u, USIM_PIN1);

	if (!code)
		code = ask_status(r, &answer);
	state = json_string_value(json_object_get(answer, "state"));
	snprintf(out, STATE_CAP, "%s", state ? state : "");
	json_decref(answer);
	return code;
}

/* A card on its second key: where the operator rotates that, the new sealed part comes first. */
static int reseal(struct run *r)
{
	struct relay relay = {.result = 0};
	char text[96];
	enum err e = relay_reseal(r->u, r->op, &relay);

	if (e)
		return cmd_release_fail(r->u, r->op, &relay, e);
	r->kra = relay.before;
	if (relay.next_key) {
		snprintf(text, sizeof(text),
			 "the operator rotates the key: %s the sealed part of key %u",
			 relay.resealed ? "the card took" : "the card has", relay.next_key);
		done(r, "reseal", text);
	}
	return TOOL_OK;
}

/* First factor, second factor, and what the release is for this card. */
static int take_second(struct run *r, int (*release_it)(struct run *r), enum second_state second)
{
	char state[STATE_CAP];
	int code = ask_state(r, state);
	bool before = !code && strcmp(state, "RELEASED") == 0;
	bool active = !code && strcmp(state, "ACTIVE") == 0;
	bool rotation = r->kra.active == 2;

	if (r->two_profiles && (before || (active && second != SECOND_ABSENT))) {
		tool_progress(5, STEPS, "the second profile was released before");
		return release_it(r);
	}
	if (r->two_profiles && active)
		return tool_fail_said(
			ERR_WRONG_STATE,
			"the second profile was on the card and is not any more; a profile "
			"is given once, so the operator has to add another subscriber");
	if (before)
		code = tool_fail_said(
			ERR_WRONG_STATE,
			"the operator released the key, and it did not reach the card: "
			"let the operator suspend and resume the subscriber");
	if (code)
		return code;
	tool_progress(4, STEPS,
		      rotation ? "attach with the key so far" : "attach with the first key");
	code = attach(r, rotation ? "attach-before" : "attach-1");
	if (code)
		return code;
	tool_progress(5, STEPS, "second factor, then the release of the second key");
	code = wait_for_factor(r);
	return code ? code : release_it(r);
}

/* With the key-release application: the card opens its second subscription. */
static int go_one_profile(struct run *r)
{
	int code = TOOL_OK;

	if (r->kra.state == KRA_STATE_NO_PROFILE) {
		code = load_and_enable(r);
		if (!code)
			code = look(r);
	}
	if (!code && r->kra.active == 2)
		code = reseal(r);
	if (!code && r->kra.state == KRA_STATE_NO_SEALED_PART)
		return tool_fail_said(ERR_WRONG_STATE, "the profile has no second subscription");
	return !code && r->kra.state == KRA_STATE_SEALED ? take_second(r, release, SECOND_ABSENT)
							 : code;
}

/* Downloads and enables the second profile, whose code the operator opens. */
static int release_profile(struct run *r)
{
	const struct lpa_download d = {.network = &cmd_globals.network,
				       .retries = DOWNLOAD_RETRIES,
				       .retry = cmd_lpa_retry,
				       .backoff_ms = DOWNLOAD_BACKOFF_MS};
	char imsi[USIM_IMSI_MAX + 1];
	struct lpa *l = NULL;
	int code = read_imsi(r, imsi);
	enum err e;

	if (!code)
		code = cmd_lpa_on(r->u, &l);
	if (code)
		return code;
	e = second_take(l, r->op, imsi, &d, &r->second);
	if (e == ERR_UNBOUND && r->second.by_operator) { /* as cmd_release_relay() */
		cmd_lpa_report(l);
		e = second_take(l, r->op, imsi, &d, &r->second);
	}
	if (e)
		code = r->second.by_operator ? cmd_operator_fail(r->op, e, "release")
					     : cmd_lpa_fail(r->u, l, e, "the second profile");
	else
		done(r, "release", "the second profile is installed and enabled");
	cmd_forget_pin();
	if (!e)
		cmd_lpa_report(l);
	lpa_close(&l);
	return code;
}

static int find_profiles(struct run *r, enum second_state *first, enum second_state *second)
{
	struct lpa *l = NULL;
	int code = cmd_lpa_on(r->u, &l);
	enum err e;

	if (code)
		return code;
	e = second_find(l, r->second.first_iccid, first);
	if (!e)
		e = second_find(l, r->second.iccid, second);
	code = e ? cmd_lpa_fail(r->u, l, e, "the profiles") : TOOL_OK;
	lpa_close(&l);
	return code;
}

static int go_two_profiles(struct run *r)
{
	enum second_state first, second;
	int code = find_profiles(r, &first, &second);

	if (code || second == SECOND_ENABLED)
		return code;
	if (first != SECOND_ENABLED)
		code = load_and_enable(r);
	return code ? code : take_second(r, release_profile, second);
}

/* The steps that are still to do; each looks at card and operator, so that the way can be taken up.
 */
static int go(struct run *r)
{
	int code;

	tool_progress(1, STEPS, "look at the card");
	code = look(r);
	if (!code)
		code = r->two_profiles ? go_two_profiles(r) : go_one_profile(r);
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
	enum err e = ERR_OK;
	int code;

	opt.code = argc ? argv[0] : NULL;
	opt.only_3g = opt.context && strcmp(opt.context, "3g") == 0;
	opt.only_gsm = opt.context && strcmp(opt.context, "gsm") == 0;
	if (opt.context && !opt.only_3g && !opt.only_gsm && strcmp(opt.context, "both") != 0) {
		json_decref(r.steps);
		return tool_usage("--context is 3g, gsm or both, not '%s'", opt.context);
	}
	if (opt.code && activation_parse(opt.code, &r.activation, &why)) {
		json_decref(r.steps);
		return tool_usage("'%s' is no activation code: %s", opt.code, why);
	}
	if (opt.sealed_code)
		e = second_read(opt.sealed_code, tool_cancel(), &r.second);
	code = e ? tool_fail(e, "'%s' holds no sealed code", opt.sealed_code)
		 : cmd_operator_open(&r.op);
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
	wbuf_free(&r.second.der);
	json_decref(r.steps);
	return code;
}

static const struct tool_option options[] = {
	{"sealed-code", 0, OPT_STRING, "FILE",
	 "The sealed code of the second profile, for a card without key-release application",
	 &opt.sealed_code},
	{"context", 0, OPT_STRING, "3g|gsm|both",
	 "How the card is authenticated (default: 3g, and gsm as well where the card has it)",
	 &opt.context},
	{"no-wait", 0, OPT_FLAG, NULL, "Do not wait for the second factor", &opt.no_wait},
	{"factor-wait", 0, OPT_UINT, "SECONDS", "How long to wait for it (default: 600)",
	 &opt.factor_wait_s},
	{NULL, 0, OPT_FLAG, NULL, NULL, NULL},
};

const struct tool_command cmd_run[] = {
	{"run", "[ACTIVATION-CODE]", 0, 1, "Take a card all the way to full access",
	 "Loads the profile of the activation code, enables it, attaches with the first key\n"
	 "(limited access), waits for the second factor, carries the release of the second key,\n"
	 "and attaches with it (full access). Where the operator rotates the second key, the new\n"
	 "one is brought to the card in the same way. What is done already is not done again:\n"
	 "after an interruption, run it again.",
	 options, run_run},
};
const size_t cmd_run_count = ARRAY_LEN(cmd_run);

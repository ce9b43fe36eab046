/*
 * auth: runs AUTHENTICATE and checks the answer.
 *
 * The one place where a tester's own key may be in the terminal's process (--key-file); what is in
 * host/terminal never holds one.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/cmd/commands.h"
#include "host/cmd/shared/keyfile.h"
#include "host/cmd/shared/globals.h"
#include "host/cmd/shared/open.h"
#include "host/cmd/shared/operator.h"
#include "host/cmd/shared/pin.h"
#include "host/cmd/shared/say.h"
#include "host/net/client.h"
#include "host/terminal/attach.h"
#include "host/terminal/chip.h"
#include "host/terminal/usim.h"
#include "lib/auth/aka.h"
#include "lib/auth/sqn.h"
#include "lib/base/bytes.h"
#include "lib/crypto/symmetric.h"
#include "tool/cli/program.h"

static struct {
	const char *context, *rand, *autn, *key_file;
} opt;

struct attempt {
	bool gsm;
	bool checked; /* expected is known */
	bool resynchronised;
	uint8_t rand[AKA_RAND_LEN], autn[AKA_AUTN_LEN];
	struct usim_answer answer;
	uint8_t expected[AKA_RES_MAX];
	size_t expected_len;
	json_t *verdict; /* the operator's, borrowed by report() */
};

static void tell_octets(json_t *o, const char *label, const char *key, struct slice s)
{
	char *hex = cmd_hex(s);

	tool_say("%-5s %s", label, hex ? hex : "");
	if (hex)
		json_object_set_new(o, key, json_string(hex));
	free(hex);
}

static int report(const struct attempt *a)
{
	const struct usim_answer *r = &a->answer;
	struct slice res = slice_make(r->res, r->res_len);
	bool match = a->checked && secret_equal(res, slice_make(a->expected, a->expected_len));
	json_t *o = json_pack("{s:s, s:b}", "context", a->gsm ? "gsm" : "3g", "resynchronised",
			      a->resynchronised);

	if (a->resynchronised)
		tool_say("The card asked for a resynchronisation of SQN; done.");
	tell_octets(o, "RAND", "rand", SLICE_OF(a->rand));
	if (!a->gsm)
		tell_octets(o, "AUTN", "autn", SLICE_OF(a->autn));
	tell_octets(o, a->gsm ? "SRES" : "RES", a->gsm ? "sres" : "res", res);
	if (r->has_ck_ik) {
		tell_octets(o, "CK", "ck", SLICE_OF(r->ck));
		tell_octets(o, "IK", "ik", SLICE_OF(r->ik));
	}
	if (r->has_kc)
		tell_octets(o, "Kc", "kc", SLICE_OF(r->kc));
	if (a->checked) {
		json_object_set_new(o, "match", json_boolean(match));
		if (match)
			tool_say("The card's answer is the expected one.");
	}
	if (a->verdict) {
		tool_say("The operator: %s, %s access.",
			 json_string_value(json_object_get(a->verdict, "result")),
			 json_string_value(json_object_get(a->verdict, "access")));
		json_object_update(o, a->verdict);
	}
	if (a->checked && !match) {
		json_decref(o);
		return tool_fail_said(ERR_REFUSED, "the card's answer is not the expected one: "
						   "another K or OPc");
	}
	if (tool_json())
		tool_print_json(o);
	else
		json_decref(o);
	return TOOL_OK;
}

static int ask_card(struct uicc *u, bool has_usim, struct attempt *a)
{
	enum err e;

	if (!a->gsm)
		e = usim_authenticate(u, a->rand, a->autn, &a->answer);
	else if (has_usim)
		e = usim_gsm_authenticate(u, a->rand, &a->answer);
	else
		e = usim_run_gsm(u, a->rand, &a->answer);
	if (e)
		return cmd_fail(failure_of_card(u, e, "AUTHENTICATE"));
	if (a->answer.outcome == USIM_MAC_FAILURE)
		return tool_fail_said(ERR_MAC, "the card refuses AUTN: another K, OPc or AMF");
	return TOOL_OK;
}

/* The challenge of --rand and --autn. */
static int given_challenge(struct attempt *a)
{
	if (!opt.rand || hex_decode_exact(opt.rand, a->rand, sizeof(a->rand)))
		return tool_usage("--rand wants 16 octets in hex");
	if (!a->gsm && (!opt.autn || hex_decode_exact(opt.autn, a->autn, sizeof(a->autn))))
		return tool_usage("--autn wants 16 octets in hex");
	return TOOL_OK;
}

static int with_given(struct uicc *u, bool has_usim, struct attempt *a)
{
	int code = ask_card(u, has_usim, a);
	char auts[2 * USIM_AUTS_LEN + 1];

	if (code || a->answer.outcome != USIM_SYNC_FAILURE)
		return code;
	hex_encode(SLICE_OF(a->answer.auts), auts, sizeof(auts));
	return tool_fail(ERR_SYNC, "AUTS %s", auts);
}

/* The vector for the next SQN; the number is kept before it is used. */
static enum err next_vector(struct keyfile *k, struct attempt *a)
{
	struct aka_vector v;
	enum err e = sqn_take(k->sqn, k->ind_bits, &k->sqn);

	if (!e)
		e = keyfile_keep_sqn(opt.key_file, k);
	if (!e && !opt.rand)
		e = random_bytes(a->rand, sizeof(a->rand));
	if (!e)
		e = aka_auc_vector(k->key, a->rand, k->sqn, k->amf, &v);
	if (!e) {
		memcpy(a->autn, v.autn, sizeof(a->autn));
		memcpy(a->expected, v.expected.res, v.expected.res_len);
		a->expected_len = v.expected.res_len;
	}
	secret_wipe(&v, sizeof(v));
	return e;
}

static enum err gsm_vector(struct keyfile *k, struct attempt *a)
{
	uint8_t kc[GSM_KC_LEN];
	enum err e = opt.rand ? ERR_OK : random_bytes(a->rand, sizeof(a->rand));

	if (!e)
		e = aka_gsm_authenticate(k->key, a->rand, a->expected, kc);
	a->expected_len = GSM_SRES_LEN;
	secret_wipe(kc, sizeof(kc));
	return e;
}

/* TS 33.102 6.3.5, with the number that the card refused */
static enum err resynchronise(struct keyfile *k, const struct attempt *a)
{
	struct sqn_refusal r = {.last = k->sqn, .refused = k->sqn, .ind_bits = k->ind_bits};
	enum err e = aka_auc_resync(k->key, a->rand, a->answer.auts, &r.sqn_ms);

	return e ? e : sqn_resync(&r, &k->sqn);
}

static int with_key(struct uicc *u, bool has_usim, struct keyfile *k, struct attempt *a)
{
	for (unsigned tries = 0;; tries++) {
		enum err e = a->gsm ? gsm_vector(k, a) : next_vector(k, a);
		int code = e ? tool_fail(e, "%s", opt.key_file) : ask_card(u, has_usim, a);

		if (code || a->answer.outcome != USIM_SYNC_FAILURE)
			return code;
		if (tries)
			return tool_fail_said(
				ERR_SYNC,
				"the card refuses the number after its own (%012llx) too: "
				"its limits (delta, age) or the length of IND (ind_bits) "
				"are others than those of %s",
				(unsigned long long)k->sqn, opt.key_file);
		e = resynchronise(k, a);
		if (e == ERR_SYNC)
			return tool_fail_said(e, "the card has used up its sequence numbers, and "
						 "takes no challenge any more: it needs a new key");
		if (e)
			return tool_fail(e, "the card's AUTS");
		a->resynchronised = true;
	}
}

static int with_operator(struct uicc *u, bool has_usim, struct attempt *a)
{
	struct attach at = {.gsm = a->gsm};
	struct http_client *op = NULL;
	enum err e;
	int code;

	if (!has_usim)
		return tool_fail_said(ERR_UNSUPPORTED,
				      "the operator authenticates a USIM, this is a 2G SIM");
	code = cmd_operator_open(&op);
	if (code)
		return code;
	e = attach_run(u, op, &at);
	if (e)
		code = cmd_fail(at.failure);
	a->resynchronised = at.resynchronised;
	memcpy(a->rand, at.rand, sizeof(a->rand));
	memcpy(a->autn, at.autn, sizeof(a->autn));
	a->answer = at.answer;
	a->verdict = at.verdict;
	secret_wipe(&at, sizeof(at));
	http_client_close(&op);
	return code;
}

static int prepare_attempt(struct attempt *a, struct keyfile *k)
{
	struct simfile_error why = {0};
	char text[SIMFILE_SENTENCE];
	enum err e;

	if (opt.context && strcmp(opt.context, "3g") != 0 && strcmp(opt.context, "gsm") != 0)
		return tool_usage("--context is 3g or gsm, not '%s'", opt.context);
	a->gsm = opt.context && strcmp(opt.context, "gsm") == 0;
	if (cmd_globals.network.link && (opt.key_file || opt.rand || opt.autn))
		return tool_usage("--operator brings its own challenge");
	if (cmd_globals.network.link)
		return TOOL_OK;
	if (!opt.key_file && !opt.rand)
		return tool_usage("a challenge is missing: --operator SPEC, --key-file FILE, or "
				  "--rand and --autn");
	if (opt.key_file && opt.autn)
		return tool_usage("--autn and --key-file exclude each other");
	if (!opt.key_file)
		return given_challenge(a);
	if (opt.rand && hex_decode_exact(opt.rand, a->rand, sizeof(a->rand)))
		return tool_usage("--rand wants 16 octets in hex");
	e = keyfile_open(opt.key_file, tool_cancel(), k, &why);
	if (why.why) {
		simfile_error_text(&why, text);
		return tool_fail_said(e, "%s%s%s", opt.key_file, why.line ? ", " : ": ", text);
	}
	if (e)
		return tool_fail(e, "%s", opt.key_file);
	a->checked = true;
	return TOOL_OK;
}

static int select_and_unlock(struct uicc *u, const struct attempt *a, bool *has_usim)
{
	enum err e = usim_select(u);

	*has_usim = !e;
	if (a->gsm && (e == ERR_NOT_FOUND || e == ERR_CARD))
		return TOOL_OK; /* a 2G SIM */
	if (e)
		return cmd_fail(chip_without_usim(u, e));
	return cmd_fail(cmd_verify_pin(u, USIM_PIN1));
}

static int run_auth(int argc, char **argv)
{
	struct attempt *a = secret_object_new(sizeof(*a));
	struct keyfile k = {0};
	struct uicc *u = NULL;
	bool has_usim;
	int code;

	(void)argc, (void)argv;
	if (!a)
		return tool_fail(ERR_MEMORY, "auth");
	code = prepare_attempt(a, &k);
	if (!code)
		code = cmd_open(&u);
	if (!code)
		code = select_and_unlock(u, a, &has_usim);
	if (!code && cmd_globals.network.link)
		code = with_operator(u, has_usim, a);
	else if (!code)
		code = k.key ? with_key(u, has_usim, &k, a) : with_given(u, has_usim, a);
	if (!code)
		code = report(a);
	if (u)
		code = cmd_close(&u, code);
	json_decref(a->verdict);
	keyfile_close(&k);
	secret_object_free(a, sizeof(*a));
	return code;
}

static const struct tool_option options[] = {
	{"context", 0, OPT_STRING, "3g|gsm", "The security context (default: 3g)", &opt.context},
	{"rand", 0, OPT_STRING, "HEX", "This RAND (16 octets)", &opt.rand},
	{"autn", 0, OPT_STRING, "HEX", "This AUTN (16 octets)", &opt.autn},
	{"key-file", 0, OPT_STRING, "FILE",
	 "The key of a card of your own: makes RAND and AUTN, checks RES", &opt.key_file},
	OPT_END,
};

const struct tool_command cmd_auth[] = {
	{"auth", "", 0, 0, "Authenticate the card and check its answer",
	 "With --key-file the challenge is made from the key (lines 'k = HEX', 'opc = HEX' or\n"
	 "'op = HEX', 'amf', 'sqn', 'ind_bits', 'algorithm' and what goes with it; mode 0600) "
	 "with\n"
	 "the next sequence number, which is kept in FILE.sqn, and RES is checked; a "
	 "synchronisation\n"
	 "failure is repaired once. With --rand and\n"
	 "--autn the card's answer to that challenge is printed.",
	 options, run_auth},
};
const size_t cmd_auth_count = ARRAY_LEN(cmd_auth);

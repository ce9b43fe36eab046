/* release: carries the release of the second key between card and operator. */
#include "host/cmd/release.h"

#include "host/cmd/commands.h"
#include "host/cmd/shared/globals.h"
#include "host/cmd/shared/lpa.h"
#include "host/cmd/shared/open.h"
#include "host/cmd/shared/operator.h"
#include "host/cmd/shared/say.h"
#include "host/terminal/lpa/lpa.h"
#include "host/terminal/relay.h"
#include "tool/cli/program.h"

int cmd_release_fail(const struct uicc *u, const struct operator_link *op, const struct relay *r,
		     enum err e)
{
	if (r->by_operator && (e == ERR_WRONG_STATE || e == ERR_FACTOR))
		return tool_fail_said(
			e,
			"the operator does not release the key in the present state: an "
			"authentication with the key so far (twinkey auth, in the 3G context) and "
			"an approved second factor come first, and nobody who is suspended gets "
			"it");
	if (r->by_operator && e == ERR_UNBOUND)
		return tool_fail_said(
			e, "the operator has not been told which eUICC has this profile: deliver "
			   "the card's notifications (twinkey notification send), or, where "
			   "somebody else's manager has the profile, let the operator name it "
			   "(twinkey-operator subscriber bind)");
	if (r->by_operator && e == ERR_REFUSED)
		return tool_fail_said(
			e, "the operator gives this card no key: the profile is on another eUICC, "
			   "or another key is to be released; the operator's log says which");
	if (r->by_operator)
		return cmd_operator_fail(op, e, "release");
	if (e == ERR_NOT_FOUND)
		return tool_fail_said(e,
				      "the card has no key-release application; with two profiles: "
				      "twinkey run --sealed-code FILE");
	if (e == ERR_REPLAY)
		return tool_fail_said(
			e,
			"the card has opened key %u, and the operator has not heard of it: let "
			"the operator suspend the subscriber and resume it with --opened %u",
			r->before.key_id, r->before.key_id);
	if (e == ERR_REFUSED && r->result && !r->resealed && r->next_key > r->before.key_id)
		return tool_fail_said(e, "the card took no new sealed part (key %u): %s",
				      r->next_key, kra_result_text((enum kra_result)r->result));
	if (e == ERR_WRONG_STATE)
		return tool_fail_said(e, "there is nothing to release: the card says '%s'",
				      kra_state_name(r->before.state));
	if (e == ERR_REFUSED && r->result)
		return tool_fail_said(e, "the card took no key: %s",
				      kra_result_text((enum kra_result)r->result));
	return cmd_fail(u, e, "release");
}

enum err cmd_release_relay(struct uicc *u, struct operator_link *op, struct relay *r)
{
	enum err e = relay_release(u, op, r);
	struct lpa *l = NULL;
	struct slice aid;

	if (e != ERR_UNBOUND || !r->by_operator || !cmd_isdr_aid(&aid) || lpa_open(u, aid, &l))
		return e;
	cmd_lpa_report(l);
	lpa_close(&l);
	r->by_operator = false;
	return relay_release(u, op, r);
}

static int run_release(int argc, char **argv)
{
	struct operator_link *op = NULL;
	struct relay r = {.result = 0};
	struct uicc *u = NULL;
	enum err e;
	int code = cmd_operator_open(&op);

	(void)argc, (void)argv;
	if (!code)
		code = cmd_open(&u);
	if (!code) {
		e = relay_reseal(u, op, &r);
		if (!e && r.resealed) {
			tool_progress(1, 2, "the card took the sealed part of key %u", r.next_key);
			tool_progress(2, 2, "release that key");
		}
		if (!e)
			e = cmd_release_relay(u, op, &r);
		if (e)
			code = cmd_release_fail(u, op, &r, e);
		else if (tool_json())
			tool_print_json(json_pack("{s:s, s:I, s:s, s:b, s:b}", "result", "released",
						  "keyId", (json_int_t)r.before.key_id, "state",
						  r.state, "refreshed", r.refreshed, "rotated",
						  r.next_key != 0));
		else
			tool_say("Released: the card opened its second subscription (key %u) and "
				 "was "
				 "reset; the operator: %s.",
				 r.before.key_id, r.state);
	}
	if (u)
		code = cmd_close(&u, code);
	operator_close(&op);
	return code;
}

const struct tool_command cmd_release[] = {
	{"release", "", 0, 0, "Carry the second key's release from the operator to the card",
	 "The card's signed challenge goes to the operator, the operator's grant to the card, the\n"
	 "card's signed result back. The operator grants only after a fresh authentication with\n"
	 "the first key (twinkey auth) and an approved second factor. Where the operator rotates\n"
	 "the second key, the card gets the new sealed part first, and it is the old second key\n"
	 "that is authenticated with. Where the operator has not been told which eUICC has the\n"
	 "profile, the card's notifications are delivered first.",
	 NULL, run_release},
};
const size_t cmd_release_count = ARRAY_LEN(cmd_release);

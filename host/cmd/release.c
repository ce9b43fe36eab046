/* release: carries the release of the second key between card and operator. */
#include "host/cmd/commands.h"
#include "host/cmd/shared/globals.h"
#include "host/cmd/shared/lpa.h"
#include "host/cmd/shared/open.h"
#include "host/cmd/shared/operator.h"
#include "host/cmd/shared/say.h"
#include "host/net/client.h"
#include "host/terminal/lpa/lpa.h"
#include "host/terminal/lpa/notify.h"
#include "host/terminal/relay.h"
#include "tool/cli/program.h"

static int run_release(int argc, char **argv)
{
	struct http_client *op = NULL;
	struct relay r = {.result = 0};
	struct lpa_delivery delivery = cmd_delivery();
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
			e = relay_deliver_and_release(u, op, &delivery, &r);
		if (e)
			code = cmd_fail(r.failure);
		else if (tool_json())
			tool_print_json(json_pack("{s:s, s:I, s:s, s:b, s:b}", "result", "released",
						  "keyId", (json_int_t)r.before.key_id, "state",
						  r.state, "refreshed", r.refreshed, "rotated",
						  r.next_key != 0));
		else
			tool_say("Released: the card opened its second subscription (key %u)%s; "
				 "the operator: %s.",
				 r.before.key_id, r.refreshed ? " and was reset" : "", r.state);
	}
	if (u)
		code = cmd_close(&u, code);
	http_client_close(&op);
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

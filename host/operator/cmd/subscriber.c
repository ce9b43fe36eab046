/* subscriber list|show|bind|suspend|resume|rotate */
#include <stdio.h>
#include <string.h>

#include "host/operator/policy/decide.h"
#include "host/operator/cmd/commands.h"
#include "host/operator/cmd/shared/folder.h"
#include "host/operator/cmd/subscriber/say.h"
#include "host/operator/cmd/shared/time.h"
#include "host/operator/release/binding.h"
#include "host/operator/store/store.h"
#include "host/operator/smdp/store/store.h"
#include "tool/cli/json.h"
#include "tool/cli/program.h"
#include "tool/cli/text.h"
#include "tool/pki/pki.h"

#define EVIDENCE_MAX 192

static struct {
	const char *imsi, *reason, *eid;
	unsigned opened;
} opt = {.reason = ""};

static bool list_subscriber(void *ctx, const struct subscriber *sub)
{
	char name[TEXT_LINE_MAX];

	if (json_array_size(ctx) == 0)
		tool_say_heads("%-4s %-15s %-15s %-11s %s", "ID", "IMSI 1", "IMSI 2", "STATE",
			       "NAME");
	json_array_append_new(ctx, say_json(sub));
	tool_say("%-4lld %-15s %-15s %-11s %s", (long long)sub->id, sub->imsi[0], sub->imsi[1],
		 say_state(sub), text_line(slice_str(sub->name), name));
	return true;
}

static int run_list(int argc, char **argv)
{
	struct operator_store *s = NULL;
	json_t *list = json_array();
	int code = cmd_store_open(&s);
	enum err e;

	(void)argc, (void)argv;
	if (code) {
		json_decref(list);
		return code;
	}
	e = subscriber_each(s, list_subscriber, list);
	operator_store_close(&s);
	if (!e && json_array_size(list) == 0)
		tool_say("There is no subscriber.");
	if (tool_json() && !e)
		tool_print_json(json_pack("{s:o}", "subscribers", json_incref(list)));
	json_decref(list);
	return e ? tool_fail(e, "cannot list the subscribers") : TOOL_OK;
}

static int run_show(int argc, char **argv)
{
	struct operator_store *s = NULL;
	struct subscriber sub = {0};
	int code = cmd_store_open(&s);

	(void)argc, (void)argv;
	if (!code)
		code = cmd_subscriber(s, opt.imsi, &sub, NULL);
	operator_store_close(&s);
	return code ? code : say_subscriber(&sub);
}

static int take_edge(enum subscriber_event_kind kind)
{
	struct subscriber_event ev = {.kind = kind,
				      .actor = "operator",
				      .evidence = opt.reason,
				      .now = cmd_now(),
				      .key_id = opt.opened,
				      .opened = opt.opened != 0};
	struct operator_store *s = NULL;
	struct subscriber sub = {0};
	enum err e = ERR_OK;
	int code = cmd_store_open(&s);

	if (!code)
		code = cmd_subscriber(s, opt.imsi, &sub, NULL);
	if (!code)
		e = subscriber_event(s, sub.id, &ev, &sub);
	operator_store_close(&s);
	if (code)
		return code;
	if (e == ERR_UNSUPPORTED)
		return tool_fail_said(
			e,
			"the second subscription of %s is a profile of its own: its key is "
			"changed by a new profile, of a new subscriber",
			opt.imsi);
	if (e == ERR_REFUSED)
		return tool_fail_said(e, "key %u is not the one that was granted last", opt.opened);
	if (e == ERR_WRONG_STATE)
		return tool_fail_said(e, "subscriber %s is %s: %s", opt.imsi, state_name(sub.state),
				      state_step(sub.state));
	return e ? tool_fail(e, "subscriber %s", opt.imsi) : say_subscriber(&sub);
}

/* SGP.02 2.2.2, SGP.29: the last two digits make the number 1 modulo 97. */
static int parse_eid(uint8_t eid[static 16])
{
	unsigned rest = 0;

	if (!opt.eid || pki_parse_eid(opt.eid, eid))
		return tool_usage("--eid wants the 32 digits of an EID");
	for (const char *d = opt.eid; *d; d++)
		rest = (rest * 10 + (unsigned)(*d - '0')) % 97;
	return rest == 1 ? TOOL_OK
			 : tool_usage("'%s' is no EID: its last two digits are check digits, and "
				      "they do not fit the others",
				      opt.eid);
}

/* The operator has the last word; that the manager's result says another is told, here and in the
 * log. */
static int compare_with_manager(const struct subscriber *sub, const uint8_t eid[static 16],
				char *evidence, size_t cap)
{
	struct subscriber unnamed = *sub;
	struct smdp_store *manager = NULL;
	struct binding b = {.known = false};
	char text[33] = "";
	int code = cmd_manager_open(&manager);
	enum err e;

	unnamed.has_eid = false;
	e = code ? ERR_OK : binding_find(&unnamed, manager, &b);
	smdp_store_close(&manager);
	if (code || e)
		return code ? code : tool_fail(e, "what the manager knows of the profile");
	snprintf(evidence, cap, "%s", opt.reason);
	if (!b.known || memcmp(b.eid, eid, sizeof(b.eid)) == 0)
		return TOOL_OK;
	hex_encode(SLICE_OF(b.eid), text, sizeof(text));
	snprintf(evidence, cap, "the manager has a result of EID %s%s%s", text,
		 *opt.reason ? ": " : "", opt.reason);
	tool_warn("the manager has the signed result of EID %s that the profile is installed there",
		  text);
	return TOOL_OK;
}

static int bind(struct operator_store *s, const uint8_t *eid, struct subscriber *sub)
{
	char evidence[EVIDENCE_MAX];
	struct subscriber_event ev = {.kind = EVENT_BIND,
				      .actor = "operator",
				      .evidence = evidence,
				      .now = cmd_now(),
				      .eid = eid};
	int code = compare_with_manager(sub, eid, evidence, sizeof(evidence));
	enum err e = code ? ERR_OK : subscriber_event(s, sub->id, &ev, sub);

	if (e == ERR_UNSUPPORTED)
		return tool_fail_said(
			e,
			"the second subscription of %s is a profile of its own, which was given to "
			"the eUICC so far: for another eUICC add another subscriber",
			opt.imsi);
	return e ? tool_fail(e, "subscriber %s is not bound to this eUICC", opt.imsi) : code;
}

static int run_bind(int argc, char **argv)
{
	uint8_t eid[16];
	struct operator_store *s = NULL;
	struct subscriber sub = {0};
	int code = parse_eid(eid);

	(void)argc, (void)argv;
	if (!code)
		code = cmd_store_open(&s);
	if (!code)
		code = cmd_subscriber(s, opt.imsi, &sub, NULL);
	if (!code)
		code = bind(s, eid, &sub);
	operator_store_close(&s);
	return code ? code : say_subscriber(&sub);
}

static int run_suspend(int argc, char **argv)
{
	(void)argc, (void)argv;
	return take_edge(EVENT_SUSPEND);
}

static int run_resume(int argc, char **argv)
{
	(void)argc, (void)argv;
	return take_edge(EVENT_RESUME);
}

static int run_rotate(int argc, char **argv)
{
	(void)argc, (void)argv;
	return take_edge(EVENT_ROTATE);
}

static const struct tool_option one_options[] = {
	{"imsi", 0, OPT_STRING, "DIGITS", "Either IMSI of the subscriber", &opt.imsi},
	{"reason", 0, OPT_STRING, "TEXT", "Why, for the log", &opt.reason},
	OPT_END,
};

static const struct tool_option bind_options[] = {
	{"imsi", 0, OPT_STRING, "DIGITS", "Either IMSI of the subscriber", &opt.imsi},
	{"eid", 0, OPT_STRING, "DIGITS", "EID of the eUICC that the profile is on", &opt.eid},
	{"reason", 0, OPT_STRING, "TEXT", "Why, for the log", &opt.reason},
	OPT_END,
};

static const struct tool_option resume_options[] = {
	{"imsi", 0, OPT_STRING, "DIGITS", "Either IMSI of the subscriber", &opt.imsi},
	{"reason", 0, OPT_STRING, "TEXT", "Why, for the log", &opt.reason},
	{"opened", 0, OPT_UINT, "KEYID",
	 "The card has opened this key, the last one granted, and its result was lost",
	 &opt.opened},
	OPT_END,
};

const struct tool_command cmd_subscribers[] = {
	{"subscriber list", "", 0, 0, "List the subscribers", NULL, NULL, run_list},
	{"subscriber show", "", 0, 0, "Show one subscriber", NULL, one_options, run_show},
	{"subscriber bind", "", 0, 0, "Say which eUICC the subscriber's profile is on",
	 "The second key goes to this eUICC alone. Where the operator's own manager installed the\n"
	 "profile, it knows; where somebody else's did, this command is needed. To another eUICC\n"
	 "than before, the subscriber begins anew: both factors are asked again.",
	 bind_options, run_bind},
	{"subscriber suspend", "", 0, 0, "Take a subscriber out of service", NULL, one_options,
	 run_suspend},
	{"subscriber resume", "", 0, 0, "Bring a subscriber back: both factors are asked anew",
	 "A card that has opened its second subscription shows itself with that one, for limited\n"
	 "access, and gets a new second key; any other begins anew with the first.",
	 resume_options, run_resume},
	{"subscriber rotate", "", 0, 0, "Begin the release of a new second key",
	 "Makes new keys for the second subscription. The old ones serve until 'twinkey run' (or\n"
	 "'twinkey auth' and 'twinkey release') has brought the new ones to the card; both "
	 "factors\n"
	 "are asked anew for that.",
	 one_options, run_rotate},
};
const size_t cmd_subscribers_count = ARRAY_LEN(cmd_subscribers);

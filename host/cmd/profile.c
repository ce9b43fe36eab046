/* profile list|enable|disable|delete|nickname */
#include <stdlib.h>
#include <string.h>

#include "host/cmd/commands.h"
#include "host/cmd/shared/lpa.h"
#include "host/cmd/shared/say.h"
#include "host/terminal/lpa/lpa.h"
#include "host/terminal/uicc.h"
#include "lib/base/utf8.h"
#include "lib/profile/build.h"
#include "lib/rsp/es10c.h"
#include "lib/rsp/rsp.h"
#include "tool/cli/json.h"
#include "tool/cli/program.h"
#include "tool/cli/text.h"

#define AID_LEN 16 /* of an ISD-P: SGP.02 2.2.3 */

static const char *const classes[] = {[ES10C_TEST] = "test",
				      [ES10C_PROVISIONING] = "provisioning",
				      [ES10C_OPERATIONAL] = "operational"};

static void show_profile(const struct es10c_profile_info *p, json_t *list)
{
	char iccid[CMD_ICCID_TEXT], provider[TEXT_LINE_MAX], name[TEXT_LINE_MAX],
		nickname[TEXT_LINE_MAX];
	const char *state = p->has_state && p->state == ES10C_ENABLED ? "enabled" : "disabled";
	const char *class = p->has_class && p->profile_class < ARRAY_LEN(classes)
				    ? classes[p->profile_class]
				    : NULL;
	char *aid = p->isdp_aid.len ? cmd_hex(p->isdp_aid) : NULL;

	cmd_iccid_text(p->iccid, iccid);
	tool_say("%-20s  %-8s  %s  %s  %s",
		 *iccid ? iccid
		 : aid	? aid
			: "",
		 state, text_line(p->service_provider, provider), text_line(p->profile_name, name),
		 text_line(p->nickname, nickname));
	json_array_append_new(list, json_pack("{s:s, s:s*, s:s, s:s*, s:o*, s:o*, s:o*}", "iccid",
					      iccid, "aid", aid, "state", state, "class", class,
					      "provider", json_text(p->service_provider), "name",
					      json_text(p->profile_name), "nickname",
					      json_text(p->nickname)));
	free(aid);
}

static int run_list(int argc, char **argv)
{
	struct wbuf der = wbuf_grow(UICC_RESPONSE_MAX);
	struct es10c_profile_info info;
	struct slice items = SLICE_EMPTY;
	json_t *list = json_array();
	struct uicc *u;
	struct lpa *l = NULL;
	struct cursor c;
	enum err e;
	int code = cmd_lpa_open(&u, &l);

	(void)argc, (void)argv;
	if (code)
		goto out;
	e = lpa_profiles(l, &der, &items);
	c = cursor_of(items);
	if (!e && items.len)
		tool_say_heads("%-20s  %-8s  %s  %s  %s", "ICCID", "STATE", "PROVIDER", "NAME",
			       "NICKNAME");
	while (!e && es10c_next_profile(&c, &info))
		show_profile(&info, list);
	if (!e)
		e = c.err;
	code = e ? cmd_fail(lpa_failure(l, e, "profile list")) : TOOL_OK;
	if (!e && json_array_size(list) == 0)
		tool_say("The eUICC has no profile.");
	if (!e && tool_json())
		tool_print_json(json_pack("{s:O}", "profiles", list));
	code = cmd_lpa_close(&u, &l, code);
out:
	json_decref(list);
	wbuf_free(&der);
	return code;
}

/* A profile as a person names it. */
struct name {
	const char *text;
	bool has_iccid, has_aid, raw; /* raw: the octets of the ICCID may stand there in hex */
	uint8_t iccid[RSP_ICCID_LEN], swapped[RSP_ICCID_LEN], aid[AID_LEN];
};

static int take_name(const char *text, struct name *n)
{
	*n = (struct name){.text = text};
	n->has_aid = hex_decode_exact(text, n->aid, sizeof(n->aid)) == ERR_OK;
	n->has_iccid = profile_iccid_read(text, n->iccid) == ERR_OK;
	n->raw = strlen(text) == 2 * (size_t)RSP_ICCID_LEN;
	profile_iccid_swap(n->iccid, n->swapped);
	return n->has_aid || n->has_iccid ? TOOL_OK
					  : tool_usage("'%s' is neither an ICCID (at most 20 "
						       "digits or letters a to f) nor "
						       "the AID of an ISD-P (32)",
						       text);
}

static bool fits_name(const struct name *n, const struct es10c_profile_info *p)
{
	return n->has_aid ? slice_equal(p->isdp_aid, SLICE_OF(n->aid))
			  : slice_equal(p->iccid, SLICE_OF(n->iccid)) ||
				    (n->raw && slice_equal(p->iccid, SLICE_OF(n->swapped)));
}

/* The one that is meant, or why there is no such. */
static int find_by_name(struct lpa *l, struct name *n)
{
	struct wbuf der = wbuf_grow(UICC_RESPONSE_MAX);
	struct es10c_profile_info info, it = {0};
	struct slice items = SLICE_EMPTY;
	unsigned count = 0;
	struct cursor c;
	int code = TOOL_OK;
	enum err e = lpa_profiles(l, &der, &items);

	c = cursor_of(items);
	while (!e && es10c_next_profile(&c, &info)) {
		if (fits_name(n, &info)) {
			it = info;
			count++;
		}
	}
	if (!e)
		e = c.err;
	if (e == ERR_REFUSED || e == ERR_CARD)
		goto out; /* it lists none: what was given is sent as it stands */
	if (e)
		code = cmd_fail(lpa_failure(l, e, "the list of profiles"));
	else if (!count)
		code = tool_fail_said(ERR_NOT_FOUND,
				      "%s: the eUICC has no such profile: see twinkey profile list",
				      n->text);
	else if (count > 1)
		code = tool_fail_said(ERR_DUPLICATE,
				      "%s: %u profiles are named so: give the AID of the ISD-P "
				      "(twinkey profile list --json)",
				      n->text, count);
	else if (!n->has_aid)
		code = slice_copy(it.iccid, n->iccid, sizeof(n->iccid)) ? TOOL_FAILED : TOOL_OK;
	else if (it.iccid.len == RSP_ICCID_LEN) /* for the nickname, which ES10 gives by ICCID */
		n->has_iccid = !slice_copy(it.iccid, n->iccid, sizeof(n->iccid));
out:
	wbuf_free(&der);
	return code;
}

static enum err do_change(struct lpa *l, const struct name *n, uint32_t tag, const char *nickname)
{
	if (nickname)
		return lpa_set_nickname(l, SLICE_OF(n->iccid), nickname);
	return n->has_aid ? lpa_profile_command_aid(l, tag, SLICE_OF(n->aid))
			  : lpa_profile_command(l, tag, SLICE_OF(n->iccid));
}

static int run_change(const char *text, uint32_t tag, const char *nickname, const char *done)
{
	char iccid[PROFILE_ICCID_TEXT] = "";
	struct name n;
	struct uicc *u;
	struct lpa *l = NULL;
	enum err e;
	int code = take_name(text, &n);

	if (!code)
		code = cmd_lpa_open(&u, &l);
	if (code)
		return code;
	code = find_by_name(l, &n);
	if (!code && nickname && !n.has_iccid)
		code = tool_fail_said(ERR_UNSUPPORTED, "%s: a profile without ICCID takes no name",
				      text);
	if (code)
		return cmd_lpa_close(&u, &l, code);
	e = do_change(l, &n, tag, nickname);
	if (e) {
		code = cmd_fail(lpa_failure(l, e, text));
	} else {
		tool_say("%s %s.", text, done);
		if (!nickname && uicc_refresh(u) == UICC_RESET_MISSED)
			tool_say("The reader did not reset the card: take it out and put it back "
				 "in.");
		if (!nickname)
			cmd_lpa_report(l);
		if (n.has_iccid)
			profile_iccid_text(n.iccid, iccid);
		if (tool_json())
			tool_print_json(json_pack("{s:s, s:s}", "iccid", iccid, "result", done));
	}
	return cmd_lpa_close(&u, &l, code);
}

static int run_enable(int argc, char **argv)
{
	(void)argc;
	return run_change(argv[0], SGP22_TAG_ENABLE_PROFILE, NULL, "enabled");
}

static int run_disable(int argc, char **argv)
{
	(void)argc;
	return run_change(argv[0], SGP22_TAG_DISABLE_PROFILE, NULL, "disabled");
}

static int run_delete(int argc, char **argv)
{
	(void)argc;
	return run_change(argv[0], SGP22_TAG_DELETE_PROFILE, NULL, "deleted");
}

static int run_nickname(int argc, char **argv)
{
	size_t n;

	(void)argc;
	if (utf8_count(slice_str(argv[1]), &n) || n > ES10C_NICKNAME_MAX)
		return tool_usage("a nickname has at most %d characters of UTF-8",
				  ES10C_NICKNAME_MAX);
	return run_change(argv[0], 0, argv[1], "named");
}

const struct tool_command cmd_profile[] = {
	{"profile list", "", 0, 0, "List the profiles of the eUICC", NULL, NULL, run_list},
	{"profile enable", "ICCID|AID", 1, 1, "Enable a profile", NULL, NULL, run_enable},
	{"profile disable", "ICCID|AID", 1, 1, "Disable a profile", NULL, NULL, run_disable},
	{"profile delete", "ICCID|AID", 1, 1, "Delete a disabled profile", NULL, NULL, run_delete},
	{"profile nickname", "ICCID|AID NAME", 2, 2, "Name a profile", NULL, NULL, run_nickname},
};
const size_t cmd_profile_count = ARRAY_LEN(cmd_profile);

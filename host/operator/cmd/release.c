/* release: answers a card's challenge with a grant, away from the network */
#include "host/operator/release/release.h"

#include "host/operator/cmd/commands.h"
#include "host/operator/cmd/shared/folder.h"
#include "host/operator/cmd/shared/time.h"
#include "host/operator/smdp/store/store.h"
#include "host/operator/store/store.h"
#include "lib/release/kra.h"
#include "tool/cli/json.h"
#include "tool/cli/program.h"
#include "tool/sys/file.h"

static struct {
	const char *out;
	unsigned first_factor_s;
} opt;

static int explain(enum err e, const char *file)
{
	switch (e) {
	case ERR_FACTOR:
		return tool_fail_said(
			e, "no grant: the first factor must be fresh (RES 1, in a rotation "
			   "RES 2; an answer in the GSM context is none, see 'policy') and "
			   "the second approved");
	case ERR_WRONG_STATE:
		return tool_fail_said(
			e, "no grant: the subscriber is neither VERIFIED nor in a rotation: both "
			   "factors come first (twinkey auth, factor approve)");
	case ERR_REFUSED:
		return tool_fail_said(
			e,
			"no grant: '%s' is the card's refusal, or from another card or for "
			"another key than the subscriber's",
			file);
	case ERR_UNBOUND:
		return tool_fail_said(
			e, "no grant: nobody has said which eUICC has this profile: the eUICC's "
			   "notification to the manager, or 'subscriber bind'");
	case ERR_NOT_FOUND:
		return tool_fail_said(e, "no grant: no subscriber has the ICCID of the challenge: "
					 "see twinkey-operator subscriber list");
	default: return tool_fail(e, "no grant for the challenge in '%s'", file);
	}
}

static int issue(struct release_authority *r, struct slice challenge, const char *file,
		 struct wbuf *grant)
{
	struct smdp_store *manager = NULL;
	struct operator_store *s = NULL;
	int code = cmd_store_open(&s);
	enum err e = ERR_OK;

	if (!code)
		code = cmd_manager_open(&manager);
	if (opt.first_factor_s)
		release_first_factor_valid(r, opt.first_factor_s);
	release_authority_manager(r, manager);
	if (!code)
		e = release_grant_issue(r, s, challenge, cmd_now(), grant);
	release_authority_manager(r, NULL);
	smdp_store_close(&manager);
	operator_store_close(&s);
	return code ? code : e ? explain(e, file) : TOOL_OK;
}

static int run_release(int argc, char **argv)
{
	const char *file = argc ? argv[0] : "-";
	struct wbuf challenge = wbuf_grow(KRA_MESSAGE_MAX);
	struct wbuf grant = wbuf_grow(KRA_MESSAGE_MAX);
	struct release_authority *r = NULL;
	enum err e;
	int code;

	if (!opt.out)
		return tool_usage("--out FILE is missing: where the grant goes");
	code = tool_may_write(opt.out, true);
	if (code)
		goto out;
	e = file_read(file, tool_cancel(), &challenge);
	if (e) {
		code = tool_fail(e, "cannot read the challenge '%s'", file);
		goto out;
	}
	e = release_authority_open(cmd_dir, &r);
	if (e) {
		code = tool_fail(e, "cannot load release key and CI certificates of '%s'", cmd_dir);
		goto out;
	}
	code = issue(r, wbuf_slice(&challenge), file, &grant);
	if (code)
		goto out;
	e = file_write(opt.out, wbuf_slice(&grant), 0600, tool_cancel());
	if (e)
		code = tool_fail(e, "cannot write the grant to '%s'", opt.out);
	else if (tool_json())
		tool_print_json(json_pack("{s:o}", "grant", json_text(slice_str(opt.out))));
	else
		tool_say("The grant is in '%s': it serves this card's open challenge, once.",
			 opt.out);
out:
	release_authority_close(&r);
	wbuf_free(&challenge);
	wbuf_free(&grant);
	return code;
}

static const struct tool_option options[] = {
	{"out", 0, OPT_STRING, "FILE", "Write the grant (DER) to this file", &opt.out},
	{"first-factor", 0, OPT_UINT, "SECONDS", "How long a matched RES 1 counts (default: 600)",
	 &opt.first_factor_s},
	OPT_END,
};

const struct tool_command cmd_release[] = {
	{"release", "[CHALLENGE]", 0, 1, "Answer a card's challenge with a grant",
	 "CHALLENGE is a file with the card's BF71 (DER), or standard input. The subscriber must\n"
	 "have passed the first factor lately, and the second.",
	 options, run_release},
};
const size_t cmd_release_count = ARRAY_LEN(cmd_release);

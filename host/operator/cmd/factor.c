/* factor enroll|lock|unlock|want|approve */
#include "host/operator/factor/factor.h"
#include "host/operator/factor/passkey.h"
#include "host/operator/factor/provider.h"
#include "host/operator/factor/sent.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "host/operator/cmd/commands.h"
#include "host/operator/policy/decide.h"
#include "host/operator/cmd/shared/folder.h"
#include "host/operator/cmd/shared/time.h"
#include "host/operator/store/store.h"
#include "tool/cli/json.h"
#include "tool/cli/program.h"
#include "tool/sys/file.h"
#include "tool/sys/wait.h"

static struct {
	const char *imsi, *out, *agent, *evidence, *address, *reason, *document, *reference,
		*provider, *factors;
	bool code_stdin, show, no_passkeys, four_eyes, as_operator;
} opt;

/* The former generator is given up when the new one's secret is where it was wanted. */
static int enroll(struct operator_store *s, const struct subscriber *sub)
{
	struct secret *seed = NULL;
	char uri[FACTOR_URI_MAX] = "";
	enum err e = factor_new_totp(sub, &seed, uri);
	int code = e ? tool_fail(e, "cannot make a second factor for %s", opt.imsi) : TOOL_OK;

	if (!code && opt.out)
		e = file_write(opt.out, slice_str(uri), 0600, tool_cancel());
	if (!code && e)
		code = tool_fail(e, "%s", opt.out);
	if (!code)
		e = factor_put_totp(s, sub->id, seed);
	if (!code && e)
		code = tool_fail(e,
				 opt.out ? "cannot enroll a second factor for %s: the secret in "
					   "'%s' counts for nothing"
					 : "cannot enroll a second factor for %s",
				 opt.imsi, opt.out);
	if (!code && opt.show)
		puts(uri);
	secret_wipe(uri, sizeof(uri));
	secret_free(&seed);
	return code;
}

static int enroll_address(void)
{
	struct operator_store *s = NULL;
	struct subscriber sub;
	enum err e = ERR_OK;
	int code = opt.out || opt.show ? tool_usage("--address goes without --out and --show")
				       : cmd_store_open(&s);

	if (!code)
		code = cmd_subscriber(s, opt.imsi, &sub, NULL);
	if (!code)
		e = sent_enroll(s, sub.id, opt.address, cmd_now());
	operator_store_close(&s);
	if (code)
		return code;
	if (e == ERR_VALUE)
		return tool_usage("--address wants up to %d visible characters of ASCII, or none",
				  BOOK_ADDRESS_MAX);
	if (e)
		return tool_fail(e, "cannot enroll an address for %s", opt.imsi);
	if (tool_json())
		tool_print_json(
			json_pack("{s:s, s:b}", "imsi", opt.imsi, "address", *opt.address != 0));
	else
		tool_say(*opt.address ? "Codes are sent to this address now."
				      : "Codes are sent to nobody any more.");
	return TOOL_OK;
}

/* What is changed for one subscriber by a function of the store, and said. */
static int change_one(enum err (*change)(struct operator_store *s, int64_t id), const char *name,
		      const char *said)
{
	struct operator_store *s = NULL;
	struct subscriber sub;
	int code = cmd_store_open(&s);
	enum err e = ERR_OK;

	if (!code)
		code = cmd_subscriber(s, opt.imsi, &sub, NULL);
	if (!code)
		e = change(s, sub.id);
	operator_store_close(&s);
	if (code)
		return code;
	if (e == ERR_VALUE)
		return tool_usage("--provider wants up to %d letters, digits, '-', '_' and '.'",
				  BOOK_WORD_MAX);
	if (e)
		return tool_fail(e, "the %s of %s", name, opt.imsi);
	if (tool_json())
		tool_print_json(json_pack("{s:s, s:s}", "imsi", opt.imsi, "changed", name));
	else
		tool_say("%s", said);
	return TOOL_OK;
}

static enum err forget_passkeys(struct operator_store *s, int64_t id)
{
	return passkey_forget(s, id, cmd_now());
}

static enum err name_provider(struct operator_store *s, int64_t id)
{
	return provider_enroll(s, id, opt.provider, cmd_now());
}

static int run_enroll(int argc, char **argv)
{
	struct operator_store *s = NULL;
	struct subscriber sub;
	int code;

	(void)argc, (void)argv;
	if (opt.address)
		return enroll_address();
	if (opt.no_passkeys)
		return change_one(forget_passkeys, "passkeys", "The passkeys are taken away.");
	if (opt.provider)
		return change_one(name_provider, "provider", "Whose module it is, is noted.");
	if (!opt.out && !opt.show)
		return tool_usage("say where the user's secret goes: --out FILE or --show");
	code = tool_may_write(opt.out, false);
	if (!code)
		code = cmd_store_open(&s);
	if (!code)
		code = cmd_subscriber(s, opt.imsi, &sub, NULL);
	if (!code)
		code = enroll(s, &sub);
	operator_store_close(&s);
	if (code)
		return code;
	if (opt.out && tool_json())
		tool_print_json(json_pack("{s:s, s:o}", "imsi", opt.imsi, "file",
					  json_text(slice_str(opt.out))));
	else if (opt.out)
		tool_say("The user's secret is in '%s'%s: hand it over and delete it.", opt.out,
			 tool_mode_of(opt.out));
	return TOOL_OK;
}

static int print_approval(const struct subscriber *after)
{
	if (!subscriber_approved(after, cmd_now())) {
		if (tool_json())
			tool_print_json(json_pack("{s:s, s:b}", "state", state_name(after->state),
						  "approved", 0));
		else
			tool_say("This factor is noted; the policy wants more than it: %s.",
				 state_name(after->state));
		return TOOL_OK;
	}
	if (tool_json())
		tool_print_json(json_pack("{s:s, s:b, s:I}", "state", state_name(after->state),
					  "approved", 1, "expires",
					  (json_int_t)after->second_factor_until));
	else
		tool_say("Second factor approved: %s, valid for %d minutes.",
			 state_name(after->state), FACTOR_VALID_S / 60);
	return TOOL_OK;
}

/* The code comes by standard input: arguments can be seen by others. ERR_VALUE: it is none. */
static enum err read_code(char *code, size_t cap)
{
	struct wait w = wait_begin(tool_cancel(), "the code on standard input");
	size_t n = 0;
	char c = 0;
	enum err e;

	do {
		e = wait_fd(&w, STDIN_FILENO, POLLIN, -1, 0);
		if (e || read(STDIN_FILENO, &c, 1) != 1 || c == '\n')
			break;
		code[n++] = c;
	} while (n < cap - 1);
	n = strspn(code, "0123456789");
	code[n] = 0;
	return e ? e : n == FACTOR_DIGITS ? ERR_OK : ERR_VALUE;
}

static int run_approve(int argc, char **argv)
{
	struct operator_store *s = NULL;
	struct subscriber sub, after;
	char otp[32] = "", seen[FACTOR_EVIDENCE_MAX] = "";
	unsigned left = 0;
	enum err e = ERR_OK;
	int code;

	(void)argc, (void)argv;
	if (opt.code_stdin == (opt.agent != NULL))
		return tool_usage("give either --code-stdin or --agent NAME --evidence TEXT");
	if (opt.agent && !opt.evidence == !opt.document)
		return tool_usage(
			"--agent wants --evidence: what the agent has seen, or --document");
	if (opt.document && factor_document(opt.document, opt.reference ? opt.reference : "", seen))
		return tool_usage("--document wants passport, identity-card, residence-permit or "
				  "driving-licence, and --reference up to %d characters",
				  FACTOR_REFERENCE_MAX);
	e = opt.code_stdin ? read_code(otp, sizeof(otp)) : ERR_OK;
	if (e == ERR_VALUE)
		return tool_usage("a code of %d digits is expected on standard input",
				  FACTOR_DIGITS);
	if (e)
		return tool_fail(e, "standard input");
	code = cmd_store_open(&s);
	if (!code)
		code = cmd_subscriber(s, opt.imsi, &sub, NULL);
	if (!code && opt.agent)
		e = factor_approve_agent(s, &sub,
					 &(struct factor_word){opt.agent,
							       opt.document ? seen : opt.evidence,
							       cmd_now(), opt.document != NULL},
					 &after);
	else if (!code)
		e = factor_approve_totp(s, &sub, &(struct factor_code){otp, cmd_now()}, &after,
					&left);
	operator_store_close(&s);
	secret_wipe(otp, sizeof(otp));
	if (code)
		return code;
	if (e == ERR_FACTOR)
		return tool_fail_said(e, "wrong code, %u tries left", left);
	if (e == ERR_REFUSED && !opt.agent)
		return tool_fail_said(e,
				      "the code generator of %s is locked, after %d wrong codes or "
				      "by 'factor lock': see 'factor unlock', enroll a new one, or "
				      "let an agent approve",
				      opt.imsi, FACTOR_TRIES_MAX);
	if (e == ERR_UNSUPPORTED)
		return tool_fail_said(
			e, "the policy does not want this factor (see twinkey-operator policy)");
	if (e == ERR_WRONG_STATE)
		return tool_fail_said(
			e, "subscriber %s is %s: the first factor comes first (twinkey auth)",
			opt.imsi, state_name(sub.state));
	return e ? tool_fail(e, "the second factor of %s was not approved", opt.imsi)
		 : print_approval(&after);
}

static const struct tool_option enroll_options[] = {
	{"imsi", 0, OPT_STRING, "DIGITS", "Either IMSI of the subscriber", &opt.imsi},
	{"out", 0, OPT_STRING, "FILE", "Write the otpauth:// address to this new file (0600)",
	 &opt.out},
	{"show", 0, OPT_FLAG, NULL, "Print it on the terminal", &opt.show},
	{"address", 0, OPT_STRING, "TEXT",
	 "Instead: where codes are sent to, a number or a mail address; '': nowhere any more",
	 &opt.address},
	{"provider", 0, OPT_STRING, "NAME",
	 "Instead: whose module it is, who may approve by the portal; '': nobody's any more",
	 &opt.provider},
	{"no-passkeys", 0, OPT_FLAG, NULL, "Instead: take the subscriber's passkeys away",
	 &opt.no_passkeys},
	OPT_END,
};

static const struct tool_option approve_options[] = {
	{"imsi", 0, OPT_STRING, "DIGITS", "Either IMSI of the subscriber", &opt.imsi},
	{"code-stdin", 0, OPT_FLAG, NULL, "Read the user's one-time code from standard input",
	 &opt.code_stdin},
	{"agent", 0, OPT_STRING, "NAME", "An agent approves", &opt.agent},
	{"evidence", 0, OPT_STRING, "TEXT", "What the agent has seen, for the log", &opt.evidence},
	{"document", 0, OPT_STRING, "passport|identity-card|residence-permit|driving-licence",
	 "Instead: the agent has seen this document", &opt.document},
	{"reference", 0, OPT_STRING, "TEXT",
	 "Under which that check is kept elsewhere; not the document's number", &opt.reference},
	OPT_END,
};

static enum err lock_step(void *ctx, const struct subscriber *row, struct book *b,
			  struct subscriber_event *ev)
{
	(void)row;
	b->locked = true;
	*ev = *(const struct subscriber_event *)ctx;
	return ERR_OK;
}

static int lock_or_unlock(bool lock)
{
	struct subscriber_event ev = {.kind = lock ? EVENT_FACTOR_LOCK : EVENT_FACTOR_UNLOCK,
				      .actor = "operator",
				      .evidence = opt.reason ? opt.reason : "",
				      .now = cmd_now()};
	const struct factor_step step = {.now = ev.now, .take = lock_step, .ctx = &ev};
	struct operator_store *s = NULL;
	struct subscriber sub;
	enum err e = ERR_OK;
	int code = cmd_store_open(&s);

	if (!code)
		code = cmd_subscriber(s, opt.imsi, &sub, NULL);
	if (!code)
		e = lock ? factor_step(s, sub.id, &step, NULL) : factor_unlock(s, sub.id, &ev);
	operator_store_close(&s);
	if (code)
		return code;
	if (e)
		return tool_fail(e, "the second factors of %s", opt.imsi);
	if (tool_json())
		tool_print_json(json_pack("{s:s, s:b}", "imsi", opt.imsi, "locked", lock));
	else
		tool_say(lock ? "No second factor of %s is judged until 'factor unlock'."
			      : "Second factors of %s can be tried again.",
			 opt.imsi);
	return TOOL_OK;
}

static int run_lock(int argc, char **argv)
{
	(void)argc, (void)argv;
	return lock_or_unlock(true);
}

static int run_unlock(int argc, char **argv)
{
	(void)argc, (void)argv;
	return lock_or_unlock(false);
}

static int print_wants(const struct factor_wants *w, bool own)
{
	char text[FACTOR_WANTS_CAP];

	factor_wants_text(w, text);
	if (tool_json())
		tool_print_json(json_pack("{s:s, s:s, s:b, s:b}", "imsi", opt.imsi, "factors", text,
					  "fourEyes", w->four_eyes, "own", own));
	else
		tool_say("A release of %s wants %s%s%s.", opt.imsi, text,
			 w->four_eyes ? ", an agent's word by four eyes" : "",
			 own ? "" : ", as the operator's policy says");
	return TOOL_OK;
}

static int run_want(int argc, char **argv)
{
	struct factor_wants w = FACTOR_WANTS_ONE;
	struct operator_store *s = NULL;
	struct subscriber sub = {0};
	struct book book = {0};
	enum err e = ERR_OK;
	int code;

	(void)argc, (void)argv;
	if (opt.as_operator && (opt.factors || opt.four_eyes))
		return tool_usage("--as-operator goes without --factors and --four-eyes");
	if (opt.four_eyes && !opt.factors)
		return tool_usage("--four-eyes goes with --factors");
	if (opt.factors && factor_wants_parse(opt.factors, &w))
		return tool_usage(CMD_WANTS_USAGE);
	w.four_eyes = opt.four_eyes;
	code = cmd_store_open(&s);
	if (!code)
		code = cmd_subscriber(s, opt.imsi, &sub, NULL);
	if (!code && (opt.factors || opt.as_operator))
		e = factor_want(s, sub.id, opt.factors ? &w : NULL, cmd_now());
	if (!code && !e)
		e = factor_wants_of(s, sub.id, &w);
	if (!code && !e)
		e = factor_book(s, sub.id, &book);
	operator_store_close(&s);
	if (code)
		return code;
	return e ? tool_fail(e, "the second factors of %s", opt.imsi)
		 : print_wants(&w, book.has_wants);
}

static const struct tool_option want_options[] = {
	{"imsi", 0, OPT_STRING, "DIGITS", "Either IMSI of the subscriber", &opt.imsi},
	{"factors", 0, OPT_STRING, "WANTED",
	 "Second factors of his release: one-of:KINDS or all-of:KINDS; KINDS: "
	 "totp,sent,agent,identity,provider,passkey",
	 &opt.factors},
	{"four-eyes", 0, OPT_FLAG, NULL,
	 "An agent's word counts when another agent has said the same", &opt.four_eyes},
	{"as-operator", 0, OPT_FLAG, NULL, "Instead: what the operator's policy says, as at first",
	 &opt.as_operator},
	OPT_END,
};

static const struct tool_option lock_options[] = {
	{"imsi", 0, OPT_STRING, "DIGITS", "Either IMSI of the subscriber", &opt.imsi},
	{"reason", 0, OPT_STRING, "TEXT", "Why, for the log", &opt.reason},
	OPT_END,
};

const struct tool_command cmd_factor[] = {
	{"factor enroll", "", 0, 0,
	 "Give a subscriber a code generator (TOTP), or an address for codes", NULL, enroll_options,
	 run_enroll},
	{"factor lock", "", 0, 0, "Let no second factor of a subscriber be tried", NULL,
	 lock_options, run_lock},
	{"factor unlock", "", 0, 0, "Let them be tried again: wrong codes count from the beginning",
	 NULL, lock_options, run_unlock},
	{"factor want", "", 0, 0,
	 "Show what a subscriber's release wants, or let it want other than the policy says",
	 "An approval that stands holds until it ends. Each change is in the log.", want_options,
	 run_want},
	{"factor approve", "", 0, 0, "Approve the second factor: a code, or an agent's word", NULL,
	 approve_options, run_approve},
};
const size_t cmd_factor_count = ARRAY_LEN(cmd_factor);

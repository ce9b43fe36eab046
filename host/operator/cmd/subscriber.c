/* subscriber add|list|show|bind|suspend|resume|rotate */
#include <stdio.h>
#include <string.h>

#include "host/operator/policy/decide.h"
#include "host/operator/cmd/commands.h"
#include "host/operator/cmd/shared/folder.h"
#include "host/operator/cmd/shared/time.h"
#include "host/operator/release/binding.h"
#include "host/operator/release/prepare.h"
#include "host/operator/store/store.h"
#include "host/operator/smdp/store/store.h"
#include "lib/crypto/symmetric.h"
#include "lib/profile/simfile.h"
#include "tool/cli/json.h"
#include "tool/cli/program.h"
#include "tool/cli/text.h"
#include "tool/pki/pki.h"
#include "tool/sys/secret_file.h"

#define KEY_LEN		16
#define S_LEN		32
#define IMSI_DIGITS_MIN 6
#define EVIDENCE_MAX	192

static struct {
	const char *name, *imsi, *imsi1, *imsi2, *iccid, *keys, *reason, *eid, *ind_bits;
	unsigned opened;
} opt = {.name = "", .reason = ""};

static bool is_imsi(const char *text)
{
	size_t n = text ? strspn(text, "0123456789") : 0;

	return n >= IMSI_DIGITS_MIN && n <= IMSI_MAX && !text[n];
}

/* 19 digits end in a check digit; 20 are taken as they are */
static enum err given_iccid(const char *text, uint8_t iccid[static 10])
{
	enum err e = profile_iccid(text, iccid);

	if (!e && strlen(text) == 19 && text[18] != prepare_check_digit(text, 18))
		e = ERR_VALUE;
	return e;
}

static enum err random_keys(struct subscriber_keys *keys)
{
	*keys = (struct subscriber_keys){.s = random_secret(S_LEN)};
	for (int i = 0; i < 2; i++) {
		keys->k[i] = random_secret(KEY_LEN);
		keys->opc[i] = random_secret(KEY_LEN);
		if (!keys->k[i] || !keys->opc[i])
			return ERR_MEMORY;
	}
	return keys->s ? ERR_OK : ERR_MEMORY;
}

/* The key that a rotation is to release; 0: none. */
static uint32_t next_key(const struct subscriber *sub)
{
	return state_is_rotation(sub->state) ? subscriber_release_key_id(sub) : 0;
}

static const char *state_of(const struct subscriber *sub)
{
	return sub->broken ? "BROKEN" : state_name(sub->state);
}

static const char *bound_by(const struct subscriber *sub)
{
	static const char *const names[] = {[BOUND_BY_NOBODY] = "",
					    [BOUND_BY_GRANT] = "grant",
					    [BOUND_BY_OPERATOR] = "operator"};

	return sub->bound_by <= BOUND_BY_OPERATOR ? names[sub->bound_by] : "";
}

static json_t *to_json(const struct subscriber *sub)
{
	char iccid[21], eid[33] = "";

	profile_iccid_text(sub->iccid, iccid);
	if (sub->has_eid)
		hex_encode(SLICE_OF(sub->eid), eid, sizeof(eid));
	return json_pack("{s:I, s:o, s:s, s:s, s:s, s:s, s:s, s:I, s:I, s:s, s:I, s:I, s:I}", "id",
			 (json_int_t)sub->id, "name", json_text(slice_str(sub->name)), "iccid",
			 iccid, "imsi1", sub->imsi[0], "imsi2", sub->imsi[1], "eid", eid, "boundBy",
			 bound_by(sub), "keyId", (json_int_t)sub->key_id, "nextKeyId",
			 (json_int_t)next_key(sub), "state", state_of(sub), "firstFactorAt",
			 (json_int_t)sub->first_factor_at, "secondFactorFrom",
			 (json_int_t)sub->second_factor_from, "secondFactorUntil",
			 (json_int_t)sub->second_factor_until);
}

static void say_subscriber(const struct subscriber *sub)
{
	char iccid[21], eid[33] = "(none yet)", name[TEXT_LINE_MAX];

	profile_iccid_text(sub->iccid, iccid);
	if (sub->has_eid)
		hex_encode(SLICE_OF(sub->eid), eid, sizeof(eid));
	tool_say("Subscriber %lld%s%s", (long long)sub->id, *sub->name ? "  " : "",
		 text_line(slice_str(sub->name), name));
	tool_say("  state      %s", state_name(sub->state));
	tool_say("  ICCID      %s", iccid);
	tool_say("  IMSI 1     %s  (limited access)", sub->imsi[0]);
	tool_say("  IMSI 2     %s  (full access, sealed under key %u)", sub->imsi[1], sub->key_id);
	if (next_key(sub))
		tool_say("  next       key %u, to be released%s", next_key(sub),
			 sub->state == STATE_RECALLED ? "; limited access until then" : "");
	tool_say("  EID        %s%s", eid,
		 sub->bound_by == BOUND_BY_OPERATOR ? "  (named by the operator)" : "");
}

static int print(const struct subscriber *sub)
{
	if (tool_json())
		tool_print_json(to_json(sub));
	else
		say_subscriber(sub);
	return TOOL_OK;
}

/* The first subscription out of a file, in place of random keys. */
static int keys_from_file(struct subscriber *sub, struct subscriber_keys *keys)
{
	struct wbuf text = wbuf_grow(SIMFILE_MAX);
	struct simfile_error why = {0};
	char said[SIMFILE_SENTENCE];
	struct simfile *f = NULL;
	enum err e = secret_file_read(opt.keys, tool_cancel(), &text);

	if (e) {
		wbuf_free(&text);
		return tool_fail(e, "%s", opt.keys);
	}
	e = simfile_parse(wbuf_slice(&text), &f, &why);
	wbuf_free(&text);
	if (e) {
		simfile_error_text(&why, said);
		return tool_fail_said(e, "%s%s%s", opt.keys, why.line ? ", " : ": ", said);
	}
	secret_free(&keys->k[0]);
	keys->k[0] = secret_copy(f->spec.k);
	if (f->spec.opc.len) { /* the test algorithm has none, and no use for the random one */
		secret_free(&keys->opc[0]);
		keys->opc[0] = secret_copy(f->spec.opc);
	}
	sub->algorithm[0] = f->spec.algorithm;
	keys->shape[0] = f->spec.shape;
	keys->sqn[0] = f->sqn;
	snprintf(sub->imsi[0], sizeof(sub->imsi[0]), "%s", f->spec.imsi);
	e = profile_iccid(f->spec.iccid, sub->iccid);
	if (!e && (!keys->k[0] || !keys->opc[0]))
		e = ERR_MEMORY;
	simfile_free(&f);
	return e ? tool_fail(e, "%s", opt.keys) : TOOL_OK;
}

static int check_add(struct subscriber *sub)
{
	if (opt.keys && (opt.imsi1 || opt.iccid))
		return tool_usage("--keys names the IMSI 1 and the ICCID itself");
	if ((!opt.keys && !is_imsi(opt.imsi1)) || !is_imsi(opt.imsi2))
		return tool_usage("--imsi1 and --imsi2 want 6 to 15 digits each");
	if (slice_text(slice_str(opt.name), sub->name, sizeof(sub->name)))
		return tool_usage("--name is longer than 64 octets");
	if (opt.ind_bits && (opt.ind_bits[0] < '0' || opt.ind_bits[0] > '8' || opt.ind_bits[1]))
		return tool_usage("--ind-bits is from 0 to 8, not '%s'", opt.ind_bits);
	if (opt.iccid ? given_iccid(opt.iccid, sub->iccid) : prepare_random_iccid(sub->iccid))
		return tool_usage("--iccid wants 19 or 20 digits; the last of 19 is a check digit");
	snprintf(sub->imsi[0], sizeof(sub->imsi[0]), "%s", opt.imsi1 ? opt.imsi1 : "");
	snprintf(sub->imsi[1], sizeof(sub->imsi[1]), "%s", opt.imsi2);
	return TOOL_OK;
}

static int add(struct subscriber *sub, const struct subscriber_keys *keys)
{
	struct operator_store *s = NULL;
	enum err e;
	int code;

	if (strcmp(sub->imsi[0], sub->imsi[1]) == 0)
		return tool_usage("the two subscriptions need two IMSIs");
	code = cmd_store_open(&s);
	if (code)
		return code;
	e = subscriber_add(s, sub, keys);
	operator_store_close(&s);
	if (e == ERR_EXISTS)
		return tool_fail_said(e, "an IMSI or the ICCID belongs to another subscriber");
	return e ? tool_fail(e, "cannot add the subscriber with IMSI %s", sub->imsi[0])
		 : print(sub);
}

static int run_add(int argc, char **argv)
{
	struct subscriber sub = {.algorithm = {AKA_MILENAGE, AKA_MILENAGE}, .key_id = 1};
	struct subscriber_keys keys = {0};
	int code = check_add(&sub);
	enum err e = code ? ERR_OK : random_keys(&keys);

	(void)argc, (void)argv;
	if (e)
		code = tool_fail(e, "cannot make keys");
	if (!code && opt.keys)
		code = keys_from_file(&sub, &keys);
	for (int i = 0; !code && i < 2 && opt.ind_bits; i++) {
		keys.shape[i].has_ind_bits = true;
		keys.shape[i].ind_bits = (unsigned)(opt.ind_bits[0] - '0');
	}
	if (!code)
		code = add(&sub, &keys);
	subscriber_keys_free(&keys);
	return code;
}

static bool list_subscriber(void *ctx, const struct subscriber *sub)
{
	char name[TEXT_LINE_MAX];

	if (json_array_size(ctx) == 0)
		tool_say_heads("%-4s %-15s %-15s %-11s %s", "ID", "IMSI 1", "IMSI 2", "STATE",
			       "NAME");
	json_array_append_new(ctx, to_json(sub));
	tool_say("%-4lld %-15s %-15s %-11s %s", (long long)sub->id, sub->imsi[0], sub->imsi[1],
		 state_of(sub), text_line(slice_str(sub->name), name));
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
	return code ? code : print(&sub);
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
	return e ? tool_fail(e, "subscriber %s", opt.imsi) : print(&sub);
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
	return code ? code : print(&sub);
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

static const struct tool_option add_options[] = {
	{"imsi1", 0, OPT_STRING, "DIGITS", "IMSI of the first subscription", &opt.imsi1},
	{"imsi2", 0, OPT_STRING, "DIGITS", "IMSI of the second, sealed subscription", &opt.imsi2},
	{"name", 0, OPT_STRING, "TEXT", "Who it is, for the log", &opt.name},
	{"iccid", 0, OPT_STRING, "DIGITS", "ICCID (default: a random one)", &opt.iccid},
	{"keys", 0, OPT_STRING, "FILE",
	 "Take the first subscription (IMSI, ICCID, key, last SQN) from this text file", &opt.keys},
	{"ind-bits", 0, OPT_STRING, "0-8",
	 "How many bits of SQN are IND, in the AuC and on the card (default: 5)", &opt.ind_bits},
	OPT_END,
};

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
	{"subscriber add", "", 0, 0, "Add a subscriber with two subscriptions and fresh keys", NULL,
	 add_options, run_add},
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

/* create: makes a card in a folder. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "card-emu/card.h"
#include "card-emu/cmd/clock.h"
#include "card-emu/cmd/cmd.h"
#include "card-emu/cmd/without.h"
#include "card-emu/make/identity.h"
#include "card-emu/make/make.h"
#include "card-emu/store/keys.h"
#include "card-emu/store/store.h"
#include "lib/crypto/ec.h"
#include "lib/profile/simfile.h"
#include "lib/rsp/cert.h"
#include "lib/rsp/rat.h"
#include "tool/cli/json.h"
#include "tool/pki/pki.h"
#include "tool/sys/file.h"
#include "tool/sys/path.h"
#include "tool/sys/place.h"
#include "tool/sys/secret_file.h"

#define RAT_MAX 4096

static struct {
	const char *dir, *eid, *pki, *profile, *svn, *clock, *without, *anchor;
	struct tool_list euicc_certs, euicc_keys, eum_certs, ci_certs, rules;
	bool if_missing;
} given;

static const struct tool_option options[] = {
	{"dir", 'd', OPT_STRING, "DIR", "The folder to make (needed)", &given.dir},
	{"pki", 0, OPT_STRING, "DIR", "Identity and trust as in SGP.26: CI/ EUM/ eUICC/",
	 &given.pki},
	{"eid", 0, OPT_STRING, "DIGITS",
	 "The EID (default: the certificate's; without one a random EID)", &given.eid},
	{"euicc-cert", 0, OPT_LIST, "FILE", "CERT.EUICC (DER); may be repeated, one for each CI",
	 &given.euicc_certs},
	{"euicc-key", 0, OPT_LIST, "FILE", "Its private key (PEM or DER); may be repeated",
	 &given.euicc_keys},
	{"eum-cert", 0, OPT_LIST, "FILE", "CERT.EUM (DER); may be repeated", &given.eum_certs},
	{"ci-cert", 0, OPT_LIST, "FILE", "A CI's certificate (DER); may be repeated",
	 &given.ci_certs},
	{"profile", 0, OPT_STRING, "FILE", "A SIM in text form, enabled from the start",
	 &given.profile},
	{"sgp22", 0, OPT_STRING, "VERSION",
	 "SGP.22 version to announce: 2.2.2 to 2.5 (default 2.5)", &given.svn},
	{"rat", 0, OPT_LIST, "RULE",
	 "Whose profiles may carry which policy rules, e.g. ppr1+ppr2=00101:consent", &given.rules},
	ANCHOR_OPTION(&given.anchor),
	{"if-missing", 0, OPT_FLAG, NULL, "A card that is there already is left as it is",
	 &given.if_missing},
	WITHOUT_OPTION(&given.without),
	CLOCK_OPTION(&given.clock),
	{NULL, 0, OPT_FLAG, NULL, NULL, NULL},
};

static const struct {
	enum identity_kind kind;
	struct tool_list *files;
} kinds[] = {{IDENTITY_EUICC, &given.euicc_certs},
	     {IDENTITY_KEY, &given.euicc_keys},
	     {IDENTITY_EUM, &given.eum_certs},
	     {IDENTITY_CI, &given.ci_certs}};

static enum err read_files(struct identity_files *f)
{
	enum err e = ERR_OK;

	for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
		for (size_t i = 0; !e && i < kinds[k].files->count; i++)
			e = identity_read_file(f, kinds[k].kind, kinds[k].files->items[i]);
	}
	return e;
}

static void warn_open_key(const char *path)
{
	tool_warn("others can read or change '%s': good for a test key alone", path);
}

static int read_profile(struct simfile **sim)
{
	struct wbuf text = wbuf_grow(SIMFILE_MAX + 1);
	struct simfile_error error;
	char why[SIMFILE_SENTENCE];
	enum err e = secret_file_read(given.profile, tool_cancel(), &text);

	if (e) {
		wbuf_free(&text);
		return tool_fail(e, "%s", given.profile);
	}
	e = simfile_parse(wbuf_slice(&text), sim, &error);
	wbuf_free(&text);
	if (!e)
		return TOOL_OK;
	simfile_error_text(&error, why);
	return tool_fail_said(e, "%s%s%s", given.profile, error.line ? ", " : ": ", why);
}

static int report(const struct card_identity *id, bool own_pki)
{
	char eid[2 * sizeof(id->eid) + 1], pki[PATH_CAP];
	enum err e = hex_encode(SLICE_OF(id->eid), eid, sizeof(eid));

	if (!e)
		e = path_join(given.dir, "pki", pki, sizeof(pki));
	if (e)
		return tool_fail(e, "%s", given.dir);
	tool_say("created %s, EID %s%s", given.dir, eid,
		 given.profile ? ", one profile enabled" : "");
	if (own_pki)
		tool_say("its test PKI is in %s (it holds private keys); an operator takes it over "
			 "with\n  twinkey-operator init --import-pki %s",
			 pki, pki);
	if (tool_json())
		tool_print_json(json_pack("{s:o, s:s, s:b, s:b, s:o*}", "dir",
					  json_text(slice_str(given.dir)), "eid", eid, "made", true,
					  "profile", given.profile != NULL, "pki",
					  own_pki ? json_text(slice_str(pki)) : NULL));
	return TOOL_OK;
}

/* What lacks its journal is a card as well, a damaged one. */
static bool is_there(void)
{
	static const char *const names[] = {"journal", "storage.key"};
	struct stat st;
	char path[PATH_CAP];

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (!path_join(given.dir, names[i], path, sizeof(path)) &&
		    (lstat(path, &st) == 0 || errno == EACCES)) /* not ours to see is there too */
			return true;
	}
	return false;
}

static int say_there(struct slice eid)
{
	char text[33];

	if (hex_encode(eid, text, sizeof(text)))
		return tool_fail(ERR_CORRUPT, "%s: its EID", given.dir);
	if (given.eid && strcmp(given.eid, text) != 0)
		return tool_fail_said(ERR_EXISTS,
				      "the card in '%s' has the EID %s, not %s: choose another "
				      "--dir",
				      given.dir, text, given.eid);
	tool_say("there is a card in %s already, EID %s: left as it is", given.dir, text);
	if (tool_json())
		tool_print_json(json_pack("{s:o, s:s, s:b}", "dir", json_text(slice_str(given.dir)),
					  "eid", text, "made", false));
	return TOOL_OK;
}

static int say_runs(void)
{
	tool_say("there is a card in %s already, and it runs: left as it is", given.dir);
	if (tool_json())
		tool_print_json(json_pack("{s:o, s:b}", "dir", json_text(slice_str(given.dir)),
					  "made", false));
	return TOOL_OK;
}

/* --if-missing, and it is not: whether what is there is a card that works. */
static int check_there(void)
{
	struct store_options o = {.dir = given.dir, .anchor = given.anchor};
	struct store *store = NULL;
	struct slice eid;
	enum err e = store_open_with(&o, &store);
	int code;

	if (e == ERR_LOCKED) /* who has it open has found it good */
		return say_runs();
	if (e)
		return cmd_fail_open(e, given.dir);
	cmd_warn_open(given.dir);
	code = store_get(store, STORE_KEY_EID, &eid)
		       ? say_there(eid)
		       : tool_fail(ERR_CORRUPT, "%s: there is no EID in it", given.dir);
	store_close(&store);
	return code;
}

static int fail_there(void)
{
	struct stat st;

	if (is_there())
		return tool_fail_said(ERR_EXISTS,
				      "there is a card in '%s' already: use it, choose another "
				      "--dir, or say --if-missing",
				      given.dir);
	return tool_fail_said(
		ERR_EXISTS, "'%s' is there and is %s: choose another --dir", given.dir,
		stat(given.dir, &st) || !S_ISDIR(st.st_mode) ? "no folder" : "not empty");
}

static int create(struct make_order *order)
{
	struct stat st;
	enum err e;

	if (given.anchor && lstat(given.anchor, &st) == 0)
		return tool_fail_said(ERR_EXISTS,
				      "--anchor %s: something is there already: choose another "
				      "name",
				      given.anchor);
	e = given.anchor ? place_check_folder(given.anchor) : ERR_OK;
	if (e)
		return tool_fail(e, "--anchor %s", given.anchor);
	e = make_in_folder(order);
	if (!e)
		return report(&order->identity, order->from == MAKE_OWN_PKI);
	if (e == ERR_EXISTS) /* of two at once, one was first */
		return given.if_missing && is_there() ? check_there() : fail_there();
	if (e == ERR_KEY || e == ERR_CERT || e == ERR_CERT_UNTRUSTED || e == ERR_CERT_EXPIRED ||
	    e == ERR_SIGNATURE || e == ERR_ENCODING || e == ERR_DUPLICATE)
		return tool_fail(e, "EID, certificates and key do not make an eUICC");
	if (e == ERR_REFUSED)
		return tool_fail_said(e, "a card --without %s does not take %s", given.without,
				      given.profile);
	return tool_fail(e, "%s", given.dir);
}

/* What cannot be right together. */
static int check_options(bool by_files, struct card_identity *id, struct cmd_clock *clock,
			 struct card_options *o)
{
	uint8_t eid[16];

	if (!given.dir)
		return tool_usage("--dir is missing");
	if (by_files && (given.pki || !given.euicc_certs.count || !given.euicc_keys.count ||
			 !given.eum_certs.count || !given.ci_certs.count))
		return tool_usage("give --pki, or all of --euicc-cert, --euicc-key, --eum-cert and "
				  "--ci-cert");
	if (given.ci_certs.count > CARD_CI_MAX)
		return tool_usage("--ci-cert can be given %d times", CARD_CI_MAX);
	if (given.euicc_certs.count > CARD_SIGNERS_MAX)
		return tool_usage("--euicc-cert can be given %d times", CARD_SIGNERS_MAX);
	if (given.eid && pki_parse_eid(given.eid, eid))
		return tool_usage("--eid wants 32 digits");
	if (given.svn && card_svn_parse(given.svn, id->svn))
		return tool_usage("--sgp22 must be from 2.2.2 to 2.5");
	if (cmd_clock_set(given.clock, clock, o))
		return tool_usage("--clock must be a date, or a date and time in UTC");
	return cmd_without_set(given.without, &id->without);
}

static int run_create(int argc, char **argv)
{
	bool by_files = given.euicc_certs.count || given.euicc_keys.count ||
			given.eum_certs.count || given.ci_certs.count;
	struct make_order order = {.options = {.dir = given.dir, .anchor = given.anchor},
				   .from = given.pki || by_files ? MAKE_FROM_FILES : MAKE_OWN_PKI,
				   .eid = given.eid};
	struct cmd_clock clock = {0};
	struct identity_files files = {.cancel = tool_cancel(), .open_to_others = warn_open_key};
	struct wbuf rat = wbuf_grow(RAT_MAX);
	struct simfile *sim = NULL;
	int code = check_options(by_files, &order.identity, &clock, &order.options);
	enum err e = ERR_OK;

	(void)argc, (void)argv;
	for (size_t i = 0; i < given.rules.count && code == TOOL_OK; i++) {
		if (rat_parse_text(given.rules.items[i], &rat))
			code = tool_usage(
				"--rat %s: it must be as in ppr1+ppr2=00101,26201:consent",
				given.rules.items[i]);
	}
	order.identity.rat = wbuf_slice(&rat);
	if (code != TOOL_OK || is_there()) {
		wbuf_free(&rat);
		return code != TOOL_OK ? code : given.if_missing ? check_there() : fail_there();
	}
	if (given.pki)
		e = identity_read_folder(given.pki, &files);
	else if (by_files)
		e = read_files(&files);
	if (e)
		code = tool_fail(e, "%s", files.where);
	if (code == TOOL_OK && given.profile)
		code = read_profile(&sim);
	order.files = &files;
	order.sim = sim;
	if (code == TOOL_OK)
		code = create(&order);
	identity_free(&files);
	wbuf_free(&rat);
	simfile_free(&sim);
	return code;
}

const struct tool_command cmd_create = {
	.name = "create",
	.args = "",
	.summary = "Make a card: an eUICC's identity, and a SIM if wanted",
	.details =
		"Without certificates the card gets a test PKI of its own in DIR/pki, in the form\n"
		"of SGP.26, on both curves, private keys of CI and EUM included. An operator takes "
		"it over by\n"
		"\"twinkey-operator init --import-pki DIR/pki\".\n"
		"A RULE is ppr1, ppr2 or ppr1+ppr2, \"=\", and operators parted by commas: * for "
		"any,\n"
		"or MCC and MNC (* for any digit) with /GID1 and /GID2 behind; \":consent\" at the "
		"end\n"
		"when the user is to be asked.\n" WITHOUT_DETAILS
		"The SIM's text file has lines \"name = value\": imsi, iccid, k, opc (or op),\n"
		"and, if wanted, sqn, ind_bits, pin, puk, adm, name, mnc_length, algorithm\n"
		"(milenage, tuak, xor). With tuak: topc (or top), keccak_iterations. The file "
		"holds\n"
		"a secret key: one that others can read is refused.",
	.options = options,
	.run = run_create,
};

/* init: an operator's folder: keys, certificates, stores */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/operator/cmd/commands.h"
#include "host/operator/cmd/key/key.h"
#include "host/operator/cmd/shared/folder.h"
#include "host/operator/cmd/shared/time.h"
#include "host/operator/db/place.h"
#include "host/operator/pki/release_key.h"
#include "host/operator/pki/store_keys.h"
#include "tool/pki/pki.h"
#include "host/operator/smdp/smdp.h"
#include "host/operator/store/store.h"
#include "host/operator/smdp/store/store.h"
#include "tool/cli/json.h"
#include "tool/cli/program.h"
#include "tool/sys/file.h"
#include "tool/sys/path.h"

static struct {
	const char *curve, *address, *eid, *import, *key, *db;
	bool if_missing;
	struct key_source source; /* of key */
} opt = {.curve = "both", .eid = PKI_EID_TEST};

static const struct curve_row {
	const char *name;
	bool p256, bp256r1;
} curves[] = {{"p256", true, false},
	      {"bp256r1", false, true},
	      {"brainpool", false, true},
	      {"both", true, true}};

static const struct curve_row *find_curve(void)
{
	for (size_t i = 0; i < ARRAY_LEN(curves); i++) {
		if (strcmp(curves[i].name, opt.curve) == 0)
			return &curves[i];
	}
	return NULL;
}

/* RFC 1123: letters, digits, hyphens and dots */
static bool is_address(const char *text)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789-.";
	size_t n = strspn(text, allowed);

	return n && n <= 128 && !text[n] && text[0] != '.' && text[0] != '-';
}

/* What a PKI lacks is made; what has run out as well, and is told. */
static enum err complete(const char *dir, enum ec_curve ec)
{
	static const char *const names[PKI_PARTS] = {
		[PKI_DP_AUTH] = "DPauth", [PKI_DP_PB] = "DPpb", [PKI_DP_TLS] = "DPtls"};
	struct pki_health h = {.ended = {0}};
	enum err e = pki_complete(dir, ec, opt.address, cmd_now(), &h);

	for (int i = 0; !e && i < PKI_PARTS; i++) {
		char at[CMD_TIME_CAP];

		if (h.ended[i])
			tool_warn("the certificate %s (%s) expired on %s%s", names[i],
				  ec == EC_P256 ? "NIST" : "BRP", cmd_time_text(h.ended[i], at),
				  h.renewed[i] ? ": it was issued anew by the CI's key"
					       : ": there is no CI key to issue a new one by");
	}
	return e;
}

static enum err make_pki(const char *dir, const struct curve_row *curve, const uint8_t *eid)
{
	enum err e = ERR_OK;

	if (opt.import) {
		bool open_to_others = false;

		e = curve->p256 && curve->bp256r1
			    ? pki_import(opt.import, dir, tool_cancel(), &open_to_others)
			    : pki_import_curve(opt.import, dir, curve->p256 ? EC_P256 : EC_BP256R1,
					       tool_cancel(), &open_to_others);
		if (open_to_others)
			tool_warn("others can read or change keys in '%s': good for test keys "
				  "alone",
				  opt.import);
		if (!e && curve->p256)
			e = complete(dir, EC_P256);
		return e || !curve->bp256r1 ? e : complete(dir, EC_BP256R1);
	}
	if (curve->p256)
		e = pki_create(dir, EC_P256, eid, opt.address);
	if (!e && curve->bp256r1)
		e = pki_create(dir, EC_BP256R1, eid, opt.address);
	return e;
}

static enum err make_stores(const char *dir)
{
	struct operator_store *s = NULL;
	struct smdp_store *manager = NULL;
	struct smdp *smdp = NULL;
	char path[PATH_CAP], pki[PATH_CAP];
	enum err e = operator_store_create(dir, tool_cancel(), &s);

	operator_store_close(&s);
	if (!e)
		e = path_join(dir, "manager", path, sizeof(path));
	if (!e)
		e = smdp_store_open(path, tool_cancel(), &manager);
	if (!e)
		e = path_join(dir, "pki", pki, sizeof(pki));
	if (!e) /* the certificates must serve their purpose */
		e = smdp_open(manager, dir, opt.address, cmd_now(), &smdp);
	smdp_close(&smdp);
	smdp_store_close(&manager);
	if (!e)
		e = path_join(dir, CMD_ADDRESS_FILE, path, sizeof(path));
	return e ? e : file_write(path, slice_str(opt.address), 0644, tool_cancel());
}

/* Everything is made beside the place and moved there at once: nothing is ever half there. */
static enum err make_folder(const char *dir, const struct curve_row *curve, const uint8_t *eid)
{
	char tmp[PATH_CAP];
	enum err e = file_new_dir(dir, tmp, sizeof(tmp));

	if (e)
		return e;
	if (opt.key) /* they are never in the clear; and a wrong PIN shows at once */
		e = store_keys_make(tmp, &opt.source, tool_cancel());
	if (!e && opt.db)
		e = db_place_tell(tmp, opt.db);
	if (!e)
		e = make_pki(tmp, curve, eid);
	if (!e)
		e = release_key_create(tmp);
	if (!e)
		e = make_stores(tmp);
	if (!e)
		e = file_place_dir(tmp, dir);
	if (e)
		file_remove_tree(tmp);
	return e;
}

static int say_folder(bool made)
{
	if (tool_json())
		tool_print_json(json_pack("{s:o, s:s, s:b, s:o*}", "dir",
					  json_text(slice_str(cmd_dir)), "smdpAddress", opt.address,
					  "made", made, "key",
					  opt.key ? json_text(slice_str(opt.source.text)) : NULL));
	else if (made)
		tool_say("Made an operator in '%s' (SM-DP+ address %s).\n"
			 "Its keys are in %srelease.key and pki/: keep them secret.%s%s",
			 cmd_dir, opt.address, opt.key ? "" : "store.key, ",
			 opt.key ? "\nThe keys of the stores are sealed by the key from " : "",
			 opt.key ? opt.source.text : "");
	else
		tool_say("There is an operator in '%s' already (SM-DP+ address %s): left as it is.",
			 cmd_dir, opt.address);
	return TOOL_OK;
}

/* The keys and certificates that go with the stores. */
static int check_keys(struct smdp_store *manager)
{
	struct smdp *smdp = NULL;
	struct ec_key *key = NULL;
	enum err e = release_key_load(cmd_dir, &key);

	ec_key_free(&key);
	if (e)
		return tool_fail(e, "the release key in '%s' cannot be used", cmd_dir);
	e = smdp_open(manager, cmd_dir, opt.address, cmd_now(), &smdp);
	smdp_close(&smdp);
	return e ? tool_fail(e, "the certificates in '%s/pki' cannot be used", cmd_dir) : TOOL_OK;
}

/* That of --key, where it was given. */
static int check_source(void)
{
	struct store_key_state states[STORE_KEYS];

	store_keys_look(cmd_dir, states);
	for (enum store_key k = 0; opt.key && k < STORE_KEYS; k++) {
		if (!states[k].err &&
		    (!states[k].sealed || strcmp(states[k].source.text, opt.source.text) != 0))
			return tool_fail_said(ERR_EXISTS,
					      "the key of '%s/%s' is %s%s, not sealed by the key "
					      "from %s: see twinkey-operator key seal",
					      cmd_dir, store_key_file(k),
					      states[k].sealed ? "sealed by the key from "
							       : "in the clear",
					      states[k].source.text, opt.source.text);
	}
	return TOOL_OK;
}

/* --if-missing, and it is not: whether what is there is an operator that works. */
static int check_there(void)
{
	const char *wanted = opt.address;
	struct operator_store *s = NULL;
	struct smdp_store *manager = NULL;
	int code = check_source();

	if (!code)
		code = cmd_store_open(&s);

	operator_store_close(&s);
	if (code)
		return code;
	opt.address = NULL;
	if (cmd_address(&opt.address))
		return tool_fail(ERR_CORRUPT,
				 "the address that '%s/" CMD_ADDRESS_FILE "' should hold", cmd_dir);
	if (wanted && strcmp(wanted, opt.address) != 0)
		return tool_fail_said(ERR_EXISTS,
				      "the operator in '%s' has the SM-DP+ address %s, not %s: "
				      "choose another --dir",
				      cmd_dir, opt.address, wanted);
	code = cmd_manager_open(&manager);
	if (!code)
		code = check_keys(manager);
	smdp_store_close(&manager);
	return code ? code : say_folder(false);
}

/* What lacks one of them is an operator as well, a damaged one. */
static bool is_there(void)
{
	static const char *const names[] = {"operator.db", DB_PLACE_FILE, "store.key"};
	char path[PATH_CAP];

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (!path_join(cmd_dir, names[i], path, sizeof(path)) &&
		    (access(path, F_OK) == 0 || errno == EACCES)) /* not ours to see is there too */
			return true;
	}
	return false;
}

static int fail_there(void)
{
	struct stat st;

	if (is_there())
		return tool_fail_said(
			ERR_EXISTS,
			"there is an operator in '%s' already: use it, choose another "
			"--dir, or say --if-missing",
			cmd_dir);
	return tool_fail_said(ERR_EXISTS, "'%s' is there and is %s: choose another --dir", cmd_dir,
			      stat(cmd_dir, &st) || !S_ISDIR(st.st_mode) ? "no folder"
									 : "not empty");
}

/* The folder is not there: the database's answer was it. */
static int fail_database(enum err e)
{
	if (e == ERR_EXISTS || e == ERR_CORRUPT)
		return tool_fail_said(
			ERR_EXISTS, "the database has an operator's tables already: use its "
				    "folder, name another database, or put #NAME behind the "
				    "address, which gives the tables namespaces of their own (what "
				    "a try has left that was killed may be dropped: DROP SCHEMA "
				    "NAME_operator, NAME_manager CASCADE)");
	if (e == ERR_USAGE)
		return tool_usage("--db wants " CMD_DATABASE_FORM);
	return tool_fail(e, "cannot make an operator in the database that --db names");
}

static bool is_of_database(enum err e)
{
	return e == ERR_EXISTS || e == ERR_CORRUPT || e == ERR_USAGE ||
	       (e >= ERR_DB_AWAY && e <= ERR_DB_RIGHTS);
}

static int run_init(int argc, char **argv)
{
	const struct curve_row *curve = find_curve();
	uint8_t eid[16];
	int code = TOOL_OK;
	enum err e;

	(void)argc, (void)argv;
	if (!curve)
		return tool_usage("--curve wants p256, brainpool (or bp256r1) or both");
	if (opt.address && !is_address(opt.address))
		return tool_usage("--smdp-address wants a host name");
	if (pki_parse_eid(opt.eid, eid))
		return tool_usage("--eid wants 32 digits");
	if (opt.db && !db_place_is_server(opt.db))
		return tool_usage("--db wants " CMD_DATABASE_FORM);
	if (opt.key)
		code = cmd_key_source("--key", opt.key, &opt.source);
	if (code)
		return code;
	if (opt.if_missing && is_there())
		return check_there();
	if (!opt.address)
		opt.address = SMDP_ADDRESS_DEFAULT;
	e = make_folder(cmd_dir, curve, eid);
	if (opt.db && access(cmd_dir, F_OK) && is_of_database(e))
		return fail_database(e);
	if (e == ERR_EXISTS) /* of two at once, one was first */
		return opt.if_missing && is_there() ? check_there() : fail_there();
	if (e == ERR_NOT_FOUND && opt.import)
		return tool_fail_said(
			e,
			"'%s' has neither DPauth and DPpb nor a CI key to make them by "
			"(curve: %s)",
			opt.import, curve->name);
	if (e)
		return tool_fail(e, "cannot make an operator in '%s'", cmd_dir);
	return say_folder(true);
}

static const struct tool_option options[] = {
	{"curve", 0, OPT_STRING, "p256|brainpool|both",
	 "The curves that are made or taken over (default: both)", &opt.curve},
	{"smdp-address", 0, OPT_STRING, "NAME",
	 "The subscription manager's address (default: " SMDP_ADDRESS_DEFAULT ")", &opt.address},
	{"eid", 0, OPT_STRING, "DIGITS", "EID of the test eUICC (default: that of SGP.26)",
	 &opt.eid},
	{"import-pki", 0, OPT_STRING, "FOLDER",
	 "Take this PKI in the form of SGP.26 over; what lacks is made by its CI's key",
	 &opt.import},
	{"key", 0, OPT_STRING, "SOURCE", CMD_KEY_HELP, &opt.key},
	{"db", 0, OPT_STRING, "postgres:...",
	 "The database of the stores: a URI or keywords of libpq, #NAME behind it for namespaces "
	 "of "
	 "its own (default: files of SQLite in the folder)",
	 &opt.db},
	{"if-missing", 0, OPT_FLAG, NULL, "An operator that is there already is left as it is",
	 &opt.if_missing},
	OPT_END,
};

const struct tool_command cmd_init[] = {
	{"init", "", 0, 0, "Make an operator's folder",
	 "Makes a test PKI in the form of SGP.26, a release key, the subscriber store and the\n"
	 "subscription manager's folder.",
	 options, run_init},
};
const size_t cmd_init_count = ARRAY_LEN(cmd_init);

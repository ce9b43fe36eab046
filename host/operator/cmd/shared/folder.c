#include "host/operator/cmd/shared/folder.h"
#include "host/operator/db/place.h"

#include <errno.h>
#include <unistd.h>

#include "host/operator/pki/operator_folder.h"
#include "host/operator/smdp/store/store.h"
#include "host/operator/store/store.h"
#include "lib/rsp/rsp.h"
#include "tool/cli/program.h"
#include "tool/sys/file.h"
#include "tool/sys/folder.h"
#include "tool/sys/path.h"

#define DIR_DEFAULT "operator"

const char *cmd_dir = DIR_DEFAULT;

const struct tool_option cmd_global_options[] = {
	{"dir", 'd', OPT_STRING, "FOLDER", "The operator's folder (default: " DIR_DEFAULT ")",
	 &cmd_dir},
	OPT_END,
};

static void warn_folder(void)
{
	static bool said;

	if (*folder_warning() && !said)
		tool_warn("%s", folder_warning());
	said = true;
}

static bool folder_has(const char *name)
{
	char path[PATH_CAP];

	return !path_join(cmd_dir, name, path, sizeof(path)) &&
	       (access(path, F_OK) == 0 || errno != ENOENT);
}

/* A folder that lacks a part of its own is no place for a new operator. */
static int fail_missing(void)
{
	static const char *const parts[] = {"operator.db", "store.key", "manager"};
	bool on_server = folder_has(DB_PLACE_FILE);
	const char *missing = NULL;
	bool any = false;

	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		if (folder_has(parts[i]) || (i == 0 && on_server))
			any = true;
		else if (!missing)
			missing = parts[i];
	}
	if (any && !missing)
		return tool_fail_said(ERR_NOT_FOUND,
				      "the database that '%s/" DB_PLACE_FILE
				      "' names has no operator: "
				      "was it moved, does '#NAME' behind the address differ, or "
				      "may this user not read the tables?",
				      cmd_dir);
	if (any && missing)
		return tool_fail_said(ERR_CORRUPT,
				      "'%s' is missing in '%s': restore the whole folder from a "
				      "copy, or make the operator anew",
				      missing, cmd_dir);
	return tool_fail_said(ERR_NOT_FOUND,
			      "there is no operator in '%s' (make one with: twinkey-operator init)",
			      cmd_dir);
}

int cmd_folder_check(void)
{
	enum err e = operator_folder_check(cmd_dir);

	if (e == ERR_NOT_FOUND || (!e && (folder_has("operator.db") || folder_has(DB_PLACE_FILE)) !=
						 folder_has("store.key")))
		return fail_missing();
	if (e)
		return tool_fail(e, "cannot open the operator's folder '%s'", cmd_dir);
	warn_folder();
	return TOOL_OK;
}

/* The key opens, and all in the database was sealed under another one. */
static int fail_key(const char *key)
{
	return tool_fail_said(ERR_MAC,
			      "'%s/%s' is not the key that the database was made with: take "
			      "the whole folder from the machine where it was made",
			      cmd_dir, key);
}

static int fail_open(enum err e)
{
	if (folder_has(DB_PLACE_FILE) && (e == ERR_VALUE || e == ERR_USAGE || e == ERR_SPACE))
		return tool_fail_said(ERR_VALUE,
				      "'%s/" DB_PLACE_FILE "' has no address of a database: it is "
				      "one line, " CMD_DATABASE_FORM,
				      cmd_dir);
	return folder_has(DB_PLACE_FILE)
		       ? tool_fail(e, "the database that '%s/" DB_PLACE_FILE "' names", cmd_dir)
		       : tool_fail(e, "cannot open the operator's folder '%s'", cmd_dir);
}

int cmd_store_open(struct operator_store **out)
{
	int code = cmd_folder_check();
	enum err e;

	if (code)
		return code;
	e = operator_store_open(cmd_dir, tool_cancel(), out);
	if (e == ERR_NOT_FOUND)
		return fail_missing();
	if (e == ERR_MAC)
		return fail_key("store.key");
	return e ? fail_open(e) : TOOL_OK;
}

int cmd_subscriber(struct operator_store *s, const char *imsi, struct subscriber *out, int *sub)
{
	enum err e;

	if (!imsi)
		return tool_usage("--imsi is missing");
	e = subscriber_by_imsi(s, imsi, out, sub);
	if (e == ERR_CORRUPT)
		return tool_fail(e,
				 "the row of the subscriber with IMSI %s was written by somebody "
				 "else, and is not acted on: see 'log --verify'",
				 imsi);
	if (e == ERR_NOT_FOUND)
		return tool_fail_said(
			e, "no subscriber has IMSI %s: see twinkey-operator subscriber list", imsi);
	return e ? tool_fail(e, "the subscriber with IMSI %s", imsi) : TOOL_OK;
}

int cmd_manager_open(struct smdp_store **out)
{
	char path[PATH_CAP];
	int code = cmd_folder_check();
	enum err e = path_join(cmd_dir, "manager", path, sizeof(path));

	if (code)
		return code;
	if (!e && access(path, F_OK))
		return fail_missing();
	if (!e)
		e = smdp_store_open(path, tool_cancel(), out);
	if (e == ERR_MAC && folder_has(DB_PLACE_FILE))
		return fail_key("manager/manager.key");
	return e ? tool_fail(e, "cannot open the subscription manager's folder '%s'", path)
		 : TOOL_OK;
}

enum err cmd_address(const char **address)
{
	static char text[RSP_ADDRESS_MAX + 1];
	struct wbuf w = wbuf_grow(RSP_ADDRESS_MAX);
	char path[PATH_CAP];
	enum err e = ERR_OK;

	if (*address)
		return ERR_OK;
	e = path_join(cmd_dir, CMD_ADDRESS_FILE, path, sizeof(path));
	if (!e)
		e = file_read(path, tool_cancel(), &w);
	if (!e)
		e = slice_text(wbuf_slice(&w), text, sizeof(text));
	if (!e)
		*address = text;
	wbuf_free(&w);
	return e;
}

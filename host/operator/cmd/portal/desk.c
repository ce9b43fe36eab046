/* desk: the accounts of the people at the operator's desk */
#include "host/operator/desk/sign_in.h"

#include <stdio.h>
#include <string.h>

#include "host/operator/cmd/commands.h"
#include "host/operator/cmd/shared/folder.h"
#include "host/operator/cmd/shared/time.h"
#include "host/operator/store/desk/accounts.h"
#include "host/operator/store/store.h"
#include "lib/base/secret.h"
#include "tool/cli/json.h"
#include "tool/cli/program.h"
#include "tool/sys/file.h"
#include "tool/sys/secret_file.h"

static struct {
	const char *name, *roles, *password_file, *out;
} opt = {.roles = "view"};

static int check_name(void)
{
	return opt.name && account_is_name(opt.name)
		       ? TOOL_OK
		       : tool_usage("--name wants up to %d small letters, digits, '-', '.' and '_'",
				    ACCOUNT_NAME_MAX);
}

/* One line of a file that nobody else can read, or of standard input. */
static int load_password(char password[static DESK_PASSWORD_MAX + 1])
{
	struct wbuf w = wbuf_grow(DESK_PASSWORD_MAX + 2);
	enum err e = secret_file_read(opt.password_file, tool_cancel(), &w);

	while (!e && w.len && strchr("\r\n", w.ptr[w.len - 1]))
		wbuf_cut(&w, w.len - 1);
	if (!e)
		e = slice_text(wbuf_slice(&w), password, DESK_PASSWORD_MAX + 1);
	wbuf_free(&w);
	if (e)
		return tool_fail(e, "cannot load '%s'", opt.password_file);
	return strlen(password) >= DESK_PASSWORD_MIN
		       ? TOOL_OK
		       : tool_fail_said(ERR_LENGTH, "a password has at least %d characters",
					DESK_PASSWORD_MIN);
}

static int say_account(const char *what)
{
	if (tool_json())
		tool_print_json(json_pack("{s:s, s:s}", "name", opt.name, "account", what));
	else
		tool_say("The account %s is %s.", opt.name, what);
	return TOOL_OK;
}

static int hire(const char *password, unsigned roles)
{
	const struct desk_hiring h = {opt.name, password, roles, cmd_now()};
	struct operator_store *s = NULL;
	char uri[DESK_URI_MAX] = "";
	int code = cmd_store_open(&s);
	enum err e = ERR_OK;

	if (!code)
		e = desk_hire(s, &h, uri);
	operator_store_close(&s);
	if (!code && !e)
		e = file_write(opt.out, slice_str(uri), 0600, tool_cancel());
	secret_wipe(uri, sizeof(uri));
	return code ? code : e ? tool_fail(e, "the account %s", opt.name) : TOOL_OK;
}

static int run_add(int argc, char **argv)
{
	char password[DESK_PASSWORD_MAX + 1] = "";
	unsigned roles = 0;
	int code = check_name();

	(void)argc, (void)argv;
	if (!code && account_roles_parse(opt.roles, &roles))
		code = tool_usage("--roles wants view, approve, manage, parted by commas");
	if (!code && (!opt.password_file || !opt.out))
		code = tool_usage("--password-file FILE and --out FILE are needed");
	if (!code)
		code = tool_may_write(opt.out, false);
	if (!code)
		code = load_password(password);
	if (!code)
		code = hire(password, roles);
	secret_wipe(password, sizeof(password));
	return code ? code : say_account("made; hand its code generator over and delete the file");
}

static int change_account(enum err (*change)(struct operator_store *, const char *, int64_t),
			  const char *what)
{
	struct operator_store *s = NULL;
	int code = check_name();
	enum err e = ERR_OK;

	if (!code)
		code = cmd_store_open(&s);
	if (!code)
		e = change(s, opt.name, cmd_now());
	operator_store_close(&s);
	if (code)
		return code;
	return e ? tool_fail(e, "the account %s", opt.name) : say_account(what);
}

static int run_remove(int argc, char **argv)
{
	(void)argc, (void)argv;
	return change_account(desk_dismiss, "taken away");
}

static int run_unlock(int argc, char **argv)
{
	(void)argc, (void)argv;
	return change_account(desk_unlock, "unlocked");
}

static bool list_account(void *ctx, const struct account *a)
{
	char roles[ACCOUNT_ROLES_CAP];

	if (!*a->hash)
		return true;
	account_roles_text(a->roles, roles);
	if (tool_json())
		json_array_append_new(ctx, json_pack("{s:s, s:s, s:b}", "name", a->name, "roles",
						     roles, "locked", account_is_locked(a)));
	else
		tool_say("%-32s  %s%s", a->name, roles, account_is_locked(a) ? "  locked" : "");
	return true;
}

static int run_list(int argc, char **argv)
{
	struct operator_store *s = NULL;
	json_t *list = json_array();
	int code = cmd_store_open(&s);
	enum err e = code ? ERR_OK : account_each(s, list_account, list);

	(void)argc, (void)argv;
	operator_store_close(&s);
	if (!code && e)
		code = tool_fail(e, "the accounts of the desk");
	if (!code && tool_json())
		tool_print_json(json_pack("{s:O}", "accounts", list));
	json_decref(list);
	return code;
}

static const struct tool_option add_options[] = {
	{"name", 0, OPT_STRING, "NAME", "Who it is: small letters, digits, '-', '.', '_'",
	 &opt.name},
	{"roles", 0, OPT_STRING, "ROLES", "Of view, approve, manage (default: view)", &opt.roles},
	{"password-file", 0, OPT_STRING, "FILE",
	 "The password, in a file (0600); '-': standard input", &opt.password_file},
	{"out", 0, OPT_STRING, "FILE", "Write the code generator's otpauth:// address here (0600)",
	 &opt.out},
	OPT_END,
};

static const struct tool_option name_options[] = {
	{"name", 0, OPT_STRING, "NAME", "Whose account", &opt.name},
	OPT_END,
};

const struct tool_command cmd_desk[] = {
	{"desk add", "", 0, 0, "Make an account of the desk, or make it anew", NULL, add_options,
	 run_add},
	{"desk list", "", 0, 0, "List the accounts of the desk", NULL, NULL, run_list},
	{"desk remove", "", 0, 0, "Take an account of the desk away", NULL, name_options,
	 run_remove},
	{"desk unlock", "", 0, 0, "Let a locked account of the desk sign in again", NULL,
	 name_options, run_unlock},
};
const size_t cmd_desk_count = ARRAY_LEN(cmd_desk);

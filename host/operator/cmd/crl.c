#include "host/operator/cmd/crl.h"

#include <inttypes.h>

#include "host/operator/cmd/commands.h"
#include "host/operator/cmd/shared/folder.h"
#include "host/operator/cmd/shared/time.h"
#include "host/operator/pki/revoked.h"
#include "tool/cli/program.h"
#include "tool/sys/file.h"

static json_t *as_json(const struct revoked_list *l)
{
	char from[CMD_TIME_CAP], to[CMD_TIME_CAP];
	json_t *o = json_pack(
		"{s:s, s:I, s:I, s:I, s:s, s:I}", "ci", l->ci, "number", (json_int_t)l->number,
		"part", (json_int_t)l->part, "parts", (json_int_t)l->parts, "thisUpdate",
		cmd_time_text(l->this_update, from), "revoked", (json_int_t)l->entries);

	if (l->next_update)
		json_object_set_new(o, "nextUpdate",
				    json_string(cmd_time_text(l->next_update, to)));
	return o;
}

static bool has_run_out(const struct revoked_list *l)
{
	return !l->err && l->next_update && l->next_update < cmd_now();
}

static void say_list(const struct revoked_list *l)
{
	char to[CMD_TIME_CAP];

	tool_say("CI %s, list %" PRIu64 ", part %" PRIu32 " of %" PRIu32 ": %zu revoked", l->ci,
		 l->number, l->part, l->parts, l->entries);
	if (l->next_update)
		tool_say("  %s %s", has_run_out(l) ? "ran out" : "valid until",
			 cmd_time_text(l->next_update, to));
}

static int run_add(int argc, char **argv)
{
	struct wbuf der = wbuf_grow(REVOKED_LIST_MAX);
	struct revoked_list l;
	int code = cmd_folder_check();
	enum err e;

	(void)argc;
	if (code)
		return code;
	e = file_read(argv[0], tool_cancel(), &der);
	if (!e)
		e = revoked_add(cmd_dir, wbuf_slice(&der), cmd_now(), &l);
	wbuf_free(&der);
	switch (e) {
	case ERR_OK: break;
	case ERR_EXPIRED:
		return tool_fail_said(e,
				      "'%s' has run out or is not valid yet: get a new one of the "
				      "CI, or check the clock",
				      argv[0]);
	case ERR_REPLAY:
		return tool_fail_said(e, "a newer list than '%s' is here: nothing was changed",
				      argv[0]);
	case ERR_CERT_UNTRUSTED:
		return tool_fail_said(e, "'%s' is not by a CI of '%s/pki/CI'", argv[0], cmd_dir);
	default:
		return tool_fail(e, "'%s' was not taken as a certificate revocation list (DER)",
				 argv[0]);
	}
	if (tool_json())
		tool_print_json(as_json(&l));
	else
		say_list(&l);
	return TOOL_OK;
}

static enum err show_list(void *ctx, const struct revoked_list *l)
{
	if (l->err) {
		tool_warn("'%s' does not count: %s", l->path, err_text(l->err));
		return ERR_OK;
	}
	if (tool_json())
		json_array_append_new(ctx, as_json(l));
	else
		say_list(l);
	return ERR_OK;
}

static int run_list(int argc, char **argv)
{
	json_t *list;
	int code = cmd_folder_check();
	enum err e;

	(void)argc, (void)argv;
	if (code)
		return code;
	list = json_array();
	e = revoked_lists(cmd_dir, show_list, list);
	if (!e && tool_json())
		tool_print_json(json_pack("{s:O}", "lists", list));
	json_decref(list);
	return e ? tool_fail(e, "cannot read the lists in '%s/pki/CRL'", cmd_dir) : TOOL_OK;
}

static enum err warn_one(void *ctx, const struct revoked_list *l)
{
	(void)ctx;
	if (l->err)
		tool_warn("'%s' is no list that counts (%s): take it away", l->path,
			  err_text(l->err));
	if (has_run_out(l))
		tool_warn("the list of revoked certificates '%s' has run out: add the next one",
			  l->path);
	return ERR_OK;
}

enum err cmd_crl_warn(void)
{
	return revoked_lists(cmd_dir, warn_one, NULL);
}

static const struct tool_option options[] = {OPT_END};

const struct tool_command cmd_crl[] = {
	{"crl add", "FILE", 1, 1, "Take a CI's certificate revocation list (DER)",
	 "A server that runs heeds it at once. When all parts of a list have come, the ones\n"
	 "before it go.",
	 options, run_add},
	{"crl list", "", 0, 0, "Show the lists of revoked certificates", NULL, options, run_list},
};
const size_t cmd_crl_count = ARRAY_LEN(cmd_crl);

/* backup, restore: the operator's folder, copied while others work on it, and put back elsewhere */
#include "host/operator/backup/backup.h"

#include <string.h>

#include "host/operator/cmd/commands.h"
#include "host/operator/cmd/shared/folder.h"
#include "host/operator/cmd/shared/time.h"
#include "tool/cli/json.h"
#include "tool/cli/program.h"

#define BUNDLE ".tar"

static struct {
	const char *to, *from;
} opt;

static const char *keys_word(const struct manifest *m)
{
	return m->sealed ? "sealed" : "clear";
}

static int64_t octets(const struct manifest *m)
{
	int64_t n = 0;

	for (size_t i = 0; i < m->count; i++)
		n += m->files[i].size;
	return n;
}

static bool is_bundle(const char *to)
{
	size_t len = to ? strlen(to) : 0;

	return len > strlen(BUNDLE) && strcmp(to + len - strlen(BUNDLE), BUNDLE) == 0;
}

static int say_backup(const struct manifest *m)
{
	if (tool_json()) {
		tool_print_json(json_pack("{s:o, s:i, s:I, s:s, s:I, s:I}", "backup",
					  json_text(slice_str(opt.to)), "files", (int)m->count,
					  "octets", (json_int_t)octets(m), "keys", keys_word(m),
					  "logEntries", (json_int_t)m->operator_store.entries,
					  "managerLogEntries", (json_int_t)m->manager.entries));
	} else {
		tool_say("The backup is in '%s' (mode %s): %zu files, %lld octets, logs and rows "
			 "verified.",
			 opt.to, is_bundle(opt.to) ? "0600" : "0700", m->count,
			 (long long)octets(m));
		tool_say("  operator's log  up to entry %lld",
			 (long long)m->operator_store.entries);
		tool_say("  manager's log   up to entry %lld", (long long)m->manager.entries);
	}
	if (!m->sealed)
		tool_warn("the stores' keys lie in the clear in the backup: who has it has all "
			  "keys of all subscribers. Keep it as you keep the operator's folder");
	return TOOL_OK;
}

static int run_backup(int argc, char **argv)
{
	struct backup_order o = {.from = cmd_dir,
				 .to = opt.to,
				 .bundle = is_bundle(opt.to),
				 .now = cmd_now(),
				 .program = "twinkey-operator " TWINKEY_VERSION,
				 .cancel = tool_cancel()};
	struct manifest m;
	int code;
	enum err e;

	(void)argc, (void)argv;
	if (!opt.to)
		return tool_usage("--to FOLDER, or FILE.tar, is missing");
	code = cmd_folder_check();
	if (code)
		return code;
	e = backup_make(&o, &m);
	if (e)
		return tool_fail(e, "no backup of '%s' in '%s'", cmd_dir, opt.to);
	code = say_backup(&m);
	manifest_free(&m);
	return code;
}

static int say_restored(const struct manifest *m, const struct restored *r)
{
	char at[CMD_TIME_CAP];

	cmd_time_text(m->at, at);
	if (tool_json()) {
		tool_print_json(json_pack("{s:o, s:s, s:s, s:I, s:I, s:I, s:I}", "restored",
					  json_text(slice_str(cmd_dir)), "at", at, "keys",
					  keys_word(m), "subscribers", (json_int_t)r->subscribers,
					  "sqnJump", (json_int_t)SQN_RESTORE_JUMP, "dropped",
					  (json_int_t)r->dropped, "logEntries",
					  (json_int_t)m->operator_store.entries));
		return TOOL_OK;
	}
	tool_say("'%s' is the operator of %s again: files, logs and rows are what was written.",
		 cmd_dir, at);
	tool_say("  What happened since is lost: subscribers, keys, rotations, orders, downloads "
		 "and entries of the logs.");
	tool_say("  Sequence numbers of %lld subscribers jump by 2^26, over all that were given "
		 "out since (TS 33.102 C.2.1).",
		 (long long)r->subscribers);
	tool_say("  %lld challenges and grants that waited are gone; codes and approvals of before "
		 "serve no more.",
		 (long long)r->dropped);
	tool_say("  Let no other copy of this operator go on: the two would give out the same "
		 "numbers.");
	return TOOL_OK;
}

static int run_restore(int argc, char **argv)
{
	struct backup_order o = {
		.from = opt.from, .to = cmd_dir, .now = cmd_now(), .cancel = tool_cancel()};
	struct manifest m;
	struct restored done;
	int code;
	enum err e;

	(void)argc, (void)argv;
	if (!opt.from)
		return tool_usage("--from FOLDER, or FILE.tar, is missing");
	e = backup_restore(&o, &m, &done);
	if (e)
		return tool_fail(e, "'%s' was not restored", cmd_dir);
	code = say_restored(&m, &done);
	manifest_free(&m);
	return code;
}

static const struct tool_option backup_options[] = {
	{"to", 0, OPT_STRING, "FOLDER",
	 "Where the backup is made; it is not there yet. NAME.tar: one file", &opt.to},
	OPT_END,
};
static const struct tool_option restore_options[] = {
	{"from", 0, OPT_STRING, "FOLDER", "The backup, or NAME.tar", &opt.from},
	OPT_END,
};

const struct tool_command cmd_backup[] = {
	{"backup", "", 0, 0, "Copy the operator's folder while servers work on it",
	 "The databases are each as of one moment, logs and rows are verified. The keys go with "
	 "them, as they\n"
	 "lie in the folder: in the clear, or sealed.",
	 backup_options, run_backup},
	{"restore", "", 0, 0, "Put a backup back, in a folder that is not there (--dir)",
	 "Files, versions, logs and rows are verified before anything is put in place. Sequence "
	 "numbers jump\n"
	 "ahead, and what waited or was approved is forgotten: nothing that was given out since "
	 "the backup is\n"
	 "given out again.",
	 restore_options, run_restore},
};
const size_t cmd_backup_count = ARRAY_LEN(cmd_backup);

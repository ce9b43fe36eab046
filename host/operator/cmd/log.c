/* log, profile log: what happened to the subscribers, and to the manager's profiles */
#include <time.h>

#include "host/operator/cmd/commands.h"
#include "host/operator/cmd/shared/folder.h"
#include "host/operator/cmd/shared/time.h"
#include "host/operator/smdp/store/store.h"
#include "host/operator/store/growth/archive.h"
#include "host/operator/store/store.h"
#include "host/operator/smdp/store/log.h"
#include "host/operator/smdp/store/verify.h"
#include "lib/profile/build.h"
#include "tool/cli/json.h"
#include "tool/cli/program.h"
#include "tool/cli/text.h"

static const char *imsi;
static bool verify;
static struct tool_list archives;
static struct {
	const char *to, *before;
	unsigned keep;
} archive;

static bool subscriber_one(void *ctx, const struct log_entry *e)
{
	char at[CMD_TIME_CAP], actor[TEXT_LINE_MAX], evidence[TEXT_LINE_MAX];

	cmd_time_text(e->at, at);
	if (tool_json())
		json_array_append_new(ctx,
				      json_pack("{s:I, s:s, s:I, s:s, s:s, s:s, s:o, s:o}", "seq",
						(json_int_t)e->seq, "at", at, "subscriber",
						(json_int_t)e->subscriber, "event", e->event,
						"from", e->from, "to", e->to, "actor",
						json_text(slice_str(e->actor)), "evidence",
						json_text(slice_str(e->evidence))));
	else if (!e->subscriber) /* a setting of the operator's */
		tool_say("%s  %-15s %-13s %-11s -> %-11s %s: %s", at, "operator", e->event, e->from,
			 e->to, text_line(slice_str(e->actor), actor),
			 text_line(slice_str(e->evidence), evidence));
	else
		tool_say("%s  subscriber %-4lld %-13s %-11s -> %-11s %s: %s", at,
			 (long long)e->subscriber, e->event, e->from, e->to,
			 text_line(slice_str(e->actor), actor),
			 text_line(slice_str(e->evidence), evidence));
	return true;
}

static bool profile_one(void *ctx, const struct smdp_log_entry *e)
{
	char at[CMD_TIME_CAP], iccid[21] = "", actor[TEXT_LINE_MAX], evidence[TEXT_LINE_MAX];
	uint8_t raw[10];

	cmd_time_text(e->at, at);
	if (hex_decode_exact(e->iccid, raw, sizeof(raw)) == ERR_OK)
		profile_iccid_text(raw, iccid);
	if (tool_json())
		json_array_append_new(ctx,
				      json_pack("{s:I, s:s, s:s, s:s, s:s, s:s, s:o, s:o}", "seq",
						(json_int_t)e->seq, "at", at, "iccid", iccid,
						"event", e->event, "from", e->from, "to", e->to,
						"actor", json_text(slice_str(e->actor)), "evidence",
						json_text(slice_str(e->evidence))));
	else
		tool_say("%s  %-20s  %-13s %-11s -> %-11s  %s%s%s", at, iccid, e->event, e->from,
			 e->to, text_line(slice_str(e->actor), actor), *e->evidence ? ": " : "",
			 text_line(slice_str(e->evidence), evidence));
	return true;
}

/* archived: how many of them have gone to archives; proved: these were looked at, too. */
static int say_intact(int64_t good, int64_t archived, bool proved)
{
	if (tool_json())
		tool_print_json(json_pack("{s:b, s:I, s:I, s:b}", "intact", 1, "entries",
					  (json_int_t)good, "archived", (json_int_t)archived,
					  "archivesProved", proved));
	else if (!archived)
		tool_say("The log is intact: %lld entries.", (long long)good);
	else
		tool_say("The log is intact: %lld entries, of which %lld were archived%s.",
			 (long long)good, (long long)archived,
			 proved ? " and are in these files"
				: " (log --verify --archive FILE looks at those)");
	return TOOL_OK;
}

static int say_changed(enum err e, int64_t good)
{
	return tool_fail(e, "the log is not what was written, after entry %lld", (long long)good);
}

/* Where a subscriber is not what the log says of it. */
static int say_parted(enum err e, const struct log_check *c)
{
	long long id = (long long)c->subscriber, entry = (long long)c->entry;

	switch (c->found) {
	case LOG_ROW:
		return tool_fail(e,
				 "the row of subscriber %lld was written by somebody else; its log "
				 "says %s after entry %lld",
				 id, c->by_log, entry);
	case LOG_FACTOR:
		return tool_fail(e,
				 "the second factor of subscriber %lld was written by somebody "
				 "else: enroll it anew",
				 id);
	case LOG_PARTED:
		return tool_fail(e,
				 "subscriber %lld is %s in its row, and the log says %s after "
				 "entry %lld",
				 id, c->by_row, c->by_log, entry);
	case LOG_GONE:
		if (!entry)
			return tool_fail(e, "subscriber %lld is gone", id);
		return tool_fail(e,
				 "subscriber %lld is gone, of whom the log tells until entry %lld",
				 id, entry);
	case LOG_CHANGED:
	case LOG_INTACT: break;
	}
	return say_changed(e, c->good);
}

static int run_verify(struct operator_store *s)
{
	struct log_check c;
	int64_t proved = 0;
	enum err e = log_verify(s, &c);

	if (e)
		return say_parted(e, &c);
	if (archives.count) {
		e = operator_store_prove(s, archives.items, archives.count, &proved);
		if (e)
			return tool_fail(e, "the archives hold entries up to %lld",
					 (long long)proved);
	}
	return say_intact(c.good, c.archived, archives.count > 0);
}

/* Where a profile of the manager's is not what the log says of it. */
static int say_profile_parted(enum err e, const struct smdp_check *c)
{
	long long entry = (long long)c->entry;
	char iccid[21] = "?";
	uint8_t raw[10];

	if (hex_decode_exact(c->iccid, raw, sizeof(raw)) == ERR_OK)
		profile_iccid_text(raw, iccid);
	switch (c->found) {
	case SMDP_ROW_CHANGED:
		return tool_fail(e,
				 "the row of profile %s was written by somebody else; its log says "
				 "%s after entry %lld",
				 iccid, c->by_log, entry);
	case SMDP_PACKAGE_CHANGED:
		return tool_fail(e, "the package of profile %s was written by somebody else",
				 iccid);
	case SMDP_SESSION_CHANGED:
		return tool_fail(e, "a download of profile %s was written by somebody else", iccid);
	case SMDP_PARTED:
		return tool_fail(
			e, "profile %s is %s in its row, and the log says %s after entry %lld",
			iccid, c->by_row, c->by_log, entry);
	case SMDP_GONE:
		return tool_fail(e, "profile %s is gone, of which the log tells until entry %lld",
				 iccid, entry);
	case SMDP_LOG_CHANGED:
	case SMDP_LOG_INTACT: break;
	}
	return say_changed(e, c->good);
}

static int run_profile_verify(struct smdp_store *s)
{
	struct smdp_check c;
	enum err e = smdp_store_verify(s, &c);

	return e ? say_profile_parted(e, &c) : say_intact(c.good, 0, false);
}

/* The end of a list. */
static int say_list(enum err e, json_t *list)
{
	if (e)
		return tool_fail(e, "cannot read the log");
	if (tool_json())
		tool_print_json(json_pack("{s:O}", "log", list));
	return TOOL_OK;
}

/* 2026-01-31, in UTC, or 2026-01-31T12:00:00Z. */
static bool parse_moment(const char *text, int64_t *at)
{
	struct tm tm = {.tm_mday = 0};
	const char *end = strptime(text, "%Y-%m-%d", &tm);

	if (end && *end == 'T')
		end = strptime(end, "T%H:%M:%SZ", &tm);
	if (!end || *end)
		return false;
	*at = (int64_t)timegm(&tm);
	return true;
}

static int say_archived(const struct archive_done *d)
{
	if (tool_json()) {
		tool_print_json(json_pack("{s:I, s:I, s:I, s:o*}", "from", (json_int_t)d->from,
					  "to", (json_int_t)d->to, "kept", (json_int_t)d->kept,
					  "file", d->to ? json_text(slice_str(archive.to)) : NULL));
	} else if (!d->to) {
		tool_say("No entry is to go: no file was made.");
	} else {
		tool_say("Entries %lld to %lld are in '%s' (mode 0600).", (long long)d->from,
			 (long long)d->to, archive.to);
		tool_say("  %lld of them stay in the log as well: subscribers, settings and "
			 "accounts name them.",
			 (long long)d->kept);
		tool_say("  Keep the file: 'log --verify --archive' wants all of them.");
	}
	return TOOL_OK;
}

static int run_archive(int argc, char **argv)
{
	struct archive_order o = {.path = archive.to,
				  .by_time = archive.before != NULL,
				  .keep = archive.keep,
				  .now = cmd_now(),
				  .cancel = tool_cancel()};
	struct archive_done done;
	struct operator_store *s = NULL;
	int code;
	enum err e;

	(void)argc, (void)argv;
	if (!archive.to)
		return tool_usage("--to FILE is missing");
	if (!archive.before == !archive.keep)
		return tool_usage("give one of --before DATE and --keep N");
	if (archive.before && !parse_moment(archive.before, &o.before))
		return tool_usage("--before wants a day (2026-01-31) or a moment "
				  "(2026-01-31T12:00:00Z), not '%s'",
				  archive.before);
	code = cmd_store_open(&s);
	if (code)
		return code;
	e = operator_store_archive(s, &o, &done);
	operator_store_close(&s);
	if (e == ERR_EXISTS)
		return tool_fail_said(e, "'%s' is there already: an archive replaces no file",
				      archive.to);
	return e ? tool_fail(e, "the log was not archived") : say_archived(&done);
}

static int run_log(int argc, char **argv)
{
	struct operator_store *s = NULL;
	struct subscriber sub = {.id = 0};
	json_t *list;
	int code;

	(void)argc, (void)argv;
	if (archives.count && !verify)
		return tool_usage("--archive goes with --verify");
	list = json_array();
	code = cmd_store_open(&s);
	if (!code && verify)
		code = run_verify(s);
	else if (!code && imsi)
		code = cmd_subscriber(s, imsi, &sub, NULL);
	if (!code && !verify) {
		tool_say_heads("%-20s  %-15s %-13s %-11s -> %-11s %s", "TIME", "WHO", "EVENT",
			       "FROM", "TO", "ACTOR: EVIDENCE");
		code = say_list(log_each(s, sub.id, subscriber_one, list), list);
	}
	json_decref(list);
	operator_store_close(&s);
	return code;
}

static int run_profile_log(int argc, char **argv)
{
	struct smdp_store *s = NULL;
	json_t *list = json_array();
	int code = cmd_manager_open(&s);

	(void)argc, (void)argv;
	if (!code && verify) {
		code = run_profile_verify(s);
	} else if (!code) {
		tool_say_heads("%-20s  %-20s  %-13s %-11s -> %-11s  %s", "TIME", "ICCID", "EVENT",
			       "FROM", "TO", "ACTOR: EVIDENCE");
		code = say_list(smdp_log_each(s, profile_one, list), list);
	}
	json_decref(list);
	smdp_store_close(&s);
	return code;
}

#define OPT_VERIFY                                                                                 \
	{                                                                                          \
		"verify", 0, OPT_FLAG, NULL,                                                       \
			"Check that no entry was changed, put in or taken out", &verify            \
	}

static const struct tool_option options[] = {
	{"imsi", 0, OPT_STRING, "DIGITS", "Only this subscriber", &imsi},
	OPT_VERIFY,
	{"archive", 0, OPT_LIST, "FILE",
	 "With --verify: look at the entries that have gone to this file, too; may be repeated",
	 &archives},
	OPT_END,
};
static const struct tool_option archive_options[] = {
	{"to", 0, OPT_STRING, "FILE", "Where they go; the file is not there yet", &archive.to},
	{"before", 0, OPT_STRING, "DATE", "Those of before this day, or moment, of UTC",
	 &archive.before},
	{"keep", 0, OPT_UINT, "N", "All but the last N", &archive.keep},
	OPT_END,
};
static const struct tool_option profile_options[] = {OPT_VERIFY, OPT_END};

const struct tool_command cmd_log[] = {
	{"log", "", 0, 0, "Show what happened: time, actor, event, states, evidence", NULL, options,
	 run_log},
	{"log archive", "", 0, 0, "Move old entries of the log to a file, sealed",
	 "The chain stays provable: the log goes on from an anchor, and log --verify --archive "
	 "proves all of\n"
	 "it over all files. The file is whole and on the disk before anything leaves the log.",
	 archive_options, run_archive},
	{"profile log", "", 0, 0, "Show what happened to the profiles", NULL, profile_options,
	 run_profile_log},
};
const size_t cmd_log_count = ARRAY_LEN(cmd_log);

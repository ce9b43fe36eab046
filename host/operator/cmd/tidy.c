/* tidy: what has run out leaves the databases */
#include "host/operator/cmd/commands.h"
#include "host/operator/cmd/shared/folder.h"
#include "host/operator/cmd/shared/time.h"
#include "host/operator/smdp/limits.h"
#include "host/operator/smdp/store/session.h"
#include "host/operator/smdp/store/store.h"
#include "host/operator/smdp/store/told.h"
#include "host/operator/store/growth/tidy.h"
#include "host/operator/store/store.h"
#include "tool/cli/program.h"
#include "tool/sys/cancel.h"

static int tidy_operator(struct tidied *done)
{
	struct operator_store *s = NULL;
	int code = cmd_store_open(&s);
	enum err e = ERR_OK;

	if (code)
		return code;
	do {
		e = operator_store_tidy(s, cmd_now(), done);
		if (!e && done->more)
			e = cancel_check(tool_cancel());
	} while (!e && done->more);
	operator_store_close(&s);
	return e ? tool_fail(e, "what has run out is not out of the operator's store") : TOOL_OK;
}

static enum err tidy_notifications(struct smdp_store *s, int64_t *n)
{
	int64_t gone = 0;
	enum err e;

	do {
		e = smdp_notifications_tidy(s, cmd_now() - SMDP_BOUND_KEPT_S, &gone);
		*n += e ? 0 : gone;
		if (!e && gone == SMDP_TOLD_STEP)
			e = cancel_check(tool_cancel());
	} while (!e && gone == SMDP_TOLD_STEP);
	return e;
}

static int tidy_manager(int64_t *sessions, int64_t *notifications)
{
	struct smdp_store *s = NULL;
	int code = cmd_manager_open(&s);
	enum err e;

	if (code)
		return code;
	e = smdp_sessions_tidy(s, cmd_now() - SMDP_SESSION_S, sessions);
	if (!e)
		e = tidy_notifications(s, notifications);
	smdp_store_close(&s);
	return e ? tool_fail(e, "what has run out is not out of the manager's store") : TOOL_OK;
}

static int run_tidy(int argc, char **argv)
{
	struct tidied done = {.pending = 0};
	int64_t sessions = 0, notifications = 0;
	int code;

	(void)argc, (void)argv;
	code = tidy_operator(&done);
	if (!code)
		code = tidy_manager(&sessions, &notifications);
	if (code)
		return code;
	if (tool_json())
		tool_print_json(json_pack(
			"{s:I, s:I, s:I, s:I, s:I}", "challenges", (json_int_t)done.pending,
			"grants", (json_int_t)done.awaited, "batches", (json_int_t)done.batches,
			"sessions", (json_int_t)sessions, "notifications",
			(json_int_t)notifications));
	else
		tool_say(
			"Out of the databases: %lld challenges, %lld grants that nobody waits for, "
			"%lld answers to providers, %lld downloads, %lld notifications.",
			(long long)done.pending, (long long)done.awaited, (long long)done.batches,
			(long long)sessions, (long long)notifications);
	return TOOL_OK;
}

const struct tool_command cmd_tidy[] = {
	{"tidy", "", 0, 0, "Take out of the databases what has run out",
	 "A server does so by itself, a little every minute.", NULL, run_tidy},
};
const size_t cmd_tidy_count = ARRAY_LEN(cmd_tidy);

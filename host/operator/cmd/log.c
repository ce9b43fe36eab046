/* log: what happened to the subscribers */
#include "host/operator/cmd/cmd.h"
#include "tool/json.h"
#include "tool/text.h"

static const char *imsi;
static bool verify;

static bool one(void *ctx, const struct log_entry *e)
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
	else
		tool_say("%s  subscriber %-4lld %-13s %-11s -> %-11s %s: %s", at,
			 (long long)e->subscriber, e->event, e->from, e->to,
			 text_line(slice_str(e->actor), actor),
			 text_line(slice_str(e->evidence), evidence));
	return true;
}

static int run_verify(void)
{
	struct operator_store *s = NULL;
	int64_t good = 0;
	int code = cmd_store_open(&s);
	enum err e = code ? ERR_OK : log_verify(s, &good);

	operator_store_close(&s);
	if (code)
		return code;
	if (e)
		return tool_fail(e, "the log is not what was written, after entry %lld",
				 (long long)good);
	if (tool_json())
		tool_print_json(json_pack("{s:b, s:I}", "intact", 1, "entries", (json_int_t)good));
	else
		tool_say("The log is intact: %lld entries.", (long long)good);
	return TOOL_OK;
}

static int run_log(int argc, char **argv)
{
	struct operator_store *s = NULL;
	struct subscriber sub = {.id = 0};
	json_t *list = NULL;
	enum err e = ERR_OK;
	int code;

	(void)argc, (void)argv;
	if (verify)
		return run_verify();
	list = json_array();
	code = cmd_store_open(&s);
	if (!code && imsi)
		code = cmd_subscriber(s, imsi, &sub, NULL);
	if (!code)
		e = log_each(s, sub.id, one, list);
	operator_store_close(&s);
	if (!code && !e && tool_json())
		tool_print_json(json_pack("{s:O}", "log", list));
	json_decref(list);
	return code ? code : e ? tool_fail(e, "cannot read the log") : TOOL_OK;
}

static const struct tool_option options[] = {
	{"imsi", 0, OPT_STRING, "DIGITS", "Only this subscriber", &imsi},
	{"verify", 0, OPT_FLAG, NULL, "Check that no entry was changed, put in or taken out",
	 &verify},
	{NULL, 0, OPT_FLAG, NULL, NULL, NULL},
};

const struct tool_command cmd_log[] = {
	{"log", "", 0, 0, "Show what happened: time, actor, event, states, evidence", NULL, options,
	 run_log},
};
const size_t cmd_log_count = ARRAY_LEN(cmd_log);

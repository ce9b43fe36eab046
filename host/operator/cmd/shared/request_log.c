#include "host/operator/cmd/shared/request_log.h"

#include "host/operator/cmd/shared/time.h"
#include "host/operator/http/server.h"
#include "tool/cli/json.h"
#include "tool/cli/program.h"
#include "tool/cli/text.h"

static FILE *log_to;

void request_log_to(FILE *to)
{
	log_to = to;
}

void request_log(void *ctx, const struct http_entry *e)
{
	FILE *to = log_to ? log_to : stdout;
	char at[CMD_TIME_CAP], path[TEXT_LINE_MAX], method[TEXT_LINE_MAX];
	long long us = (long long)(e->duration_s * 1e6);

	(void)ctx;
	cmd_time_text(cmd_now(), at);
	text_line(slice_str(e->path), path);
	text_line(slice_str(e->method), method);
	if (tool_json()) {
		json_t *o = json_pack("{s:s, s:s, s:s, s:s, s:i, s:s, s:I, s:s}", "at", at, "peer",
				      e->peer, "method", method, "path", path, "status",
				      (int)e->status, "result", e->words, "microseconds",
				      (json_int_t)us, "request", e->id);

		json_dumpf(o, to, JSON_COMPACT);
		fputc('\n', to);
		json_decref(o);
	} else {
		fprintf(to, "%s  %s  %s %s  %u  %s  %lld.%03lld ms  %s\n", at, e->peer, method,
			path, e->status, *e->words ? e->words : "-", us / 1000, us % 1000, e->id);
	}
	fflush(to);
	clearerr(to);
}

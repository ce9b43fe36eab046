/* doctor: what is good of the chain from reader to card and server, and what mends the rest. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "host/cmd/commands.h"
#include "host/cmd/shared/globals.h"
#include "host/doctor/doctor.h"
#include "lib/base/base64.h"
#include "lib/rsp/activation.h"
#include "tool/cli/json.h"
#include "tool/cli/program.h"
#include "tool/cli/text.h"
#include "tool/sys/file.h"

#define CI_FILE_MAX 16384

static struct {
	const char *code;
} opt;

static void tell_link(void *ctx, const struct doctor_finding *f)
{
	char text[TEXT_LINE_MAX], mend[TEXT_LINE_MAX];

	tool_say("%-8s %-12s %s", doctor_state_name(f->state), f->link,
		 text_line(slice_str(f->text), text));
	if (*f->mend)
		tool_say("%-8s %-12s -> %s", "", "", text_line(slice_str(f->mend), mend));
	json_array_append_new(ctx, json_pack("{s:s, s:s, s:o, s:o*}", "link", f->link, "state",
					     doctor_state_name(f->state), "text",
					     json_text(slice_str(f->text)), "mend",
					     *f->mend ? json_text(slice_str(f->mend)) : NULL));
	if (!tool_json())
		fflush(stdout);
}

/* The first certificate of the file, PEM or DER, appended to out. */
static enum err read_ci(const char *path, struct wbuf *out)
{
	static const char begin[] = "-----BEGIN CERTIFICATE-----";
	struct wbuf text = wbuf_grow(CI_FILE_MAX);
	enum err e = file_read(path, tool_cancel(), &text);
	struct slice all = wbuf_slice(&text);
	const char *from = NULL, *to = NULL;

	if (!e)
		from = memmem(all.ptr, all.len, begin, sizeof(begin) - 1);
	if (from) {
		from += sizeof(begin) - 1;
		to = memmem(from, all.len - (size_t)(from - (const char *)all.ptr), "-----", 5);
	}
	if (to)
		e = base64_decode(slice_make(from, (size_t)(to - from)), out);
	else if (!e)
		wbuf_put(out, all);
	wbuf_free(&text);
	return e ? e : wbuf_done(out);
}

static int take_code(struct activation *a)
{
	const char *why = "";

	if (opt.code && activation_parse(opt.code, a, &why))
		return tool_usage("'%s' is no activation code: %s", opt.code, why);
	return TOOL_OK;
}

static int finish(enum err e, unsigned troubles, json_t *links)
{
	if (e)
		return tool_fail(e, "doctor");
	tool_say(troubles == 0	 ? "All is good."
		 : troubles == 1 ? "One link is in trouble."
				 : "%u links are in trouble.",
		 troubles);
	if (tool_json())
		tool_print_json(json_pack("{s:O, s:i}", "links", links, "troubles", (int)troubles));
	return troubles ? TOOL_FAILED : TOOL_OK;
}

static int run_doctor(int argc, char **argv)
{
	struct activation code = {.address = ""};
	struct wbuf ci = wbuf_grow(CI_FILE_MAX);
	json_t *links = json_array();
	struct doctor_plan plan = {.root = "",
				   .reader = cmd_globals.reader,
				   .socket = getenv("PCSCLITE_CSOCK_NAME"),
				   .in_session = getenv("XDG_SESSION_ID") != NULL,
				   .wait_ms = cmd_globals.wait_s * 1000,
				   .code = opt.code ? &code : NULL,
				   .network = &cmd_globals.network,
				   .now = time(NULL),
				   .ways = doctor_real_ways,
				   .each = tell_link,
				   .ctx = links};
	unsigned troubles = 0;
	enum err e = ERR_OK;
	int status = take_code(&code);

	(void)argc, (void)argv;
	if (!status && cmd_globals.network.ca_file) {
		e = read_ci(cmd_globals.network.ca_file, &ci);
		if (e)
			status = tool_fail(e, "--ca %s", cmd_globals.network.ca_file);
		plan.ci = wbuf_slice(&ci);
	}
	if (!status && !cmd_isdr_aid(&plan.isdr_aid))
		status = TOOL_USAGE; /* said before */
	if (!status) {
		e = doctor_run(&plan, &troubles);
		status = finish(e, troubles, links);
	}
	json_decref(links);
	wbuf_free(&ci);
	return status;
}

static const struct tool_option options[] = {
	{"code", 0, OPT_STRING, "CODE", "Look at this activation code's server as well", &opt.code},
	OPT_END,
};

#define DETAILS                                                                                    \
	"A line for each link of the chain: device, kernel, udev rules, node, pcscd, polkit,\n"    \
	"driver, reader, card, ATR, T=0, kind of card, issuer, clock, server. It is good, "        \
	"absent\n"                                                                                 \
	"(there is none here, and need not be), skipped (a link that it hangs on is broken) or\n"  \
	"in trouble; then the next line says what mends it. Nothing is changed, no PIN is sent.\n" \
	"Exit code 1: a link is in trouble."

const struct tool_command cmd_doctor[] = {
	{"doctor", "", 0, 0, "Find what is broken between reader, card and server", DETAILS,
	 options, run_doctor},
};
const size_t cmd_doctor_count = ARRAY_LEN(cmd_doctor);

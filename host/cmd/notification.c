/* notification list|send|remove */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "host/cmd/commands.h"
#include "host/cmd/shared/globals.h"
#include "host/cmd/shared/lpa.h"
#include "host/cmd/shared/say.h"
#include "host/terminal/lpa/lpa.h"
#include "host/terminal/lpa/notify.h"
#include "host/terminal/uicc.h"
#include "lib/base/bytes.h"
#include "lib/base/tlv.h"
#include "lib/rsp/es10b.h"
#include "lib/rsp/rsp.h"
#include "tool/cli/json.h"
#include "tool/cli/program.h"
#include "tool/cli/text.h"

static const char *event_name(uint32_t event)
{
	switch (event) {
	case RSP_EVENT_INSTALL: return "install";
	case RSP_EVENT_ENABLE: return "enable";
	case RSP_EVENT_DISABLE: return "disable";
	case RSP_EVENT_DELETE: return "delete";
	default: return "unknown";
	}
}

static void show_notification(const struct es10b_notification *n, json_t *list)
{
	char iccid[CMD_ICCID_TEXT], address[TEXT_LINE_MAX];

	cmd_iccid_text(n->iccid, iccid);
	tool_say("%6u  %-8s  %-20s  %s", n->seq, event_name(n->event), iccid,
		 text_line(n->address, address));
	json_array_append_new(list, json_pack("{s:I, s:s, s:s, s:o*}", "seq", (json_int_t)n->seq,
					      "event", event_name(n->event), "iccid", iccid,
					      "address", json_text(n->address)));
}

static int run_list(int argc, char **argv)
{
	struct wbuf der = wbuf_grow(UICC_RESPONSE_MAX);
	struct es10b_notification n;
	struct slice items = SLICE_EMPTY;
	json_t *list = json_array();
	struct uicc *u;
	struct lpa *l = NULL;
	struct cursor c;
	struct tlv t;
	enum err e;
	int code = cmd_lpa_open(&u, &l);

	(void)argc, (void)argv;
	if (code)
		goto out;
	e = lpa_list_notifications(l, &der, &items);
	c = cursor_of(items);
	if (!e && items.len)
		tool_say_heads("%6s  %-8s  %-20s  %s", "NUMBER", "EVENT", "ICCID", "ADDRESS");
	while (!e && tlv_next(&c, &t)) {
		e = es10b_parse_notification(t.raw, &n);
		if (!e)
			show_notification(&n, list);
	}
	if (!e)
		e = c.err;
	code = e ? cmd_fail(lpa_failure(l, e, "notification list")) : TOOL_OK;
	if (!e && json_array_size(list) == 0)
		tool_say("No notification waits.");
	if (!e && tool_json())
		tool_print_json(json_pack("{s:O}", "notifications", list));
	code = cmd_lpa_close(&u, &l, code);
out:
	json_decref(list);
	wbuf_free(&der);
	return code;
}

static bool take_seq(const char *text, uint32_t *seq)
{
	char *end;
	unsigned long v;

	errno = 0;
	v = strtoul(text, &end, 10);
	*seq = (uint32_t)v;
	return *text && strspn(text, "0123456789") == strlen(text) && !errno && v <= UINT32_MAX;
}

static int run_send(int argc, char **argv)
{
	struct lpa_report report = {0};
	uint32_t seq = 0;
	struct uicc *u;
	struct lpa *l = NULL;
	enum err e;
	int code;

	if (argc && !take_seq(argv[0], &seq))
		return tool_usage("'%s' is no number of a notification", argv[0]);
	code = cmd_lpa_open(&u, &l);
	if (code)
		return code;
	e = argc ? lpa_send_notification(l, &cmd_globals.network, seq, &report)
		 : lpa_send_notifications(l, &cmd_globals.network, &report);
	if (e)
		code = cmd_fail(lpa_failure(l, e, "notification send"));
	else if (report.kept)
		code = tool_fail_said(ERR_DISCONNECTED, "%u sent, %u stay on the card: %s",
				      report.sent, report.kept, report.message);
	else if (tool_json())
		tool_print_json(json_pack("{s:i, s:i}", "sent", (int)report.sent, "kept", 0));
	else
		tool_say("%u sent.", report.sent);
	return cmd_lpa_close(&u, &l, code);
}

static int run_remove(int argc, char **argv)
{
	uint32_t seq;
	struct uicc *u;
	struct lpa *l = NULL;
	enum err e;
	int code;

	(void)argc;
	if (!take_seq(argv[0], &seq))
		return tool_usage("'%s' is no number of a notification", argv[0]);
	code = cmd_lpa_open(&u, &l);
	if (code)
		return code;
	e = lpa_remove_notification(l, seq);
	if (e)
		code = cmd_fail(lpa_failure(l, e, "notification remove"));
	else if (tool_json())
		tool_print_json(
			json_pack("{s:I, s:s}", "seq", (json_int_t)seq, "result", "removed"));
	else
		tool_say("%u removed, unsent.", seq);
	return cmd_lpa_close(&u, &l, code);
}

const struct tool_command cmd_notification[] = {
	{"notification list", "", 0, 0, "List what the eUICC has to report", NULL, NULL, run_list},
	{"notification send", "[SEQ]", 0, 1, "Send the reports to the managers that they name",
	 "Each goes by https to the address that it names (or to --operator, or --connect), in\n"
	 "the order of the numbers, and is taken off the eUICC when it was taken.",
	 NULL, run_send},
	{"notification remove", "SEQ", 1, 1, "Take a report off the eUICC without sending it", NULL,
	 NULL, run_remove},
};
const size_t cmd_notification_count = ARRAY_LEN(cmd_notification);

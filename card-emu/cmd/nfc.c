#include "card-emu/cmd/nfc.h"

#include <stdio.h>

#include "card-emu/cmd/cmd.h"
#include "card-emu/link/nfc.h"
#include "tool/sys/cancel.h"
#include "tool/sys/trouble.h"

#define CONNSTRING_MAX 1024

static void say_event(const char *name, enum nfc_event event, enum err why)
{
	const char *words = trouble_of(why);

	switch (event) {
	case NFC_READY: tool_say("a contactless card by %s; no field yet", name); break;
	case NFC_IN_FIELD: tool_say("in the field: a reader has selected the card"); break;
	case NFC_RELEASED: tool_say("out of the field: the card is off"); break;
	case NFC_AWAITED:
		tool_warn("waiting for the NFC reader %s: %s%s%s%s", name,
			  *words ? words : err_text(why), *err_hint(why) ? " (" : "", err_hint(why),
			  *err_hint(why) ? ")" : "");
		break;
	}
}

static void report_nfc(void *ctx, enum nfc_event event, enum err why)
{
	static const char *const waits[] = {
		[NFC_READY] = "field", [NFC_RELEASED] = "field", [NFC_AWAITED] = "reader"};
	const char *name = ctx;
	json_t *o;

	if (!tool_json()) {
		say_event(name, event, why);
		return;
	}
	o = json_pack("{s:b, s:s}", "inField", event == NFC_IN_FIELD, "nfc", name);
	if (event != NFC_IN_FIELD)
		json_object_set_new(o, "waitsFor", json_string(waits[event]));
	if (event == NFC_AWAITED)
		json_object_set_new(o, "why", json_string(err_name(why)));
	tool_print_json(o);
}

static int serve_nfc(struct nfc_link *l, const char *name, const struct card_options *o)
{
	struct card *card = NULL;
	enum err e = card_open(o, &card);

	if (e)
		return cmd_fail_open(e, o->dir);
	cmd_warn_open(o->dir);
	e = nfc_link_serve(l, card);
	card_close(&card);
	if (e != ERR_CANCELLED)
		return tool_fail(e, "--nfc %s", name);
	cancel_take(tool_cancel()); /* this is how it ends */
	return TOOL_OK;
}

int cmd_nfc_run(const char *name, const struct card_options *o)
{
	char text[CONNSTRING_MAX];
	const struct nfc_options n = {
		.connstring = text, .cancel = tool_cancel(), .event = report_nfc, .ctx = text};
	struct nfc_link *l = NULL;
	enum err e;
	int code;

	if (snprintf(text, sizeof(text), "%s", name) >= (int)sizeof(text) || !*text)
		return tool_usage("--nfc must be a name of libnfc for a reader");
	e = nfc_link_open(&n, &l);
	if (e)
		return tool_fail(e, "--nfc %s", name);
	code = serve_nfc(l, name, o);
	nfc_link_close(&l);
	return code;
}

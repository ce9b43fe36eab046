/* readers: the PC/SC readers, what comes and goes in them; a card's reset. */
#include <stdio.h>
#include <stdlib.h>

#include "host/cmd/commands.h"
#include "host/cmd/shared/globals.h"
#include "host/cmd/shared/open.h"
#include "host/cmd/shared/say.h"
#include "host/terminal/uicc.h"
#include "host/transport/open.h"
#include "tool/cli/program.h"
#include "tool/sys/cancel.h"

static struct {
	bool watch, cold;
} opt;

static json_t *properties_object(const struct reader *r)
{
	struct transport_properties p;
	json_t *o;

	if (r->use == READER_EXCLUSIVE || transport_reader_properties(r->name, tool_cancel(), &p))
		return NULL;
	o = json_pack("{s:I, s:i, s:i, s:b}", "apduDataMax", (json_int_t)p.apdu_data_max,
		      "pinDigitsMin", (int)p.pin_min, "pinDigitsMax", (int)p.pin_max, "pinPad",
		      p.pin_pad);
	if (p.has_usb_id) {
		char id[10];

		snprintf(id, sizeof(id), "%04x:%04x", p.usb_vendor, p.usb_product);
		json_object_set_new(o, "usb", json_string(id));
	}
	if (*p.firmware)
		json_object_set_new(o, "firmware", json_string(p.firmware));
	return o;
}

static json_t *reader_object(const struct reader *r)
{
	char *hex = r->atr_len ? cmd_hex(reader_atr(r)) : NULL;
	json_t *o =
		json_pack("{s:i, s:s, s:b, s:s, s:s, s:s*}", "index", (int)r->index, "name",
			  r->name, "card", r->state == READER_CARD, "state",
			  reader_state_text(r->state), "use", reader_use_text(r->use), "atr", hex);

	free(hex);
	return o;
}

static void say_reader(const char *before, const struct reader *r)
{
	static const char *const states[] = {
		[READER_EMPTY] = "no card",
		[READER_CARD] = "card",
		[READER_MUTE] = "a card that is mute",
		[READER_BROKEN] = "its driver does not know",
	};
	static const char *const uses[] = {
		[READER_FREE] = "",
		[READER_SHARED] = ", in use, shared",
		[READER_EXCLUSIVE] = ", in use by one program alone",
	};
	char *hex = r->atr_len ? cmd_hex(reader_atr(r)) : NULL;

	tool_say("%s%u: %s: %s%s%s%s", before, r->index, r->name, states[r->state],
		 hex ? ", ATR " : "", hex ? hex : "", uses[r->use]);
	free(hex);
}

/* One object or line a change; whoever reads it has it at once. */
static void show_change(void *ctx, enum reader_change c, const struct reader *r)
{
	char before[32];

	(void)ctx;
	if (tool_json()) {
		json_t *o = json_pack("{s:s}", "change", reader_change_text(c));

		if (r)
			json_object_set_new(o, "reader", reader_object(r));
		tool_print_json(o);
	} else if (r) {
		snprintf(before, sizeof(before), "%-15s ", reader_change_text(c));
		say_reader(before, r);
	} else {
		tool_say("%s", reader_change_text(c));
	}
	fflush(stdout);
	if (tool_output_lost()) /* nobody reads it any more */
		cancel_wish(tool_cancel());
	if (c == READER_CHANGE_SERVICE_DOWN)
		tool_warn("the PC/SC service (pcscd) does not run: waiting for it");
}

static int watch_readers(void)
{
	const struct reader_watcher w = {.on_change = show_change};

	enum err e = transport_watch(&w, tool_cancel());

	/* Ctrl-C is how it ends */
	return e == ERR_CANCELLED && !cancel_has_timed_out(tool_cancel()) ? TOOL_CANCELLED
									  : tool_fail(e, "readers");
}

static int show_list(const struct reader_list *l)
{
	json_t *all = json_array();

	tool_say_heads("INDEX: READER: CARD");
	for (size_t i = 0; i < l->count; i++) {
		const struct reader *r = &l->items[i];
		json_t *o = reader_object(r), *properties;

		say_reader("", r);
		properties = tool_json() ? properties_object(r) : NULL;
		if (properties)
			json_object_set_new(o, "properties", properties);
		json_array_append_new(all, o);
	}
	if (!l->count)
		tool_say("There is no PC/SC reader. A virtual card needs none: --reader card:DIR");
	if (tool_json())
		tool_print_json(json_pack("{s:o}", "readers", all));
	else
		json_decref(all);
	return TOOL_OK;
}

static int run_readers(int argc, char **argv)
{
	struct reader_list l = {0};
	enum err e;
	int code;

	(void)argc, (void)argv;
	if (opt.watch)
		return watch_readers();
	e = transport_list(tool_cancel(), &l);
	if (e)
		return tool_fail(e, "readers");
	code = show_list(&l);
	reader_list_free(&l);
	return code;
}

static const char *protocol_text(enum transport_protocol p)
{
	static const char *const texts[] = {
		[TRANSPORT_T0] = "T=0", [TRANSPORT_T1] = "T=1", [TRANSPORT_TCL] = "T=CL"};

	return texts[p];
}

static int run_reset(int argc, char **argv)
{
	struct uicc *u;
	json_t *o;
	enum err e;
	int code = cmd_open(&u);

	(void)argc, (void)argv;
	if (code)
		return code;
	e = opt.cold ? uicc_power_cycle(u) : uicc_reset(u);
	if (e)
		return cmd_close(&u, cmd_fail(failure_of_card(u, e, "reset")));
	o = json_pack("{s:s}", "reset", opt.cold ? "cold" : "warm");
	cmd_tell(o, "Reader", "reader", uicc_reader(u));
	cmd_tell_hex(o, "ATR", "atr", uicc_atr(u));
	cmd_tell(o, "Protocol", "protocol", protocol_text(uicc_transport(u)->protocol));
	json_object_set_new(o, "extended", json_boolean(uicc_transport(u)->extended));
	if (tool_json())
		tool_print_json(o);
	else
		json_decref(o);
	return cmd_close(&u, TOOL_OK);
}

static const struct tool_option readers_options[] = {
	{"watch", 0, OPT_FLAG, NULL, "Go on, and tell of readers and cards as they come and go",
	 &opt.watch},
	OPT_END,
};

static const struct tool_option reset_options[] = {
	{"cold", 0, OPT_FLAG, NULL, "With the power off in between", &opt.cold},
	OPT_END,
};

const struct tool_command cmd_readers[] = {
	{"readers", "", 0, 0, "List the PC/SC readers",
	 "Each has its index, its name, whether a card is in it and whether a program uses it.\n"
	 "With --json also what the reader says of itself. With --watch first what is there, then\n"
	 "one line (one object with --json) for each change, until Ctrl-C; the PC/SC service may\n"
	 "come and go.",
	 readers_options, run_readers},
	{"reset", "", 0, 0, "Reset the card, and show its ATR",
	 "All that was selected and verified on the card is forgotten, for whoever shares it too.",
	 reset_options, run_reset},
};
const size_t cmd_readers_count = ARRAY_LEN(cmd_readers);

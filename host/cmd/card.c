/* card: readers, and what a card says of itself. */
#include <stdio.h>
#include <stdlib.h>

#include "host/cmd/cmd.h"

static void list_one(void *ctx, const char *name, bool card_present, struct slice atr)
{
	char *hex = card_present ? cmd_hex(atr) : NULL;

	tool_say("%s: %s%s", name, card_present ? "card, ATR " : "no card", hex ? hex : "");
	json_array_append_new(
		ctx, json_pack("{s:s, s:b, s:s*}", "name", name, "card", card_present, "atr", hex));
	free(hex);
}

static int run_readers(int argc, char **argv)
{
	json_t *readers = json_array();
	enum err e;

	(void)argc, (void)argv;
	e = transport_list(list_one, readers);
	if (e) {
		json_decref(readers);
		return tool_fail(e, "readers");
	}
	if (json_array_size(readers) == 0)
		tool_say("There is no PC/SC reader. A virtual card needs none: --reader card:DIR");
	if (tool_json())
		tool_print_json(json_pack("{s:o}", "readers", readers));
	else
		json_decref(readers);
	return TOOL_OK;
}

const struct tool_command cmd_card[] = {
	{"readers", "", 0, 0, "List the PC/SC readers", NULL, NULL, run_readers},
};
const size_t cmd_card_count = ARRAY_LEN(cmd_card);

#include "host/cmd/shared/say.h"

#include <stdlib.h>

#include "lib/profile/build.h"
#include "tool/cli/program.h"

int cmd_fail(struct failure f)
{
	if (f.party == PARTY_OURSELVES && f.err == ERR_USAGE)
		return tool_usage("%s", f.text);
	if (f.is_whole)
		return tool_fail_said(f.err, "%s", f.text);
	return f.err ? tool_fail(f.err, "%s", f.text) : TOOL_OK;
}

char *cmd_hex(struct slice s)
{
	char *text = malloc(2 * s.len + 1);

	if (text && hex_encode(s, text, 2 * s.len + 1)) {
		free(text);
		text = NULL;
	}
	return text;
}

void cmd_tell(json_t *o, const char *label, const char *key, const char *text)
{
	if (!text)
		return;
	tool_say(CMD_LABEL " %s", label, text);
	json_object_set_new(o, key, json_string(text));
}

void cmd_tell_hex(json_t *o, const char *label, const char *key, struct slice s)
{
	char *hex = s.ptr ? cmd_hex(s) : NULL;

	cmd_tell(o, label, key, hex);
	free(hex);
}

void cmd_iccid_text(struct slice iccid, char text[static CMD_ICCID_TEXT])
{
	text[0] = 0;
	if (iccid.len == PROFILE_ICCID_LEN)
		profile_iccid_text(iccid.ptr, text);
}

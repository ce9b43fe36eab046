/*
 * say: how subcommands tell people and programs of a card: what failed, and lists of what it has.
 */
#ifndef TWINKEY_HOST_CMD_SAY_H
#define TWINKEY_HOST_CMD_SAY_H

#include <jansson.h>

#include "host/terminal/failure.h"
#include "lib/base/bytes.h"

/* Says what failed; the exit code. TOOL_OK, and nothing is said, where nothing did. */
int cmd_fail(struct failure f);

#define CMD_ICCID_TEXT 21
/* An ICCID as it is printed; "" for none. */
void cmd_iccid_text(struct slice iccid, char text[static CMD_ICCID_TEXT]);

/* How a list of labels and values is printed. */
#define CMD_LABEL "%-20s"
/* A line for people and a member of the object; nothing when there is no text. */
void cmd_tell(json_t *o, const char *label, const char *key, const char *text);
/* The same of octets; nothing when they are absent (s.ptr NULL). */
void cmd_tell_hex(json_t *o, const char *label, const char *key, struct slice s);

/* Lower-case hex; NULL (and nothing to free) when memory is out. */
char *cmd_hex(struct slice s);

#endif

/*
 * cmd: the subcommands of twinkey-card, one file each.
 */
#ifndef TWINKEY_CARD_CMD_H
#define TWINKEY_CARD_CMD_H

#include "tool/cli/program.h"

extern const struct tool_command cmd_create, cmd_run, cmd_inspect;

/* Says why the card's folder could not be opened, and what to do. The exit code. */
int cmd_fail_open(enum err e, const char *dir);
/* Says what is to be said of a folder that was opened: that others can look into it, what it lost.
 */
void cmd_warn_open(const char *dir);

#define ANCHOR_OPTION(value)                                                                       \
	{                                                                                          \
		"anchor", 0, OPT_STRING, "FILE",                                                   \
			"A file outside the folder that knows an older copy of the folder", value  \
	}

#endif

/*
 * globals: the options that every subcommand of twinkey understands.
 */
#ifndef TWINKEY_HOST_CMD_GLOBALS_H
#define TWINKEY_HOST_CMD_GLOBALS_H

#include "host/terminal/lpa/es9p.h"
#include "tool/cli/command.h"

struct cmd_globals {
	const char *reader;   /* NULL: of the environment, or the first PC/SC reader with a card */
	bool shared;	      /* other programs may have the card too */
	const char *trace;    /* NULL: none */
	const char *seal;     /* file of the key that seals the trace; NULL: it is not sealed */
	bool force;	      /* the trace may replace a file */
	const char *pin_file; /* NULL: environment, then prompt */
	const char *isdr_aid; /* in hex; NULL: SGP.22's */
	unsigned wait_s;      /* how long to wait for a card */
	/* network.link: the operator's unix:PATH or URL, which subscription managers are reached by
	 * as well; NULL: none */
	struct es9p_network network;
};
extern struct cmd_globals cmd_globals;

/* --isdr-aid; empty: SGP.22's. False: it is no AID. */
bool cmd_isdr_aid(struct slice *aid);

/*
 * For the program's table: the options, and the check that what was given is right, whether the
 * command comes to need it or not. It gives an exit code, and has said what is wrong.
 */
extern const struct tool_option cmd_global_options[];
int cmd_globals_check(void);

#endif

/*
 * beside: run -- COMMAND: cards in readers for as long as a command runs.
 */
#ifndef TWINKEY_CARD_CMD_BESIDE_H
#define TWINKEY_CARD_CMD_BESIDE_H

#include "card-emu/cmd/record.h"
#include "card-emu/card.h"

struct beside {
	const struct card_options *options; /* of all cards; dir is not used */
	const char *const *dirs;
	size_t count;
	struct record_wish trace;
	const char *log; /* a file, or NULL */
	/* The service that runs: vpcd of it for the first card, the ports after it for the others.
	 * host NULL: a service of one's own. */
	const char *host;
	unsigned port;
	char **command; /* ends with NULL */
};

/*
 * An exit code: the command's, or as enum command_exit (tool/sys/command.h) has them, when it has
 * said why; TOOL_CANCELLED when there was a wish to stop before the command began.
 */
int cmd_beside_run(const struct beside *b);

#endif

/*
 * clock: the card's clock, set on the command line.
 */
#ifndef TWINKEY_CARD_CMD_CLOCK_H
#define TWINKEY_CARD_CMD_CLOCK_H

#include "card-emu/card.h"

#define CLOCK_OPTION(value)                                                                        \
	{                                                                                          \
		"clock", 0, OPT_STRING, "TIME",                                                    \
			"The card's clock at the start: 2026-11-24 or 2026-11-24T12:00:00Z (UTC)", \
			value                                                                      \
	}

struct cmd_clock {
	int64_t ahead; /* seconds before the machine's clock */
};

/* Makes o's clock start at text and go on from there; text NULL: the machine's clock. ERR_VALUE. */
enum err cmd_clock_set(const char *text, struct cmd_clock *clock,
		       struct card_options *o) MUST_CHECK;

#endif

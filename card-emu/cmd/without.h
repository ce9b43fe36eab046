/*
 * without: the services that the card does not have, set on the command line.
 */
#ifndef TWINKEY_CARD_CMD_WITHOUT_H
#define TWINKEY_CARD_CMD_WITHOUT_H

#include "lib/profile/services.h"
#include "tool/cli/program.h"

#define WITHOUT_OPTION(value)                                                                      \
	{                                                                                          \
		"without", 0, OPT_STRING, "SERVICES",                                              \
			"What the card is not to do, e.g. csim,javacard (see below)", value        \
	}
#define WITHOUT_DETAILS                                                                            \
	"SERVICES are names of the TCA specification's ServicesList, parted by commas: usim, "     \
	"isim,\ncsim, milenage, tuak128, tuak256, usim-test-algorithm, javacard, multiple-usim,\n" \
	"multiple-isim, multiple-csim, ber-tlv, dfLink, get-identity, profile-a-x25519,\n"         \
	"profile-b-p256, and those that the card never has. The card does not announce them, "     \
	"and\nrefuses or leaves out what of a profile is for them, as that specification says.\n"

/* Adds what text names to the set; text NULL: nothing. TOOL_OK, or TOOL_USAGE when it is told why.
 */
int cmd_without_set(const char *text, uint32_t *without);

#endif

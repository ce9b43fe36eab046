#include "lib/trace/diff/expected.h"

#include <string.h>

#define ANY	   COMMAND_COUNT
#define AKA	   "TS 33.102 6.3"
#define MUTUAL	   "SGP.22 3.1.2"
#define DOWNLOAD   "SGP.22 3.1.3"
#define BINDING	   "SGP.22 2.5.3, 5.5.1"
#define RELEASE	   "docs/protocol.md 2"
#define TEMPORARY  "TS 23.003 2.4 to 2.10"
#define SCP02	   "GlobalPlatform E.5.1"
#define SECURED	   "GlobalPlatform E.4, amendment D 6.2"
#define PACKET	   "TS 102 225 5.1"
#define TAG_88_MAC 8 /* octets at the end of a segment that is not ciphered, SGP.22 2.5.6 */

/* of, under, key, why */
#define ROW(command, node, id, clause)                                                             \
	.of = (command), .under = (node), .key = (id), .why = (clause)
static const struct expected rows[] = {
	{ROW(ANY, NULL, "rand", AKA)},
	{ROW(ANY, NULL, "sqn-ak", AKA)},
	{ROW(ANY, "autn", "mac", AKA)},
	{ROW(ANY, NULL, "res", AKA), .made_of = "rand"},
	{ROW(ANY, NULL, "sres", AKA), .made_of = "rand"},
	{ROW(ANY, NULL, "sqn-ms-ak", AKA)},
	{ROW(ANY, NULL, "mac-s", AKA)},
	{ROW(COMMAND_GET_CHALLENGE, NULL, "answer", "TS 102 221 11.1.18")},
	{ROW(COMMAND_GET_IDENTITY, NULL, "answer", "TS 33.501 C.3.2")},
	{ROW(COMMAND_MANAGE_CHANNEL, NULL, "answer", "TS 102 221 11.1.17")},

	{ROW(ANY, NULL, "transactionId", "SGP.22 5.6.1"), .any_length = true},
	{ROW(ANY, NULL, "euiccChallenge", MUTUAL)},
	{ROW(ANY, NULL, "serverChallenge", MUTUAL)},
	{ROW(ANY, NULL, "serverSignature1", MUTUAL)},
	{ROW(ANY, NULL, "euiccSignature1", MUTUAL)},
	{ROW(ANY, NULL, "smdpSignature2", DOWNLOAD)},
	{ROW(ANY, NULL, "euiccSignature2", DOWNLOAD)},
	{ROW(ANY, NULL, "bppEuiccOtpk", DOWNLOAD)},
	{ROW(ANY, NULL, "euiccOtpk", DOWNLOAD)},
	{ROW(ANY, NULL, "hashCc", "SGP.22 5.7.5"), .made_of = "transactionId"},
	{ROW(ANY, NULL, "smdpOtpk", BINDING)},
	{ROW(ANY, NULL, "smdpSign", BINDING)},
	{ROW(ANY, NULL, "initialMacChainingValue", BINDING)},
	{ROW(ANY, NULL, "ppkEnc", BINDING)},
	{ROW(ANY, NULL, "ppkCmac", BINDING)},
	{ROW(ANY, NULL, "segment", "SGP.22 2.5.6"), .tail = TAG_88_MAC, .begins = "tag 88"},
	{ROW(ANY, NULL, "segment", "SGP.22 2.5.6")},
	{ROW(ANY, NULL, "euiccSignPIR", "SGP.22 2.5.6")},
	{ROW(ANY, NULL, "euiccCancelSessionSignature", "SGP.22 5.7.14")},
	{ROW(ANY, NULL, "euiccNotificationSignature", "SGP.22 2.5.6")},
	{ROW(ANY, NULL, "seqNumber", "SGP.22 3.5"), .any_length = true},

	{ROW(COMMAND_STORE_DATA, "signed", "nonce", RELEASE)},
	{ROW(COMMAND_STORE_DATA, "signed", "card-otpk", RELEASE)},
	{ROW(COMMAND_STORE_DATA, "signed", "operator-otpk", RELEASE)},
	{ROW(COMMAND_STORE_DATA, "signed", "wrapped-key", RELEASE)},
	{ROW(COMMAND_STORE_DATA, "challenge", "signature", RELEASE)},
	{ROW(COMMAND_STORE_DATA, "grant", "signature", RELEASE)},
	{ROW(COMMAND_STORE_DATA, "reseal", "signature", RELEASE)},
	{ROW(COMMAND_STORE_DATA, "reseal", "sealed", RELEASE)},

	{ROW(COMMAND_INITIALIZE_UPDATE, NULL, "challenge", SCP02)},
	{ROW(COMMAND_INITIALIZE_UPDATE, NULL, "counter", SCP02)},
	{ROW(COMMAND_INITIALIZE_UPDATE, NULL, "cryptogram", SCP02), .made_of = "challenge"},
	{ROW(COMMAND_GP_EXTERNAL_AUTHENTICATE, NULL, "cryptogram", SCP02)},
	{ROW(COMMAND_GP_EXTERNAL_AUTHENTICATE, NULL, "mac", SCP02)},
	{ROW(ANY, NULL, "secured", SECURED)},
	{ROW(ANY, "command-packet", "counter", PACKET)},
	{ROW(ANY, "command-packet", "check", PACKET)},
	{ROW(ANY, "command-packet", "padding", PACKET), .if_ciphered = true},
	{ROW(ANY, "command-packet", "secured", PACKET), .if_ciphered = true},
	{ROW(ANY, "response-packet", "counter", PACKET)},
	{ROW(ANY, "response-packet", "check", PACKET)},
	{ROW(ANY, "response-packet", "secured", PACKET), .if_ciphered = true},

	{ROW(ANY, NULL, "scts", "TS 23.040 9.2.3.11")},
	{ROW(ANY, NULL, "dt", "TS 23.040 9.2.3.13")},
	{ROW(ANY, NULL, "mr", "TS 23.040 9.2.3.6")},
	{ROW(ANY, NULL, "time", "TS 102 223 8.39")},
	{ROW(ANY, NULL, "timer-value", "TS 102 223 8.38")},
	{ROW(ANY, NULL, "tmsi", TEMPORARY)},
	{ROW(ANY, NULL, "p-tmsi", TEMPORARY)},
	{ROW(ANY, NULL, "p-tmsi-signature", TEMPORARY)},
	{ROW(ANY, NULL, "m-tmsi", TEMPORARY)},
	{ROW(ANY, NULL, "5g-tmsi", TEMPORARY)},
	{ROW(ANY, NULL, "ksi", "TS 33.102 6.4.4, TS 33.401 6.3")},
	{ROW(ANY, NULL, "cksn", "TS 24.008 10.5.1.2")},
	{ROW(ANY, NULL, "uplink", "TS 33.401 6.5"), .any_length = true},
	{ROW(ANY, NULL, "downlink", "TS 33.401 6.5"), .any_length = true},
	{ROW(ANY, NULL, "sor-counter", "TS 33.501 6.14.2.3")},
	{ROW(ANY, NULL, "upu-counter", "TS 33.501 6.15.2.2")},
};

static bool is_of(const struct expected *row, const struct command *command, const char *under)
{
	if (row->of != ANY && command != &command_table[row->of])
		return false;
	return !row->under || (under && strcmp(row->under, under) == 0);
}

static bool begins(const struct expected *row, const struct leaf *leaf)
{
	return !row->begins ||
	       (leaf->value && strncmp(row->begins, leaf->value, strlen(row->begins)) == 0);
}

const struct expected *expected_find(const struct command *command, const char *under,
				     const struct leaf *leaf)
{
	/* in packets the rows of packets come first */
	const struct expected *found = NULL;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct expected *row = &rows[i];

		if (strcmp(row->key, leaf->key) != 0 || !is_of(row, command, under) ||
		    !begins(row, leaf))
			continue;
		if (!found || (row->under && !found->under))
			found = row;
	}
	return found;
}

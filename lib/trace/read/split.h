/*
 * split: where a command ends and its response begins, in octets that hold both without a border
 * (GSMTAP SIM, sub-type APDU).
 *
 * The command's case decides (lib/uicc/command.h; ISO 7816-3 12.1), with P3 and the number of
 * octets: a response ends with a status word, and one that tells an error has no data (ISO 7816-4
 * 5.6). Known are TPDUs of T=0, also those that the card refuses at their header; APDUs, short and
 * extended, with Le or without; case 1 in four octets; and commands without a response.
 *
 * Under T=0 that is exact for each command whose case the table tells. Of an APDU of case 4 with
 * data in its response, and of P3 00 with fewer than 256 octets, it is not: there a count that is
 * met exactly, or BER-TLV that fills the response, decides. What stays open is not split.
 */
#ifndef TWINKEY_TRACE_READ_SPLIT_H
#define TWINKEY_TRACE_READ_SPLIT_H

#include "lib/base/bytes.h"

/*
 * NULL: it is split; response has data and status word, or is empty. Otherwise why it isn't, for
 * people, and command and response are untouched. Both borrow from octets.
 */
const char *trace_split(struct slice octets, struct slice *command,
			struct slice *response) MUST_CHECK;

#endif

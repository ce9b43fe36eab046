/*
 * simfile: a USIM described by a short text, for a card that carries it enabled from the start.
 *
 * Lines "name = value"; "#" begins a comment. imsi, iccid (18 to 20 digits), k and opc (or op) are
 * needed; algorithm (milenage), sqn (12 hex digits), pin, puk (4 to 8 digits), mnc-length and amf
 * (which only the network's side uses) are not.
 */
#ifndef TWINKEY_CARD_SIMFILE_H
#define TWINKEY_CARD_SIMFILE_H

#include "card-emu/uicc/base.h"
#include "lib/secret.h"

struct simfile {
	struct base_sim sim; /* its key borrows from secret */
	struct secret *secret;
	unsigned line; /* where reading failed; 0: something is missing */
};

/* ERR_VALUE, ERR_ENCODING ...: see line. Free in any case. */
enum err simfile_parse(struct slice text, struct simfile *out) MUST_CHECK;
void simfile_free(struct simfile *f);

#endif

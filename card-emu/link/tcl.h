/*
 * tcl: a card that speaks T=0, asked in whole APDUs as T=CL carries them (ISO/IEC 14443-4).
 *
 * A command with data and Le is answered at once: no 61xx comes between, as long as the answer is
 * of one piece. Le 00 takes what there is: no 6Cxx. Everything else is as the card has it.
 */
#ifndef TWINKEY_CARD_TCL_H
#define TWINKEY_CARD_TCL_H

#include "card-emu/card.h"

#define TCL_ANSWER_MAX 258 /* 256 octets and the status word */

/* As card_transmit(); out takes TCL_ANSWER_MAX octets. */
enum err tcl_transmit(struct card *card, struct slice command, struct wbuf *out) MUST_CHECK;

#endif

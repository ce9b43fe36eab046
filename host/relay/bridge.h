/*
 * bridge: the APDUs of a contactless reader, carried to a card that may speak T=0.
 *
 * A reader of ISO 14443-4 sends a command with its Le and takes the answer at once, up to 256
 * octets of it. What the card has more waits here for the reader's GET RESPONSE.
 */
#ifndef TWINKEY_HOST_RELAY_BRIDGE_H
#define TWINKEY_HOST_RELAY_BRIDGE_H

#include "lib/base/bytes.h"
#include "lib/uicc/apdu.h"

struct uicc;
struct bridge;

/* Borrows the card. */
enum err bridge_open(struct uicc *u, struct bridge **out) MUST_CHECK;
void bridge_close(struct bridge **b);
/* The reader is gone: the card is as after power on, nothing waits. */
enum err bridge_reset(struct bridge *b) MUST_CHECK;
/*
 * The card's answer to a command, of up to APDU_RESPONSE_MAX octets, appended to answer. What is no
 * short APDU is answered 6700 and does not come to the card. An error: the card is gone, or broke
 * its protocol.
 */
enum err bridge_carry(struct bridge *b, struct slice command, struct wbuf *answer) MUST_CHECK;

#endif

/*
 * vpcd: the protocol between vsmartcard's virtual reader, vpcd, and a card program, over TCP.
 *
 * Frames of a two-octet length (big endian) and that many octets. From the reader one octet is a
 * control, anything longer a command APDU. The card answers to VPCD_ATR and to commands alone.
 */
#ifndef TWINKEY_UICC_VPCD_H
#define TWINKEY_UICC_VPCD_H

#include "lib/base/bytes.h"

#define VPCD_PORT	 35963 /* where the reader listens; its further slots behind it */
#define VPCD_HEADER_LEN	 2
#define VPCD_PAYLOAD_MAX 65535
#define VPCD_FRAME_MAX	 (VPCD_HEADER_LEN + VPCD_PAYLOAD_MAX)

enum vpcd_control {
	VPCD_OFF = 0,
	VPCD_ON = 1,
	VPCD_RESET = 2,
	VPCD_ATR = 4,
	VPCD_COMMAND = 256 /* it is no control */
};

/* What a payload from the reader is; a control that has no name here too. */
unsigned vpcd_control(struct slice payload);
/* Takes the first frame off the front; false, and nothing is taken: it is not whole yet. */
bool vpcd_take(struct cursor *c, struct slice *payload);
/* ERR_LENGTH in w: over VPCD_PAYLOAD_MAX. */
void vpcd_put(struct wbuf *w, struct slice payload);

#endif

/*
 * target: a PN53x as a contactless card (ISO 14443-4 type A), seen from outside the fence.
 *
 * The chip answers anticollision, RATS and frames by itself; whole APDUs come through. Its UID is
 * four octets, 08 and three random ones (ISO 14443-3 6.5.4: a random UID), others it cannot have.
 */
#ifndef TWINKEY_TOOL_NFC_TARGET_H
#define TWINKEY_TOOL_NFC_TARGET_H

#include "tool/nfc/event.h"

struct cancel;
struct target;

struct target_options {
	const char *connstring; /* as libnfc has them; "": the first reader that it finds */
	struct cancel *cancel;
};

/* Makes the fence (before there is a secret); no reader is opened. Borrows what o names. */
enum err target_open(const struct target_options *o, struct target **out) MUST_CHECK;
void target_close(struct target **t);
/*
 * Opens the reader: at first, and again after an error of target_next(), which tells its failure.
 * historical: what the card's ATS says of it, up to TARGET_HISTORICAL_MAX octets; see
 * target_historical().
 */
enum err target_start(struct target *t, struct slice historical) MUST_CHECK;
/* The historical octets of an ATR (ISO 7816-3 8.2), empty where it has none or is none. */
struct slice target_historical(struct slice atr);
/*
 * What happens next; a command is appended to command. Waits as long as that takes.
 * ERR_CANCELLED; any other error ends it until target_start(): those of port_open()
 * (tool/nfc/port.h), ERR_NFC_LOST, ERR_NFC_MUTE, ERR_NFC_CRASH, ERR_UNSUPPORTED: this reader can be
 * no such card.
 */
enum err target_next(struct target *t, enum target_event *event, struct wbuf *command) MUST_CHECK;
/*
 * The answer to the command. An empty one: there is none, the card leaves the field. ERR_SPACE: it
 * does not fit into TARGET_ANSWER_MAX. A reader that is gone is told by target_next().
 */
enum err target_answer(struct target *t, struct slice answer) MUST_CHECK;

#endif

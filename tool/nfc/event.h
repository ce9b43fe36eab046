/*
 * event: what a contactless card that a PN53x plays hears, on both sides of the fence.
 */
#ifndef TWINKEY_TOOL_NFC_EVENT_H
#define TWINKEY_TOOL_NFC_EVENT_H

#include "lib/base/bytes.h"

/* A command APDU that comes through, an answer that goes: one frame of the chip. */
#define TARGET_COMMAND_MAX    262
#define TARGET_ANSWER_MAX     262
#define TARGET_HISTORICAL_MAX 15 /* as in an ATR; so a reader can make one of it */

enum target_event {
	TARGET_READY,	 /* the reader works, no field is there */
	TARGET_SELECTED, /* another reader has activated the card */
	TARGET_COMMAND,	 /* and sent a command; target_answer() must follow */
	TARGET_RELEASED	 /* the card was deselected, or the field is gone */
};

#endif

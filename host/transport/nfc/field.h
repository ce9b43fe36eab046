/*
 * field: a reader's field and the card in it, inside the fence (tool/nfc/fence.h). For
 * host/transport/nfc/nfc.c alone.
 *
 * The parent asks: an octet of enum field_wish, and the command behind FIELD_COMMAND. Each wish has
 * one answer: two octets of enum err, then what is asked for (or, with an error, words for people).
 * Before the first wish comes one answer: the reader's name. What ends the reader ends the work.
 */
#ifndef TWINKEY_HOST_TRANSPORT_NFC_FIELD_H
#define TWINKEY_HOST_TRANSPORT_NFC_FIELD_H

#include "lib/base/bytes.h"

#define FIELD_CONNSTRING_MAX 1024
/* What fits into a frame of the chip; libnfc writes past its buffer with more. */
#define FIELD_COMMAND_MAX 262
#define FIELD_ANSWER_MAX  264
#define FIELD_NAME_MAX	  96
/* For a card's answer, with all its extensions of time. A reader that is mute takes as long. */
#define FIELD_CARD_MS  15000 /* keys are made, a profile is loaded */
#define FIELD_QUICK_MS 4000

enum field_wish {
	FIELD_SELECT, /* the one card in the field, from no power: its ATR */
	FIELD_RESET,  /* the card is deselected, and selected again: its ATR */
	FIELD_COMMAND /* the card's answer */
};

struct fence_child;

struct field_setup {
	char connstring[FIELD_CONNSTRING_MAX];
};

/* The fence's work; ctx is the setup. */
enum err field_work(void *ctx, struct fence_child *child);

#endif

/*
 * keypad: PINs that are entered at a reader's keys (PC/SC part 10, 2.2 and 2.5): which of a
 * program's controls of a reader send a command to the card, and which command.
 *
 * The program gives the reader a template; the reader puts what is typed into it, and nobody else
 * sees that. So it is the template that is known.
 */
#ifndef TWINKEY_HOST_RECORD_KEYPAD_H
#define TWINKEY_HOST_RECORD_KEYPAD_H

#include "lib/base/bytes.h"

#define KEYPAD_CODES_MAX   16
#define KEYPAD_COMMAND_MAX 261

/* Of one connection; zeros in the beginning. */
struct keypad {
	struct keypad_code {
		uint32_t code;
		uint8_t feature;
	} codes[KEYPAD_CODES_MAX]; /* that readers have named for their keys */
	size_t count;
	uint8_t command[KEYPAD_COMMAND_MAX]; /* of an entry that has begun */
	size_t command_len;		     /* 0: none has */
};

struct keypad_control {
	uint32_t code;
	struct slice sent, received;
};

/*
 * Takes a control that a reader has done. True: a command has come to the card by it, and
 * c->received is the card's response. *command has FF, 8 octets, where the template leaves the
 * length to the reader, too; it borrows from k until the next call.
 */
bool keypad_take(struct keypad *k, const struct keypad_control *c, struct slice *command);

#endif

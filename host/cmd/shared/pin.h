/*
 * pin: PIN1, from a file, the environment or the terminal; what was typed serves a whole command.
 */
#ifndef TWINKEY_HOST_CMD_PIN_H
#define TWINKEY_HOST_CMD_PIN_H

#include <stdint.h>

#include "host/terminal/failure.h"

struct uicc;

/*
 * PIN1 for the card, when it asks for one (VERIFY PIN with key reference 01): from --pin-file, the
 * environment variable TWINKEY_PIN, the keys of a reader that has some, or a prompt on the
 * terminal. No failure when the PIN is disabled
 * or verified. A PIN that was refused is not tried again; with one attempt left none is made
 * without the prompt. One that was typed and taken is kept in locked memory, and sent again when
 * the card wants it again (after a reset), until cmd_forget_pin() or cmd_close().
 */
struct failure cmd_verify_pin(struct uicc *u, uint8_t key_reference);
/* For when another profile is enabled, which has another PIN. */
void cmd_forget_pin(void);

#endif

/*
 * kra: the key-release application (docs/protocol.md section 2).
 *
 * A challenge opens a session that lives in volatile memory and serves one grant (I2). Whatever is
 * wrong with a grant, the answer names it (6A80: its form), and what is in non-volatile memory
 * stays as it was.
 */
#ifndef TWINKEY_CARD_KRA_H
#define TWINKEY_CARD_KRA_H

#include "card-emu/core/app.h"

extern const struct app app_kra;

#endif

/*
 * system: the commands that do not depend on the application: channels, SELECT, toolkit.
 */
#ifndef TWINKEY_CARD_SYSTEM_H
#define TWINKEY_CARD_SYSTEM_H

#include "card-emu/core/app.h"

extern const struct app app_system;

#endif

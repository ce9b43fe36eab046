/*
 * files: the commands on EFs, TS 102 221 11.1.3 to 11.1.8, 11.1.14, 11.1.15, 11.3, for the
 * dispatcher and the 2G view.
 */
#ifndef TWINKEY_CARD_FILES_H
#define TWINKEY_CARD_FILES_H

#include "card-emu/core/app.h"

extern const struct app app_files;

#endif

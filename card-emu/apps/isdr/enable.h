/*
 * enable: EnableProfile, DisableProfile, DeleteProfile, eUICCMemoryReset, SGP.22 5.7.16 to 5.7.19.
 */
#ifndef TWINKEY_CARD_ISDR_ENABLE_H
#define TWINKEY_CARD_ISDR_ENABLE_H

#include "card-emu/apps/isdr/handler.h"

isdr_handler isdr_enable, isdr_disable, isdr_delete, isdr_memory_reset;

#endif

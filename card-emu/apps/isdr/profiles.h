/*
 * profiles: GetProfilesInfo and SetNickname, SGP.22 5.7.15 and 5.7.21.
 */
#ifndef TWINKEY_CARD_ISDR_PROFILES_H
#define TWINKEY_CARD_ISDR_PROFILES_H

#include "card-emu/apps/isdr/handler.h"

isdr_handler isdr_profiles_info, isdr_set_nickname;

#endif

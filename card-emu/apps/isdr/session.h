/*
 * session: the RSP session up to the package, SGP.22 5.7.5, 5.7.7, 5.7.13, 5.7.14.
 */
#ifndef TWINKEY_CARD_ISDR_SESSION_H
#define TWINKEY_CARD_ISDR_SESSION_H

#include "card-emu/apps/isdr/handler.h"

isdr_handler isdr_get_challenge, isdr_authenticate_server, isdr_prepare_download,
	isdr_cancel_session;

#endif

/*
 * handler: a function of ES10a, ES10b or ES10c. It appends its answer to call->out; 6A80: the
 * request is not well formed. For card-emu/apps/isdr alone.
 */
#ifndef TWINKEY_CARD_ISDR_HANDLER_H
#define TWINKEY_CARD_ISDR_HANDLER_H

#include "lib/base/bytes.h"

struct app_call;
struct card;
struct isdr; /* the applet's memory, card-emu/apps/isdr/state.h */

typedef uint16_t isdr_handler(struct app_call *call, struct isdr *s, struct slice request);

#endif

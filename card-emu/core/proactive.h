/*
 * proactive: the command that waits for FETCH (TS 102 223 6). For card-emu/core alone.
 */
#ifndef TWINKEY_CARD_PROACTIVE_H
#define TWINKEY_CARD_PROACTIVE_H

#include "lib/base/bytes.h"

struct proactive { /* zeroed: nothing waits */
	uint8_t command[64];
	size_t len;
	bool fetched;
};

/* TS 102 223 8.6; only the first one takes the power away (6.4.7) */
enum refresh_mode { REFRESH_UICC_RESET = 4, REFRESH_NAA_RESET = 5 };
/* REFRESH (TS 102 223 6.6.13), in place of what waits. */
void proactive_queue_refresh(struct proactive *p, enum refresh_mode mode);
void proactive_clear(struct proactive *p);
/* The command to out. whole: it goes to the terminal, which otherwise asks again. */
void proactive_fetch(struct proactive *p, bool whole, struct wbuf *out);
/* 9000 as the answer to a command: 91xx when a command waits to be fetched. Others stay as they
 * are. */
uint16_t proactive_sw(const struct proactive *p, uint16_t sw);

#endif

/*
 * store_data: STORE DATA with its chain of blocks (SGP.22 5.7.2; GlobalPlatform 11.11), for ISD-R
 * and the key-release application.
 *
 * P1 11: more blocks follow, 91: last block; P2: block number from 00, after FF 00 again. A block
 * out of order or on another channel than the chain's (6A86), or more than the limit (6A84), drops
 * the chain. When the last block is there, handle() gets the whole.
 */
#ifndef TWINKEY_CARD_STORE_DATA_H
#define TWINKEY_CARD_STORE_DATA_H

#include "card-emu/core/app.h"

#define STORE_DATA_MAX (64 * 1024)

struct store_data { /* zeroed: no chain is open. Lives in the application's memory. */
	struct wbuf chain;
	uint8_t next_block;
	const struct channel *channel; /* on which it was begun; NULL: none is open */
};

uint16_t store_data_block(struct store_data *d, struct app_call *call,
			  uint16_t (*handle)(struct app_call *call, struct slice request));
void store_data_drop(struct store_data *d);
/* The application is left on this channel: a chain that was begun there is dropped. */
void store_data_leave(struct store_data *d, const struct channel *channel);

#endif

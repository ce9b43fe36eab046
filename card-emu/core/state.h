/*
 * state: the card's volatile state. For card-emu/core alone; applications see the card through
 * core/app.h, and the file system through fs/session.h.
 */
#ifndef TWINKEY_CARD_STATE_H
#define TWINKEY_CARD_STATE_H

#include "card-emu/core/app.h"
#include "card-emu/core/proactive.h"
#include "card-emu/core/response.h"
#include "card-emu/fs/session.h"

#define CARD_CHANNELS 4
#define CARD_APPS_MAX 8

struct channel {
	bool open;
	unsigned number;
	const struct app *app; /* selected by its AID; NULL: the file system */
	struct fs_position at;
};

struct card {
	struct card_options options;
	const struct app_table *table;
	struct fs_session fs;
	struct channel channels[CARD_CHANNELS];
	bool powered;
	struct response response;   /* waits for GET RESPONSE */
	struct proactive proactive; /* waits for FETCH */
	uint8_t atr[CARD_ATR_MAX];
	struct {
		const struct app *app;
		void *memory;
		size_t size;
	} memory[CARD_APPS_MAX]; /* of applications, until power off */
};

#endif

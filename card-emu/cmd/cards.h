/*
 * cards: several cards at once, each open and served by a thread of its own.
 */
#ifndef TWINKEY_CARD_CMD_CARDS_H
#define TWINKEY_CARD_CMD_CARDS_H

#include "card-emu/card.h"
#include "card-emu/cmd/record.h"
#include "card-emu/link/link.h"

struct cards;

/* What has become of a card. */
enum cards_state {
	CARDS_COMING, /* its reader has not taken it yet */
	CARDS_TAKEN,
	CARDS_ABSENT, /* as the events of card-emu/link/link.h */
	CARDS_BUSY,
	CARDS_ODD,
	CARDS_FAILED /* it is served no more */
};

/* Opens the card of each folder; o: what else they are opened with. TOOL_OK, or it has said why
 * not. */
int cards_open(const struct card_options *o, const char *const *dirs, size_t n, struct cards **out);
/* Records what they are asked in one file; TOOL_OK, or it has said why not. */
int cards_trace(struct cards *c, const struct record_wish *wish);
/* Begins to serve one of them, as vpcd_serve(): where, of l; it is copied, what it points to is
 * borrowed. */
enum err cards_begin(struct cards *c, size_t card, const struct link *l) MUST_CHECK;
/*
 * Until the card is no more CARDS_COMING, or for ms. ERR_CANCELLED: there is a wish of cancel.
 */
enum err cards_wait(struct cards *c, size_t card, unsigned ms, struct cancel *cancel,
		    enum cards_state *out) MUST_CHECK;
struct slice cards_atr(const struct cards *c, size_t card);
/* Ends the threads and closes the cards. The first failure of the trace. */
enum err cards_end(struct cards **c) MUST_CHECK;

#endif

/*
 * reader: a PC/SC reader as the service shows it, and what is in it.
 */
#ifndef TWINKEY_TOOL_PCSC_READER_H
#define TWINKEY_TOOL_PCSC_READER_H

#include "lib/base/bytes.h"

#define READER_NAME_MAX 128
#define READER_ATR_MAX	33

enum reader_state {
	READER_EMPTY,
	READER_CARD,
	READER_MUTE,  /* there is a card, and it gives no ATR */
	READER_BROKEN /* its driver does not know */
};

/* Who uses it: programs that share it, or one that has it for itself. */
enum reader_use { READER_FREE, READER_SHARED, READER_EXCLUSIVE };

struct reader {
	unsigned index; /* its place in the service's list */
	char name[READER_NAME_MAX];
	enum reader_state state;
	enum reader_use use;
	unsigned
		events; /* grows with each card that comes or goes; 0: the service does not count */
	unsigned long shown; /* the service's own word for all this */
	uint8_t atr[READER_ATR_MAX];
	size_t atr_len;
};

struct reader_list {
	struct reader *items;
	size_t count;
};

/* What happens to readers: X(value, name) */
#define READER_CHANGES(X)                                                                          \
	X(READER_CHANGE_SERVICE_UP, "service-started")                                             \
	X(READER_CHANGE_SERVICE_DOWN, "service-stopped")                                           \
	X(READER_CHANGE_NEW, "reader-added") /* with the card that is in it */                     \
	X(READER_CHANGE_GONE, "reader-removed")                                                    \
	X(READER_CHANGE_STATE,                                                                     \
	  "reader-state") /* its driver lost sight of the slot, or found it */                     \
	X(READER_CHANGE_CARD_IN, "card-inserted")                                                  \
	X(READER_CHANGE_CARD_MUTE, "card-mute") /* inserted, and it gives no ATR */                \
	X(READER_CHANGE_CARD_OUT, "card-removed")                                                  \
	X(READER_CHANGE_USE, "use-changed") /* who has it: enum reader_use */
#define READER_CHANGE_ENUM(value, name) value,
enum reader_change { READER_CHANGES(READER_CHANGE_ENUM) };
#undef READER_CHANGE_ENUM
const char *reader_change_text(enum reader_change c);

struct reader_watcher {
	/* r is NULL for the service's; otherwise as it is afterwards (gone: as it was). */
	void (*on_change)(void *ctx, enum reader_change c, const struct reader *r);
	void *ctx;
};

/* "card", "empty", "mute", "broken"; "free", "shared", "exclusive" */
const char *reader_state_text(enum reader_state s);
const char *reader_use_text(enum reader_use u);
struct slice reader_atr(const struct reader *r);
/* "0: NAME (card, ATR 3B...), 1: ..." for people; cut with "..." where it does not fit. */
void reader_list_text(const struct reader_list *l, char *text, size_t cap);
void reader_list_free(struct reader_list *l);

#endif

/*
 * home: a card's folder: its lock, its storage key, the journal's head in it and the anchor outside
 * of it. For card-emu/store/store.c alone.
 */
#ifndef TWINKEY_CARD_HOME_H
#define TWINKEY_CARD_HOME_H

#include "card-emu/store/journal.h"

struct secret;

struct home {
	int lock;		    /* -1: not taken */
	struct secret *key;	    /* the storage key */
	struct journal_place place; /* dir -1: none, all is in memory */
};
#define HOME_NONE ((struct home){.lock = -1, .place = {.dir = -1}})

/* Both begin with HOME_NONE. dir NULL: no folder, and a key that nobody keeps. ERR_PERMISSION: it
 * is not safe. */
enum err home_open(struct home *h, const char *dir) MUST_CHECK;
void home_close(struct home *h);
/* ERR_LOCKED: another process has it. */
enum err home_lock(struct home *h) MUST_CHECK;
/* The process that holds the lock of this folder, 0 if unknown. */
long home_lock_holder(const char *dir);

/* For a new card: key, head and, where it has a name, anchor. */
enum err home_make(struct home *h, const char *anchor) MUST_CHECK;
/* ERR_CORRUPT: it is missing or damaged. */
enum err home_load_key(struct home *h) MUST_CHECK;
/* The heads that are there; the anchor has to be unless it may lack (ERR_NOT_FOUND). */
enum err home_open_heads(struct home *h, const char *anchor, bool may_lack) MUST_CHECK;
/* The heads that are not. */
enum err home_make_heads(struct home *h, const char *anchor) MUST_CHECK;
/* Why a folder that has no journal is none of a card: ERR_NOT_FOUND, or ERR_CORRUPT if it was one.
 */
enum err home_without_journal(const struct home *h) MUST_CHECK;

#endif

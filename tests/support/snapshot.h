/*
 * snapshot: what a card's store held at one time, secrets included, to compare with and to go back
 * to.
 */
#ifndef TWINKEY_TESTS_SNAPSHOT_H
#define TWINKEY_TESTS_SNAPSHOT_H

#include "card-emu/store/store.h"

struct snapshot;

/* The keys that begin with prefix; "": all. */
struct snapshot *snapshot_take(const struct store *s, const char *prefix);
void snapshot_free(struct snapshot **snapshot);
/* The first key whose value differs, is new or is gone; NULL when all is as it was. */
const char *snapshot_difference(const struct snapshot *snapshot, const struct store *s);
/* Makes all as it was. Writes only what differs. */
void snapshot_restore(const struct snapshot *snapshot, struct store *s);

#endif

/*
 * rotation: second keys of many subscribers rotated, one after the other: who is chosen, when each
 * one begins, and what became of it. A card takes part when it comes (docs/protocol.md section 5);
 * a key that it was granted and then does not show is rolled back.
 *
 * Everything is in the operator's store, so a run that broke off is taken up by the next one. Time
 * is an argument; who waits is the caller.
 */
#ifndef TWINKEY_OPERATOR_ROTATION_H
#define TWINKEY_OPERATOR_ROTATION_H

#include "host/operator/policy/subscriber.h"

struct operator_store;

enum rotation_result {
	ROTATION_CHOSEN,      /* and not begun */
	ROTATION_WAITS,	      /* for the card, or for the second factor */
	ROTATION_DONE,	      /* the card has shown the new key */
	ROTATION_ROLLED_BACK, /* it did not: the former key is in force, for limited access */
	ROTATION_SKIPPED,     /* nothing to rotate, as it is now */
};
const char *rotation_result_name(enum rotation_result r); /* "waits" */

#define ROTATION_WHY_MAX 160
struct rotation_item {
	int64_t id;
	char imsi[IMSI_MAX + 1]; /* of the first subscription */
	uint32_t from, to;	 /* keyIds */
	enum rotation_result result;
	char why[ROTATION_WHY_MAX];
};

struct rotation_list { /* zeroed: empty */
	struct rotation_item *items;
	size_t count, cap;
};
/* Twice the same: once. ERR_MEMORY. */
enum err rotation_choose(struct rotation_list *l, const struct subscriber *sub) MUST_CHECK;
/* Everybody whose second key was released so long ago, or longer. */
enum err rotation_choose_older(struct rotation_list *l, struct operator_store *s, int64_t now,
			       int64_t seconds) MUST_CHECK;
void rotation_list_free(struct rotation_list *l);

struct rotation_rules {
	int64_t now;
	int64_t attach_s;   /* a key that was granted has to be shown within */
	const char *reason; /* for the log */
};
/* Begins it, where none is under way. An error is the store's; why a subscriber cannot be rotated
 * is in the item. */
enum err rotation_begin(struct rotation_item *item, struct operator_store *s,
			const struct rotation_rules *rules) MUST_CHECK;
/* What became of it by now; rolls back what has failed: no RES of the new key in time, or a wrong
 * one. */
enum err rotation_look(struct rotation_item *item, struct operator_store *s,
		       const struct rotation_rules *rules) MUST_CHECK;

#endif

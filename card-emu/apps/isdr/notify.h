/*
 * notify: notifications, SGP.22 5.7.9 to 5.7.11.
 */
#ifndef TWINKEY_CARD_ISDR_NOTIFY_H
#define TWINKEY_CARD_ISDR_NOTIFY_H

#include "card-emu/apps/isdr/handler.h"

struct store_txn;

isdr_handler isdr_list_notifications, isdr_retrieve_notifications, isdr_notification_sent;

/* Notifications: numbers are given within a transaction, counting from isdr_first_seq(). */
uint32_t isdr_first_seq(struct card *card);
struct isdr_event {
	struct slice metadata; /* of the profile; empty: nobody is told */
	struct slice iccid;
	uint32_t event;	  /* RSP_EVENT_* */
	unsigned signer;  /* the one that the profile's download used */
	const char *skip; /* an address that is not told; or NULL */
};
/* Signs and stores one notification for each address that the metadata names for the event. *seq
 * counts on. */
enum err isdr_notify(struct card *card, struct store_txn *t, const struct isdr_event *event,
		     uint32_t *seq) MUST_CHECK;
void isdr_put_note(struct store_txn *t, uint32_t seq, struct slice note);
void isdr_put_next_seq(struct store_txn *t, uint32_t seq);

#endif

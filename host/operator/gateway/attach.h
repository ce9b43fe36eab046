/*
 * attach: what an attach is to the operator's store: the first factor of the subscriber whose
 * IMSI it was (DESIGN I3), an entry of the log with the station's MAC and identity as evidence; and
 * whether it still counts.
 */
#ifndef TWINKEY_OPERATOR_ATTACH_H
#define TWINKEY_OPERATOR_ATTACH_H

#include "host/operator/gateway/station.h"

struct operator_store;

/* A run that hostapd has found good, and that the gateway was told of. */
struct attach_success {
	const struct hostapd_station *station;
	int64_t now;
};
/*
 * EVENT_RES1 or EVENT_RES2 into the log, and into st what came of it. ERR_LOCKED: the store is
 * busy, nothing is done: try again. ERR_SYNC: the run may have begun before the key in force was
 * granted, or before whatever made the subscriber prove himself anew: a further one is needed.
 * ERR_NOT_FOUND: nobody has this IMSI; ERR_WRONG_STATE: the subscriber's state takes no attach with
 * this subscription; ERR_CORRUPT and others.
 */
enum err attach_take(struct operator_store *s, const struct attach_success *a,
		     struct station *st) MUST_CHECK;
/* After a start: the attach that hostapd remembers, found in the log. ERR_NOT_FOUND: it is not
 * there, or has ended. */
enum err attach_find(struct operator_store *s, const struct hostapd_station *station,
		     struct station *st) MUST_CHECK;
/* What the station may reach now, into st->access; ACCESS_NONE with every error. */
enum err attach_look(struct operator_store *s, struct station *st) MUST_CHECK;

#endif

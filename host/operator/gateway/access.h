/*
 * access: what a module may reach: the word of the subscriber's state (host/operator/policy/
 * state.h has the one table), and how long its attach counts. Pure: no clock, socket or store.
 */
#ifndef TWINKEY_OPERATOR_ACCESS_H
#define TWINKEY_OPERATOR_ACCESS_H

#include "host/operator/policy/state.h"

enum access {
	ACCESS_NONE,
	ACCESS_LIMITED, /* the portal, the release, DHCP and DNS */
	ACCESS_FULL,
};

/* After an attach with subscription 1 or 2, in this state. Whatever else: ACCESS_NONE. */
enum access access_of(enum subscriber_state s, int subscription);
/* By its word, as subscriber_access() has it; anything else is none. */
enum access access_named(const char *word);
/* "none", "limited", "full". */
const char *access_name(enum access a);

/* What an entry of a subscriber's log says of his module's last attach. */
enum access_word {
	ACCESS_SAYS_NOTHING,
	ACCESS_ATTACHED, /* a module proved itself to hostapd */
	ACCESS_ENDED,	 /* whoever proved himself before proves himself anew */
};
#define ACCESS_ACTOR "gateway" /* who takes the events of hostapd, in the log */
/* event, actor: those of the entry. */
enum access_word access_word_of(const char *event, const char *actor);

#endif

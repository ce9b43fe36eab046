/*
 * journey: the whole way of a card, from an empty eUICC to full access with the second key, as a
 * state machine. An observer hears what happens: texts, JSON and tests are made of that.
 *
 * Every step looks at card and operator before it does anything. So a journey that ended early, by
 * a failure or by a wish to stop, is taken up by the next one where this one left card and
 * operator.
 */
#ifndef TWINKEY_HOST_JOURNEY_H
#define TWINKEY_HOST_JOURNEY_H

#include "host/terminal/failure.h"
#include "host/terminal/isdr.h"

#define JOURNEY_STEPS 6
#define JOURNEY_WORD  16 /* octets of a word of the operator, NUL included */

struct activation;
struct es9p_network;
struct lpa_report;
struct second;

enum journey_event_kind {
	JOURNEY_BEGINS, /* a step: number, text */
	JOURNEY_LEARNS, /* a fact about what is done now: name, text */
	JOURNEY_GSM,	/* the same attach in the GSM context: text; after the fact of the attach */
	JOURNEY_WAITS,	/* for the operator's approval; once */
	JOURNEY_RETRIES, /* the download was lost and begins anew: number, count, text (why) */
	JOURNEY_REPORTS, /* notifications were due: report */
	JOURNEY_ARRIVES, /* access, state */
	JOURNEY_FAILS,	 /* failure */
};

struct journey_event { /* all of it lasts as long as the call */
	enum journey_event_kind kind;
	unsigned number, count;
	/* "card", "load", "enable", "reseal", "attach-before", "attach-1", "factor", "release",
	 * "attach-2" */
	const char *name;
	const char *text;
	const struct lpa_report *report;
	const char *access, *state;
	const struct failure *failure;
};

struct journey_observer {
	void (*hear)(void *ctx, const struct journey_event *ev);
	void *ctx;
};

/* The user's part. */
struct journey_user {
	/* Verifies PIN1 of the selected USIM, where the card wants it. */
	struct failure (*unlock)(void *ctx, struct uicc *u);
	/* Another profile is enabled, which has another PIN. May be NULL. */
	void (*forget_pin)(void *ctx);
	void *ctx;
};

/* In which contexts the card is authenticated. */
enum journey_contexts {
	JOURNEY_WHAT_CARD_HAS, /* 3G, and GSM as well where the card has it */
	JOURNEY_BOTH,
	JOURNEY_ONLY_3G,
	JOURNEY_ONLY_GSM,
};

struct journey_plan { /* borrows everything */
	struct uicc *u;
	struct http_client *op;
	const struct es9p_network *network;
	struct isdr isdr;
	const struct activation *activation; /* of the first profile; NULL: it is on the card */
	struct second *second; /* the second profile, for a card without key-release application */
	enum journey_contexts contexts;
	bool no_wait; /* for the second factor */
	unsigned factor_wait_s;
	struct journey_user user;
	struct journey_observer observer;
};

/* Goes the whole way; no failure: the card has full access. The observer has heard all of it. */
struct failure journey_run(const struct journey_plan *plan);

#endif

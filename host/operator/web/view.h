/*
 * view: what the portal knows of the module that asks: the gateway's word of who is attached at its
 * address, and the operator's of that subscriber. Nothing of it is what a page said.
 */
#ifndef TWINKEY_OPERATOR_WEB_VIEW_H
#define TWINKEY_OPERATOR_WEB_VIEW_H

#include "host/operator/gateway/attached.h"
#include "host/operator/policy/book.h"
#include "host/operator/policy/subscriber.h"

struct operator_store;

/* Where the subscriber stands, and so which page it is. */
enum view_stage {
	VIEW_WAIT,    /* the first key was not shown yet */
	VIEW_PROVE,   /* a second factor is wanted */
	VIEW_EXPIRED, /* and was given before, in vain */
	VIEW_LOCKED,  /* and none of those that are set up can be tried any more */
	VIEW_APPROVED,
	VIEW_KEY, /* the second key was sent */
	VIEW_FULL,
	VIEW_SUSPENDED
};

struct view {
	struct attached who;
	struct subscriber sub;
	bool totp_enrolled;
	unsigned totp_tries;
	struct book book;
	struct factor_wants wants;
	enum view_stage stage;
	unsigned offered; /* FACTOR_BIT of the kinds that can be given here now */
	bool part;	  /* one of several was given */
	int64_t now;
};

struct view_source {
	struct operator_store *store;
	const char *gateway;	 /* its socket */
	const char *passkeys;	 /* the name that passkeys are for; NULL: there are none */
	bool sends;		 /* codes can be sent */
	int64_t silent_until_ms; /* the gateway did not answer: it is not asked before */
};

/*
 * ERR_NOT_FOUND: nobody whom the operator knows is attached at this address. Others: the gateway or
 * the store does not answer.
 */
enum err view_take(struct view_source *from, const char *address, int64_t now,
		   struct view *out) MUST_CHECK;
/* The same of a subscriber; out->who is set. Once more after something was done. */
enum err view_look(const struct view_source *from, int64_t now, struct view *out) MUST_CHECK;

#endif

/*
 * state: the life of a profile at the subscription manager (SGP.22 3.1.6): one table of edges.
 */
#ifndef TWINKEY_OPERATOR_SMDP_STATE_H
#define TWINKEY_OPERATOR_SMDP_STATE_H

#include <stdbool.h>

#include "lib/base/err.h"

enum smdp_profile_state {
	SMDP_AVAILABLE = 1, /* in the inventory */
	SMDP_ALLOCATED,	    /* ordered, for no eUICC in particular */
	SMDP_LINKED,	    /* ordered for one eUICC */
	SMDP_CONFIRMED,	    /* has its matching id, and its confirmation code if it needs one */
	SMDP_RELEASED,	    /* may be downloaded */
	SMDP_DOWNLOADED,    /* bound for an eUICC; the result is awaited */
	SMDP_INSTALLED,
	SMDP_ERROR,	  /* the order ended without installation */
	SMDP_UNAVAILABLE, /* never to be used again */
	SMDP_DELETED,	  /* its eUICC has deleted it */
	SMDP_STATE_END
};

enum smdp_event {
	SMDP_ORDER = 1,	    /* ES2+.DownloadOrder without EID */
	SMDP_ORDER_EID,	    /* ES2+.DownloadOrder with EID */
	SMDP_CONFIRM,	    /* ES2+.ConfirmOrder */
	SMDP_RELEASE,	    /* ES2+.ReleaseProfile, or releaseFlag */
	SMDP_CANCEL,	    /* ES2+.CancelOrder, back to the inventory */
	SMDP_RETIRE,	    /* ES2+.CancelOrder, final */
	SMDP_BIND,	    /* ES9+.GetBoundProfilePackage */
	SMDP_INSTALL,	    /* ProfileInstallationResult: success */
	SMDP_INSTALL_RETRY, /* ... a failure that another attempt may mend */
	SMDP_INSTALL_FAIL,  /* ... one that it can not */
	SMDP_POSTPONE,	    /* ES9+.CancelSession: postponed, timeout */
	SMDP_REJECT,	    /* ES9+.CancelSession: any other reason */
	SMDP_CODE_TRY,	    /* a confirmation code is about to be compared */
	SMDP_CODE_WRONG,    /* it was wrong */
	SMDP_CODE_LIMIT,    /* ... once too often */
	SMDP_TRIES_LIMIT,   /* downloads begun once too often */
	SMDP_EXPIRE,
	SMDP_DELETE, /* the eUICC's notification: deleted */
	SMDP_EVENT_END
};

const char *smdp_state_name(enum smdp_profile_state s); /* "Available"; "?" for none */
const char *smdp_event_name(enum smdp_event e);
/* ERR_WRONG_STATE: there is no such edge; *to is then as it was. */
enum err smdp_state_next(enum smdp_profile_state from, enum smdp_event e,
			 enum smdp_profile_state *to) MUST_CHECK;

#endif

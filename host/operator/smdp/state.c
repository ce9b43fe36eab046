#include "host/operator/smdp/state.h"

#include <stddef.h>

#include "lib/base/bytes.h"

static const char *const state_names[SMDP_STATE_END] = {
	[SMDP_AVAILABLE] = "Available",	    [SMDP_ALLOCATED] = "Allocated",
	[SMDP_LINKED] = "Linked",	    [SMDP_CONFIRMED] = "Confirmed",
	[SMDP_RELEASED] = "Released",	    [SMDP_DOWNLOADED] = "Downloaded",
	[SMDP_INSTALLED] = "Installed",	    [SMDP_ERROR] = "Error",
	[SMDP_UNAVAILABLE] = "Unavailable", [SMDP_DELETED] = "Deleted",
};

static const char *const event_names[SMDP_EVENT_END] = {
	[SMDP_ORDER] = "order",
	[SMDP_ORDER_EID] = "order-eid",
	[SMDP_CONFIRM] = "confirm",
	[SMDP_RELEASE] = "release",
	[SMDP_CANCEL] = "cancel",
	[SMDP_RETIRE] = "retire",
	[SMDP_BIND] = "bind",
	[SMDP_INSTALL] = "install",
	[SMDP_INSTALL_RETRY] = "install-retry",
	[SMDP_INSTALL_FAIL] = "install-fail",
	[SMDP_POSTPONE] = "postpone",
	[SMDP_REJECT] = "reject",
	[SMDP_CODE_TRY] = "code-try",
	[SMDP_CODE_WRONG] = "code-wrong",
	[SMDP_CODE_LIMIT] = "code-limit",
	[SMDP_TRIES_LIMIT] = "tries-limit",
	[SMDP_EXPIRE] = "expire",
	[SMDP_DELETE] = "deleted",
};

/*
 * SGP.22 3.1.6. What has no row is refused. A profile that was downloaded may be installed although
 * no result has come: it never goes back to the inventory, or two eUICCs could have it. It may when
 * its eUICC has signed that it deleted it (docs/adr/0019).
 */
static const struct edge {
	enum smdp_profile_state from;
	enum smdp_event event;
	enum smdp_profile_state to;
} edges[] = {
	{SMDP_AVAILABLE, SMDP_ORDER, SMDP_ALLOCATED},	/* 5.3.1 */
	{SMDP_AVAILABLE, SMDP_ORDER_EID, SMDP_LINKED},	/* 5.3.1 */
	{SMDP_ALLOCATED, SMDP_CONFIRM, SMDP_CONFIRMED}, /* 5.3.2 */
	{SMDP_LINKED, SMDP_CONFIRM, SMDP_CONFIRMED},	/* 5.3.2 */
	{SMDP_CONFIRMED, SMDP_RELEASE, SMDP_RELEASED},	/* 5.3.4 */
	{SMDP_AVAILABLE, SMDP_RETIRE, SMDP_UNAVAILABLE},
	{SMDP_ALLOCATED, SMDP_CANCEL, SMDP_AVAILABLE}, /* 5.3.3 */
	{SMDP_ALLOCATED, SMDP_RETIRE, SMDP_UNAVAILABLE},
	{SMDP_LINKED, SMDP_CANCEL, SMDP_AVAILABLE},
	{SMDP_LINKED, SMDP_RETIRE, SMDP_UNAVAILABLE},
	{SMDP_CONFIRMED, SMDP_CANCEL, SMDP_AVAILABLE},
	{SMDP_CONFIRMED, SMDP_RETIRE, SMDP_UNAVAILABLE},
	{SMDP_RELEASED, SMDP_CANCEL, SMDP_AVAILABLE},
	{SMDP_RELEASED, SMDP_RETIRE, SMDP_UNAVAILABLE},
	{SMDP_DOWNLOADED, SMDP_RETIRE, SMDP_UNAVAILABLE},
	{SMDP_ERROR, SMDP_CANCEL, SMDP_AVAILABLE},
	{SMDP_ERROR, SMDP_RETIRE, SMDP_UNAVAILABLE},
	{SMDP_RELEASED, SMDP_BIND, SMDP_DOWNLOADED},	 /* 5.6.2 */
	{SMDP_DOWNLOADED, SMDP_BIND, SMDP_DOWNLOADED},	 /* again, for the same eUICC */
	{SMDP_DOWNLOADED, SMDP_INSTALL, SMDP_INSTALLED}, /* 5.6.4 */
	{SMDP_DOWNLOADED, SMDP_INSTALL_RETRY, SMDP_RELEASED},
	{SMDP_DOWNLOADED, SMDP_INSTALL_FAIL, SMDP_ERROR},
	{SMDP_RELEASED, SMDP_POSTPONE, SMDP_RELEASED}, /* 5.6.5 */
	{SMDP_DOWNLOADED, SMDP_POSTPONE, SMDP_DOWNLOADED},
	{SMDP_RELEASED, SMDP_REJECT, SMDP_ERROR},
	{SMDP_DOWNLOADED, SMDP_REJECT, SMDP_ERROR},
	{SMDP_RELEASED, SMDP_CODE_TRY, SMDP_RELEASED}, /* 5.6.2 */
	{SMDP_DOWNLOADED, SMDP_CODE_TRY, SMDP_DOWNLOADED},
	{SMDP_RELEASED, SMDP_CODE_WRONG, SMDP_RELEASED},
	{SMDP_DOWNLOADED, SMDP_CODE_WRONG, SMDP_DOWNLOADED},
	{SMDP_RELEASED, SMDP_CODE_LIMIT, SMDP_ERROR},
	{SMDP_RELEASED, SMDP_TRIES_LIMIT, SMDP_ERROR},
	{SMDP_RELEASED, SMDP_EXPIRE, SMDP_ERROR},
	{SMDP_DOWNLOADED, SMDP_CODE_LIMIT, SMDP_ERROR},
	{SMDP_DOWNLOADED, SMDP_TRIES_LIMIT, SMDP_ERROR},
	{SMDP_DOWNLOADED, SMDP_EXPIRE, SMDP_ERROR},
	{SMDP_ERROR, SMDP_INSTALL, SMDP_INSTALLED}, /* its result came late */
	{SMDP_RELEASED, SMDP_INSTALL, SMDP_INSTALLED},
	{SMDP_INSTALLED, SMDP_DELETE, SMDP_DELETED},  /* 5.6.4 */
	{SMDP_DOWNLOADED, SMDP_DELETE, SMDP_DELETED}, /* its result has not come */
	{SMDP_ERROR, SMDP_DELETE, SMDP_DELETED},
	{SMDP_DELETED, SMDP_INSTALL, SMDP_INSTALLED}, /* it was downloaded again before */
	{SMDP_DELETED, SMDP_CANCEL, SMDP_AVAILABLE},
	{SMDP_DELETED, SMDP_RETIRE, SMDP_UNAVAILABLE},
};

const char *smdp_state_name(enum smdp_profile_state s)
{
	return (size_t)s < ARRAY_LEN(state_names) && state_names[s] ? state_names[s] : "?";
}

const char *smdp_event_name(enum smdp_event e)
{
	return (size_t)e < ARRAY_LEN(event_names) && event_names[e] ? event_names[e] : "?";
}

enum err smdp_state_next(enum smdp_profile_state from, enum smdp_event e,
			 enum smdp_profile_state *to)
{
	for (size_t i = 0; i < ARRAY_LEN(edges); i++) {
		if (edges[i].from == from && edges[i].event == e) {
			*to = edges[i].to;
			return ERR_OK;
		}
	}
	return ERR_WRONG_STATE;
}

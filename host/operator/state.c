#include "host/operator/state.h"

#include "lib/bytes.h"

static const char *const state_names[] = {
	[STATE_PROVISIONED] = "PROVISIONED", [STATE_LIMITED] = "LIMITED",
	[STATE_VERIFIED] = "VERIFIED",	     [STATE_RELEASED] = "RELEASED",
	[STATE_ACTIVE] = "ACTIVE",	     [STATE_SUSPENDED] = "SUSPENDED",
	[STATE_ROTATING] = "ROTATING",
};

static const char *const event_names[] = {
	[EVENT_RES1] = "res1",
	[EVENT_FACTOR] = "factor",
	[EVENT_EXPIRE] = "expire",
	[EVENT_GRANT] = "grant",
	[EVENT_REISSUE] = "reissue",
	[EVENT_RES2] = "res2",
	[EVENT_RESULT_FAILED] = "result-failed",
	[EVENT_ROTATE] = "rotate",
	[EVENT_SUSPEND] = "suspend",
	[EVENT_RESUME] = "resume",
};

/* DESIGN section 5. What has no row is refused. */
static const struct edge {
	enum subscriber_state from;
	enum subscriber_event_kind event;
	enum subscriber_state to;
} edges[] = {
	{STATE_PROVISIONED, EVENT_RES1, STATE_LIMITED},
	{STATE_LIMITED, EVENT_RES1, STATE_LIMITED}, /* a fresher first factor */
	{STATE_LIMITED, EVENT_FACTOR, STATE_VERIFIED},
	{STATE_VERIFIED, EVENT_RES1, STATE_VERIFIED},
	{STATE_VERIFIED, EVENT_FACTOR, STATE_VERIFIED},
	{STATE_VERIFIED, EVENT_EXPIRE, STATE_LIMITED},
	{STATE_VERIFIED, EVENT_GRANT, STATE_RELEASED},
	{STATE_RELEASED, EVENT_REISSUE, STATE_RELEASED}, /* two-profile mode only */
	{STATE_RELEASED, EVENT_RESULT_FAILED, STATE_LIMITED},
	{STATE_RELEASED, EVENT_RES2, STATE_ACTIVE},
	{STATE_ACTIVE, EVENT_RES2, STATE_ACTIVE},
	{STATE_ACTIVE, EVENT_ROTATE, STATE_ROTATING},
	{STATE_ROTATING, EVENT_RES2, STATE_ROTATING},
	{STATE_ROTATING, EVENT_GRANT, STATE_RELEASED},
	{STATE_PROVISIONED, EVENT_SUSPEND, STATE_SUSPENDED},
	{STATE_LIMITED, EVENT_SUSPEND, STATE_SUSPENDED},
	{STATE_VERIFIED, EVENT_SUSPEND, STATE_SUSPENDED},
	{STATE_RELEASED, EVENT_SUSPEND, STATE_SUSPENDED},
	{STATE_ACTIVE, EVENT_SUSPEND, STATE_SUSPENDED},
	{STATE_ROTATING, EVENT_SUSPEND, STATE_SUSPENDED},
	{STATE_SUSPENDED, EVENT_RESUME, STATE_PROVISIONED}, /* everything is proven anew */
};

/* What the AuC gives vectors for, and the access that a match opens. */
static const struct {
	bool sub[2];
	const char *access[2];
} rights[] = {
	[STATE_PROVISIONED] = {{true, false}, {"limited", "none"}},
	[STATE_LIMITED] = {{true, false}, {"limited", "none"}},
	[STATE_VERIFIED] = {{true, false}, {"limited", "none"}},
	[STATE_RELEASED] = {{false, true}, {"none", "full"}},
	[STATE_ACTIVE] = {{false, true}, {"none", "full"}},
	[STATE_SUSPENDED] = {{false, false}, {"none", "none"}},
	[STATE_ROTATING] = {{false, true}, {"none", "full"}},
};

static bool is_state(enum subscriber_state s)
{
	return s >= STATE_PROVISIONED && s <= STATE_ROTATING;
}

const char *state_name(enum subscriber_state s)
{
	return is_state(s) ? state_names[s] : "?";
}

const char *event_name(enum subscriber_event_kind k)
{
	return k >= EVENT_RES1 && k <= EVENT_RESUME ? event_names[k] : "?";
}

enum err state_next(enum subscriber_state from, enum subscriber_event_kind k,
		    enum subscriber_state *to)
{
	for (size_t i = 0; i < ARRAY_LEN(edges); i++) {
		if (edges[i].from == from && edges[i].event == k) {
			*to = edges[i].to;
			return ERR_OK;
		}
	}
	return ERR_WRONG_STATE;
}

bool state_allows_sub(enum subscriber_state s, int sub)
{
	return is_state(s) && (sub == 1 || sub == 2) && rights[s].sub[sub - 1];
}

const char *state_access(enum subscriber_state s, int sub)
{
	return state_allows_sub(s, sub) ? rights[s].access[sub - 1] : "none";
}

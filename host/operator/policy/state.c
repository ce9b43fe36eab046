#include "host/operator/policy/state.h"

#include "lib/base/bytes.h"

static const char *const state_names[] = {
	[STATE_PROVISIONED] = "PROVISIONED", [STATE_LIMITED] = "LIMITED",
	[STATE_VERIFIED] = "VERIFIED",	     [STATE_RELEASED] = "RELEASED",
	[STATE_ACTIVE] = "ACTIVE",	     [STATE_SUSPENDED] = "SUSPENDED",
	[STATE_ROTATING] = "ROTATING",	     [STATE_RECALLED] = "RECALLED",
};

static const char *const event_names[] = {
	[EVENT_RES1] = "res1",
	[EVENT_FACTOR] = "factor",
	[EVENT_EXPIRE] = "expire",
	[EVENT_GRANT] = "grant",
	[EVENT_REISSUE] = "reissue",
	[EVENT_RES2] = "res2",
	[EVENT_RESULT_OK] = "result-ok",
	[EVENT_RESULT_FAILED] = "result-failed",
	[EVENT_ROTATE] = "rotate",
	[EVENT_SUSPEND] = "suspend",
	[EVENT_RESUME] = "resume",
	[EVENT_RECALL] = "recall",
	[EVENT_RETURN] = "return",
	[EVENT_FACTOR_AGAIN] = "factor-again",
	[EVENT_GRANT_AGAIN] = "grant-again",
	[EVENT_ROLL_BACK] = "roll-back",
	[EVENT_FALLBACK] = "fallback",
	[EVENT_MOVE] = "move",
	[EVENT_BIND] = "bind",
	[EVENT_FOREIGN] = "foreign",
	[EVENT_CODE_WRONG] = "code-wrong",
	[EVENT_CODE_LOCK] = "code-lock",
	[EVENT_RES_WRONG] = "res-wrong",
	[EVENT_RES_LOCK] = "res-lock",
	[EVENT_POLICY] = "policy",
	[EVENT_ENROLL] = "enroll",
	[EVENT_CODE_SENT] = "code-sent",
	[EVENT_PART] = "part",
	[EVENT_FACTOR_LOCK] = "factor-lock",
	[EVENT_FACTOR_UNLOCK] = "factor-unlock",
	[EVENT_DESK] = "desk",
	[EVENT_IMPORT] = "import",
	[EVENT_EXPORT] = "export",
};

/* What has no row is refused. */
static const struct edge {
	enum subscriber_state from;
	enum subscriber_event_kind event;
	enum subscriber_state to;
	enum state_effect effect;
} edges[] = {
	{STATE_PROVISIONED, EVENT_RES1, STATE_LIMITED, EFFECT_FIRST_FACTOR},
	{STATE_LIMITED, EVENT_RES1, STATE_LIMITED,
	 EFFECT_FIRST_FACTOR}, /* a fresher first factor */
	{STATE_LIMITED, EVENT_FACTOR, STATE_VERIFIED, EFFECT_APPROVE},
	{STATE_VERIFIED, EVENT_RES1, STATE_VERIFIED, EFFECT_FIRST_FACTOR},
	{STATE_VERIFIED, EVENT_FACTOR, STATE_VERIFIED, EFFECT_APPROVE},
	{STATE_VERIFIED, EVENT_EXPIRE, STATE_LIMITED, EFFECT_EXPIRE},
	{STATE_VERIFIED, EVENT_GRANT, STATE_RELEASED, EFFECT_GRANT},
	{STATE_RELEASED, EVENT_REISSUE, STATE_RELEASED, EFFECT_NONE}, /* two-profile mode only */
	{STATE_RELEASED, EVENT_RESULT_OK, STATE_RELEASED, EFFECT_OPEN},
	{STATE_RELEASED, EVENT_RESULT_FAILED, STATE_LIMITED, EFFECT_FORGET},
	{STATE_RELEASED, EVENT_RECALL, STATE_RECALLED, EFFECT_RECALL},
	{STATE_RELEASED, EVENT_RES2, STATE_ACTIVE, EFFECT_OPEN},
	{STATE_ACTIVE, EVENT_RES2, STATE_ACTIVE, EFFECT_NONE},
	{STATE_ACTIVE, EVENT_ROTATE, STATE_ROTATING, EFFECT_FORGET},
	{STATE_ROTATING, EVENT_RES2, STATE_ROTATING, EFFECT_FIRST_FACTOR}, /* the first factor */
	{STATE_ROTATING, EVENT_FACTOR, STATE_ROTATING, EFFECT_APPROVE},
	{STATE_ROTATING, EVENT_GRANT, STATE_RELEASED, EFFECT_GRANT_NEXT},
	{STATE_RECALLED, EVENT_RES2, STATE_RECALLED, EFFECT_FIRST_FACTOR},
	{STATE_RECALLED, EVENT_FACTOR, STATE_RECALLED, EFFECT_APPROVE},
	{STATE_RECALLED, EVENT_GRANT, STATE_RELEASED, EFFECT_GRANT_NEXT},
	{STATE_RECALLED, EVENT_RESULT_OK, STATE_RECALLED, EFFECT_OPEN}, /* of a grant before */
	{STATE_RELEASED, EVENT_RETURN, STATE_RELEASED, EFFECT_FIRST_FACTOR},
	{STATE_ACTIVE, EVENT_RETURN, STATE_ACTIVE, EFFECT_FIRST_FACTOR},
	{STATE_ROTATING, EVENT_RETURN, STATE_ROTATING, EFFECT_FIRST_FACTOR},
	{STATE_RECALLED, EVENT_RETURN, STATE_RECALLED, EFFECT_FIRST_FACTOR},
	{STATE_RELEASED, EVENT_FACTOR_AGAIN, STATE_RELEASED, EFFECT_APPROVE},
	{STATE_ACTIVE, EVENT_FACTOR_AGAIN, STATE_ACTIVE, EFFECT_APPROVE},
	{STATE_RELEASED, EVENT_GRANT_AGAIN, STATE_RELEASED, EFFECT_GRANT},
	{STATE_ACTIVE, EVENT_GRANT_AGAIN, STATE_RELEASED, EFFECT_GRANT},
	{STATE_RELEASED, EVENT_ROLL_BACK, STATE_RECALLED, EFFECT_RECALL},
	{STATE_RELEASED, EVENT_FALLBACK, STATE_RELEASED, EFFECT_NONE},
	{STATE_ACTIVE, EVENT_FALLBACK, STATE_ACTIVE, EFFECT_NONE},
	{STATE_ROTATING, EVENT_FALLBACK, STATE_ROTATING, EFFECT_NONE},
	{STATE_RECALLED, EVENT_FALLBACK, STATE_RECALLED, EFFECT_NONE},
	{STATE_PROVISIONED, EVENT_SUSPEND, STATE_SUSPENDED, EFFECT_FORGET},
	{STATE_LIMITED, EVENT_SUSPEND, STATE_SUSPENDED, EFFECT_FORGET},
	{STATE_VERIFIED, EVENT_SUSPEND, STATE_SUSPENDED, EFFECT_FORGET},
	{STATE_RELEASED, EVENT_SUSPEND, STATE_SUSPENDED, EFFECT_FORGET},
	{STATE_ACTIVE, EVENT_SUSPEND, STATE_SUSPENDED, EFFECT_FORGET},
	{STATE_ROTATING, EVENT_SUSPEND, STATE_SUSPENDED, EFFECT_FORGET},
	{STATE_RECALLED, EVENT_SUSPEND, STATE_SUSPENDED, EFFECT_FORGET},
	{STATE_SUSPENDED, EVENT_RESULT_OK, STATE_SUSPENDED, EFFECT_OPEN},
	{STATE_SUSPENDED, EVENT_RESUME, STATE_PROVISIONED,
	 EFFECT_RESUME}, /* everything is proven anew */
	{STATE_SUSPENDED, EVENT_RECALL, STATE_RECALLED,
	 EFFECT_RECALL}, /* ... with K2: the card left K1 */
	{STATE_PROVISIONED, EVENT_MOVE, STATE_PROVISIONED,
	 EFFECT_MOVE}, /* another card has proven nothing */
	{STATE_LIMITED, EVENT_MOVE, STATE_PROVISIONED, EFFECT_MOVE},
	{STATE_VERIFIED, EVENT_MOVE, STATE_PROVISIONED, EFFECT_MOVE},
	{STATE_RELEASED, EVENT_MOVE, STATE_PROVISIONED, EFFECT_MOVE},
	{STATE_ACTIVE, EVENT_MOVE, STATE_PROVISIONED, EFFECT_MOVE},
	{STATE_ROTATING, EVENT_MOVE, STATE_PROVISIONED, EFFECT_MOVE},
	{STATE_RECALLED, EVENT_MOVE, STATE_PROVISIONED, EFFECT_MOVE},
	{STATE_SUSPENDED, EVENT_MOVE, STATE_SUSPENDED, EFFECT_MOVE},
};

/* What the AuC gives vectors for, and the access that a match opens. */
static const struct {
	bool sub[2];
	const char *access[2];
} rights[] = {
	[STATE_PROVISIONED] = {{true, false}, {"limited", "none"}},
	[STATE_LIMITED] = {{true, false}, {"limited", "none"}},
	[STATE_VERIFIED] = {{true, false}, {"limited", "none"}},
	[STATE_RELEASED] = {{false, true}, {"limited", "full"}},
	[STATE_ACTIVE] = {{false, true}, {"none", "full"}},
	[STATE_SUSPENDED] = {{false, false}, {"none", "none"}},
	[STATE_ROTATING] = {{false, true}, {"none", "full"}},
	[STATE_RECALLED] = {{false, true}, {"none", "limited"}},
};

static bool is_state(enum subscriber_state s)
{
	return s >= STATE_PROVISIONED && s <= STATE_RECALLED;
}

const char *state_name(enum subscriber_state s)
{
	return is_state(s) ? state_names[s] : "?";
}

const char *event_name(enum subscriber_event_kind k)
{
	return k >= EVENT_RES1 && k < EVENT_END ? event_names[k] : "?";
}

const char *state_step(enum subscriber_state s)
{
	static const char *const steps[] = {
		[STATE_PROVISIONED] =
			"its card attaches with the first key next (twinkey auth, or run)",
		[STATE_LIMITED] = "its second factor is approved next (factor approve)",
		[STATE_VERIFIED] = "its second key is released next (twinkey release, or run)",
		[STATE_RELEASED] =
			"its card attaches with the second key next; where the key did not "
			"reach the card, subscriber suspend and resume",
		[STATE_ACTIVE] = "it has full access; subscriber rotate brings a new second key",
		[STATE_SUSPENDED] = "subscriber resume lets it in again",
		[STATE_ROTATING] =
			"its card attaches with the key so far, a second factor is approved, "
			"and the next key is released (twinkey run)",
		[STATE_RECALLED] =
			"its card attaches with the key so far, a second factor is approved, "
			"and the next key is released (twinkey run)",
	};

	return (size_t)s < ARRAY_LEN(steps) && steps[s] ? steps[s] : "";
}

bool event_is_note(enum subscriber_event_kind k)
{
	return k >= EVENT_BIND && k < EVENT_END;
}

/* It stands in the log alone. */
static bool is_of_nobody(enum subscriber_event_kind k)
{
	return k == EVENT_POLICY || k == EVENT_DESK || k == EVENT_IMPORT || k == EVENT_EXPORT;
}

enum err state_take(enum subscriber_state from, enum subscriber_event_kind k,
		    enum subscriber_state *to, enum state_effect *effect)
{
	if (is_state(from) && event_is_note(k)) {
		*to = from;
		*effect = k == EVENT_BIND   ? EFFECT_BIND
			  : is_of_nobody(k) ? EFFECT_REFUSE
					    : EFFECT_NONE;
		return ERR_OK;
	}
	for (size_t i = 0; i < ARRAY_LEN(edges); i++) {
		if (edges[i].from == from && edges[i].event == k) {
			*to = edges[i].to;
			*effect = edges[i].effect;
			return ERR_OK;
		}
	}
	return ERR_WRONG_STATE;
}

enum err state_next(enum subscriber_state from, enum subscriber_event_kind k,
		    enum subscriber_state *to)
{
	enum state_effect effect;

	return state_take(from, k, to, &effect);
}

bool state_is_rotation(enum subscriber_state s)
{
	return s == STATE_ROTATING || s == STATE_RECALLED;
}

bool state_is_after_release(enum subscriber_state s)
{
	return s == STATE_RELEASED || s == STATE_ACTIVE || state_is_rotation(s);
}

bool state_allows_sub(enum subscriber_state s, int sub)
{
	return is_state(s) && (sub == 1 || sub == 2) && rights[s].sub[sub - 1];
}

const char *state_access(enum subscriber_state s, int sub)
{
	return is_state(s) && (sub == 1 || sub == 2) ? rights[s].access[sub - 1] : "none";
}

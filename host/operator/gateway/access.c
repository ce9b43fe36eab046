#include "host/operator/gateway/access.h"

#include <string.h>

#include "lib/base/bytes.h"

static const char *const names[] = {
	[ACCESS_NONE] = "none",
	[ACCESS_LIMITED] = "limited",
	[ACCESS_FULL] = "full",
};

enum access access_named(const char *word)
{
	for (size_t i = ACCESS_LIMITED; i < ARRAY_LEN(names); i++)
		if (strcmp(word, names[i]) == 0)
			return (enum access)i;
	return ACCESS_NONE;
}

enum access access_of(enum subscriber_state s, int subscription)
{
	return access_named(subscription == 1 || subscription == 2 ? state_access(s, subscription)
								   : "");
}

const char *access_name(enum access a)
{
	return (size_t)a < ARRAY_LEN(names) ? names[a] : names[ACCESS_NONE];
}

static bool is_one_of(const char *event, const enum subscriber_event_kind *kinds, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(event, event_name(kinds[i])) == 0)
			return true;
	return false;
}

enum access_word access_word_of(const char *event, const char *actor)
{
	static const enum subscriber_event_kind ends[] = {EVENT_SUSPEND, EVENT_RESUME, EVENT_RECALL,
							  EVENT_ROLL_BACK, EVENT_MOVE};
	static const enum subscriber_event_kind attaches[] = {EVENT_RES1, EVENT_RES2, EVENT_RETURN,
							      EVENT_FALLBACK};

	if (is_one_of(event, ends, ARRAY_LEN(ends)))
		return ACCESS_ENDED;
	return strcmp(actor, ACCESS_ACTOR) == 0 && is_one_of(event, attaches, ARRAY_LEN(attaches))
		       ? ACCESS_ATTACHED
		       : ACCESS_SAYS_NOTHING;
}

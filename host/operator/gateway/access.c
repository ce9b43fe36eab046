#include "host/operator/gateway/access.h"

#include <string.h>

#include "lib/base/bytes.h"

static const char *const names[] = {
	[ACCESS_NONE] = "none",
	[ACCESS_LIMITED] = "limited",
	[ACCESS_FULL] = "full",
};

enum access access_of(enum subscriber_state s, int subscription)
{
	const char *word =
		subscription == 1 || subscription == 2 ? state_access(s, subscription) : "";

	for (size_t i = ACCESS_LIMITED; i < ARRAY_LEN(names); i++)
		if (strcmp(word, names[i]) == 0)
			return (enum access)i;
	return ACCESS_NONE;
}

const char *access_name(enum access a)
{
	return (size_t)a < ARRAY_LEN(names) ? names[a] : names[ACCESS_NONE];
}

enum access_word access_word_of(const char *event, const char *actor)
{
	static const enum subscriber_event_kind ends[] = {EVENT_SUSPEND, EVENT_RESUME, EVENT_RECALL,
							  EVENT_MOVE};

	for (size_t i = 0; i < ARRAY_LEN(ends); i++)
		if (strcmp(event, event_name(ends[i])) == 0)
			return ACCESS_ENDED;
	if (strcmp(actor, ACCESS_ACTOR) != 0)
		return ACCESS_SAYS_NOTHING;
	return strcmp(event, event_name(EVENT_RES1)) == 0 ||
			       strcmp(event, event_name(EVENT_RES2)) == 0
		       ? ACCESS_ATTACHED
		       : ACCESS_SAYS_NOTHING;
}

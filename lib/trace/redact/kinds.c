#include "lib/trace/redact/kinds.h"

#define REDACT_KEY(name, key, words)   [REDACT_##name] = (key),
#define REDACT_WORDS(name, key, words) [REDACT_##name] = (words),

const char *redact_kind_key(enum redact_kind kind)
{
	static const char *const keys[] = {REDACT_KINDS(REDACT_KEY)};

	return keys[kind];
}

const char *redact_kind_words(enum redact_kind kind)
{
	static const char *const words[] = {REDACT_KINDS(REDACT_WORDS)};

	return words[kind];
}

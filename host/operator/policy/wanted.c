#include "host/operator/policy/wanted.h"

#include <stdio.h>
#include <string.h>

#include "host/operator/policy/moment.h"
#include "lib/base/bytes.h"

#define ANY "any"

static const char *const names[FACTOR_KINDS] = {
	[FACTOR_TOTP] = "totp",		[FACTOR_SENT] = "sent",
	[FACTOR_AGENT] = "agent",	[FACTOR_IDENTITY] = "identity",
	[FACTOR_PROVIDER] = "provider", [FACTOR_PASSKEY] = "passkey",
};

/* The first says "one of", the second "all of". */
static const char *const modes[] = {"one-of:", "all-of:"};

const char *factor_kind_name(enum factor_kind kind)
{
	return kind < FACTOR_KINDS ? names[kind] : "?";
}

static unsigned kind_bit(const char *word, size_t n)
{
	for (unsigned k = 0; k < FACTOR_KINDS; k++)
		if (strlen(names[k]) == n && strncmp(names[k], word, n) == 0)
			return FACTOR_BIT(k);
	return 0;
}

/* Words parted by commas, each once. */
static enum err parse_kinds(const char *text, unsigned *kinds)
{
	*kinds = strcmp(text, ANY) == 0 ? FACTOR_ALL_KINDS : 0;
	if (*kinds)
		return ERR_OK;
	for (;;) {
		size_t n = strcspn(text, ",");
		unsigned bit = kind_bit(text, n);

		if (!bit || (*kinds & bit))
			return ERR_VALUE;
		*kinds |= bit;
		if (!text[n])
			return ERR_OK;
		text += n + 1;
	}
}

enum err factor_wants_parse(const char *text, struct factor_wants *out)
{
	for (size_t i = 0; i < ARRAY_LEN(modes); i++) {
		size_t n = strlen(modes[i]);
		unsigned kinds = 0;

		if (strncmp(text, modes[i], n) != 0)
			continue;
		if (parse_kinds(text + n, &kinds))
			return ERR_VALUE;
		out->all = i == 1;
		out->kinds = kinds;
		return ERR_OK;
	}
	return ERR_VALUE;
}

void factor_wants_text(const struct factor_wants *w, char text[static FACTOR_WANTS_CAP])
{
	int n = snprintf(text, FACTOR_WANTS_CAP, "%s", modes[w->all]);
	const char *comma = "";

	if (w->kinds == FACTOR_ALL_KINDS) {
		snprintf(text + n, FACTOR_WANTS_CAP - (size_t)n, ANY);
		return;
	}
	for (unsigned k = 0; k < FACTOR_KINDS; k++) {
		if (!(w->kinds & FACTOR_BIT(k)))
			continue;
		n += snprintf(text + n, FACTOR_WANTS_CAP - (size_t)n, "%s%s", comma, names[k]);
		comma = ",";
	}
}

bool factor_wants_met(const struct factor_wants *w, const struct factor_passed passed[FACTOR_KINDS],
		      int64_t now, int64_t *until)
{
	int64_t end = 0;
	bool any = false;

	for (unsigned k = 0; k < FACTOR_KINDS; k++) {
		const struct factor_passed *p = &passed[k];

		if (!(w->kinds & FACTOR_BIT(k)))
			continue;
		if (!moment_within(now, p->from, p->until)) {
			if (w->all)
				return false;
			continue;
		}
		/* all of them hold as long as the first that ends, one of them as long as the last
		 */
		if (!any || (p->until < end) == w->all)
			end = p->until;
		any = true;
	}
	if (any)
		*until = end;
	return any;
}

unsigned factor_wants_missing(const struct factor_wants *w,
			      const struct factor_passed passed[FACTOR_KINDS], int64_t now)
{
	unsigned missing = w->kinds;
	int64_t until;

	if (factor_wants_met(w, passed, now, &until))
		return 0;
	for (unsigned k = 0; k < FACTOR_KINDS; k++)
		if (moment_within(now, passed[k].from, passed[k].until))
			missing &= ~FACTOR_BIT(k);
	return missing;
}

#include "host/trace/show/filter.h"

#include <ctype.h>
#include <fnmatch.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VALUE_MAX 128

static const char *const keys[] = {
	[FILTER_CHANNEL] = "channel", [FILTER_CARD] = "card",	  [FILTER_FILE] = "file",
	[FILTER_COMMAND] = "command", [FILTER_STATUS] = "status", [FILTER_TIME] = "time"};

static bool take_seconds(const char *text, double *out)
{
	char *end;

	if (!isdigit((unsigned char)*text))
		return false;
	*out = strtod(text, &end);
	return !*end && isfinite(*out);
}

/* "FROM..TO", "FROM..", "..TO" */
static bool take_span(const char *text, double *from, double *to)
{
	const char *dots = strstr(text, "..");
	char first[VALUE_MAX];

	if (!dots)
		return false;
	snprintf(first, sizeof(first), "%.*s", (int)(dots - text), text);
	*from = 0;
	*to = INFINITY;
	return (!*first || take_seconds(first, from)) && (!dots[2] || take_seconds(dots + 2, to)) &&
	       (*first || dots[2]) && *from <= *to;
}

static bool is_number(const char *values)
{
	return *values && strspn(values, "0123456789|") == strlen(values);
}

static const char *add_condition(struct filter *f, const char *text)
{
	const char *equals = strchr(text, '=');
	size_t key = 0;

	if (f->count == FILTER_CONDITIONS_MAX)
		return "too many conditions";
	while (equals && key < ARRAY_LEN(keys) &&
	       (strlen(keys[key]) != (size_t)(equals - text) ||
		strncmp(keys[key], text, (size_t)(equals - text)) != 0))
		key++;
	if (!equals || key == ARRAY_LEN(keys))
		return "give KEY=VALUE, KEY being channel, card, file, command, status or time";
	if (!equals[1] || strlen(equals + 1) >= sizeof(f->conditions[0].values))
		return "the value is missing, or too long";
	f->conditions[f->count].key = (enum filter_key)key;
	snprintf(f->conditions[f->count].values, sizeof(f->conditions[0].values), "%s", equals + 1);
	if ((key == FILTER_CHANNEL || key == FILTER_CARD) && !is_number(equals + 1))
		return "a channel or card is a number: channel=0|1";
	if (key == FILTER_TIME &&
	    !take_span(equals + 1, &f->conditions[f->count].from, &f->conditions[f->count].to))
		return "a time is FROM..TO in seconds since the beginning: time=1.5..20";
	f->count++;
	return NULL;
}

const char *filter_add(struct filter *f, const char *text)
{
	const char *why = NULL;

	while (!why) {
		size_t n = strcspn(text, ",");
		char part[2 * VALUE_MAX];

		snprintf(part, sizeof(part), "%.*s", (int)n, text);
		why = add_condition(f, part);
		if (!text[n])
			break;
		text += n + 1;
	}
	return why;
}

static bool fits_text(const char *pattern, const char *text)
{
	return fnmatch(pattern, text, FNM_CASEFOLD) == 0;
}

/* The end of the path, from some directory on. */
static bool fits_path(const char *pattern, const char *path)
{
	while (path) {
		if (*path && fits_text(pattern, path))
			return true;
		path = strchr(path, '/');
		path = path ? path + 1 : NULL;
	}
	return false;
}

static bool fits_number(const char *pattern, unsigned number)
{
	return (unsigned)strtoul(pattern, NULL, 10) == number;
}

static bool fits_status(const char *pattern, const struct decode_item *item)
{
	static const char *const levels[] = {[STATUS_NONE] = "none",
					     [STATUS_GOOD] = "ok",
					     [STATUS_WARNING] = "warning",
					     [STATUS_ERROR] = "error"};
	char sw[5], wild[VALUE_MAX];

	if (fits_text(pattern, levels[item->level]))
		return true;
	if (!item->exchange->has_sw)
		return false;
	snprintf(sw, sizeof(sw), "%04x", item->exchange->sw);
	snprintf(wild, sizeof(wild), "%s", pattern);
	for (char *c = wild; *c; c++)
		*c = *c == 'x' || *c == 'X' ? '?' : *c;
	return fits_text(wild, sw);
}

static bool fits_one(enum filter_key key, const char *pattern, const struct decode_item *item)
{
	const struct exchange *x = item->exchange;

	if (key == FILTER_CARD)
		return fits_number(pattern, x ? x->card : item->event->card);
	if (!x)
		return false;
	switch (key) {
	case FILTER_CHANNEL: return fits_number(pattern, x->channel);
	case FILTER_FILE: return fits_path(pattern, item->view.path);
	case FILTER_COMMAND:
		return fits_text(pattern, item->name) || fits_text(pattern, item->what);
	case FILTER_STATUS: return fits_status(pattern, item);
	case FILTER_CARD:
	case FILTER_TIME: break;
	}
	return false;
}

bool filter_wants(const struct filter *f, const struct decode_item *item, double seconds)
{
	for (unsigned i = 0; i < f->count; i++) {
		enum filter_key key = f->conditions[i].key;
		char values[VALUE_MAX], *rest = values, *one;
		bool holds = false;

		if (key == FILTER_TIME) {
			if (seconds < f->conditions[i].from || seconds > f->conditions[i].to)
				return false;
			continue;
		}
		snprintf(values, sizeof(values), "%s", f->conditions[i].values);
		while ((one = strsep(&rest, "|")) != NULL)
			holds = holds || (*one && fits_one(key, one, item));
		if (!holds)
			return false;
	}
	return true;
}

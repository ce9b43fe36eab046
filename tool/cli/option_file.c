#include "tool/cli/option_file.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool/cli/text.h"

#define NAME_MAX_LEN 40 /* octets of a name that a nearest one is looked for */
#define NEAR	     3	/* so many letters may be wrong */

struct reading {
	const struct option_file_rules *rules;
	struct option_file *out;
	unsigned line, faults;
};

__attribute__((format(printf, 2, 3))) static void tell(struct reading *r, const char *fmt, ...)
{
	char said[OPTION_FILE_SAID_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(said, sizeof(said), fmt, ap);
	va_end(ap);
	text_clean_line(said);
	r->faults++;
	r->rules->fault(r->rules->ctx, r->line, said);
}

/* How many letters one must put in, take out or change to make a of b (Levenshtein). */
static unsigned distance(const char *a, const char *b)
{
	unsigned row[NAME_MAX_LEN + 1], n = (unsigned)strlen(b);

	for (unsigned j = 0; j <= n; j++)
		row[j] = j;
	for (unsigned i = 1; a[i - 1]; i++) {
		unsigned before = row[0];

		row[0] = i;
		for (unsigned j = 1; j <= n; j++) {
			unsigned change = before + (a[i - 1] != b[j - 1]);
			unsigned least = row[j] < row[j - 1] ? row[j] + 1 : row[j - 1] + 1;

			before = row[j];
			row[j] = change < least ? change : least;
		}
	}
	return row[n];
}

static bool is_never(const struct option_file_rules *rules, const char *name)
{
	for (const char *const *n = rules->never; n && *n; n++)
		if (strcmp(*n, name) == 0)
			return true;
	return false;
}

static const struct tool_option *find_option(const struct option_file_rules *rules,
					     const char *name)
{
	for (size_t t = 0; t < ARRAY_LEN(rules->tables); t++)
		for (const struct tool_option *o = rules->tables[t]; o && o->name; o++)
			if (strcmp(o->name, name) == 0)
				return o;
	return NULL;
}

/* NULL: none is near. */
static const char *nearest(const struct option_file_rules *rules, const char *name)
{
	const char *best = NULL;
	unsigned least = NEAR + 1;

	if (strlen(name) > NAME_MAX_LEN)
		return NULL;
	for (size_t t = 0; t < ARRAY_LEN(rules->tables); t++)
		for (const struct tool_option *o = rules->tables[t]; o && o->name; o++) {
			unsigned d = is_never(rules, o->name) || strlen(o->name) > NAME_MAX_LEN
					     ? least
					     : distance(name, o->name);

			if (d < least) {
				least = d;
				best = o->name;
			}
		}
	return best;
}

static void tell_no_setting(struct reading *r, const char *name)
{
	const char *near = nearest(r->rules, name);

	if (is_never(r->rules, name))
		tell(r, "'%s' belongs to the command line alone", name);
	else if (near)
		tell(r, "there is no setting '%s': is '%s' meant?", name, near);
	else
		tell(r, "there is no setting '%s' (the names are those of the long options)", name);
}

static bool fits_uint(const char *value)
{
	uint64_t v = 0;

	for (const char *c = value; *c; c++) {
		if (*c < '0' || *c > '9')
			return false;
		v = v * 10 + (uint64_t)(*c - '0');
		if (v > UINT32_MAX)
			return false;
	}
	return *value;
}

static bool value_fits(struct reading *r, const struct tool_option *o, const char *value)
{
	if (!*value)
		tell(r, "'%s' has no value", o->name);
	else if (o->kind == OPT_FLAG && strcmp(value, "yes") != 0 && strcmp(value, "no") != 0)
		tell(r, "'%s' wants yes or no, not '%s'", o->name, value);
	else if (o->kind == OPT_UINT && !fits_uint(value))
		tell(r, "'%s' wants a number, not '%s'", o->name, value);
	else
		return true;
	return false;
}

static void take_setting(struct reading *r, const char *name, const char *value)
{
	const struct tool_option *o = is_never(r->rules, name) ? NULL : find_option(r->rules, name);
	struct option_file *s = r->out;
	unsigned before = o ? option_file_line(s, name) : 0;

	if (!o)
		tell_no_setting(r, name);
	else if (before && o->kind != OPT_LIST)
		tell(r, "'%s' was set in line %u already", name, before);
	else if (!value_fits(r, o, value))
		return;
	else if (s->count == OPTION_FILE_ROWS_MAX)
		tell(r, "there are more than %d settings", OPTION_FILE_ROWS_MAX);
	else
		s->rows[s->count++] = (struct option_file_row){o, value, r->line};
}

/* Without the blanks at both ends. */
static char *trim(char *s)
{
	size_t len;

	s += strspn(s, " \t");
	len = strlen(s);
	while (len && strchr(" \t", s[len - 1]))
		len--;
	s[len] = 0;
	return s;
}

static bool has_control(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (((uint8_t)s[i] < 0x20 && s[i] != '\t') || s[i] == 0x7F)
			return true;
	return false;
}

static void read_setting(struct reading *r, char *line, size_t len)
{
	char *sign, *name;

	if (len && line[len - 1] == '\r')
		line[--len] = 0;
	if (len > OPTION_FILE_LINE_MAX) {
		tell(r, "the line is longer than %d octets", OPTION_FILE_LINE_MAX);
		return;
	}
	if (has_control(line, len)) {
		tell(r, "there is a control character in the line");
		return;
	}
	name = trim(line);
	if (!*name || *name == '#')
		return;
	sign = strchr(name, '=');
	if (!sign || sign == name) {
		tell(r, "the line is not NAME = VALUE");
		return;
	}
	*sign = 0;
	take_setting(r, trim(name), trim(sign + 1));
}

enum err option_file_read(struct slice text, const struct option_file_rules *rules,
			  struct option_file *out)
{
	struct reading r = {.rules = rules, .out = out};
	char *at, *end;

	*out = (struct option_file){.text = malloc(text.len + 1)};
	if (!out->text)
		return ERR_MEMORY;
	if (text.len)
		memcpy(out->text, text.ptr, text.len);
	out->text[text.len] = 0;
	at = out->text;
	end = at + text.len;
	if (text.len > OPTION_FILE_MAX) {
		tell(&r, "the file is larger than %d octets", OPTION_FILE_MAX);
		at = end;
	}
	while (at < end) {
		char *stop = memchr(at, '\n', (size_t)(end - at));

		stop = stop ? stop : end;
		*stop = 0;
		r.line++;
		read_setting(&r, at, (size_t)(stop - at));
		at = stop + 1;
	}
	return r.faults ? ERR_VALUE : ERR_OK;
}

void option_file_apply(const struct option_file *s, bool (*given)(const struct tool_option *o))
{
	for (size_t i = 0; i < s->count; i++) {
		const struct option_file_row *row = &s->rows[i];
		const struct tool_option *o = row->option;
		struct tool_list *list = o->value;

		if (given(o))
			continue;
		switch (o->kind) {
		case OPT_FLAG: *(bool *)o->value = strcmp(row->value, "yes") == 0; break;
		case OPT_STRING: *(const char **)o->value = row->value; break;
		case OPT_UINT:
			*(unsigned *)o->value = (unsigned)strtoul(row->value, NULL, 10);
			break;
		case OPT_LIST:
			if (list->count < ARRAY_LEN(list->items))
				list->items[list->count++] = row->value;
			break;
		}
	}
}

unsigned option_file_line(const struct option_file *s, const char *name)
{
	for (size_t i = 0; i < s->count; i++)
		if (strcmp(s->rows[i].option->name, name) == 0)
			return s->rows[i].line;
	return 0;
}

void option_file_free(struct option_file *s)
{
	free(s->text);
	*s = (struct option_file){.text = NULL};
}
